"""MCP since 2026-07-28: headers that say again what the body says, calls that come twice, lists that nobody shares."""

import json
import time
from contextlib import contextmanager
from types import SimpleNamespace

from client import ACCEPT, MODERN, Client
from envoy import Envoy
from upstream import Upstream, as_events, as_json, result

POLICY = {
    "version": "1",
    "default": "deny",
    "hide": ["hidden"],
    "tools": {"echo": {}, "ä": {}, "once": {"limits": [{"counter": "c", "window": "day", "max": 1}]}},
}


@contextmanager
def world():
    with Upstream() as upstream, Envoy({"policy": POLICY}, upstream.port, name="envoy mirrors") as envoy, Client(envoy.port) as client:
        yield SimpleNamespace(upstream=upstream, client=client, port=envoy.port)


def wait_until(ready):
    deadline = time.monotonic() + 20
    while not ready():
        assert time.monotonic() < deadline, "an event was held back"
        time.sleep(0.01)


def test_headers_that_lie_or_are_missing(world):
    world.upstream.forget()
    for headers in (
        {"mcp-name": "hidden"},
        {"mcp-name": "ECHO"},
        {"mcp-name": None},
        {"mcp-method": "tools/list"},
        {"mcp-method": None},
        {"mcp-protocol-version": "2025-11-25"},
        {"mcp-protocol-version": None},
        {"mcp-name": "=?base64?aGlkZGVu?="},
        {"mcp-name": "=?base64?ZWNobw?="},
        {"mcp-param-region": "us"},
    ):
        answer = world.client.modern("tools/call", {"name": "echo", "arguments": {"region": "eu"}}, 7, headers)
        assert answer.status == 400 and answer.json["error"]["code"] == -32020 and answer.json["id"] == 7, (headers, answer)
    # A header of the one era over a body of the other.
    answer = world.client.call("echo", headers={"mcp-protocol-version": MODERN})
    assert answer.status == 400 and answer.json["error"]["code"] == -32602, answer
    assert world.client.call("echo", headers={"mcp-name": "hidden"}).status == 400
    assert world.upstream.record == []


def test_headers_go_on_as_the_body_says(world):
    for name, given, sent in [
        ("echo", "=?base64?ZWNobw==?=", "echo"),
        ("echo", "echo", "echo"),
        ("ä", "=?base64?w6Q=?=", "=?base64?w6Q=?="),
    ]:
        world.upstream.forget()
        params = {"name": name, "arguments": {"region": "eu"}}
        answer = world.client.modern("tools/call", params, 1, {"mcp-name": given, "mcp-param-region": "eu"})
        assert answer.text == "done", answer
        [request] = world.upstream.record
        assert request.header("mcp-name") == [sent] and request.header("mcp-method") == ["tools/call"], request
        assert request.header("mcp-param-region") == ["eu"] and request.header("mcp-protocol-version") == [MODERN]


def test_a_call_that_waits_for_more_counts_once(world):
    world.upstream.forget()
    waiting = {"resultType": "input_required", "inputRequests": {}, "requestState": "s"}
    world.upstream.answer = lambda request: as_json(result(request, waiting))
    more = {"name": "once", "inputResponses": {}, "requestState": "s"}
    for params in ({"name": "once"}, more, more):
        assert world.client.modern("tools/call", params).json["result"]["resultType"] == "input_required"
    world.upstream.forget()
    assert world.client.modern("tools/call", more).text == "done"
    # Whoever only says that it was counted is counted.
    assert "[POLICY DENIED] Limit of 1" in world.client.modern("tools/call", more).text


def test_a_subscription_comes_event_by_event(world):
    """It stays open for hours: what the server says arrives when it says it, and lists in it are filtered."""
    told, listed = [], {"jsonrpc": "2.0", "id": 9, "result": {"tools": [{"name": "echo"}, {"name": "hidden"}]}}

    def pieces():
        for number in range(3):
            told.append(number)
            yield b'data: {"jsonrpc":"2.0","method":"notifications/progress","params":{"n":%d}}\n\n' % number
            # Goes on only when the one before it was seen.
            wait_until(lambda: len(seen) > number)
        yield b"data: " + json.dumps(listed).encode() + b"\n\n"

    seen = []
    world.upstream.answer = lambda request: as_events(pieces())
    with Client(world.port) as client:
        meta = {"io.modelcontextprotocol/protocolVersion": MODERN, "io.modelcontextprotocol/clientCapabilities": {}}
        message = {"jsonrpc": "2.0", "id": 1, "method": "subscriptions/listen", "params": {"_meta": meta}}
        mirrors = {"mcp-protocol-version": MODERN, "mcp-method": "subscriptions/listen"}
        headers = {"content-type": "application/json", "accept": ACCEPT} | mirrors
        client.connection.request("POST", "/mcp", json.dumps(message), headers)
        answer = client.connection.getresponse()
        for line in iter(answer.readline, b""):
            if line.startswith(b"data:"):
                seen.append(json.loads(line[5:]))
    assert told == [0, 1, 2] and [one["params"]["n"] for one in seen[:3]] == told, seen
    assert seen[3]["result"]["tools"] == [{"name": "echo"}], seen
    world.upstream.forget()


def test_the_headers_of_a_trace_pass_untouched(world):
    world.upstream.forget()
    trace = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "tracestate": "a=b,c=d", "baggage": "k=v"}
    for tool in ("echo", "once"):
        assert world.client.call(tool, headers=trace).status == 200
    [request, *_] = world.upstream.record
    assert {name: request.header(name) for name in trace} == {name: [value] for name, value in trace.items()}


def test_a_filtered_list_is_nobody_elses(world):
    tools = [{"name": "echo"}, {"name": "hidden"}]
    listing = {"resultType": "complete", "tools": tools, "ttlMs": 60_000, "cacheScope": "public"}
    world.upstream.answer = lambda request: as_json(result(request, listing))
    answer = world.client.modern("tools/list").json["result"]
    assert answer["cacheScope"] == "private" and answer["tools"] == tools[:1] and answer["ttlMs"] == 60_000, answer
    world.upstream.forget()
