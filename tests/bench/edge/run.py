"""What the filter adds to a request in Envoy, beside what others add: CPU of Envoy and latency, as a table.

    target/venv/bin/python tests/bench/edge/run.py [ROUNDS]

All Envoys run at once, with one worker each, and take short turns in every round, in an order that changes, so that
what else the machine does meets them all. They have a core of their own, if there are two: who calls them and answers
them has the others. CPU is what the kernel counted for Envoy's threads: with so many connections that Envoy always has a
request to work on, as where its CPU is scarce; with four, where it now and then sleeps; and with a single one, where it
sleeps between requests and finds the caches of the core cold, so that what runs more code pays more. Latency is the
median of a turn. Added is what is above Envoy without a filter in the same round; what is told is the median of
the rounds. Envoy logs warnings only.
"""

import json
import os
import random
import statistics
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "e2e")]

from envoy import ROOT, TARGET, Envoy, Process, accepts, free_port  # noqa: E402
from filters import POLICY, call, variants  # noqa: E402

SIZES = [115, 3_400, 58_000]
# Requests a turn, by size: some hundredths of a second of CPU. On a machine that others share, what a core does in a
# second changes by a half from one tenth of a second to another, so that many short turns tell more than few long ones.
COUNTS = {115: 500, 3_400: 400, 58_000: 100}
# Connections at once, by what they make of one worker, and which part of the requests each has: those of a single one
# take longest.
LOADS = {"busy": (32, 1), "with four": (4, 2), "alone": (1, 4)}
EMPTY = TARGET / "edge" / "wasm32-unknown-unknown" / "release" / "bench_empty_filter.wasm"


def cpu(pid):
    """Seconds that the threads of a process have run."""
    return sum(int(task.read_text().split()[0]) for task in Path(f"/proc/{pid}/task").glob("*/schedstat")) / 1e9


class Load:
    def __init__(self):
        command = ["node", HERE / "load.mjs"]
        self.child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def send(self, **what):
        self.child.stdin.write(json.dumps(what) + "\n")
        self.child.stdin.flush()
        line = self.child.stdout.readline()
        if not line:
            raise SystemExit("the load generator ended")
        return json.loads(line)["median"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.child.stdin.close()
        self.child.wait(timeout=20)


def refuses(envoy):
    """Whether another tool gets no further: else there would be nothing to measure."""
    import urllib.error
    import urllib.request

    body = call(115, "other").encode()
    request = urllib.request.Request(envoy.url, body, {"content-type": "application/json", "accept": "application/json, text/event-stream"})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return b'"done"' not in answer.read()
    except urllib.error.HTTPError:
        return True


def measure(rounds):
    port = free_port()
    found = {}
    # What is started stays where its parent was. Always the same orders.
    first, *others = sorted(os.sched_getaffinity(0))
    orders = random.Random(1)
    with ExitStack() as stack:
        os.sched_setaffinity(0, others or {first})
        upstream = stack.enter_context(Process("bench upstream", ["node", HERE / "upstream.mjs", port]))
        upstream.wait_until(lambda: accepts(port), 20)
        load = stack.enter_context(Load())
        os.sched_setaffinity(0, {first})
        envoys = {}
        for name, change in variants(EMPTY).items():
            options = {"name": f"bench {name}", "log_level": "warning", "change": change}
            envoys[name] = stack.enter_context(Envoy({"policy": POLICY}, port, **options))
        for name, envoy in envoys.items():
            assert refuses(envoy) == (name not in ("no filter", "empty wasm")), name
        for round in range(-1, rounds):
            for size in SIZES:
                body = call(size)
                for name, envoy in orders.sample(list(envoys.items()), len(envoys)):
                    measures = []
                    for connections, part in LOADS.values():
                        count = COUNTS[size] // part
                        before = cpu(envoy.pid)
                        latency = load.send(port=envoy.port, body=body, count=count, connections=connections)
                        measures += [(cpu(envoy.pid) - before) / count * 1e6, latency]
                    # The first round warms up.
                    if round >= 0:
                        found.setdefault((size, name), []).append(measures)
            print(f"round {round + 1} of {rounds}", file=sys.stderr)
    return found


def table(found):
    kinds = ["cpu", "latency"]
    columns = [f"{kind} {load}, µs" for load in LOADS for kind in kinds]
    heads = ["body", "filter"] + [head for column in columns for head in (column, "added", "of mcp + rbac")]
    rows = ["| " + " | ".join(heads) + " |", "|---" * len(heads) + "|"]
    results = []
    for size in SIZES:
        length = len(call(size))
        floor = found[size, "no filter"]
        added = lambda name, at: statistics.median(one[at] - zero[at] for one, zero in zip(found[size, name], floor))  # noqa: E731, B023
        for name in dict.fromkeys(name for _, name in found):
            cells = [f"{length:,} B", name]
            result = {"bytes": length, "filter": name}
            for at, _ in enumerate(columns):
                spent = statistics.median(one[at] for one in found[size, name])
                more = added(name, at)
                ratio = more / added("mcp + rbac", at)
                result.setdefault([*LOADS][at // len(kinds)], {})[kinds[at % len(kinds)]] = {
                    "median": spent,
                    "added": more,
                    "ratio": ratio,
                }
                cells += [f"{spent:.1f}", f"{more:.1f}", "" if name == "no filter" else f"{ratio:.2f} ×"]
            results.append(result)
            rows.append("| " + " | ".join(cells) + " |")
    return "\n".join(rows), results


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 31
    manifest = HERE / "empty" / "Cargo.toml"
    build = ["cargo", "build", "--locked", "--release", "--target", "wasm32-unknown-unknown", "--manifest-path", manifest]
    subprocess.run([*build, "--target-dir", TARGET / "edge"], check=True, cwd=ROOT)
    text, results = table(measure(rounds))
    print(text)
    (TARGET / "bench").mkdir(exist_ok=True)
    (TARGET / "bench" / "edge.json").write_text(json.dumps(results, indent=2) + "\n")


main()
