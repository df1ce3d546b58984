"""Limits: exact while many calls come at once over all workers, and the policy that the project began with."""

import json
import re
import threading
import time
from contextlib import contextmanager
from types import SimpleNamespace

from client import Client
from envoy import ROOT, Envoy
from upstream import Response, Upstream

SEED = {
    "version": "1",
    "default": "deny",
    "tools": {
        "policy_generation_start": {
            "limits": [{"counter": "policy_generation_start_rate", "window": "minute", "max": 10, "scope": "grant"}]
        }
    },
}


def daily(max, **more):
    return {"limits": [{"counter": "calls", "window": "day", "max": max, **more}]}


POLICY = {
    "version": "1",
    "default": "deny",
    "tools": {
        "fifty": daily(50),
        "failing": daily(50),
        "two": {
            "limits": [
                {"counter": "wide", "window": "day", "max": 1000},
                {"counter": "narrow", "window": "day", "max": 30},
            ]
        },
        "by-session": daily(3, scope="session"),
        "money": daily(100, increment_from="args.amount"),
    },
}


@contextmanager
def world():
    with Upstream() as upstream, Envoy({"policy": POLICY}, upstream.port, concurrency=2) as envoy:
        yield SimpleNamespace(upstream=upstream, envoy=envoy)


def at_once(envoys, tool, clients, each=1):
    """The answers to so many calls by so many clients, all together; of several Envoys each has its share."""
    envoys = envoys if isinstance(envoys, list) else [envoys]
    start = threading.Barrier(clients)
    answers = []

    def run(number):
        with Client(envoys[number % len(envoys)].port, timeout=60) as client:
            client.connection.connect()
            start.wait(30)
            for turn in range(each):
                answers.append(client.call(tool, id=number * each + turn))

    threads = [threading.Thread(target=run, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == clients * each
    return answers


def test_200_at_once_against_50(world):
    world.upstream.forget()
    answers = at_once(world.envoy, "fifty", 200)
    passed = [answer for answer in answers if answer.text == "done"]
    denied = [answer for answer in answers if answer.text.startswith('[POLICY DENIED] Limit of 50 per day reached for "fifty".')]
    assert (len(passed), len(denied)) == (50, 150), (len(passed), len(denied))
    assert len(world.upstream.calls()) == 50
    assert all(answer.decision["remaining"] == 0 for answer in denied)


def test_both_workers_had_their_part(world):
    workers = {line.split("][")[1] for line in world.envoy.log_text().splitlines() if '"tool":"fifty"' in line}
    assert len(workers) == 2, workers


def test_two_limits_are_reserved_together(world):
    world.upstream.forget()
    answers = at_once(world.envoy, "two", 20, each=5)
    assert len(world.upstream.calls()) == sum(answer.text == "done" for answer in answers) == 30
    # What the narrow one denied, the wide one did not keep.
    with Client(world.envoy.port) as client:
        limits = client.call("two").decision["limits"]
    assert [(limit["counter"], limit["remaining"]) for limit in limits] == [("wide", 970), ("narrow", 0)], limits


def test_what_fails_at_once_is_given_back(world):
    """No failing call is counted for good, whatever the order: exactly 50 more pass afterwards."""
    world.upstream.forget()
    world.upstream.answer = lambda request: Response(b"", status=500)
    answers = at_once(world.envoy, "failing", 20, each=10)
    failed = [answer for answer in answers if answer.status == 500]
    assert len(failed) == len(world.upstream.calls()) >= 50
    world.upstream.forget()
    answers = at_once(world.envoy, "failing", 20, each=5)
    assert sum(answer.text == "done" for answer in answers) == len(world.upstream.calls()) == 50


def test_sessions_count_apart(world):
    with Client(world.envoy.port) as client:
        for session in ("a", "b", None):
            headers = {"mcp-session-id": session}
            texts = [client.call("by-session", headers=headers).text for _ in range(4)]
            assert [text == "done" for text in texts] == [True, True, True, False], texts


def test_a_session_of_2026_opens_no_budget(world):
    """There are none in that version of MCP, and a header is quickly written."""
    with Client(world.envoy.port) as client:
        for number in range(3):
            answer = client.modern("tools/call", {"name": "by-session"}, headers={"mcp-session-id": f"new-{number}"})
            assert answer.json["result"]["isError"] and answer.json["result"]["resultType"] == "complete", answer


def test_amounts(world):
    with Client(world.envoy.port) as client:
        passes = [client.call("money", {"amount": amount}).text == "done" for amount in (60, 40.5, 39.9, 0.2, 0.1)]
    assert passes == [True, False, True, False, True], passes


def test_the_clock_is_the_proxys(world):
    """The header with which the vectors choose their time is one of many to the filter that ships."""
    tomorrow = str(round((time.time() + 86_400) * 1000))
    with Client(world.envoy.port) as client:
        world.upstream.forget()
        assert "[POLICY DENIED]" in client.call("fifty", headers={"x-cattlegrid-test-now": tomorrow}).text
        assert client.rpc("ping", headers={"x-cattlegrid-test-now": tomorrow}).status == 200
    assert world.upstream.record[0].header("x-cattlegrid-test-now") == [tomorrow]


def test_the_line_of_a_decision(world):
    """Keys of arguments are told, values never."""
    with Client(world.envoy.port) as client:
        client.call("fifty", {"zeta": "swordfish", "alpha": {"inner": 1}}, headers={"x-request-id": "req-7"})
    line = [line for line in world.envoy.log_text().splitlines() if '"tool":"fifty"' in line][-1]
    told = json.loads(re.search(r"\{.*\}$", line)[0])
    assert told["arguments"] == ["alpha", "zeta"] and told["grant"] == "anonymous" and told["decision"] == "deny", told
    assert told["rule"] == "/tools/fifty/limits/0" and told["method"] == "tools/call", told
    assert told["limits"] == [{"counter": "calls", "max": 50, "remaining": 0}], told
    assert re.fullmatch("[0-9a-f]{64}", told["policy"]) and told["message"].startswith("Limit of 50"), told
    log = world.envoy.log_text()
    assert "swordfish" not in log and "inner" not in log


def test_the_counters_of_the_telemetry(world):
    counters = world.envoy.counters("wasmcustom.cattlegrid.")
    decisions = "wasmcustom.cattlegrid.decisions.policy.default.mode.enforce.effect"
    assert counters[f"{decisions}.allow.kind.none"] > 0, counters
    assert counters[f"{decisions}.deny.kind.limits"] >= 150, counters
    assert counters["wasmcustom.cattlegrid.reservations.given_back"] >= 50, counters
    assert counters["wasmcustom.cattlegrid.store.failures"] == 0, counters
    metrics = world.envoy.admin("/stats/prometheus").splitlines()
    labels = 'cattlegrid_policy="default",cattlegrid_mode="enforce",cattlegrid_effect="deny",cattlegrid_kind="limits"'
    assert any(line.startswith(f"cattlegrid_decisions{{{labels}}} ") for line in metrics), metrics
    assert "# TYPE cattlegrid_evaluation_us histogram" in metrics, metrics


def test_the_dashboard_shows_what_there_is(world):
    with Client(world.envoy.port) as client:
        assert client.send("{").status == 400
    metrics = world.envoy.admin("/stats/prometheus")
    there = set(re.findall(r"^# TYPE (\S+) ", metrics, re.M))
    labels = set(re.findall(r"(cattlegrid_\w+)=", metrics))
    text = (ROOT / "pkg" / "envoy" / "dashboard.json").read_text()
    asked = {name.removesuffix("_bucket") for name in re.findall(r"\w*cattlegrid_\w+", text)}
    assert asked and asked <= there | labels, asked - there - labels
    # And nothing that is counted is missing from it.
    assert {name for name in there if name.startswith("cattlegrid_")} <= asked, there


def test_the_seed_policy(world):
    """Ten calls a minute, then the wait; and nothing else at all."""
    world.upstream.forget()
    with Envoy({"policy": SEED}, world.upstream.port, name="envoy seed") as envoy, Client(envoy.port) as client:
        left = 60 - time.time() % 60
        if left < 20:
            time.sleep(left)
        for number in range(10):
            assert client.call("policy_generation_start", id=number).text == "done"
        eleventh = client.call("policy_generation_start")
        wait = re.fullmatch(
            r'\[POLICY DENIED\] Limit of 10 per minute reached for "policy_generation_start". Try again in (\d+) seconds\.',
            eleventh.text,
        )
        assert wait and 0 < int(wait[1]) <= 60, eleventh
        assert eleventh.decision["rule"] == "/tools/policy_generation_start/limits/0", eleventh
        assert eleventh.decision["label"] == "/tools/policy_generation_start/limits/policy_generation_start_rate-per-minute"
        assert abs(eleventh.decision["reset_after"] - int(wait[1])) <= 1
        other = client.call("policy_generation_stop")
        assert other.text == '[POLICY DENIED] Tool "policy_generation_stop" is not permitted by policy', other
        assert other.decision["rule"] == "(default deny)", other
    assert len(world.upstream.calls()) == 10
