"""A million sessions, each with a limit of its own, and whether memory stays flat.

    target/venv/bin/python tests/e2e/sessions.py [SESSIONS]        1,000,000 when not said; `make soak-sessions SESSIONS=…`

Each session calls once and is let through, and every thousandth calls once more in the same window and is denied. Windows
are short, so that what was counted for others makes room. A line every fifty thousand tells what Envoy has;
memory is flat if the most of the last third is no more than that of the second and 4 MiB, of what the process has and of
what of it is in use.

Not a part of the test suite.
"""

import json
import sys
import threading
import time

from client import Client
from envoy import TARGET, Envoy, Process, accepts, free_port
from soak import GROWTH, memory

CLIENTS = 4
# Between two looks at Envoy's memory.
PART = 10_000
# Seconds. The table has room for 262,144 counters.
WINDOW = 10
POLICY = {
    "version": "1",
    "default": "deny",
    "tools": {"once": {"limits": [{"counter": "calls", "window": WINDOW, "max": 1, "scope": "session"}]}},
}


class Load:
    """One client, which opens its share of the sessions."""

    def __init__(self, port, number):
        self.client, self.number, self.opened, self.wrong = Client(port), number, 0, []

    def run(self, first, last):
        for session in range(first + self.number, last, CLIENTS):
            try:
                self.open(session)
                self.opened += 1
            except Exception as error:  # noqa: BLE001
                self.wrong.append(f"session {session}: {error!r}"[:500])

    def open(self, session):
        headers = {"mcp-session-id": f"session-{session}"}
        began = time.time() // WINDOW
        text = self.client.call("once", headers=headers).text
        assert text == "done", text
        if session % 1000 == 0:
            text = self.client.call("once", headers=headers).text
            # In another window it is let through again.
            assert "Limit of 1 per" in text or time.time() // WINDOW != began, text


def main(sessions):
    if sessions < 3 * PART:
        sys.exit(f"too few to compare thirds: let it be {3 * PART} sessions or more")
    port = free_port()
    (TARGET / "run").mkdir(parents=True, exist_ok=True)
    with Process("sessions upstream", ["node", "tests/bench/edge/upstream.mjs", port]) as upstream:
        upstream.wait_until(lambda: accepts(port), 20)
        with Envoy({"policy": POLICY}, port, concurrency=2, name="envoy of sessions", log_level="warning") as envoy:
            loads, samples, began = [Load(envoy.port, number) for number in range(CLIENTS)], [], time.monotonic()
            for first in range(0, sessions, PART):
                last = min(first + PART, sessions)
                threads = [threading.Thread(target=load.run, args=(first, last)) for load in loads]
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join()
                samples.append((last, *memory(envoy)))
                if last % 50_000 == 0 or last == sessions:
                    resident, used = (amount >> 10 for amount in samples[-1][1:])
                    took = time.monotonic() - began
                    print(f"{last:9} sessions   {took:5.0f} s   resident {resident:7} KiB   in use {used:7} KiB", flush=True)
            wrong = [text for load in loads for text in load.wrong]
            opened = sum(load.opened for load in loads)
            failures = envoy.counters("wasmcustom.cattlegrid.store.failures")
    thirds = [[sample[1:] for sample in samples if (sample[0] - 1) * 3 // sessions == which] for which in (1, 2)]
    second, third = ([max(amounts) for amounts in zip(*one, strict=True)] for one in thirds)
    told = [f"{name} {a >> 10} and {b >> 10} KiB" for name, a, b in zip(("resident", "in use"), second, third, strict=True)]
    print(f"at most in the second third and in the last: {', '.join(told)}; {len(wrong)} wrong answers; {json.dumps(failures)}")
    for text in wrong[:20]:
        print(f"wrong: {text}")
    return 0 if not wrong and opened == sessions and all(b <= a + GROWTH for a, b in zip(second, third, strict=True)) else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000))
