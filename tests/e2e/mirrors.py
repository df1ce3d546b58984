"""MCP since 2026-07-28: headers that say again what the body says, calls that come twice, lists that nobody shares."""

from contextlib import contextmanager
from types import SimpleNamespace

from client import MODERN, Client
from envoy import Envoy
from upstream import Upstream, as_json, result

POLICY = {
    "version": "1",
    "default": "deny",
    "hide": ["hidden"],
    "tools": {"echo": {}, "ä": {}, "once": {"limits": [{"counter": "c", "window": "day", "max": 1}]}},
}


@contextmanager
def world():
    with Upstream() as upstream, Envoy({"policy": POLICY}, upstream.port, name="envoy mirrors") as envoy, Client(envoy.port) as client:
        yield SimpleNamespace(upstream=upstream, client=client)


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


def test_a_filtered_list_is_nobody_elses(world):
    tools = [{"name": "echo"}, {"name": "hidden"}]
    listing = {"resultType": "complete", "tools": tools, "ttlMs": 60_000, "cacheScope": "public"}
    world.upstream.answer = lambda request: as_json(result(request, listing))
    answer = world.client.modern("tools/list").json["result"]
    assert answer["cacheScope"] == "private" and answer["tools"] == tools[:1] and answer["ttlMs"] == 60_000, answer
    world.upstream.forget()
