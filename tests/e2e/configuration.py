"""A bad configuration: Envoy does not start, and its log says what is wrong and where."""

import json
import os
import re
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import jwt
from client import Client
from envoy import ENVOY, TARGET, WASM, Envoy, Failed, Process, accepts, free_port, validate
from upstream import Upstream

POLICY = {"version": "1", "default": "deny", "tools": {"echo": {}}}
DIGEST = "0" * 64

# The text of a configuration, and the lines that the log must have, in this order: what each underlines (the last of it
# in the text), and how it begins.
BAD = [
    ("", [("", "error[syntax]")]),
    ("policy", [("policy", "error[syntax]: expected a value, found `policy`")]),
    ("[]", [("[", "error[wrong-type]: a configuration must be an object, not a list")]),
    ("{}", [("{", "error[missing-key]: a configuration needs `policy` or `policies`")]),
    ('{"policy": {"version": "1", "default": "deny"}', [("", "error[syntax]")]),
    ('{"policy": {}, "policy": {}}', [("policy", "error[duplicate-key]")]),
    ("\ufeff{}", [("\ufeff", "error[byte-order-mark]")]),
    (json.dumps({"policy": POLICY, "polices": {}}), [("polices", "error[unknown-key]: unknown key `polices`")]),
    (json.dumps({"policy": "policy.json"}), [('"policy.json"', "error[wrong-type]")]),
    (
        """{
  "policy": {
    "version": "1",
    "defualt": "deny",
    "tools": { "a": { "limits": [{ "counter": "c", "window": "weak", "max": 1 }] } }
  }
}""",
        [("defualt", "error[unknown-key]: unknown key `defualt`"), ("weak", "error[unknown-window]")],
    ),
    (
        json.dumps({"policy": POLICY, "grants": [{"label": "ada"}, {"label": "", "token_sha256": DIGEST[1:]}]}),
        [
            ('{"label": "ada"', "error[missing-key]: a grant needs `token_sha256`"),
            ('""', "error[blank-name]"),
            (DIGEST[1:], "error[invalid-digest]: not a sha-256"),
        ],
    ),
    (
        json.dumps({"policy": POLICY, "grants": [{"label": label, "token_sha256": DIGEST} for label in "ab"]}),
        [(DIGEST, "error[invalid-digest]: another grant has this token already")],
    ),
    (
        json.dumps({"policy": POLICY | {"tools": {"a": {"deny_if": [{"conditions": [{"path": "args.a", "op": "regex", "value": "(?<x"}]}]}}}}),
        [("(?<x", "error[invalid-regex]")],
    ),
    (
        json.dumps({"policies": {"a": {"policy": POLICY}}, "anonymous": "b", "mode": "dry"}),
        [("b", "error[unknown-reference]: no policy is called `b`"), ("dry", "error[unknown-setting]: unknown setting `dry`")],
    ),
]


@contextmanager
def world():
    yield None


def diagnostics(log):
    return re.findall(r"wasm log.*?: (\d+:\d+: error\[.*)", log)


def tests(_):
    for text, expected in BAD:
        yield expected[0][1], lambda _, text=text, expected=expected: refused(text, expected)
    yield "a good one", a_good_one
    yield "what the command writes", what_the_command_writes
    yield "a secret by its name", a_secret_by_its_name
    yield "a host that shows no body", a_host_that_shows_no_body
    yield "a bad one does not start", a_bad_one_does_not_start


def place(text, underlined):
    at = text.rindex(underlined) if underlined else len(text)
    before = text[:at]
    return f"{before.count(chr(10)) + 1}:{at - before.rfind(chr(10))}: "


def refused(text, expected):
    taken, log = validate(text)
    assert not taken, log
    lines = list(dict.fromkeys(diagnostics(log)))
    assert len(lines) == len(expected), lines
    for line, (underlined, beginning) in zip(lines, expected):
        assert line.startswith(place(text, underlined) + beginning), (line, place(text, underlined))


def a_good_one(_):
    grant = {"label": "a", "token_sha256": DIGEST, "policy": "b", "server": "s"}
    policies = {"b": {"policy": POLICY, "mode": "shadow"}}
    servers = [{"name": "s", "path": "/s"}]
    taken, log = validate({"policy": POLICY, "policies": policies, "grants": [grant], "servers": servers, "list": "callable"})
    assert taken and diagnostics(log) == [], log


def what_the_command_writes(_):
    """`cattlegrid envoy-config`: Envoy takes it and it leads to the server."""
    command = TARGET / "debug" / "cattlegrid"
    with tempfile.TemporaryDirectory() as folder, Upstream() as upstream:
        where, port, admin = Path(folder) / "filter.json", free_port(), free_port()
        servers = [{"name": "it's: a", "path": "/a"}, {"name": "b", "path": "/"}]
        policy = POLICY | {"description": "it's \u2028\U0001f600"}
        where.write_text(json.dumps({"policy": policy, "servers": servers}, ensure_ascii=False))
        words = ["envoy-config", where, "--wasm", WASM, "--listen", f"127.0.0.1:{port}", "--admin", f"127.0.0.1:{admin}"]
        words += ["--upstream", f"it's: a=http://127.0.0.1:{upstream.port}/one", "--upstream", "b=https://localhost:1/two"]
        done = subprocess.run([command, *words], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done
        (Path(folder) / "envoy.yaml").write_text(done.stdout)
        with Process("envoy written", [ENVOY, "-c", f"{folder}/envoy.yaml", "--disable-hot-restart"]) as envoy:
            envoy.wait_until(lambda: accepts(port), 30)
            with Client(port) as client:
                body = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"%s"}}'
                assert client.send(body % "echo", path="/a").text == "done"
                assert "[POLICY DENIED]" in client.send(body % "else", path="/a").text
                assert client.send(body % "echo", path="/b").status == 503
        assert [request.path for request in upstream.record] == ["/one"]


def a_secret_by_its_name(_):
    """It stands in Envoy's environment, and not in the configuration."""
    handed = "environment_variables: { host_env_keys: [CATTLEGRID_TEST_SECRET] }"
    runtime = "runtime: envoy.wasm.runtime.v8\n"
    change = lambda text: text.replace(runtime, f"{runtime}{' ' * 26}{handed}\n")
    policy = {"version": "1", "default": "deny", "tools": {"echo": {"action": "require_approval"}}}
    configuration = {"policy": policy, "approval_keys": [{"hs256_env": "CATTLEGRID_TEST_SECRET"}]}
    secret = "a secret of thirty-two bytes or more"
    os.environ["CATTLEGRID_TEST_SECRET"] = secret
    try:
        with Upstream() as upstream, Envoy(configuration, upstream.port, name="envoy secret", change=change) as envoy:
            with Client(envoy.port) as client:
                held = client.call("echo")
                assert held.text.startswith("[APPROVAL REQUIRED]"), held
                claims = {"digest": held.decision["approval"]["digest"], "sub": "ada", "exp": int(time.time()) + 60, "jti": "one"}
                token = jwt.encode(claims, secret, "HS256")
                assert client.call("echo", headers={"cattlegrid-approval": token}).text == "done"
                assert secret not in envoy.log_text()
    finally:
        del os.environ["CATTLEGRID_TEST_SECRET"]
    # Without it, or not handed over, the configuration is refused.
    taken, log = validate(configuration)
    assert not taken and "error[invalid-approval-key]: there is no secret with this name" in log, log


def a_host_that_shows_no_body(_):
    """Without `allow_on_headers_stop_iteration` nothing passes, and the log says why."""
    other = lambda text: text.replace("allow_on_headers_stop_iteration: true", "allow_on_headers_stop_iteration: false").replace(
        "request_timeout: 60s", "request_timeout: 2s"
    )
    with Upstream() as upstream, Envoy({"policy": POLICY}, upstream.port, name="envoy silent", change=other) as envoy:
        with Client(envoy.port) as client:
            answer = client.call("echo")
            assert answer.status == 504 and answer.json["error"]["message"] == "the request did not arrive in time", answer
        envoy.wait_until(lambda: "set `allow_on_headers_stop_iteration: true` on the filter" in envoy.log_text(), 10)
        assert upstream.record == []


def a_bad_one_does_not_start(_):
    with Upstream() as upstream:
        began = time.monotonic()
        try:
            with Envoy('{"policy": {"version": "2", "default": "deny"}}', upstream.port, name="envoy refused") as envoy:
                with Client(envoy.port) as client:
                    raise AssertionError(f"it serves: {client.call('echo')}")
        except Failed as failed:
            assert "ended with code 1" in str(failed), failed
        assert time.monotonic() - began < 20
