"""The corpus of tests/attacks: requests that try to get a denied tool executed, and answers that try to show a hidden one,
through Envoy against servers made with the official SDKs, and to the official clients.

What a server executed, and the two arguments that the policy judges, it writes down itself, in a file that does not
pass through Envoy.
"""

import json
import os
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from types import SimpleNamespace

import envoy
from client import Client
from envoy import ROOT, TARGET, Envoy, Process, accepts, free_port
from wire import send

CORPUS = ROOT / "tests" / "attacks"
POLICY = json.loads((CORPUS / "policy.json").read_text())
# In what the hidden tool says of itself, and in no request.
MARKER = b"marker-of-what-is-hidden"
RMCP = TARGET / "attacks" / "debug" / "attacked-rmcp"
SERVERS = {
    "python": [sys.executable, "tests/e2e/attacked.py"],
    "python-sessions": [sys.executable, "tests/e2e/attacked.py"],
    "typescript-1": ["node", "tests/e2e/attacked.mjs", "1"],
    "typescript-1-sessions": ["node", "tests/e2e/attacked.mjs", "1-sessions"],
    "typescript-2": ["node", "tests/e2e/attacked.mjs", "2"],
    "rmcp": [RMCP],
}
HANDSHAKE = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "attacks", "version": "1"}}


class Attacked(Process):
    """One server, behind an Envoy of its own, and what it has executed."""

    def __init__(self, name, command, stack):
        self.port = free_port()
        self.record = envoy.LOGS / f"attacked-{name}.jsonl"
        self.record.parent.mkdir(parents=True, exist_ok=True)
        self.record.unlink(missing_ok=True)
        self.sessions = name.endswith("-sessions")
        self.session = None
        mode = ["sessions"] if name == "python-sessions" else []
        super().__init__(f"attacked {name}", [*command, self.port, CORPUS / "tools.json", self.record, *mode])
        self.label = name
        stack.enter_context(self)
        self.seen = 0

    def guard(self, stack):
        self.wait_until(lambda: accepts(self.port), 60)
        name = f"envoy attacked {self.label}"
        self.envoy = stack.enter_context(Envoy({"policy": POLICY}, self.port, name=name, log_level="warning"))

    def executed(self):
        """What it has executed since it was asked last."""
        if not self.record.exists():
            return []
        lines = self.record.read_bytes()[self.seen :]
        # A line may be on its way.
        whole = lines[: lines.rfind(b"\n") + 1]
        self.seen += len(whole)
        return [json.loads(line) for line in whole.split(b"\n")[:-1]]

    def attack(self, case, port):
        """Sends a case to the port: what came back, and what was executed."""
        if self.sessions and not self.session:
            self.session = self.open()
        seen = send(case, port, self.session)
        if case.get("method") == "DELETE":
            self.session = None
        return seen, self.executed()

    def open(self):
        with Client(self.port) as client:
            session = client.rpc("initialize", HANDSHAKE).headers["mcp-session-id"]
            headers = {"mcp-session-id": session, "mcp-protocol-version": "2025-11-25"}
            client.send('{"jsonrpc":"2.0","method":"notifications/initialized"}', headers=headers)
        return session


def is_denied(call):
    """Whether the policy denies a call, in a few words of Python; the tests of this module are few if this is wrong."""
    arguments = call["arguments"]
    if call["tool"] == "greet":
        return False
    amount, to = arguments.get("amount"), arguments.get("to")
    number = isinstance(amount, (int, float)) and not isinstance(amount, bool)
    allowed = number and 0 <= amount <= 100 and isinstance(to, dict) and to.get("place") == "home"
    return call["tool"] != "pay" or not allowed


def families(kind):
    return [json.loads(path.read_text()) for path in sorted((CORPUS / kind).glob("*.json"))]


@contextmanager
def world():
    with ExitStack() as stack:
        servers = [Attacked(name, command, stack) for name, command in SERVERS.items()]
        for server in servers:
            server.guard(stack)
        pool = stack.enter_context(ThreadPoolExecutor(len(servers)))
        yield SimpleNamespace(servers=servers, pool=pool)


def attacked(world, case):
    """Nothing denied is executed, and nothing hidden is shown, on any server."""
    for server, (seen, executed) in at_all(world, case, lambda server: server.envoy.port):
        denied = [call for call in executed if is_denied(call)]
        assert not denied, f"{server.label} executed {denied}: {seen}"
        assert MARKER not in seen.raw, f"{server.label} showed a hidden tool: {seen}"
        if "status" in case and server.label in case.get("on", SERVERS):
            wanted = [case["status"], None] if case.get("http") == 2 else [case["status"]]
            assert seen.status in wanted, f"{server.label}: {seen}"
        if "runs" in case and server.label in case["on"]:
            assert [call["tool"] for call in executed] == [case["runs"]], f"{server.label}: {seen}, {executed}"


def at_all(world, case, port):
    answers = world.pool.map(lambda server: server.attack(case, port(server)), world.servers)
    return list(zip(world.servers, answers))


def without_the_filter(world):
    """Sends all straight to the servers, and counts what gets through there. Nothing is asserted of single cases: servers
    change. But that every server has a tool to execute and to show is what all tests before this one stand on."""
    through, cases = {}, 0
    for family in families("requests"):
        if family["family"] == "controls":
            continue
        for case in family["cases"]:
            cases += 1
            for server, (seen, executed) in at_all(world, case, lambda server: server.port):
                if any(map(is_denied, executed)) or MARKER in seen.raw:
                    through.setdefault(case_name(family, case), set()).add(server.label)
    servers = Counter(label for labels in through.values() for label in labels)
    print(f"        without the filter: {len(through)} of {cases} requests get through somewhere; {dict(servers)}")
    by_family = Counter(name.partition(": ")[0] for name in through)
    print(f"        by family: {dict(by_family)}")
    if os.environ.get("ATTACKS_LIST"):
        for name, labels in through.items():
            print(f"        {name}: {', '.join(sorted(labels))}")
    assert set(servers) == set(SERVERS)
    for name in ("tool-names: wipe", "tool-names: vault", "arguments: 900", "lists: plainly"):
        assert through[name] == set(SERVERS), (name, through[name])


def nothing_denied_at_all(world):
    """Not even late."""
    time.sleep(0.5)
    for server in world.servers:
        server.seen = 0
        calls = server.executed()
        assert calls and not [call for call in calls if is_denied(call)], server.label


def case_name(family, case):
    return f"{family['family']}: {case['name']}"


def tests(world):
    for family in families("requests"):
        for case in family["cases"]:
            yield case_name(family, case), lambda world, case=case: attacked(world, case)
    yield "nothing denied was executed at all", nothing_denied_at_all
    yield "without the filter", without_the_filter
