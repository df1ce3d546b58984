"""What the official Python client sees of each case: a line of JSON a case, with the beginnings of the texts that it shows,
and in which of them the marker is.

    python tests/e2e/hostile_clients.py 2025 | 2026 URL NUMBERS MARKER [SECONDS]      NUMBERS: 1,2,3; SECONDS: for each
"""

import asyncio
import json
import logging
import sys

from mcp import Client

era, url, numbers, marker, *seconds = sys.argv[1:]
# Seconds; some answers never come, and a machine may be slow.
PATIENCE = int(seconds[0]) if seconds else 8
AT_ONCE = asyncio.Semaphore(6)
# It writes what it cannot read into its log.
logging.disable(logging.CRITICAL)


async def ask(number):
    seen = {"tools": "", "errors": ""}
    messages = []

    async def note(message):
        messages.append(repr(message))

    async def work():
        where = f"{url}?case={number}&client=python-{era}"
        async with Client(where, mode="auto" if era == "2026" else "legacy", message_handler=note) as client:
            seen["tools"] = (await client.list_tools()).model_dump_json()
            await client.call_tool("greet", {})

    async with AT_ONCE:
        try:
            await asyncio.wait_for(work(), PATIENCE)
        except BaseException as error:
            seen["errors"] = text(error)
    seen["messages"] = "\n".join(messages)
    # A text in another encoding may have a NUL behind each letter.
    marked = [kind for kind, text in seen.items() if marker in text.replace("\0", "")]
    told = {kind: text[:2000] for kind, text in seen.items()}
    print(json.dumps({"case": number, "client": f"python-{era}", "marked": marked, **told}), flush=True)


def text(error):
    """With what it is made of: the client raises groups."""
    return "\n".join([repr(error), *map(text, getattr(error, "exceptions", ()))])


async def main():
    await asyncio.gather(*map(ask, map(int, numbers.split(","))))


asyncio.run(main())
