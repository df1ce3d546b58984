"""The JSON Schema of scenarios, against what reads them: both take the same documents.

What the schema cannot say is left to the reader, and listed. And `cattlegrid test` runs the vectors of tests/vectors as
it runs everybody's scenarios: each file names or holds its policy, and every step is decided as it expects.
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

POLICY = {"version": "1", "default": "deny", "tools": {"pay": {}}}
MESSAGE = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "pay", "arguments": {}}}
STEP = {
    "at": "2026-01-01T12:00:00.5+01:00",
    "grant": "g",
    "session": "s",
    "call": MESSAGE,
    "approval": {"by": "ada", "x-why": 1},
    "outcome": "tool-error",
    "every": "250ms",
    "times": 3,
    "expect": {"decision": "allow", "x-note": 1},
    "x-own": 1,
}
WHOLE = {
    "$schema": "scenario.schema.json",
    "description": "d",
    "policy": POLICY,
    "catalog": {"tools": [{"name": "pay"}]},
    "approval_keys": [{"hs256": "0123456789abcdef0123456789abcdef"}],
    "assert": ["never hold any tool", 'always deny tool == "other" where args.a exists'],
    "steps": [STEP],
    "groups": [{"name": "n", "steps": [STEP], "x-own": []}],
    "x-own": [],
}

# The whole with this in this place; None takes it away.
FAULTS = [
    (("policy",), None),
    (("policy",), []),
    (("policy",), {"version": "1"}),
    (("polciy",), {}),
    (("description",), 1),
    (("catalog",), 1),
    (("approval_keys",), {}),
    (("approval_keys", 0), {}),
    (("approval_keys", 0, "ed25519"), "x"),
    (("approval_keys", 0), {"hs256_env": "A"}),
    (("approval_keys", 0), {"ed25519": "x"}),
    (("assert",), "never allow any tool"),
    (("assert",), {}),
    (("assert", 0), 1),
    (("assert", 0), ["never allow any tool"]),
    (("assert", 0), ""),
    (("assert", 0), " "),
    (("asert",), ["never allow any tool"]),
    (("steps",), {}),
    (("steps", 0), []),
    (("steps", 0, "call"), None),
    (("steps", 0, "call"), []),
    (("steps", 0, "call"), {}),
    (("steps", 0, "call"), {"tool": 1}),
    (("steps", 0, "call"), {"tool": "pay", "args": {}}),
    (("steps", 0, "call"), {"tool": "pay", "x-own": {}}),
    (("steps", 0, "call", "jsonrpc"), "1.0"),
    (("steps", 0, "call", "id"), None.__class__),
    (("steps", 0, "call", "id"), 1.5),
    (("steps", 0, "call", "method"), "tools/list"),
    (("steps", 0, "call", "params"), []),
    (("steps", 0, "call", "params", "name"), None),
    (("steps", 0, "call", "params", "_meta"), []),
    (("steps", 0, "call", "params", "_meta"), {"cattlegrid/approval": 1}),
    (("steps", 0, "call", "result"), {}),
    (("steps", 0, "at"), "noon"),
    (("steps", 0, "at"), "+1y"),
    (("steps", 0, "at"), 1),
    (("steps", 0, "grant"), 1),
    (("steps", 0, "session"), []),
    (("steps", 0, "approval"), 1),
    (("steps", 0, "approval"), {}),
    (("steps", 0, "approval", "by"), " "),
    (("steps", 0, "approval", "to"), "x"),
    (("steps", 0, "outcome"), "failed"),
    (("steps", 0, "every"), "6"),
    (("steps", 0, "every"), "+6s"),
    (("steps", 0, "times"), None),
    (("steps", 0, "times"), 0),
    (("steps", 0, "times"), 1.5),
    (("steps", 0, "times"), 1000001),
    (("steps", 0, "expect"), "allow"),
    (("steps", 0, "expect", "decision"), None),
    (("steps", 0, "expect", "decision"), "allowed"),
    (("steps", 0, "expect", "rule"), 1),
    (("steps", 0, "expect", "message"), 1),
    (("steps", 0, "expect", "remaining"), "1"),
    (("steps", 0, "expect", "label"), "x"),
    (("steps", 0, "expected"), {}),
    (("groups",), {}),
    (("groups", 0), []),
    (("groups", 0, "name"), None),
    (("groups", 0, "name"), " "),
    (("groups", 0, "steps"), None),
    (("groups", 0, "policy"), {}),
]

# Both take these.
MORE = [
    {"policy": POLICY, "steps": []},
    {"policy": POLICY, "groups": []},
    {"policy": POLICY, "assert": []},
    {"policy": POLICY, "assert": ["never hold any tool"]},
    {"policy": POLICY, "catalog": [{"name": "pay"}], "steps": []},
    {"policy": POLICY, "approval_keys": [], "steps": [{"call": {"tool": "pay", "arguments": {"a": 1}, "approval": "t"}}]},
    {"policy": POLICY, "steps": [{"call": {"tool": "pay", "arguments": []}, "expect": {"decision": "deny"}}]},
    {"policy": POLICY, "steps": [{"call": {**MESSAGE, "more": 1}, "approval": "token", "at": "+0s", "times": 2.0}]},
    {"policy": POLICY, "steps": [{"call": {"tool": "pay", "grant": "g", "session": "s", "server": "v"}, "outcome": "error"}]},
    {"policy": POLICY, "steps": [{"call": {"tool": "pay"}, "expect": {"decision": "hold", "rule": "r", "message": "m", "remaining": 0.5}}]},
]


def changed(path, value):
    document = copy.deepcopy(WHOLE)
    place = document
    for step in path[:-1]:
        place = place[step]
    if value is None:
        del place[path[-1]]
    else:
        # What stands for `null`.
        place[path[-1]] = None if value is type(None) else value
    return document


@contextmanager
def world():
    schemas = {name: json.loads((ROOT / "pkg/npm" / name).read_text()) for name in ("scenario.schema.json", "policy.schema.json")}
    registry = Registry().with_resources((f"file:///{name}", Resource.from_contents(text)) for name, text in schemas.items())
    schema = {"$ref": "file:///scenario.schema.json"}
    Draft202012Validator.check_schema(schemas["scenario.schema.json"])
    yield Draft202012Validator(schema, registry=registry)


def run(*arguments):
    command = [TARGET / "debug" / "cattlegrid", "test", "--format", "json", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def accepted(document):
    """Whether the command can run it, and what it says."""
    with tempfile.TemporaryDirectory() as folder:
        where = Path(folder) / "scenario.json"
        where.write_text(json.dumps(document))
        done = run(where)
    [file] = json.loads(done.stdout)["files"]
    assert ("wrong" in file) == (done.returncode == 2), done
    return "wrong" not in file, file


def test_everything_that_scenarios_know_fits(schema):
    known = json.loads((ROOT / "pkg/npm/scenario.schema.json").read_text())
    assert set(WHOLE) - {"x-own"} == set(known["properties"])
    assert set(STEP) - {"x-own"} == set(known["$defs"]["step"]["properties"])
    for document in [WHOLE, *MORE]:
        schema.validate(document)
        taken, said = accepted(document)
        assert taken, said


def test_what_is_wrong_for_the_one_is_for_the_other(schema):
    for path, value in FAULTS:
        document = changed(path, value)
        taken, said = accepted(document)
        assert not taken and not schema.is_valid(document), (path, value, taken, said)
    for document in ([], 1, {"policy": POLICY}):
        assert not accepted(document)[0] and not schema.is_valid(document), document


def test_what_the_schema_cannot_say(schema):
    for path, value in [
        (("steps", 0, "at"), "2026-02-30T12:00:00Z"),
        (("steps", 0, "at"), "1969-12-31T12:00:00Z"),
        (("steps", 0, "every"), "99999999999d"),
        (("steps", 0, "times"), 1000000),
        (("steps", 0, "call"), {"tool": "pay", "grant": "other"}),
        (("steps", 0, "call", "Method"), "tools/call"),
        (("groups",), [WHOLE["groups"][0]] * 2),
        (("approval_keys", 0), {"hs256": "short"}),
        (("catalog",), {"tools": 1}),
        (("assert", 0), "never permit any tool"),
    ]:
        document = changed(path, value)
        assert schema.is_valid(document) and not accepted(document)[0], (path, value)


def test_the_command_runs_the_vectors(_):
    vectors = sorted(str(path) for path in (ROOT / "tests" / "vectors").glob("*.json"))
    assert len(vectors) > 40
    done = run(*vectors)
    assert done.returncode == 0, done.stderr
    files = json.loads(done.stdout)["files"]
    assert [file["file"] for file in files] == vectors
    assert all(file["met"] and file["result"]["met"] == file["result"]["calls"] for file in files)
