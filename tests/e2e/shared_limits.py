"""Limits that several proxies share: two Envoys, and one rate-limit service over Redis behind both.

The service is Limitador's library with Envoy's protocol around it (tests/ratelimit), and it is told its limits by
`cattlegrid limitador-limits`. Redis is Debian's.
"""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import SimpleNamespace

import jwt
from client import Client
from envoy import ENVOY, ROOT, TARGET, WASM, Envoy, Process, accepts, free_port
from limits import at_once, daily
from upstream import Response, Upstream

SERVER = TARGET / "ratelimit" / "debug" / "ratelimit"
COMMAND = TARGET / "debug" / "cattlegrid"
SECRET = "a secret of 32 bytes and some more"

POLICY = {
    "version": "1",
    "default": "deny",
    "tools": {
        "free": {},
        "never": {"action": "deny", **daily(1)},
        "small": {"deny_if": [{"conditions": [{"path": "args.n", "op": "gt", "value": 5}]}], **daily(100)},
        "hundred": daily(100),
        "two": {
            "limits": [
                {"counter": "wide", "window": "day", "max": 1000},
                {"counter": "narrow", "window": "day", "max": 30},
            ]
        },
        "by-session": daily(3, scope="session"),
        "by-grant": daily(3),
        "everybody": daily(3, scope="all"),
        "money": {
            "limits": [
                {"counter": "calls", "window": "day", "max": 6},
                {"counter": "sum", "window": "day", "max": 100.5, "increment_from": "args.amount"},
            ]
        },
        "told": daily(1, on_deny="enough for today"),
        "failing": daily(2),
        "kept": daily(10),
        "lost": daily(10),
        "written": daily(1),
        "quick": {"limits": [{"counter": "calls", "window": 4, "max": 1}]},
        "approved": {"action": "require_approval", **daily(1)},
        "tool's \"näme\"/1": daily(1),
    },
}


def missing():
    """What is not there that these tests need; none of it is a part of the project."""
    if not shutil.which("redis-server"):
        return "redis-server is missing: `make redis` installs it"
    if not SERVER.exists():
        return "the rate-limit server is missing: `make ratelimit` builds it"
    return None


class Redis(Process):
    """A Redis of our own that keeps nothing when it ends."""

    def __init__(self, name="redis", port=0):
        self.port = port or free_port()
        self.folder = tempfile.TemporaryDirectory(prefix="redis-")
        command = ["redis-server", "--port", self.port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        super().__init__(name, [*command, "--dir", self.folder.name])
        try:
            self.wait_until(lambda: accepts(self.port), 30)
        except BaseException:
            self.stop()
            raise

    def ask(self, *words):
        done = subprocess.run(["redis-cli", "-p", str(self.port), *words], capture_output=True, text=True, timeout=30)
        assert done.returncode == 0, done
        return done.stdout.splitlines()

    def count(self, limit):
        """The counters of the limits whose names end so, as numbers."""
        keys = [key for key in self.ask("--scan") if f"{limit}')[0]" in key and ",counter:" in key]
        return sorted(int(self.ask("GET", key)[0]) for key in keys)

    def stop(self):
        super().stop()
        self.folder.cleanup()


class RateLimiter(Process):
    """Limitador; with `headers` it says which limits it knows."""

    def __init__(self, limits, storage="memory", *, headers=True, name="ratelimit"):
        self.file = tempfile.NamedTemporaryFile("w", suffix=".yaml")
        self.file.write(limits)
        self.file.flush()
        super().__init__(name, [SERVER, self.file.name, storage] + (["headers"] if headers else []))
        try:
            self.port = int(self.wait_until(lambda: self.log_text().partition("\n")[0], 30))
        except BaseException:
            self.stop()
            raise

    def send(self, number):
        os.kill(self.pid, number)


def clusters(ports):
    """Adds the clusters of rate-limit services to the text of a configuration."""
    cluster = """
    - name: %s
      type: STATIC
      connect_timeout: 1s
      typed_extension_protocol_options:
        envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
          "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
          explicit_http_config: { http2_protocol_options: {} }
      load_assignment:
        cluster_name: %s
        endpoints:
          - lb_endpoints:
              - endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: %d } } }
"""
    return lambda text: text + "".join(cluster % (name, name, port) for name, port in ports.items())


def told(label):
    return {"label": label, "token_sha256": hashlib.sha256(label.encode()).hexdigest()}


def configuration(cluster="limits", policy=POLICY, on_failure="deny", timeout_ms=20_000, **more):
    service = {"cluster": cluster, "timeout_ms": timeout_ms}
    return {
        "policy": policy,
        "anonymous": "default",
        "grants": [told("ada"), told("bob")],
        "approval_keys": [{"hs256": SECRET}],
        "store": {"rate_limit_service": service, "on_failure": on_failure},
        **more,
    }


def limits_of(configuration):
    """What Limitador is to be told about a configuration, by our own command."""
    done = subprocess.run(
        [COMMAND, "limitador-limits", "-"], input=json.dumps(configuration), capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done
    return done.stdout


@contextmanager
def world():
    with ExitStack() as stack:
        enter = stack.enter_context
        upstream, redis = enter(Upstream()), enter(Redis())
        usual = configuration()
        limits = limits_of(usual)
        service = enter(RateLimiter(limits, f"cached=redis://127.0.0.1:{redis.port}"))
        slow = enter(RateLimiter(limits, name="ratelimit slow"))
        silent = enter(RateLimiter(limits, headers=False, name="ratelimit silent"))
        stale = enter(RateLimiter(limits.replace("max_value: 10\n", "max_value: 11\n"), name="ratelimit stale"))
        behind = enter(Redis("redis behind"))
        strict = enter(RateLimiter(limits, f"redis=redis://127.0.0.1:{behind.port}", name="ratelimit strict"))
        services = {"limits": service, "slow": slow, "silent": silent, "stale": stale, "strict": strict}
        ports = {name: one.port for name, one in services.items()} | {"dead": free_port()}
        # Other configurations, with listeners of their own.
        more = {
            "dead": configuration("dead"),
            "dead-allow": configuration("dead", on_failure="allow"),
            "nowhere": configuration("nowhere"),
            "nowhere-allow": configuration("nowhere", on_failure="allow"),
            # A cluster whose name could be taken for a message, which would end Envoy.
            "empty": configuration("empty"),
            "slow": configuration("slow", timeout_ms=300),
            "slow-allow": configuration("slow", on_failure="allow", timeout_ms=300),
            "silent": configuration("silent"),
            "stale": configuration("stale"),
            "strict": configuration("strict"),
            "shadow": configuration("limits", mode="shadow"),
        }
        make = lambda name, **more: Envoy(  # noqa: E731
            usual, upstream.port, concurrency=2, name=name, change=clusters(ports), **more
        )
        envoys = [enter(make("envoy shared one", more=more)), enter(make("envoy shared two"))]
        yield SimpleNamespace(
            upstream=upstream, redis=redis, behind=behind, envoys=envoys, make=make, **services
        )


def clients(world, stack):
    return [stack.enter_context(Client(envoy.port, timeout=60)) for envoy in world.envoys]


def call(client, tool, arguments=None, who=None, **headers):
    authorization = {"authorization": f"Bearer {who}"} if who else {}
    return client.call(tool, arguments, headers=authorization | headers)


@contextmanager
def of(world, listener):
    """A client of one of the other configurations."""
    with Client(world.envoys[0].ports[listener], timeout=60) as client:
        yield client


def failures(world):
    return world.envoys[0].counters("wasmcustom.cattlegrid.")["wasmcustom.cattlegrid.store.failures"]


def asked(world, cluster="limits"):
    return sum(envoy.counters(f"cluster.{cluster}.upstream_rq_total")[f"cluster.{cluster}.upstream_rq_total"] for envoy in world.envoys)


def test_200_at_once_over_two_proxies_against_100(world):
    world.upstream.forget()
    answers = at_once(world.envoys, "hundred", 200)
    passed = [answer for answer in answers if answer.text == "done"]
    denied = [answer for answer in answers if answer.text.startswith('[POLICY DENIED] Limit of 100 per day reached for "hundred".')]
    assert (len(passed), len(denied)) == (100, 100), (len(passed), len(denied))
    assert len(world.upstream.calls()) == 100
    assert all(answer.decision["remaining"] == 0 for answer in denied)
    # Both proxies had their part, and Redis has the count, a moment later.
    for envoy in world.envoys:
        assert '"tool":"hundred"' in envoy.log_text()
    deadline = time.monotonic() + 30
    while world.redis.count("/tools/hundred/limits/calls-per-day") != [100]:
        assert time.monotonic() < deadline, world.redis.ask("--scan")
        time.sleep(0.2)


def test_two_limits_are_asked_for_at_once(world):
    world.upstream.forget()
    before = asked(world)
    answers = at_once(world.envoys, "two", 20, each=5)
    assert len(world.upstream.calls()) == sum(answer.text == "done" for answer in answers) == 30
    assert asked(world) - before == 100
    # The denial names the limit that denied, and Limitador counts all limits of a question or none.
    denied = [answer for answer in answers if answer.text != "done"]
    assert all(answer.decision["rule"] == "/tools/two/limits/1" for answer in denied), denied[0]
    deadline = time.monotonic() + 30
    while (world.redis.count("/two/limits/wide-per-day"), world.redis.count("/two/limits/narrow-per-day")) != ([30], [30]):
        assert time.monotonic() < deadline, world.redis.ask("--scan")
        time.sleep(0.2)


def test_a_denial_is_the_policys_own(world):
    with ExitStack() as stack:
        one, two = clients(world, stack)
        assert call(one, "told").text == "done"
        denied = call(two, "told")
        assert denied.text == "[POLICY DENIED] enough for today", denied
        decision = denied.decision
        assert decision["rule"] == "/tools/told/limits/0" and decision["label"] == "/tools/told/limits/calls-per-day", decision
        assert decision["limit"] == 1 and decision["remaining"] == 0, decision
        left = 86_400 - time.time() % 86_400
        assert abs(decision["reset_after"] - left) < 10, decision
        tool = "tool's \"näme\"/1"
        assert [call(client, tool).text == "done" for client in (one, two)] == [True, False]
        line = [line for line in world.envoys[1].log_text().splitlines() if '"tool":"told"' in line][-1]
        assert '"decision":"deny"' in line and '"limits":[{"counter":"calls","max":1,"remaining":0}]' in line, line


def test_sessions_and_grants_count_apart_on_all_proxies(world):
    with ExitStack() as stack:
        both = clients(world, stack)
        for session in ("a", "b", None):
            headers = {"mcp-session-id": session} if session else {}
            texts = [call(both[turn % 2], "by-session", **headers).text for turn in range(4)]
            assert [text == "done" for text in texts] == [True, True, True, False], (session, texts)
        for who in ("ada", "bob", None):
            texts = [call(both[turn % 2], "by-grant", who=who).text for turn in range(4)]
            assert [text == "done" for text in texts] == [True, True, True, False], (who, texts)
        texts = [call(both[turn % 2], "everybody", who=who).text for turn, who in enumerate(("ada", "bob", None, "ada"))]
        assert [text == "done" for text in texts] == [True, True, True, False], texts
    # Nobody's name is told to the service.
    assert not any("ada" in key for key in world.redis.ask("--scan"))


def test_amounts_are_whole_units_rounded_up(world):
    with ExitStack() as stack:
        both = clients(world, stack)
        amounts = (60, 40.5, 39.2, 0, 0.1, -1, "1", 101, 4294967296)
        answers = [call(both[turn % 2], "money", {"amount": amount}) for turn, amount in enumerate(amounts)]
        # 60, then 41 that do not fit, then 40, then nothing, for which there is always room.
        assert [answer.text == "done" for answer in answers] == [True, False, True, True] + [False] * 5, answers
        assert answers[1].decision["rule"] == "/tools/money/limits/1" and answers[1].decision["remaining"] == 40, answers[1]
        assert "has no amount" in answers[5].text and "has no amount" in answers[6].text
    # What the second of two questions denied was counted by the first, which can only deny: that for 41. For 0.1
    # both limits are asked for one, in one question, and nothing is counted.
    deadline = time.monotonic() + 30
    while (world.redis.count("/money/limits/calls-per-day"), world.redis.count("/money/limits/sum-per-day")) != ([4], [100]):
        counts = [world.redis.count(f"/money/limits/{name}-per-day") for name in ("calls", "sum")]
        assert time.monotonic() < deadline, counts
        time.sleep(0.2)


def test_what_rules_decide_asks_nobody(world):
    before = asked(world)
    with ExitStack() as stack:
        one, _ = clients(world, stack)
        assert call(one, "free").text == "done"
        assert "[POLICY DENIED]" in call(one, "never").text
        assert "[POLICY DENIED]" in call(one, "small", {"n": 6}).text
        assert "[POLICY DENIED]" in call(one, "unknown").text
        assert one.rpc("ping").status == 200
        assert asked(world) == before
        assert call(one, "small", {"n": 5}).text == "done"
        assert asked(world) == before + 1


def test_what_goes_on_is_what_was_read(world):
    """The body that waits is the canonical one already."""
    world.upstream.forget()
    with ExitStack() as stack:
        one, _ = clients(world, stack)
        body = '{ "method":"tools/call", "jsonrpc" : "2.0",\n"params":{"arguments":{"n":1.0,"e":"\\u0041"},"name":"small"},"id":"x" }'
        assert one.send(body).text == "done"
        big = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "small", "arguments": {"n": 1, "pad": "x" * 900_000}}})
        assert one.send(big).text == "done"
        modern = one.modern("tools/call", {"name": "small", "arguments": {"n": 1}})
        assert modern.text == "done", modern
    first, second, third = world.upstream.calls()
    assert first.body == b'{"method":"tools/call","jsonrpc":"2.0","params":{"arguments":{"n":1.0,"e":"A"},"name":"small"},"id":"x"}', first.body
    for request in (first, second, third):
        assert request.header("content-length") == [str(len(request.body))], request.headers
    assert len(second.message["params"]["arguments"]["pad"]) == 900_000
    assert third.header("mcp-name") == ["small"]


def test_a_request_with_trailers_waits_too(world):
    """Its end shows in the trailers, behind its body."""
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "small", "arguments": {"n": 1}}})
    before = asked(world)
    done = subprocess.run(
        ["node", "tests/e2e/http2.mjs", str(world.envoys[0].port), body], cwd=ROOT, capture_output=True, text=True, timeout=30
    )
    assert done.returncode == 0 and "done" in json.loads(done.stdout)["body"], done
    assert asked(world) == before + 1


def test_windows_are_the_policys(world):
    """They begin when those of one proxy do, whenever the first call came."""
    with ExitStack() as stack:
        one, two = clients(world, stack)
        time.sleep(4 - time.time() % 4 + 0.1)
        assert call(one, "quick").text == "done"
        # Late in the window: a service's own windows would reach into the next.
        left = 4 - time.time() % 4
        denied = call(two, "quick")
        assert denied.text.startswith('[POLICY DENIED] Limit of 1 per 4 seconds reached for "quick".'), denied
        time.sleep(left + 0.1)
        assert call(two, "quick").text == "done"


def test_what_failed_stays_counted(world):
    """The protocol has no word for giving back that Limitador knows."""
    world.upstream.forget()
    world.upstream.answer = lambda request: Response(b"", status=500)
    with ExitStack() as stack:
        stack.callback(world.upstream.forget)
        one, two = clients(world, stack)
        assert [call(client, "failing").status for client in (one, two)] == [500, 500]
        world.upstream.forget()
        assert "[POLICY DENIED]" in call(one, "failing").text
    counters = world.envoys[0].counters("wasmcustom.cattlegrid.")
    assert counters["wasmcustom.cattlegrid.reservations.given_back"] == 0, counters


def test_an_approval_is_used_once_and_not_for_a_denied_call(world):
    with ExitStack() as stack:
        one, _ = clients(world, stack)
        held = call(one, "approved")
        digest = held.decision["approval"]["digest"]

        def token(number):
            claims = {"digest": digest, "sub": "eve", "exp": int(time.time()) + 600, "jti": f"shared-{number}"}
            return {"cattlegrid-approval": jwt.encode(claims, SECRET, "HS256")}

        assert call(one, "approved", **token(1)).text == "done"
        before = asked(world)
        used = call(one, "approved", **token(1))
        assert used.decision["decision"] == "hold" and "used" in used.text, used
        assert asked(world) == before
        # The limit denies; the approval is not lost by it, so the limit denies again.
        for _ in range(2):
            denied = call(one, "approved", **token(2))
            assert denied.text.startswith("[POLICY DENIED] Limit of 1 per day"), denied


def test_a_service_that_is_down(world):
    before = failures(world)
    with of(world, "dead") as client:
        denied = call(client, "lost")
        assert denied.text == '[POLICY DENIED] Call to "lost" cannot be counted: the counters cannot be reached. Try again.', denied
        assert denied.decision["rule"] == "/tools/lost/limits/0"
        assert call(client, "free").text == "done"
        assert "not permitted" in call(client, "never").text
    with of(world, "dead-allow") as client:
        assert call(client, "lost").text == "done"
        assert "not permitted" in call(client, "never").text
    assert failures(world) == before + 2
    assert "the rate-limit service was asked in vain: it did not answer in time, or cannot be reached" in world.envoys[0].log_text()


def test_a_cluster_that_is_not_there(world):
    before = failures(world)
    for listener in ("nowhere", "empty"):
        with of(world, listener) as client:
            assert "cannot be counted" in call(client, "lost").text, listener
            assert call(client, "free").text == "done"
    with of(world, "nowhere-allow") as client:
        assert call(client, "lost").text == "done"
    assert failures(world) == before + 3
    assert world.envoys[0].alive()


def test_a_service_that_hangs(world):
    with of(world, "slow") as client, of(world, "slow-allow") as other:
        assert call(client, "kept").text == "done"
        before = failures(world)
        world.slow.send(signal.SIGSTOP)
        try:
            began = time.monotonic()
            denied = call(client, "kept")
            assert 0.25 < time.monotonic() - began < 10
            assert "cannot be counted" in denied.text, denied
            assert call(other, "kept").text == "done"
            assert call(client, "free").text == "done"
            # A client that goes away while its call waits leaves nothing behind.
            for _ in range(20):
                with Client(world.envoys[0].ports["slow"], timeout=0.1) as hasty:
                    try:
                        call(hasty, "kept")
                        raise AssertionError("it was answered")
                    except TimeoutError:
                        pass
        finally:
            world.slow.send(signal.SIGCONT)
        assert failures(world) >= before + 2
        deadline = time.monotonic() + 30
        while "cannot be counted" in (text := call(client, "small", {"n": 1}).text):
            assert time.monotonic() < deadline
        assert text == "done", text


def test_a_service_that_does_not_confirm_a_limit_is_not_believed(world):
    """It would say `OK` to every limit that it does not know."""
    with of(world, "silent") as client:
        assert "cannot be counted" in call(client, "lost").text
    with of(world, "stale") as client:
        # Of ten it was told eleven.
        assert "cannot be counted" in call(client, "lost").text
        assert call(client, "by-grant").text == "done"
    log = world.envoys[0].log_text()
    assert "it does not say that it knows these limits with these numbers" in log
    # That there is no room is believed of everybody: the first call was counted.
    with of(world, "silent") as client:
        assert "cannot be counted" in call(client, "tool's \"näme\"/1").text
        denied = call(client, "tool's \"näme\"/1")
        assert denied.text.startswith("[POLICY DENIED] Limit of 1 per day"), denied
        assert "remaining" not in denied.decision, denied


def test_redis_goes_away_and_comes_back(world):
    with of(world, "strict") as client:
        assert call(client, "kept").text == "done"
        port = world.behind.port
        world.behind.stop()
        began = time.monotonic()
        assert "cannot be counted" in call(client, "kept").text
        assert time.monotonic() - began < 25
        with Redis("redis again", port):
            deadline = time.monotonic() + 60
            while "cannot be counted" in (text := call(client, "kept").text):
                assert time.monotonic() < deadline
                time.sleep(0.2)
            assert text == "done", text


def test_in_shadow_each_proxy_counts_for_itself(world):
    before = asked(world)
    with of(world, "shadow") as client:
        assert [call(client, "told").text for _ in range(2)] == ["done"] * 2
        assert call(client, "never").text == "done"
    assert asked(world) == before
    counters = world.envoys[0].counters("wasmcustom.cattlegrid.decisions.policy.default.mode.shadow.")
    assert counters["wasmcustom.cattlegrid.decisions.policy.default.mode.shadow.effect.deny.kind.limits"] == 1, counters


def test_what_the_command_writes(world):
    """`cattlegrid envoy-config` brings the cluster of the service."""
    port, admin = free_port(), free_port()
    with tempfile.TemporaryDirectory() as folder:
        words = ["envoy-config", "-", "--upstream", f"http://127.0.0.1:{world.upstream.port}/mcp", "--wasm", WASM]
        words += ["--listen", f"127.0.0.1:{port}", "--admin", f"127.0.0.1:{admin}"]
        words += ["--rate-limit-service", f"127.0.0.1:{world.limits.port}"]
        written = configuration(timeout_ms=1000)
        done = subprocess.run([COMMAND, *words], input=json.dumps(written), capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done
        file = Path(folder) / "envoy.yaml"
        file.write_text(done.stdout)
        with Process("envoy shared written", [ENVOY, "-c", file, "--disable-hot-restart"]) as envoy:
            envoy.wait_until(lambda: accepts(port), 30)
            with Client(port) as client:
                assert [call(client, "written").text == "done" for _ in range(2)] == [True, False]


def test_counts_outlive_a_proxy(world):
    with ExitStack() as stack:
        one, two = clients(world, stack)
        assert [call(client, "kept").text for client in (one, two) * 4] == ["done"] * 8
    world.envoys[1].stop()
    with world.make("envoy shared three") as envoy, Client(envoy.port, timeout=60) as client:
        passed = [call(client, "kept").text == "done" for _ in range(4)]
    assert passed == [True, True, False, False], passed
