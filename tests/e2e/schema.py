"""The JSON Schema of the filter's configuration, against what reads it: both take the same documents.

What the schema cannot say is left to the reader, and listed: names that stand for nothing, names and paths that are
there twice, keys that are none.
"""

import copy
import json
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

from envoy import ROOT, TARGET
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

POLICY = {"version": "1", "default": "deny", "tools": {"echo": {}}}
LOCK = {"version": "1", "tools": {"a": {"sha256": "d9d719b27480b55cd4918020e7473e716ed3569c8adafe926cf9b10b4f8ef064", "definition": {"name": "a"}}}}
GRANT = {"label": "ada", "token_sha256": "0" * 64, "policy": "a", "server": "s"}
WHOLE = {
    "$schema": "configuration.schema.json",
    "policy": POLICY,
    "policies": {"a": {"policy": POLICY, "mode": "shadow", "x-why": 1}},
    "grants": [GRANT],
    "anonymous": "default",
    "servers": [{"name": "s", "path": "/s", "tools_lock": LOCK, "changed_tools": "report"}, {"name": "t", "path": "/"}],
    "changed_tools": "quarantine",
    "mode": "enforce",
    "unknown_methods": "allow",
    "resources": "deny",
    "prompts": "deny",
    "list": "callable",
    "limits": {"request_bytes": 1024, "answer_bytes": 67108864},
    "approval_keys": [{"hs256": "0123456789abcdef0123456789abcdef"}, {"hs256_env": "APPROVALS"}],
    "store": {"rate_limit_service": {"cluster": "limits", "domain": "d", "timeout_ms": 60000}, "on_failure": "allow"},
    "x-own": [],
}

# The whole with this in this place; None takes it away.
FAULTS = [
    (("policy",), "policy.json"),
    (("policy",), {"version": "2", "default": "deny"}),
    (("policies", "a"), POLICY),
    (("policies", " "), {"policy": POLICY}),
    (("policies", "a", "mode"), "dry"),
    (("grants", 0, "label"), " "),
    (("grants", 0, "token_sha256"), "0" * 63),
    (("grants", 0, "token_sha256"), None),
    (("grants", 0, "polcy"), "a"),
    (("grants",), {}),
    (("anonymous",), True),
    (("servers", 0, "path"), "s"),
    (("servers", 0, "path"), "/s//t"),
    (("servers", 0, "path"), "/s%20"),
    (("servers", 0, "name"), ""),
    (("mode",), "off"),
    (("unknown_methods",), "hide"),
    (("list",), "all"),
    (("limits", "request_bytes"), 1023),
    (("limits", "answer_bytes"), 1 << 27),
    (("limits", "request_bytes"), 2000.5),
    (("limits", "bytes"), 2000),
    (("approval_keys",), {}),
    (("approval_keys", 0), {}),
    (("approval_keys", 0, "ed25519"), "x"),
    (("approval_keys", 1, "hs256_env"), 1),
    (("store", "rate_limit_service", "cluster"), None),
    (("store", "rate_limit_service", "timeout_ms"), 0),
    (("store", "on_failure"), "open"),
    (("polices",), {}),
    (("changed_tools",), "allow"),
    (("servers", 0, "changed_tools"), True),
    (("servers", 0, "tools_lock"), "tools.lock.json"),
    (("servers", 0, "tools_lock", "version"), "2"),
    (("servers", 0, "tools_lock", "tools"), None),
    (("servers", 0, "tools_lock", "tools", "a", "sha256"), "0" * 63),
    (("servers", 0, "tools_lock", "tools", "a", "definition", "name"), None),
    (("servers", 0, "tools_lock", "tools", "a", "definition", "descripton"), "x"),
]

# Both take these.
MORE = [
    {"policy": POLICY},
    {"policies": {}},
    {"policy": POLICY, "grants": []},
    {"policy": POLICY, "servers": [{"name": "s", "path": "/s/t.u-v~w_x/"}]},
    {"policy": POLICY, "store": {}, "limits": {}},
    {"policy": POLICY, "limits": {"request_bytes": 2000.0}},
    {"policy": POLICY, "tools_lock": LOCK, "changed_tools": "quarantine"},
]


def changed(path, value):
    document = copy.deepcopy(WHOLE)
    place = document
    for step in path[:-1]:
        place = place[step]
    if value is None:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return document


@contextmanager
def world():
    folder = ROOT / "pkg"
    schemas = {name: json.loads((folder / name).read_text()) for name in ("envoy/configuration.schema.json", "npm/policy.schema.json", "npm/tools-lock.schema.json")}
    registry = Registry().with_resources((f"file:///{name}", Resource.from_contents(text)) for name, text in schemas.items())
    schema = {"$ref": "file:///envoy/configuration.schema.json"}
    Draft202012Validator.check_schema(schemas["envoy/configuration.schema.json"])
    yield Draft202012Validator(schema, registry=registry)


def accepted(document):
    """Whether the command takes it, and what it says."""
    with tempfile.TemporaryDirectory() as folder:
        where = Path(folder) / "filter.json"
        where.write_text(json.dumps(document))
        command = [TARGET / "debug" / "cattlegrid", "check-envoy", where]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode in (0, 1), done
    return done.returncode == 0, done.stdout


def test_everything_that_the_configuration_knows_fits(schema):
    assert set(WHOLE) - {"x-own"} | {"tools_lock"} == set(json.loads((ROOT / "pkg/envoy/configuration.schema.json").read_text())["properties"])
    for document in [WHOLE, *MORE]:
        schema.validate(document)
        taken, said = accepted(document)
        assert taken, said


def test_what_is_wrong_for_the_one_is_for_the_other(schema):
    for path, value in FAULTS:
        document = changed(path, value)
        taken, said = accepted(document)
        assert not taken and not schema.is_valid(document), (path, value, taken, said)
    for document in ({}, [], 1, {"grants": []}):
        assert not accepted(document)[0] and not schema.is_valid(document), document


def test_what_the_schema_cannot_say(schema):
    for path, value in [
        (("anonymous",), "nobody"),
        (("grants", 0, "server"), "nowhere"),
        (("grants",), [GRANT, GRANT]),
        (("servers", 1, "name"), "s"),
        (("servers", 1, "path"), "/s/"),
        (("servers", 0, "path"), "/s/../t"),
        (("policies", "default"), {"policy": POLICY}),
        (("approval_keys", 0, "hs256"), "short"),
        (("tools_lock",), LOCK),
        (("servers", 0, "tools_lock"), None),
        (("servers", 0, "tools_lock", "tools", "a", "sha256"), "0" * 64),
        (("servers", 0, "tools_lock", "tools", "a", "definition", "name"), "b"),
    ]:
        document = changed(path, value)
        assert schema.is_valid(document) and not accepted(document)[0], (path, value)
