"""Mixed load for as long as one likes, and whether memory stays flat.

    target/venv/bin/python tests/e2e/soak.py [SECONDS]        3600 when not said; `make soak SECONDS=…`

Four clients do in turn, at random but always the same: calls that pass, are denied, are counted (by session, in windows
of a minute), fail at the server and are given back; lists in JSON and in streams; what is refused; bodies of half a MiB;
answers of two; clients that hang up; servers that do; streams that stay open while the rest goes on; and every minute
the filter gets another configuration. A line every so often tells what the process has; every wrong answer is an error, and
so is memory that grows: the most of the last third of the time may be no more than that of the second and 4 MiB, of what
the process has and of what of it is in use. The rest Envoy's allocator keeps for later: that grows with the most that was
ever wanted at once, in steps.

Measured on 2026-11-23 (Envoy 1.40, two workers, a machine of two cores that others used too): 3,600 seconds, 1,217,945
times, 59 configurations, no wrong answer. At most, in the second third and in the last: resident 148,992 and 152,908 KiB,
in use 111,048 and 115,116 KiB. It came in three steps of 1 to 2 MB, and both virtual machines of wasm ended at 9.3 MB. Their
memory never shrinks, and is in use for whoever looks: with twice the clients and five times the large answers it was seen
to go from 7.3 to 9.3 MB, and in one to 10.3, each time in one step, within two minutes, and to stay there.

Not a part of the test suite.
"""

import http.client
import json
import random
import sys
import tempfile
import threading
import time

from client import Client
from envoy import TARGET, Envoy, Watched, render
from faults import HIDDEN, NOTE, allocated, call, daily, head_of, listing, resident
from upstream import Response, Upstream, as_events, as_json, ok

CLIENTS = 4
GROWTH = 4 << 20
LOOKS = 5
MINUTE = {"limits": [{"counter": "calls", "window": "minute", "max": 50, "scope": "session"}]}
POLICY = {
    "version": "1",
    "default": "deny",
    "hide": [HIDDEN],
    "tools": {name: {} for name in ("free", "large", "list", "stream", "late", "cut")} | {"counted": MINUTE, "failing": daily(1000)},
}
LARGE = "x" * (512 << 10)


def served(request):
    """What the server answers; the name of the tool says."""
    if request.method != "POST":
        return as_events(slowly())
    method = request.message["method"]
    if method == "tools/list":
        text = listing("a", HIDDEN, *(f"tool-{number}" for number in range(200)))
        in_events = request.message["id"] % 2
        return as_events([f"data: {NOTE}\n\ndata: {text}\n\n".encode()]) if in_events else as_json(text.encode())
    if method != "tools/call":
        return ok(request)
    match request.tool:
        case "failing":
            return Response(b"no", status=500, headers={"content-type": "text/plain"})
        case "large":
            return as_json({"jsonrpc": "2.0", "id": request.message["id"], "result": {"content": [{"type": "text", "text": LARGE * 4}]}})
        case "late":
            time.sleep(0.05)
        case "cut":
            return as_json(b" " * 1000, cut=True)
    return ok(request)


def slowly():
    """A stream that is open for a while."""
    for _ in range(20):
        time.sleep(0.25)
        yield f"data: {NOTE}\n\n".encode()
    yield f"data: {listing('a', HIDDEN)}\n\n".encode()


class Load:
    """One client. `done` is how often it did what."""

    def __init__(self, port, number):
        self.port, self.random, self.number = port, random.Random(number), number
        self.client = Client(port)
        self.done, self.wrong = {}, []

    def run(self, stop):
        doings = [getattr(self, name) for name in dir(self) if name.startswith("do_")]
        while not stop.is_set():
            doing = self.random.choice(doings)
            try:
                doing()
                self.done[doing.__name__] = self.done.get(doing.__name__, 0) + 1
            except Exception as error:  # noqa: BLE001
                self.wrong.append(f"{doing.__name__}: {error!r}"[:500])
        self.client.close()

    def do_pass(self):
        assert self.client.call("free", {"a": self.random.random()}).text == "done"

    def do_deny(self):
        assert "is not permitted" in self.client.call("other").text

    def do_count(self):
        session = f"session-{self.number}-{self.random.randrange(100)}"
        text = self.client.call("counted", headers={"mcp-session-id": session}).text
        assert text == "done" or "Limit of 50 per minute" in text, text

    def do_fail(self):
        assert self.client.call("failing").status == 500

    def do_list(self):
        for id in (1, 2):
            body = self.client.rpc("tools/list", id=id).body
            assert b"tool-199" in body and HIDDEN.encode() not in body

    def do_refuse(self):
        bad = ["{", '{"a":1,"a":2}', "[]", "\ufeff{}", '{"jsonrpc":"2.0","id":1,"method":"tools/call"}x', "[" * 1000]
        assert self.client.send(self.random.choice(bad).encode()).status == 400

    def do_large_request(self):
        if self.random.random() < 0.2:
            assert self.client.call("free", {"text": LARGE}).text == "done"

    def do_large_answer(self):
        if self.random.random() < 0.2:
            assert len(self.client.call("large").text) == 4 * len(LARGE)

    def do_hang_up(self):
        text = head_of(call("late")) + call("late")
        with Client(self.port) as client:
            client.connection.connect()
            client.connection.sock.sendall(text[: self.random.randrange(len(text)) + 1].encode())

    def do_be_cut(self):
        with Client(self.port) as client:
            try:
                answer = client.call("cut")
            except (OSError, http.client.HTTPException):
                return
            assert answer.status >= 500, answer


def keep_streams(port, stop, wrong):
    """One stream after the other, each open for five seconds."""
    while not stop.is_set():
        try:
            with Client(port) as client:
                events = client.send(None, "GET").events
            assert events[0] == NOTE and HIDDEN not in events[-1] and '"a"' in events[-1], events[-1]
        except Exception as error:  # noqa: BLE001
            wrong.append(f"stream: {error!r}"[:500])


def main(seconds):
    with tempfile.TemporaryDirectory(dir=TARGET) as folder, Upstream() as upstream:
        upstream.answer = served
        # It would keep a record of all that came.
        upstream.record = type("Nothing", (), {"append": lambda *_: None, "clear": lambda *_: None})()
        watched = Watched(folder)
        with Envoy({"policy": POLICY}, upstream.port, concurrency=2, name="envoy soak", change=watched.apart, log_level="warning") as envoy:
            loads, stop, wrong = [Load(envoy.port, number) for number in range(CLIENTS)], threading.Event(), []
            threads = [threading.Thread(target=load.run, args=(stop,)) for load in loads]
            threads += [threading.Thread(target=keep_streams, args=(envoy.port, stop, wrong)) for _ in range(3)]
            for thread in threads:
                thread.start()
            samples, began, changes = [], time.monotonic(), 0
            try:
                while (now := time.monotonic() - began) < seconds and envoy.alive():
                    if now > 60 * (changes + 1):
                        changes += 1
                        policy = POLICY | {"description": f"the {changes}th"}
                        watched.move_in(render({"policy": policy}))
                    time.sleep(min(5, seconds / 30))
                    samples.append((time.monotonic() - began, *memory(envoy)))
                    if len(samples) % 6 == 0:
                        print(line(samples[-1], loads), flush=True)
            finally:
                stop.set()
                for thread in threads:
                    thread.join(30)
            for load in loads:
                wrong += load.wrong
            given_back = envoy.counters("wasmcustom.cattlegrid.reservations.given_back")
            alive = envoy.alive()
    thirds = [[sample[1:] for sample in samples if sample[0] * 3 // seconds in which] for which in ([1], [2, 3])]
    # Of each third, the most that was resident, and the most that was in use.
    second, last = ([max(amounts) for amounts in zip(*third)] for third in thirds)
    what = {name: sum(load.done.get(name, 0) for load in loads) for name in sorted(loads[0].done)}
    print(f"{sum(what.values())} times in all: {json.dumps(what)}; {changes} configurations; {given_back}")
    told = [f"{name} {before >> 10} and {after >> 10} KiB" for name, before, after in zip(("resident", "in use"), second, last)]
    print(f"at most in the second third and in the last: {', '.join(told)}; {len(wrong)} wrong answers")
    for text in wrong[:20]:
        print(f"wrong: {text}")
    flat = all(after <= before + GROWTH for before, after in zip(second, last))
    return 0 if alive and not wrong and flat else 1


def memory(envoy):
    """Bytes that the process has, and that of these are in use.

    The least of a few looks: while an answer of two MiB is on its way it is there up to three times, which is one look of
    five hundred and more than may be added in an hour. What is not given back is in all of them.
    """
    looks = []
    for _ in range(LOOKS):
        _, kept = allocated(envoy)
        looks.append((resident(envoy), resident(envoy) - kept))
        time.sleep(0.1)
    return tuple(map(min, zip(*looks, strict=True)))


def line(sample, loads):
    at, resident, used = sample
    did = sum(sum(load.done.values()) for load in loads)
    return f"{at:6.0f} s   resident {resident >> 10:7} KiB   in use {used >> 10:7} KiB   {did:8} times"


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else 3600))
