"""The answers of tests/attacks, which try to show a hidden tool: from a server that says what the data says, through Envoy
to the official clients, and as bytes.
"""

import json
import os
import re
import subprocess
import sys
import threading
import zlib
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

from attacks import CORPUS, MARKER, POLICY, case_name, families
from client import Client
from envoy import ROOT, Envoy
from upstream import Response, Upstream, as_json
from wire import bytes_of, send

WORDS = json.loads((CORPUS / "words.json").read_text())
CLIENTS = {
    "python-2025": [sys.executable, "tests/e2e/hostile_clients.py", "2025"],
    "python-2026": [sys.executable, "tests/e2e/hostile_clients.py", "2026"],
    "typescript": ["node", "tests/e2e/hostile_clients.mjs"],
}
# The names that the programs give to the clients in them.
NAMES = ["python-2025", "python-2026", "typescript-1", "typescript-2025", "typescript-2026"]
CHARSETS = ["utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "cp037"]
INFO = {"name": "hostile", "version": "1"}
ABILITIES = {"tools": {"listChanged": True}}
# Seconds that a stream which a GET opened waits for the request that it is to answer.
LATE = 3


class Hostile:
    """Answers by the query: `case` is the number of a case, `client` whoever asks."""

    def __init__(self, cases, upstream):
        self.cases = cases
        self.upstream = upstream
        self.lock = threading.Lock()
        # The id of the list that a client asked for, when it has.
        self.asked = defaultdict(lambda: [threading.Event(), None])

    def __call__(self, request):
        query = parse_qs(urlsplit(request.path).query)
        if "direct" in query:
            return self.made({"body": "@message@"}, request.message["id"] if request.body else 1)
        number, client = int(query["case"][0]), query["client"][0]
        with self.lock:
            waiting = self.asked[number, client]
        to = self.cases[number]["to"]
        if request.method != "POST":
            if request.method != "GET" or "GET" not in to:
                return Response(b"", status=405, headers={})
            waiting[0].wait(LATE)
            return self.made(to["GET"], waiting[1])
        message = request.message
        method, id = message.get("method"), message.get("id")
        if method == "tools/list":
            waiting[1] = id
            waiting[0].set()
        if method in to:
            return self.made(to[method], id)
        return usual(method, id)

    def made(self, answer, id):
        words = WORDS | {
            "@id@": json.dumps(id),
            "@direct@": f"http://127.0.0.1:{self.upstream.port}/mcp?direct",
            "@host@": f"127.0.0.1:{self.upstream.port}",
        }
        if "wire" in answer:
            return Response(wire=bytes_of(answer["wire"], words))
        body = bytes_of(answer["body"], words)
        if size := answer.get("pieces"):
            body = [body[at : at + size] for at in range(0, len(body), size)]
        headers = answer.get("headers", {"content-type": "application/json"})
        headers = {name: bytes_of(value, words).decode() for name, value in headers.items()}
        return Response(body, status=answer.get("status", 200), headers=headers)


def usual(method, id):
    """What an honest server answers."""
    if id is None:
        return Response(b"", status=202, headers={})
    result = {
        "initialize": {"protocolVersion": "2025-11-25", "capabilities": ABILITIES, "serverInfo": INFO},
        "server/discover": {"supportedVersions": ["2026-07-28"], "capabilities": ABILITIES, "serverInfo": INFO},
        "tools/list": {"tools": [{"name": "greet", "inputSchema": {"type": "object"}}]},
        "tools/call": {"content": [{"type": "text", "text": "done"}]},
        "ping": {},
    }.get(method)
    if result is None:
        return as_json({"jsonrpc": "2.0", "id": id, "error": {"code": -32601, "message": "no such method"}})
    cached = {} if method in ("initialize", "tools/call", "ping") else {"ttlMs": 0, "cacheScope": "private"}
    return as_json({"jsonrpc": "2.0", "id": id, "result": {"resultType": "complete", **cached, **result}})


def shows(raw):
    """Whether the hidden tool is in these bytes, in any encoding of the corpus."""
    if any(MARKER.decode().encode(charset) in raw for charset in CHARSETS):
        return True
    for beginning, bits in ((b"\x1f\x8b", 31), (b"\x78\x9c", 15)):
        for found in re.finditer(re.escape(beginning), raw):
            try:
                if MARKER in zlib.decompressobj(bits).decompress(raw[found.start() :]):
                    return True
            except zlib.error:
                continue
    return False


def as_bytes(port, number, case):
    """All that a careless client gets that asks for whatever the case has an answer to."""
    path = f"/mcp?case={number}&client=bytes"
    requests = [{"method": "GET"} if method == "GET" else {"body": message(method)} for method in case["to"]]
    requests.sort(key=lambda request: "method" in request)
    more = {"path": path, "headers": [["connection", "close"]]}
    return b"".join(send({**request, **more, "patience": 5}, port).raw for request in requests)


def message(method):
    params = {"name": "greet"} if method == "tools/call" else {}
    id = {} if method.startswith("notifications/") else {"id": 1}
    return json.dumps({"jsonrpc": "2.0", **id, "method": method, "params": params})


def all_clients(port, numbers, seconds=()):
    """What the official clients see of these cases: by number and name of the client, what the programs say of it."""
    url = f"http://127.0.0.1:{port}/mcp"
    words = [url, ",".join(map(str, numbers)), MARKER.decode(), *seconds]

    def told(command):
        done = subprocess.run([*command, *words], cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=250)
        assert done.returncode == 0, done.args
        return done.stdout

    seen = defaultdict(dict)
    # All are heard at once: one that nobody hears stops talking, and then asks nothing more while its time runs.
    with ThreadPoolExecutor(len(CLIENTS)) as pool:
        for out in pool.map(told, CLIENTS.values()):
            for line in out.splitlines():
                one = json.loads(line)
                seen[one["case"]][one["client"]] = one
    return seen


@contextmanager
def world():
    named = [(case_name(family, case), case) for family in families("answers") for case in family["cases"]]
    cases = [case for _, case in named]
    with Upstream() as upstream, Envoy({"policy": POLICY}, upstream.port, name="envoy hostile", log_level="warning") as envoy:
        upstream.answer = Hostile(cases, upstream)
        seen = all_clients(envoy.port, range(len(cases)))
        yield SimpleNamespace(named=named, upstream=upstream, envoy=envoy, seen=seen)


def hidden(world, number, case):
    """Nothing hidden is seen: in no list of a client's, in nothing else that a client shows, in no byte that leaves Envoy.
    A case with `prose` says why what it has may be shown all the same, outside of every list."""
    seen = world.seen[number]
    assert sorted(seen) == NAMES, seen
    for client, one in seen.items():
        assert "tools" not in one["marked"], (client, one)
        assert not one["marked"] or "prose" in case, (client, one)
    if "prose" not in case:
        raw = as_bytes(world.envoy.port, number, case)
        assert not shows(raw), raw[:2000]
    # Envoy and the filter are still there.
    with Client(world.envoy.port) as client:
        answer = client.send(message("tools/call"), path=f"/mcp?case={number}&client=after")
        assert "tools/call" in case["to"] or answer.text == "done", answer


FIRST = ["typescript-1", "typescript-2025"]
# What each of these clients must be able to read.
CONTROLS = {
    "json: plainly": NAMES,
    "streams: plainly": NAMES,
    "streams: a charset that is utf-8": NAMES,
    "keys: name escaped": NAMES,
    # The Python client takes an answer from a GET only if a stream broke off before.
    "elsewhere: on the stream of a GET": FIRST,
    "elsewhere: in a stream that was resumed": [*FIRST, "python-2025"],
}


def controls(world, port, is_good):
    """The controls alone, so that no client has to wait for the others: for each, its name, client, and what that saw,
    which must be good. A machine that is too busy for the usual time gets more; clients that wait in vain take all of it."""
    numbers = {number: name for number, (name, _) in enumerate(world.named) if name in CONTROLS}
    assert len(numbers) == len(CONTROLS)
    for seconds in ([], ["60"]):
        world.upstream.answer.asked.clear()
        seen = all_clients(port, numbers, seconds)
        found = [(name, client, seen[number][client]) for number, name in numbers.items() for client in CONTROLS[name]]
        bad = [one for one in found if not is_good(one[2])]
        if not bad:
            return
    raise AssertionError(bad)


def what_may_be_seen_is(world):
    """Otherwise nothing would prove anything."""
    controls(world, world.envoy.port, lambda one: "greet" in one["tools"] and not one["marked"])


def without_the_filter(world):
    """Gives all straight to the clients, and counts what they see. That each of them has seen a hidden tool is what the
    tests before this one stand on."""
    world.upstream.answer.asked.clear()
    seen = all_clients(world.upstream.port, range(len(world.named)))
    found = {}
    for number, (name, _) in enumerate(world.named):
        shown = [client for client, one in seen[number].items() if "tools" in one["marked"]]
        if shown:
            found[name] = shown
    clients = Counter(client for shown in found.values() for client in shown)
    print(f"        without the filter: {len(found)} of {len(world.named)} answers show a client the hidden tool; {dict(clients)}")
    if os.environ.get("ATTACKS_LIST"):
        for name, shown in found.items():
            print(f"        {name}: {', '.join(sorted(shown))}")
    print(f"        by family: {dict(Counter(name.partition(': ')[0] for name in found))}")
    controls(world, world.upstream.port, lambda one: "tools" in one["marked"])


def tests(world):
    for number, (name, case) in enumerate(world.named):
        yield name, lambda world, number=number, case=case: hidden(world, number, case)
    yield "what may be seen is", what_may_be_seen_is
    yield "without the filter", without_the_filter
