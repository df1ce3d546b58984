"""What happens when something breaks: the server, the client, the filter itself, a configuration that is loaded while
all runs. Nothing passes unchecked, nobody else waits, and no count is lost.

Of the server's failures, those that are no more than an answer are in answers.py.
"""

import http.client
import json
import socket
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

from client import Client
from envoy import TARGET, Envoy, Process, Watched, accepts, free_port, render, replaced
from upstream import Response, Upstream, as_events, as_json, ok, result

# The filter with the hook of its tests.
HOOKED = TARGET / "test-clock" / "wasm32-unknown-unknown" / "release" / "cattlegrid_envoy.wasm"
HOOK = "x-cattlegrid-test-trap"
HIDDEN = "secret-tool"
NOTE = '{"jsonrpc":"2.0","method":"notifications/message","params":{}}'
GIVEN_BACK = "wasmcustom.cattlegrid.reservations.given_back"


def daily(most, **more):
    return {"limits": [{"counter": "calls", "window": "day", "max": most, **more}]}


POLICY = {
    "version": "1",
    "default": "deny",
    "hide": [HIDDEN],
    "tools": {"free": {}} | {f"once-{number}": daily(1) for number in range(20)},
}
CONFIGURATION = {"policy": POLICY}
DENIED = '[POLICY DENIED] Tool "other" is not permitted by policy'


@contextmanager
def world():
    # So short that a test can wait for them.
    times = replaced(("request_timeout: 60s", "request_timeout: 2s"), ("request_headers_timeout: 10s", "request_headers_timeout: 2s"))
    tools = (f"once-{number}" for number in range(20))
    with (
        Upstream() as upstream,
        Envoy(CONFIGURATION, upstream.port, name="envoy faults", change=times) as envoy,
        Envoy(CONFIGURATION, upstream.port, name="envoy trapping", wasm=HOOKED) as trapping,
    ):
        yield SimpleNamespace(upstream=upstream, envoy=envoy, trapping=trapping, tools=tools)


def until(check, seconds=20):
    """What `check` gives once it is true."""
    deadline = time.monotonic() + seconds
    while not (found := check()):
        assert time.monotonic() < deadline, "it did not come to that in time"
        time.sleep(0.05)
    return found


def call(tool, id=1):
    return json.dumps({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": {"name": tool}})


def no_server(answer, status=503):
    assert answer.status == status and "does not answer" in answer.json["error"]["message"], answer


# The server.


def test_a_server_that_is_not_there(world):
    """Nobody listens: each call is given back, or the second would be denied."""
    with Envoy(CONFIGURATION, free_port(), name="envoy without a server") as envoy, Client(envoy.port) as client:
        for _ in range(3):
            no_server(client.call("once-0"))
        assert client.call("other").text == DENIED
        assert envoy.counters()[GIVEN_BACK] == 3


def test_a_server_that_does_not_answer_in_time(world):
    """A route may bound what the reference configuration does not."""
    came, change = threading.Event(), replaced(("timeout: 0s\n", "timeout: 1s\n"))
    world.upstream.forget()

    def hang(request):
        came.wait(10)

    world.upstream.answer = hang
    with Envoy(CONFIGURATION, world.upstream.port, name="envoy with a timeout", change=change) as envoy, Client(envoy.port) as client:
        for _ in range(2):
            no_server(client.call("once-0"), 504)
        came.set()
        world.upstream.forget()
        assert client.call("once-0").text == "done"


# Serves one connection: what it is told to begin with, and then nothing.
BEGINNING = """
import socket, sys, time
listening = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    connection, _ = listening.accept()
    if connection.recv(65536):
        connection.sendall(sys.argv[2].encode())
        print("began", flush=True)
"""
HEAD = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ncontent-type: "


def test_a_server_that_is_killed_while_it_answers(world):
    """A process that is there no more from one moment to the next."""
    port = free_port()
    text = json.dumps({"jsonrpc": "2.0", "id": 1, "result": {"content": []}})
    beginnings = [
        "",
        HEAD[:30],
        HEAD + f"application/json\r\n\r\n10\r\n{text[:16]}\r\n",
        HEAD + f"text/event-stream\r\n\r\n{len(NOTE) + 8:x}\r\ndata: {NOTE}\n\n\r\n",
        HEAD + f"text/event-stream\r\n\r\n10\r\ndata: {text[:10]}\r\n",
    ]
    with Envoy(CONFIGURATION, port, name="envoy of a killed server") as envoy:
        for number, beginning in enumerate(beginnings):
            with Process("killed server", [sys.executable, "-c", BEGINNING, port, beginning]) as server:
                server.wait_until(lambda: accepts(port), 30)
                answers = []
                asking = threading.Thread(target=ask, args=(envoy, f"once-{number}", answers))
                asking.start()
                server.wait_until(lambda: "began" in server.log_text(), 30)
                time.sleep(0.2)
                server.child.kill()
            asking.join(20)
            [answer] = answers
            if number < 2:
                no_server(answer, 503 if number == 0 else 502)
            # The rest began: what the client has of it is no answer.
            assert isinstance(answer, Exception) or answer.status >= 500 or text.encode() not in answer.body, answer
            until(lambda: envoy.counters()[GIVEN_BACK] == number + 1)
        with Client(envoy.port) as client:
            no_server(client.call("once-0"))


def ask(envoy, tool, answers, headers=None):
    with Client(envoy.port) as client:
        try:
            answers.append(client.call(tool, headers=headers))
        except (OSError, http.client.HTTPException) as error:
            answers.append(error)


# The client.


def head_of(body, *more):
    lines = ["POST /mcp HTTP/1.1", "host: 127.0.0.1", "content-type: application/json", f"content-length: {len(body)}", *more]
    return "".join(line + "\r\n" for line in [*lines, ""])


def test_a_client_that_sends_a_byte_at_a_time(world):
    """Envoy's bounds end it, and until then others are served by the same worker. Nothing of it gets to the server."""
    world.upstream.forget()
    tool, body = next(world.tools), call("x" * 200)
    slow = [head_of(body, "x-padding: " + "x" * 200), head_of(body) + body]
    ends = []

    def send(text, sent):
        with socket.create_connection(("127.0.0.1", world.envoy.port)) as connection:
            connection.sendall(text[:sent].encode())
            connection.settimeout(0.25)
            began = time.monotonic()
            for character in text[sent:]:
                try:
                    connection.sendall(character.encode())
                    received = connection.recv(65536)
                except TimeoutError:
                    continue
                except ConnectionError:
                    received = b""
                ends.append((received.split(b"\r\n")[0], time.monotonic() - began))
                return
            ends.append((b"all of it was read", 0))

    # One is slow with its headers, the other with its body.
    threads = [threading.Thread(target=send, args=(slow[0], 0)), threading.Thread(target=send, args=(slow[1], len(head_of(body))))]
    for thread in threads:
        thread.start()
    served = 0
    with Client(world.envoy.port) as client:
        while any(thread.is_alive() for thread in threads):
            assert client.call("free").text == "done"
            served += 1
        assert client.call(tool).text == "done"
    assert served > 5
    assert [line for line, _ in ends] == [b"HTTP/1.1 408 Request Timeout"] * 2, ends
    assert all(seconds < 15 for _, seconds in ends), ends
    assert {request.tool for request in world.upstream.record} == {"free", tool}


def test_a_client_that_goes_away_while_it_asks(world):
    """Half a body: nothing is decided, counted or sent on."""
    world.upstream.forget()
    tool = next(world.tools)
    body = call(tool)
    before = decisions(world.envoy)
    for sent in (0, 10, len(body) - 1):
        with socket.create_connection(("127.0.0.1", world.envoy.port)) as connection:
            connection.sendall((head_of(body) + body[:sent]).encode())
            time.sleep(0.2)
    time.sleep(0.2)
    assert decisions(world.envoy) == before and world.upstream.record == []
    with Client(world.envoy.port) as client:
        assert client.call(tool).text == "done"


def decisions(envoy):
    """All that were made until now: calls that passed are told once a second."""
    time.sleep(1.5)
    return sum(envoy.counters("wasmcustom.cattlegrid.decisions.").values())


def test_a_client_that_goes_away_while_it_is_answered(world):
    """The tool has begun to work: what the call took stays taken, or hanging up would be a way around every limit."""
    for kind in ("text/event-stream", "application/json"):
        world.upstream.forget()
        tool, gone = next(world.tools), threading.Event()
        before = world.envoy.counters()[GIVEN_BACK]

        def pieces():
            yield f"data: {NOTE}\n\n".encode() if kind == "text/event-stream" else b'{"jsonrpc":"2.0",'
            gone.wait(10)
            for _ in range(20):
                yield b": still here\n\n"

        world.upstream.answer = lambda request: Response(pieces(), headers={"content-type": kind}, pause=0.05)
        with socket.create_connection(("127.0.0.1", world.envoy.port), timeout=10) as connection:
            connection.sendall((head_of(call(tool)) + call(tool)).encode())
            if kind == "text/event-stream":
                received = b""
                while NOTE.encode() not in received:
                    received += connection.recv(65536)
            else:
                until(lambda: world.upstream.record)
                time.sleep(0.3)
        time.sleep(0.3)
        gone.set()
        world.upstream.answer = ok
        time.sleep(0.5)
        with Client(world.envoy.port) as client:
            assert "[POLICY DENIED] Limit of 1" in client.call(tool).text
        assert world.envoy.counters()[GIVEN_BACK] == before


# The filter.


def test_the_filter_that_ships_has_no_hook(world):
    """The header that makes the other one trap is one of many to it."""
    world.upstream.forget()
    with Client(world.envoy.port) as client:
        for callback in TRAPS:
            assert client.call("free", headers={HOOK: callback}).text == "done"
            assert client.call("other", headers={HOOK: callback}).text == DENIED


TRAPS = ["request headers", "request body", "response headers", "response body", "log"]


def test_a_trap_closes_and_soon_it_serves_again(world):
    envoy, upstream = world.trapping, world.upstream
    with Client(envoy.port) as client:
        assert client.call("once-0").text == "done"
        for callback in TRAPS:
            upstream.forget()
            answers = []
            ask(envoy, "free", answers, {HOOK: callback})
            [answer] = answers
            if callback == "log":
                # The answer was whole.
                assert answer.text == "done", answer
            else:
                assert failed(answer), (callback, answer)
            assert len(upstream.record) == (callback in TRAPS[2:]), (callback, upstream.record)
            seconds = closed_until_it_enforces(client, upstream)
            print(f"        a trap in {callback}: enforcing again after {seconds:.2f} s")
            # What was counted before is still counted.
            assert "[POLICY DENIED] Limit of 1" in client.call("once-0").text
    assert envoy.alive()


def failed(answer):
    return answer.status == 503 and answer.json["error"]["message"] == "the policy filter failed, and nothing passes without it"


def closed_until_it_enforces(client, upstream):
    """Until a denied call is denied again, nothing passes. How long it took."""
    began = time.monotonic()
    upstream.forget()
    while True:
        answer = client.call("other")
        assert upstream.record == []
        if answer.status == 200:
            assert answer.text == DENIED, answer
            return time.monotonic() - began
        assert failed(answer), answer
        assert time.monotonic() - began < 20
        time.sleep(0.05)


def test_a_trap_keeps_what_the_call_took(world):
    """Whether the tool ran is not known any more: it can only deny."""
    world.upstream.forget()
    with Client(world.trapping.port) as client:
        assert failed(client.call("once-1", headers={HOOK: "response headers"}))
        assert len(world.upstream.record) == 1
        closed_until_it_enforces(client, world.upstream)
        assert "[POLICY DENIED] Limit of 1" in client.call("once-1").text


def listing(*names):
    return json.dumps({"jsonrpc": "2.0", "id": 1, "result": {"tools": [{"name": name} for name in names]}})


def open_stream(envoy):
    connection = http.client.HTTPConnection("127.0.0.1", envoy.port, timeout=20)
    connection.request("GET", "/mcp", headers={"accept": "text/event-stream"})
    answer = connection.getresponse()
    assert answer.status == 200 and answer.readline() + answer.readline() == f"data: {NOTE}\n\n".encode()
    return connection, answer


def a_stream_and(world, go_on):
    """The server opens a stream, and goes on with a list in it when it is told."""

    def answer(request):
        if request.method != "GET":
            return ok(request)

        def pieces():
            yield f"data: {NOTE}\n\n".encode()
            go_on.wait(30)
            yield f"data: {listing('a', HIDDEN)}\n\n".encode()

        return as_events(pieces())

    world.upstream.forget()
    world.upstream.answer = answer


def test_a_trap_ends_the_streams_that_it_can_no_longer_filter(world):
    go_on = threading.Event()
    a_stream_and(world, go_on)
    connection, stream = open_stream(world.trapping)
    with Client(world.trapping.port) as client:
        assert failed(client.call("free", headers={HOOK: "request headers"}))
        go_on.set()
        try:
            rest = stream.read()
        except (OSError, http.client.HTTPException) as error:
            rest = getattr(error, "partial", b"")
        connection.close()
        assert HIDDEN.encode() not in rest, rest
        closed_until_it_enforces(client, world.upstream)


# The configuration.


def test_the_listeners_are_changed_while_all_runs(world):
    """In a file that Envoy watches: a bad configuration changes nothing, a good one takes over without losing a count of
    those that come meanwhile, or, for Envoy's `--drain-time-s`, a stream. How to change the filter alone is in reload.py.
    """
    go_on, rejected = threading.Event(), "listener_manager.lds.update_rejected"
    policy = {"version": "1", "default": "deny", "hide": [HIDDEN], "tools": {"counted": daily(60), "old": {}}}
    newer = policy | {"tools": {"counted": daily(60), "new": {}}}
    a_stream_and(world, go_on)
    with tempfile.TemporaryDirectory(dir=TARGET / "run") as folder:
        port, watched = free_port(), Watched(folder, listeners=True)
        with Envoy({"policy": policy}, world.upstream.port, port=port, name="envoy changed", change=watched.apart) as envoy:
            answers, stop = [], threading.Event()
            connection, stream = open_stream(envoy)
            calls = [threading.Thread(target=call_counted, args=(envoy, answers, stop)) for _ in range(2)]
            with Client(envoy.port) as client:
                assert client.call("old").text == "done"
                for thread in calls:
                    thread.start()
                try:
                    for number, bad in enumerate(['{"policy": ', {"policy": policy | {"default": "perhaps"}}, {}], 1):
                        watched.move_in(render(bad, port=port))
                        until(lambda: envoy.counters(rejected)[rejected] == number)
                        assert client.call("old").text == "done"
                        assert "is not permitted" in client.call("new").text
                    assert "unknown default `perhaps`" in envoy.log_text()

                    until(lambda: len(answers) > 20)
                    watched.move_in(render({"policy": newer}, port=port))
                    until(lambda: client.call("new").text == "done")
                    assert "is not permitted" in client.call("old").text
                    until(lambda: len(answers) > 80)
                finally:
                    stop.set()
                    for thread in calls:
                        thread.join(20)
            assert answers.count("done") == 60, answers
            assert {answer.split(". ")[0] for answer in answers} == {"done", '[POLICY DENIED] Limit of 60 per day reached for "counted"'}
            # The stream that was open before goes on, and is filtered.
            go_on.set()
            rest = stream.read()
            connection.close()
            assert json.loads(rest.removeprefix(b"data: "))["result"]["tools"] == [{"name": "a"}], rest


def call_counted(envoy, answers, stop):
    with Client(envoy.port) as client:
        while not stop.is_set():
            answers.append(client.call("counted").text)
            time.sleep(0.01)


# Many sessions.

SESSIONS = 10_000
# What they may take: the counters of a session are 44 bytes in the table, and V8 and the allocator round up.
GROWTH = 4 << 20


def resident(envoy):
    """Bytes of memory that the process has."""
    status = Path(f"/proc/{envoy.pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS:")).split()[1]) << 10


def allocated(envoy):
    """Bytes that Envoy's own allocator has handed out, and bytes that it keeps for later."""
    told = {name: int(value) for name, value in json.loads(envoy.admin("/memory")).items()}
    return told["allocated"], told["pageheap_free"] + told["total_thread_cache"]


def test_10_000_sessions(world):
    """Each has a count of its own, and all of them a bound."""
    policy = {"version": "1", "default": "deny", "tools": {"by-session": daily(1, scope="session")}}
    world.upstream.forget()
    with Envoy({"policy": policy}, world.upstream.port, concurrency=2, name="envoy of sessions") as envoy:

        def run(first, last):
            with Client(envoy.port) as client:
                for number in range(first, last):
                    headers = {"mcp-session-id": f"session-{number}"}
                    texts.append(client.call("by-session", headers=headers).text == "done")

        def both(first, last):
            middle = (first + last) // 2
            threads = [threading.Thread(target=run, args=pair) for pair in ((first, middle), (middle, last))]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()

        texts = []
        both(SESSIONS, SESSIONS + 500)
        before = resident(envoy), allocated(envoy)[0]
        both(0, SESSIONS)
        after = resident(envoy), allocated(envoy)[0]
        print(f"        resident {before[0] >> 10} to {after[0] >> 10} KiB, allocated {before[1] >> 10} to {after[1] >> 10} KiB")
        assert texts == [True] * (SESSIONS + 500)
        assert after[0] - before[0] < GROWTH and after[1] - before[1] < GROWTH, (before, after)
        texts.clear()
        both(0, 200)
        assert texts == [False] * 200
