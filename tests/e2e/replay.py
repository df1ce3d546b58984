"""What the filter has logged of its decisions is what `cattlegrid replay` reads: the same policy changes nothing."""

import json
import subprocess
import time
from contextlib import contextmanager
from types import SimpleNamespace

from client import Client
from envoy import TARGET, Envoy
from upstream import Upstream

POLICY = {
    "version": "1",
    "default": "deny",
    "hide": ["gone"],
    "tools": {
        "pay": {"require": [{"conditions": [{"path": "args.to", "op": "exists", "value": True}]}]},
        "look": {"limits": [{"counter": "looks", "window": "day", "max": 3}]},
        "ask": {"action": "require_approval"},
    },
}
CALLS = [
    *[("look", {})] * 5,
    ("pay", {"amount": 5}),
    ("pay", {"to": "ada"}),
    ("gone", {}),
    ("other", {"a": 1}),
    ("ask", {}),
]


@contextmanager
def world():
    # The day of the limit is not to end meanwhile.
    left = 86_400 - time.time() % 86_400
    if left < 60:
        time.sleep(left)
    with Upstream() as upstream, Envoy({"policy": POLICY}, upstream.port) as envoy:
        with Client(envoy.port) as client:
            answers = [client.call(tool, arguments) for tool, arguments in CALLS]
        assert all(answer.status == 200 for answer in answers)
        assert len(upstream.record) == 4, upstream.record
        envoy.wait_until(lambda: envoy.log_text().count('"decision":') >= len(CALLS), 30)
        yield SimpleNamespace(folder=TARGET / "run", log=envoy.log_text())


def replayed(world, policy, code):
    (world.folder / "replay.log").write_text(world.log)
    (world.folder / "replay.json").write_text(json.dumps(policy))
    command = [TARGET / "debug" / "cattlegrid", "replay", "--policy", "replay.json", "replay.log", "--format", "json"]
    run = subprocess.run(command, cwd=world.folder, capture_output=True, text=True, timeout=60)
    assert run.returncode == code, (run.returncode, run.stdout, run.stderr)
    report = json.loads(run.stdout)
    assert report["calls"] == len(CALLS) and report["malformed"]["lines"] == 0, report
    return report


def test_the_same_policy_changes_nothing(world):
    report = replayed(world, POLICY, 0)
    # Whether `to` was null is not in the log: only of the call without it is that known.
    assert (report["changed"], report["unchanged"], report["unknown"]) == (0, len(CALLS) - 1, 1), report
    [group] = report["groups"]
    assert (group["tool"], group["by"]) == ("pay", "the value of `args.to` was not recorded"), group


def test_another_policy_changes_what_it_says(world):
    policy = {**POLICY, "hide": [], "tools": {**POLICY["tools"], "look": {"action": "deny"}, "ask": {}}}
    report = replayed(world, policy, 1)
    changes = {(group["kind"], group["tool"], group["by"], group["calls"]) for group in report["groups"]}
    assert changes == {
        ("newly denied", "look", "/tools/look/action", 3),
        ("newly allowed", "ask", "/tools/ask/action", 1),
        ("unknown", "pay", "the value of `args.to` was not recorded", 1),
    }, changes
