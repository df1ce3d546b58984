"""The vectors of tests/vectors through Envoy, each with a listener and counters of its own.

The filter is built with its test clock, which takes the time of a call from a header. What a vector says of a grant is a
bearer token here, of a session the MCP header, of an approval its header or `_meta`, and the outcome of a call is played by
the server. A decision is read from the answer to a denied or held call, and from the filter's log for an allowed one, whose
answer is the server's own.

What HTTP cannot carry is left out: a `tools/call` without an id, which the filter drops with 202, as nobody could be told.
"""

import hashlib
import json
import re
from contextlib import contextmanager
from datetime import datetime, timezone
from decimal import Decimal
from types import SimpleNamespace
from urllib.parse import quote

from client import Client
from envoy import ROOT, TARGET, Envoy
from upstream import Upstream, as_json, ok, result

FOLDER = ROOT / "tests" / "vectors"
WASM = TARGET / "test-clock" / "wasm32-unknown-unknown" / "release" / "cattlegrid_envoy.wasm"
START = datetime(2026, 1, 1, tzinfo=timezone.utc)
# What no call is here: not enforced, to a server with a name, or approved without a grant.
ELSEWHERE = {"approval-not-enforced", "approval-of-another-server", "approval-in-a-message"}
UNITS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


class Exact(str):
    """A number as it is written: Python would round it."""


def exact(text):
    return json.loads(text, parse_int=Exact, parse_float=Exact)


def read(path):
    return exact(path.read_text())


def write(value):
    if isinstance(value, Exact):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(key)}:{write(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(write, value)) + "]"
    return json.dumps(value)


def span(text):
    """Milliseconds of `+90s` or `6s`."""
    number, unit = re.fullmatch(r"\+?(\d+)(ms|s|m|h|d)", text).groups()
    return int(number) * UNITS[unit]


def moment(at, before):
    if at is None:
        return before
    if at.startswith("+"):
        return before + span(at)
    return round((datetime.fromisoformat(at.replace("Z", "+00:00")) - datetime(1970, 1, 1, tzinfo=timezone.utc)).total_seconds() * 1000)


def calls_of(vector):
    """Each call with its time, repetitions written out."""
    now = round(START.timestamp() * 1000)
    for step in vector["steps"]:
        now = moment(step.get("at"), now)
        for turn in range(int(step.get("times", 1))):
            if turn:
                now += span(step.get("every", "0s"))
            yield now, step


def token(grant):
    return f"the token of {quote(grant)}" if grant is not None else "of nobody"


def configuration(vector):
    grants = {step["call"].get("grant") for step in vector["steps"]}
    listed = [
        {"label": grant or "(none)", "token_sha256": hashlib.sha256(token(grant).encode()).hexdigest()}
        for grant in sorted(grants, key=str)
    ]
    # Without a key nothing would be held here: see the vector that has none.
    keys = vector.get("approval_keys", [{"hs256": "a secret that nobody uses to sign"}])
    return write({"policy": vector["policy"], "grants": listed, "approval_keys": keys})


@contextmanager
def world():
    vectors = {}
    for path in sorted(FOLDER.glob("*.json")):
        if path.stem in ELSEWHERE:
            continue
        vector = vectors[path.stem] = read(path)
        if isinstance(vector["policy"], str):
            vector["policy"] = read(FOLDER / vector["policy"])
    more = {name: configuration(vector) for name, vector in vectors.items()}
    empty = {"policy": {"version": "1", "default": "deny"}}
    with Upstream() as upstream, Envoy(empty, upstream.port, wasm=WASM, name="envoy vectors", more=more) as envoy:
        yield SimpleNamespace(upstream=upstream, envoy=envoy, vectors=vectors)


def tests(world):
    assert world.vectors
    for name in world.vectors:
        yield name, lambda world, name=name: run(world, name, world.vectors[name])


def message_of(call, number):
    if "jsonrpc" in call:
        return call
    params = {"name": call["tool"]} | {key: call[key] for key in ("arguments",) if key in call}
    return {"jsonrpc": "2.0", "id": Exact(number), "method": "tools/call", "params": params}


def outcome(kind):
    if kind == "error":
        return lambda request: as_json({"jsonrpc": "2.0", "id": request.message["id"], "error": {"code": 1, "message": "no"}})
    if kind == "tool-error":
        return lambda request: as_json(result(request, {"content": [{"type": "text", "text": "no"}], "isError": True}))
    return ok


def run(world, name, vector):
    expected = []
    with Client(world.envoy.ports[name]) as client:
        for number, (now, step) in enumerate(calls_of(vector)):
            call, expect = step["call"], step.get("expect", {})
            message = message_of(call, number)
            headers = {"authorization": f"Bearer {token(call.get('grant'))}", "x-cattlegrid-test-now": str(now)}
            if "approval" in call and number % 2:
                headers["cattlegrid-approval"] = call["approval"]
            elif "approval" in call:
                message["params"]["_meta"] = {"cattlegrid/approval": call["approval"]}
            if "session" in call:
                headers["mcp-session-id"] = quote(call["session"])
            world.upstream.forget()
            world.upstream.answer = outcome(step.get("outcome"))
            answer = client.send(write(message).encode(), headers=headers)
            where = f"call {number} at {now}: {write(message)[:300]} answered {answer.body[:500]!r}"
            if "id" not in message:
                assert (answer.status, world.upstream.record) == (202, []), where
                continue
            expected.append((where, expect))
            assert answer.status == 200, where
            if expect.get("decision") == "allow":
                [request] = world.upstream.record
                assert exact(request.body) == message, where
            else:
                assert world.upstream.record == [] and answer.json["result"]["isError"], where
                compare(answer.decision, expect, where)
                prefix = "[APPROVAL REQUIRED] " if expect["decision"] == "hold" else "[POLICY DENIED] "
                assert answer.text.startswith(prefix), where
                assert answer.text.removeprefix(prefix) == expect.get("message", answer.text.removeprefix(prefix)), where
    told = decisions_in(world.envoy.log_text(), name)
    assert len(told) == len(expected), (len(told), len(expected))
    for line, (where, expect) in zip(told, expected):
        compare(line, expect, f"{where}, logged {line}")


def decisions_in(log, name):
    lines = re.findall(rf"wasm log cattlegrid cattlegrid {re.escape(name)}: (\{{.*\}})$", log, re.M)
    # What is refused is told on a line of its own.
    return [line for line in map(exact, lines) if line["decision"] != "refuse"]


def compare(decision, expect, where):
    assert decision["decision"] == expect["decision"], where
    if "rule" in expect:
        assert decision["rule"] == expect["rule"], (where, expect)
    if "remaining" in expect:
        assert Decimal(str(decision["limits"][0]["remaining"])) == Decimal(expect["remaining"]), (where, expect)
