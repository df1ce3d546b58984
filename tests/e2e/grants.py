"""Grants: a bearer token stands for one, and is the proxy's own."""

import hashlib
from contextlib import contextmanager
from types import SimpleNamespace

from client import Client
from envoy import Envoy
from upstream import Upstream, as_events

POLICY = {
    "version": "1",
    "default": "deny",
    "tools": {
        "free": {},
        "own": {"limits": [{"counter": "calls", "window": "day", "max": 2}]},
        "shared": {"limits": [{"counter": "calls", "window": "day", "max": 3, "scope": "all"}]},
    },
}


def grant(label, token):
    return {"label": label, "token_sha256": hashlib.sha256(token.encode()).hexdigest()}


@contextmanager
def world():
    # Two tokens of one grant: the new one and that which it replaces.
    grants = [grant("ada", "ada's"), grant("bob", "bob's"), grant("ada", "ada's new one")]
    with (
        Upstream() as upstream,
        Envoy({"policy": POLICY, "grants": grants}, upstream.port) as envoy,
        Client(envoy.port) as client,
    ):
        yield SimpleNamespace(upstream=upstream, envoy=envoy, client=client)


def bearer(token):
    return {"authorization": f"Bearer {token}"}


def test_without_a_known_token_nothing_passes(world):
    world.upstream.forget()
    for value in (None, "", "Bearer", "Bearer ", "Bearer eve's", "Basic ada's", "ada's", "Bearer ada's, Bearer ada's"):
        for method, body in (("POST", '{"jsonrpc":"2.0","id":1,"method":"ping"}'), ("GET", None), ("DELETE", None)):
            answer = world.client.send(body, method, {"authorization": value})
            assert answer.status == 401 and answer.headers["www-authenticate"] == "Bearer", (value, answer)
            assert answer.json["error"]["code"] == -31002 and answer.json["id"] is None, answer
    assert world.upstream.record == []


def test_with_one_it_does_and_the_token_stays_here(world):
    for value in ("Bearer ada's", "bearer bob's", "BEARER  ada's new one"):
        world.upstream.forget()
        answer = world.client.call("free", headers={"authorization": value})
        assert answer.text == "done", (value, answer)
        [request] = world.upstream.record
        assert request.header("authorization") == []
    world.upstream.forget()
    world.upstream.answer = lambda request: as_events([b": hello\n\n"])
    assert world.client.send(None, "GET", bearer("ada's")).status == 200
    assert world.upstream.record[0].header("authorization") == []
    assert '"grant":"ada"' in world.envoy.log_text() and "ada's" not in world.envoy.log_text()


def test_each_has_its_own_counters(world):
    world.upstream.forget()
    tokens = ["ada's", "ada's new one", "ada's", "bob's", "bob's", "bob's"]
    passes = [world.client.call("own", headers=bearer(token)).text == "done" for token in tokens]
    assert passes == [True, True, False, True, True, False], passes
    passes = [world.client.call("shared", headers=bearer(token)).text == "done" for token in tokens]
    assert passes == [True, True, True, False, False, False], passes


def test_without_grants_a_token_is_the_servers(world):
    world.upstream.forget()
    with Envoy({"policy": POLICY}, world.upstream.port, name="envoy open") as envoy, Client(envoy.port) as client:
        assert client.call("free", headers=bearer("for the server")).text == "done"
        assert world.upstream.record[0].header("authorization") == ["Bearer for the server"]
