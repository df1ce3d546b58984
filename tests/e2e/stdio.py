"""`cattlegrid guard` around servers over stdio: the corpus of tests/attacks line by line, and the official Python client.

What an attacked server executed it writes down itself, in a file that does not pass through the guard. Called with a
file, this is a server that answers with the lines in it.
"""

import asyncio
import base64
import json
import os
import select
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

from attacks import CORPUS, HANDSHAKE, MARKER, POLICY, case_name, families, is_denied
from envoy import ROOT, SERVER_EVERYTHING, TARGET
from hostile import WORDS, shows, usual
from mcp import Client, StdioServerParameters, types
from wire import bytes_of

GUARD = ["node", str(ROOT / "pkg/npm/js/cli.js"), "guard"]
SERVERS = {
    "python": [sys.executable, "tests/e2e/attacked.py"],
    "typescript-1": ["node", "tests/e2e/attacked.mjs", "1"],
    "typescript-2": ["node", "tests/e2e/attacked.mjs", "2"],
}
# Seconds for an answer, on a busy machine.
PATIENCE = 60


class Piped:
    """A server over stdio, behind the guard or not, as a careless client drives it: any bytes."""

    def __init__(self, label, command, guarded):
        self.label = label
        self.record = TARGET / "run" / f"attacked-stdio-{label}-{guarded}.jsonl"
        self.record.parent.mkdir(parents=True, exist_ok=True)
        self.record.unlink(missing_ok=True)
        self.command = [*command, "stdio", CORPUS / "tools.json", self.record]
        if guarded:
            self.command = [*GUARD, "--policy", CORPUS / "policy.json", "--", *self.command]
        self.seen = self.number = 0
        self.process = None
        self.log = open(TARGET / "logs" / f"attacked-stdio-{label}.log", "ab")

    def start(self):
        command = [str(word) for word in self.command]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=self.log, bufsize=0)
        self.rest = b""
        self.ask("initialize", HANDSHAKE)
        self.write(b'{"jsonrpc":"2.0","method":"notifications/initialized"}\n')

    def write(self, data):
        try:
            self.process.stdin.write(data)
        except OSError:
            pass

    def ask(self, method, params):
        """Sends a request, and waits for its answer: all that came until then. None if the server has ended."""
        self.number += 1
        name = f"asked {self.number}"
        request = {"jsonrpc": "2.0", "id": name, "method": method, "params": params}
        self.write(json.dumps(request).encode() + b"\n")
        seen, deadline = self.rest, time.monotonic() + PATIENCE
        while f'"{name}"'.encode() not in seen or not seen.endswith(b"\n"):
            ready, _, _ = select.select([self.process.stdout], [], [], max(0, deadline - time.monotonic()))
            piece = self.process.stdout.read(1 << 16) if ready else b""
            if not piece:
                return None
            seen += piece
        self.rest = b""
        return seen

    def attack(self, body):
        """Sends a body as a line, or as the lines that it is: what came back, and what was executed."""
        if self.process is None:
            self.start()
        # What has no end yet takes the next line for its own.
        self.write(body + b"\n\n")
        seen = self.ask("ping", {})
        if seen is None:
            self.stop()
        return seen or b"", self.executed()

    def executed(self):
        if not self.record.exists():
            return []
        lines = self.record.read_bytes()[self.seen :]
        whole = lines[: lines.rfind(b"\n") + 1]
        self.seen += len(whole)
        return [json.loads(line) for line in whole.split(b"\n")[:-1]]

    def stop(self):
        if self.process is None:
            return
        self.process.kill()
        self.process.wait(PATIENCE)
        self.process.stdin.close()
        self.process.stdout.close()
        self.process = None


@contextmanager
def world():
    yield SimpleNamespace()


def lines():
    """The bodies of the corpus: what they are called, and their bytes."""
    words = json.loads((CORPUS / "words.json").read_text())
    for family in families("requests"):
        for case in family["cases"]:
            if "body" in case and "raw" not in case:
                yield family, case, bytes_of(case["body"], words)


def attack(label, command, guarded):
    """How many lines were sent, and those that got something through."""
    server = Piped(label, command, guarded)
    sent, through, ran = 0, [], Counter()
    try:
        for family, case, body in lines():
            seen, executed = server.attack(body)
            sent += 1
            ran.update(call["tool"] for call in executed)
            if any(map(is_denied, executed)) or MARKER in seen:
                through.append(f"{case_name(family, case)}: {executed}, {seen[:500]}")
    finally:
        server.stop()
    return sent, through, ran


def attacked(label, command):
    sent, through, ran = attack(label, command, guarded=True)
    assert not through, "\n".join(through)
    # What may run does: the guard is no wall.
    assert ran["greet"] > 0 and ran["pay"] > 0, ran
    without_sent, without, _ = attack(label, command, guarded=False)
    print(f"        {label}: {sent} lines; {len(without)} get through without the guard, none with it", flush=True)
    assert sent == without_sent and len(without) > 50, len(without)


def answers():
    """The hostile answers to a list as bytes, by the id of the request; each may be several lines. What only a header
    makes a list of, as one in UTF-7, is none here: there are no headers, and no client reads it so."""
    made = {}
    for family in families("answers"):
        for case in family["cases"]:
            for method in ("tools/list", "GET"):
                answer = case["to"].get(method, {})
                if answer.get("body") and "prose" not in case and "utf-7" not in json.dumps(answer.get("headers")):
                    id = f"{case_name(family, case)}, {method}"
                    made[id] = bytes_of(answer["body"], WORDS | {"@id@": json.dumps(id), "@direct@": "", "@host@": ""})
    return made


def hostile():
    """No answer shows a hidden tool, and what is no list at all ends nothing."""
    made, shown = answers(), {}
    file = folder() / "answers.json"
    file.write_text(json.dumps({id: base64.b64encode(body).decode() for id, body in made.items()}))
    for guarded in (True, False):
        server = Piped("hostile", [sys.executable, __file__], guarded)
        server.command = [*server.command[: -3], file]
        server.start()
        shown[guarded] = []
        try:
            for id in made:
                server.write(json.dumps({"jsonrpc": "2.0", "id": id, "method": "tools/list"}).encode() + b"\n")
                # What was sent last may have no end yet.
                seen = server.ask("ping", {})
                assert seen is not None, f"the {'guard' if guarded else 'server'} ended: {id}"
                shown[guarded] += [id] * shows(seen)
        finally:
            server.stop()
    print(f"        {len(made)} answers; {len(shown[False])} show it without the guard, {len(shown[True])} with it", flush=True)
    assert not shown[True], shown[True]
    # Some try it with nothing that can be seen in the bytes.
    assert len(shown[False]) > 150, len(shown[False])


def serve(file):
    made = {id: base64.b64decode(body) for id, body in json.loads(Path(file).read_text()).items()}
    for line in sys.stdin.buffer:
        message = json.loads(line)
        id, method = message.get("id"), message.get("method")
        if id in made:
            sys.stdout.buffer.write(made[id] + b"\n\n")
        elif id is not None:
            sys.stdout.buffer.write(usual(method, id).body + b"\n")
        sys.stdout.buffer.flush()


def tests(_):
    yield "the answers of the corpus over stdio", lambda _: hostile()
    for label, command in SERVERS.items():
        yield f"the corpus over stdio, {label}", lambda _, label=label, command=command: attacked(label, command)
    for mode in ("auto", "legacy"):
        yield f"the python client, {mode}", lambda _, mode=mode: asyncio.run(with_python(mode))
    for mode in ("auto", "legacy"):
        yield f"the python client is asked about a held call, {mode}", lambda _, mode=mode: asyncio.run(with_people(mode))
    for options in ([], ["--record-arguments"]):
        yield f"what is recorded is replayed{' with its arguments' if options else ''}", lambda _, options=options: asyncio.run(
            with_record(options)
        )
    yield "the seed policy", lambda _: asyncio.run(with_seed())


def guarded(folder, policy, command, *options):
    path = Path(folder) / "policy.json"
    path.write_text(json.dumps(policy))
    words = [*GUARD, "--policy", str(path), *options, "--", *map(str, command)]
    return StdioServerParameters(command=words[0], args=words[1:], env=dict(os.environ), cwd=str(ROOT))


def folder():
    path = TARGET / "run" / f"stdio-{time.monotonic_ns()}"
    path.mkdir(parents=True)
    return path


EVERYTHING = ["node", SERVER_EVERYTHING, "stdio"]


async def with_python(mode):
    policy = {
        "version": "1",
        "default": "deny",
        "hide": ["get-env"],
        "tools": {"echo": {}, "get-sum": {"action": "deny", "reason": "sums are not for agents"}, "get-env": {}},
    }
    async with Client(StdioServerParameters(command="node", args=EVERYTHING[1:], cwd=str(ROOT)), mode=mode) as client:
        all_tools = [tool.name for tool in (await client.list_tools()).tools]
        version = client.protocol_version
    async with Client(guarded(folder(), policy, EVERYTHING), mode=mode) as client:
        assert client.protocol_version == version
        assert [tool.name for tool in (await client.list_tools()).tools] == [name for name in all_tools if name != "get-env"]
        assert (await client.list_resources()).resources and (await client.list_prompts()).prompts
        said = []
        for tool, arguments in [("echo", {"message": "hello"}), ("get-sum", {"a": 1, "b": 2}), ("get-env", {}), ("get-tiny-image", {})]:
            result = await client.call_tool(tool, arguments)
            said.append((result.is_error, result.content[0].text))
    assert said == [
        (False, "Echo: hello"),
        (True, "[POLICY DENIED] sums are not for agents"),
        (True, '[POLICY DENIED] Tool "get-env" is hidden by policy'),
        (True, '[POLICY DENIED] Tool "get-tiny-image" is not permitted by policy'),
    ], said


async def with_people(mode):
    """A server of both eras: since 2026-07-28 the question is an answer."""
    policy = {"version": "1", "default": "deny", "tools": {"greet": {"action": "require_approval"}}}
    asked = []

    async def person(_context, params):
        asked.append(params.message)
        if len(asked) == 1:
            return types.ElicitResult(action="accept", content={"approve": True})
        return types.ElicitResult(action="decline")

    here = folder()
    record = here / "record.jsonl"
    parameters = guarded(here, policy, [*SERVERS["python"], "stdio", CORPUS / "tools.json", record])
    async with Client(parameters, mode=mode, elicitation_callback=person) as client:
        assert client.protocol_version == {"auto": "2026-07-28", "legacy": "2025-11-25"}[mode]
        first, second = [await client.call_tool("greet", {"n": n}) for n in (1, 2)]
    assert (first.is_error, first.content[0].text) == (False, "done"), first
    assert second.is_error and "said no" in second.content[0].text, second
    assert len(asked) == 2 and '"n": 1' in asked[0] and '"n": 2' in asked[1], asked
    assert len(record.read_text().splitlines()) == 1


async def with_record(options):
    """The command line reads what the guard wrote down, and finds what was decided."""
    here = folder()
    policy = {
        "version": "1",
        "default": "deny",
        "tools": {"echo": {"limits": [{"counter": "calls", "window": "day", "max": 2}]}, "get-env": {"action": "deny"}},
    }
    if options:
        policy["tools"]["echo"]["deny_if"] = [{"conditions": [{"path": "args.message", "op": "contains", "value": "bad"}]}]
    record = here / "calls.jsonl"
    async with Client(guarded(here, policy, EVERYTHING, "--record", str(record), *options)) as client:
        for tool, message in [("echo", "good"), ("echo", "bad"), ("get-env", ""), ("echo", "good"), ("echo", "good")]:
            await client.call_tool(tool, {"message": message})
    command = [TARGET / "debug" / "cattlegrid", "replay", record, "--policy", here / "policy.json", "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done
    report = json.loads(done.stdout)
    assert report["calls"] == report["unchanged"] == 5, report


async def with_seed():
    """The published policy of one tool, ten calls a minute: the eleventh is denied."""
    policy = {
        "version": "1",
        "default": "deny",
        "tools": {"echo": {"limits": [{"counter": "policy_generation_start_rate", "window": "minute", "max": 10, "scope": "grant"}]}},
    }
    second = time.time() % 60
    if second > 45:
        await asyncio.sleep(60.5 - second)
    async with Client(guarded(folder(), policy, EVERYTHING)) as client:
        said = [(await client.call_tool("echo", {"message": str(n)})).content[0].text for n in range(11)]
    assert said[:10] == [f"Echo: {n}" for n in range(10)], said
    assert said[10].startswith('[POLICY DENIED] Limit of 10 per minute reached for "echo". Try again in '), said


if __name__ == "__main__":
    serve(sys.argv[1])
