"""What the configuration says beside the policy: several policies and servers, shadow mode, what else passes."""

import hashlib
import json
import re
from contextlib import contextmanager
from types import SimpleNamespace

from client import Client
from envoy import Envoy
from upstream import Response, Upstream, as_json, result

READ = {"version": "1", "default": "deny", "tools": {"read": {}}}
WORK = {
    "version": "1",
    "default": "deny",
    "hide": ["secret"],
    "tools": {
        "read": {},
        "write": {"limits": [{"counter": "writes", "window": "day", "max": 2}]},
        "never": {"action": "deny"},
    },
}
TOOLS = ["read", "write", "never", "secret", "else"]


def grant(label, **more):
    return {"label": label, "token_sha256": hashlib.sha256(label.encode()).hexdigest(), **more}


@contextmanager
def world():
    configuration = {
        "policies": {"read": {"policy": READ}, "work": {"policy": WORK}, "tried": {"policy": WORK, "mode": "shadow"}},
        "anonymous": "read",
        "grants": [
            grant("worker", policy="work"),
            grant("trier", policy="tried"),
            grant("nobody"),
            grant("local", policy="work", server="a"),
        ],
        "servers": [{"name": "a", "path": "/a"}, {"name": "b", "path": "/b"}],
        "resources": "deny",
        "unknown_methods": "allow",
        "list": "callable",
        "limits": {"request_bytes": 4096},
    }
    with Upstream() as upstream, Envoy(configuration, upstream.port, paths=["/"], name="envoy settings") as envoy, Client(envoy.port) as client:
        upstream.forget()
        yield SimpleNamespace(upstream=upstream, envoy=envoy, client=client)


def ask(world, who, body, path="/a/mcp", **headers):
    authorization = {"authorization": f"Bearer {who}"} if who else {}
    body = body if isinstance(body, (str, bytes)) else json.dumps({"jsonrpc": "2.0", "id": 1, **body})
    return world.client.send(body, path=path, headers=authorization | headers)


def call(world, who, tool, path="/a/mcp"):
    return ask(world, who, {"method": "tools/call", "params": {"name": tool}}, path).text


def listed(world, who):
    world.upstream.answer = lambda request: as_json(result(request, {"tools": [{"name": name} for name in TOOLS]}))
    answer = ask(world, who, {"method": "tools/list"})
    world.upstream.forget()
    return [tool["name"] for tool in answer.json["result"]["tools"]]


def test_each_grant_has_its_policy(world):
    assert call(world, None, "read") == "done"
    assert "[POLICY DENIED]" in call(world, None, "write")
    assert call(world, "worker", "write", "/b/mcp") == "done"
    assert ask(world, "stranger", {"method": "ping"}).status == 401
    denied = ask(world, "nobody", {"method": "tools/call", "params": {"name": "read"}})
    assert denied.decision["rule"] == "(no policy)", denied
    assert listed(world, "nobody") == []


def test_a_grant_can_be_for_one_server(world):
    assert call(world, "local", "read") == "done"
    answer = ask(world, "local", {"method": "tools/call", "params": {"name": "read"}}, "/b/mcp")
    assert answer.decision["rule"] == "(no policy)", answer


def test_each_server_counts_apart(world):
    passes = [call(world, "worker", "write", "/a/mcp") == "done" for _ in range(3)]
    assert passes == [True, True, False], passes
    # One was counted at the other server before.
    assert call(world, "worker", "write", "/b/mcp") == "done"
    assert "[POLICY DENIED] Limit of 2" in call(world, "worker", "write", "/b/mcp")


def test_a_path_to_no_server_leads_nowhere(world):
    world.upstream.forget()
    for path in ("/", "/ax", "/c/mcp"):
        answer = ask(world, None, {"method": "ping"}, path)
        assert answer.status == 404 and answer.json["error"]["code"] == -31003, (path, answer)
    # Envoy makes one path of these before we see them, or refuses them itself.
    for path in ("/a/../c/mcp", "/c/%61", "/a%2f..%2fc/mcp"):
        assert ask(world, None, {"method": "ping"}, path).status in (400, 404), path
    assert world.upstream.record == []


def test_what_else_passes(world):
    for method, passes in [("prompts/list", True), ("resources/list", False), ("else/what", True), ("resources/else", False)]:
        world.upstream.forget()
        answer = ask(world, None, {"method": method})
        assert (len(world.upstream.record) == 1) == passes, method
        assert passes or answer.json["error"]["code"] == -32601, answer
    completion = {"method": "completion/complete", "params": {"ref": {"type": "ref/resource", "uri": "x"}}}
    assert ask(world, None, completion).json["error"]["code"] == -32601
    assert ask(world, None, b" " * 5000).status == 413


def test_lists_show_what_can_be_called(world):
    assert listed(world, "worker") == ["read", "write"]
    assert listed(world, None) == ["read"]


def test_in_shadow_everything_passes_and_is_told(world):
    world.upstream.forget()
    assert [call(world, "trier", tool) for tool in ("secret", "never", "write", "write", "write")] == ["done"] * 5
    assert listed(world, "trier") == TOOLS
    # As it came, whatever it is.
    body = b'{"jsonrpc":"2.0","id":1,"id":1,\n"method":"tools/call","params":{"name":"never"}}'
    world.upstream.answer = lambda request: as_json({"seen": True})
    assert ask(world, "trier", body).json == {"seen": True}
    assert [request.body for request in world.upstream.record] == [body]
    assert world.upstream.record[0].header("authorization") == []
    # A token stays here, whatever else is wrong.
    world.upstream.forget()
    headers = {"mcp-session-id": "a b", "cattlegrid-approval": "t"}
    assert ask(world, "trier", {"method": "ping"}, **headers).status == 200
    [request] = world.upstream.record
    assert request.header("authorization") == [] and request.header("cattlegrid-approval") == [], request
    # What is read at all has no bound but the proxy's own.
    world.upstream.forget()
    world.upstream.answer = lambda request: as_json({"seen": True})
    assert ask(world, "trier", b" " * 50_000).json == {"seen": True}
    lines = [json.loads(found) for found in re.findall(r"cattlegrid: (\{.*\})$", world.envoy.log_text(), re.M)]
    told = [(line.get("tool"), line["decision"], line["mode"]) for line in lines if line["grant"] == "trier"]
    expected = [("secret", "deny"), ("never", "deny"), ("write", "allow"), ("write", "allow"), ("write", "deny")]
    assert told[:5] == [(*pair, "shadow") for pair in expected], told
    causes = [line["cause"] for line in lines if line["grant"] == "trier" and line["decision"] == "refuse"]
    assert causes == ["json", "http", "size"], causes
    world.upstream.forget()


def test_what_fails_in_shadow_is_given_back(world):
    before = world.envoy.counters()["wasmcustom.cattlegrid.reservations.given_back"]
    configuration = {"policy": WORK, "mode": "shadow"}
    with Envoy(configuration, world.upstream.port, name="envoy shadow") as envoy, Client(envoy.port) as client:
        world.upstream.answer = lambda request: Response(b"no", 500)
        for _ in range(3):
            assert client.call("write").status == 500
        assert envoy.counters()["wasmcustom.cattlegrid.reservations.given_back"] == 3
    world.upstream.forget()
    assert world.envoy.counters()["wasmcustom.cattlegrid.reservations.given_back"] == before
