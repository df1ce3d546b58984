"""Runs the test suite, or the steps named: what `make test` does.

    python3 tests/run.py [lint | rust | wasm | node | page | examples | e2e | guard | host] ...

Steps run side by side, the commands of one step one after another; what fails stops nothing else. All that the
commands print is in target/logs, one file a step; a line here says how a command ended, and the last line is the count, `N passed, N failed` (`, N skipped` when any), and the exit code is 0 only when nothing
failed. A command that exits with anything but 0, that outlives its time, or that ran no test, counts as at least
one failure; a check that has no tests of its own, as each of `lint`, counts as one. Standard library only.
"""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOGS = ROOT / "target" / "logs"
# Seconds that one command may take; building everything for the first time is the longest.
PATIENCE = 3600
# Milliseconds that one file of tests may take: one that leaves something running would never end.
FILE_PATIENCE = 1_200_000
# Lines of a failed command that are shown.
SHOWN = 60
# Steps that run at once: more than most machines have cores for, because browsers, Envoy and servers wait a lot.
AT_ONCE = 3
# Begun first, because they take the longest.
LONGEST = ["page", "e2e"]

WASM = "wasm32-unknown-unknown"
BIN = "tests/node_modules/.bin"


@dataclass
class Count:
    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other):
        return Count(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)

    def __str__(self):
        text = f"{self.passed} passed, {self.failed} failed"
        return text + (f", {self.skipped} skipped" if self.skipped else "")


# How the tests of a command are counted, from all that it printed.


def one(_):
    return Count(passed=1)


def cargo(text):
    """Each line of a test program: of cargo test, and of wasm-bindgen-test-runner. A test that finds that it cannot
    run says so on a line of its own."""
    found = re.findall(r"^test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored", text, re.M)
    count = sum((Count(*map(int, numbers)) for numbers in found), Count())
    skipped = len(re.findall(r"^skipped: ", text, re.M))
    return count + Count(passed=-skipped, skipped=skipped)


def tap(text):
    """The summary of `node --test`."""
    found = {name: int(number) for name, number in re.findall(r"^# (\w+) (\d+)$", text, re.M)}
    get = lambda *names: sum(found.get(name, 0) for name in names)  # noqa: E731
    return Count(get("pass"), get("fail", "cancelled"), get("skipped", "todo"))


def line(text):
    """The last line `N passed, N failed, N skipped`."""
    found = re.findall(r"^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$", text, re.M)
    return Count(*(int(number or 0) for number in found[-1])) if found else Count()


@dataclass
class Check:
    """One command of a step."""

    title: str
    command: list
    count: object = one
    env: dict = field(default_factory=dict)


@dataclass
class Step:
    """`needs` are targets of the Makefile, made before any step runs."""

    needs: list
    checks: list


def node_tests(folder, at_once=1):
    """The files by name: what `node --test FOLDER` means differs between versions of node. So many files run at once."""
    files = sorted(str(path.relative_to(ROOT)) for path in (ROOT / folder).glob("**/*.test.mjs"))
    if not files:
        return ["sh", "-c", f"echo 'no test in {folder}' >&2; exit 1"]
    return ["node", "--test", f"--test-concurrency={at_once}", f"--test-timeout={FILE_PATIENCE}", "--test-reporter=tap", *files]


def wasm_test(where, **env):
    """The unit tests of the npm crate, in the host that the runner is told: Node unless it is a browser."""
    runner = ROOT / "target" / "tools" / "bin" / "wasm-bindgen-test-runner"
    command = ["cargo", "test", "--locked", "-p", "cattlegrid-npm", "--target", WASM]
    return Check(f"wasm in {where}", command, cargo, {"CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER": str(runner), **env})


def clippy(title, *which):
    return Check(f"clippy, {title}", ["cargo", "clippy", "--locked", *which, "--", "-D", "warnings"])


STEPS = {
    "lint": Step(
        ["lint-tools", "crates", "tests-modules", "wasm-npm", "www-modules"],
        [
            Check("rustfmt", ["cargo", "fmt", "--all", "--check", "--", "--color", "never"]),
            clippy("native", "--workspace", "--all-targets"),
            clippy("npm", "-p", "cattlegrid-npm", "--all-targets", "--target", WASM),
            clippy("npm decide", "-p", "cattlegrid-npm-decide", "--target", WASM),
            clippy("npm compiled", "-p", "cattlegrid-npm-compiled", "--target", WASM),
            clippy("npm author", "-p", "cattlegrid-npm-author", "--target", WASM),
            clippy("npm analyze", "-p", "cattlegrid-npm-analyze", "--target", WASM),
            clippy("npm classify", "-p", "cattlegrid-npm-classify", "--target", WASM),
            clippy("npm approvals", "-p", "cattlegrid-npm-approvals", "--target", WASM),
            clippy("npm export", "-p", "cattlegrid-npm-export", "--target", WASM),
            clippy("npm guard", "-p", "cattlegrid-npm-guard", "--target", WASM),
            clippy("envoy", "-p", "cattlegrid-envoy", "--target", WASM),
            Check("rustdoc", ["cargo", "doc", "--locked", "--workspace", "--no-deps"], env={"RUSTDOCFLAGS": "-D warnings"}),
            Check(
                "types of the npm package",
                [f"{BIN}/tsc", "--noEmit", "--strict", "--module", "nodenext", "--types", ""]
                + [f"pkg/npm/{entry}.d.ts" for entry in ("index", "slim", "decide", "compiled", "author", "analyze", "classify", "export", "mcp", "stores", "stores-file", "wasm")],
            ),
            Check("types of the builder", ["npm", "--prefix", "www", "run", "check"]),
            Check("prettier, the builder", ["npm", "--prefix", "www", "run", "lint"]),
            Check("prettier, the rest", [f"{BIN}/prettier", "--check", "{pkg,tests}/**/*.{js,jsx,mjs,ts}"]),
        ],
    ),
    "rust": Step(
        ["crates"],
        [
            # The engine's tests take hundreds of thousands of random inputs: in a profile in which that is quick.
            Check("engine", ["cargo", "test", "--locked", "--profile", "checked", "--test", "engine"], cargo),
            Check("units", ["cargo", "test", "--locked", "--workspace", "--exclude", "cattlegrid-npm", "--lib", "--bins"], cargo),
            Check("examples in documentation", ["cargo", "test", "--locked", "--workspace", "--exclude", "cattlegrid-npm", "--doc"], cargo),
        ],
    ),
    "wasm": Step(
        ["crates", "bindgen", "chromium"],
        [wasm_test("node"), wasm_test("chromium", WASM_BINDGEN_USE_BROWSER="1", CHROMEDRIVER="/usr/bin/chromedriver")],
    ),
    "node": Step(
        ["tests-modules", "wasm-npm", "redis", "examples-tools"],
        [Check("npm package in node", node_tests("tests/node"), tap)],
    ),
    "page": Step(
        ["tests-modules", "wasm-npm", "www", "command", "chromium", "firefox"],
        [Check("pages in browsers", node_tests("tests/page", at_once=2), tap)],
    ),
    "examples": Step(
        ["tests-modules", "wasm-npm", "chromium", "examples-tools"],
        [Check("npm package, place by place", node_tests("tests/examples"), tap)],
    ),
    "e2e": Step(
        ["tests-modules", "command", "wasm-envoy", "wasm-envoy-test-clock", "envoy", "python-tests", "attacked-rmcp"]
        + ["redis", "ratelimit", "wasm-npm"],
        [
            Check("filter in envoy", ["target/venv/bin/python", "tests/e2e/run.py"], line),
        ],
    ),
    "guard": Step(
        ["tests-modules", "command", "python-tests", "attacked-rmcp", "wasm-npm"],
        [Check("guard in node", ["target/venv/bin/python", "tests/e2e/run.py", "--guard"], line)],
    ),
    "host": Step(
        ["host-crates", "wasm-envoy", "wasm-envoy-test-clock"],
        [
            Check(
                "filter in a second host",
                ["cargo", "test", "--locked", "--ignore-rust-version", "--manifest-path", "tests/host/Cargo.toml"]
                # The library says that it needs a newer rust than it does.
                + ["--target-dir", "target/host"],
                cargo,
            )
        ],
    ),
}


def main(names):
    unknown = [name for name in names if name not in STEPS]
    if unknown:
        print(f"error: no step is called `{unknown[0]}`: there are {', '.join(STEPS)}", file=sys.stderr)
        return 2
    steps = {name: STEPS[name] for name in names or STEPS}
    LOGS.mkdir(parents=True, exist_ok=True)
    counts, failed = [], []

    def run(step, check):
        count = perform(step, check)
        counts.append(count)
        if count.failed:
            failed.append(f"{check.title}: see target/logs/{step}.log")

    def run_all(name):
        (LOGS / f"{name}.log").unlink(missing_ok=True)
        for check in steps[name].checks:
            run(name, check)

    needs = list(dict.fromkeys(need for step in steps.values() for need in step.needs))
    (LOGS / "prepare.log").unlink(missing_ok=True)
    for need in needs:
        run("prepare", Check(f"make {need}", ["make", "--no-print-directory", need], lambda _: Count()))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        ended = [pool.submit(run_all, name) for name in sorted(steps, key=lambda name: name not in LONGEST)]
        try:
            for one in ended:
                one.result()
        except BaseException:
            end_all()
            raise
    total = sum(counts, Count())

    print()
    for text in failed:
        print(f"failed: {text}")
    print(total)
    (LOGS / "total").write_text(f"{total}\n")
    return 1 if total.failed else 0


def perform(step, check):
    """Runs one command, says how it went, and counts its tests."""
    began = time.monotonic()
    code, text = execute(check, LOGS / f"{step}.log")
    count = check.count(text)
    if code != 0:
        count = Count(count.passed if check.count is not one else 0, max(count.failed, 1), count.skipped)
    elif step != "prepare" and count.passed + count.failed == 0:
        code, count = "no test ran", count + Count(failed=1)
    said = "ready" if count == Count() else str(count)
    lines = [f"{step:8} {check.title:28} {said}   ({time.monotonic() - began:.1f} s)"]
    if count.failed:
        lines += [f"    | {text}" for text in text.splitlines()[-SHOWN:]]
        lines.append(f"    ended with {code}: {' '.join(check.command)}")
    # In one piece: others print as well.
    print("\n".join(lines) + "\n", end="", flush=True)
    return count


# The commands that run, and whether more may begin.
running, over, guarded = set(), False, threading.Lock()


def end_all():
    """Ends all commands, and lets no more begin."""
    global over
    with guarded:
        over = True
        for child in running:
            end(child)


def end(child):
    """With all that it may have left behind."""
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def execute(check, log):
    """The exit code (or words that say why there is none) and all that was printed, which goes to the log as well."""
    # Not `make`'s own: it would take the commands for a part of itself.
    env = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    env |= {"CARGO_TERM_COLOR": "never", "NO_COLOR": "1", **check.env}
    with open(log, "ab") as file:
        file.write(f"$ {' '.join(check.command)}\n".encode())
        file.flush()
        start = file.tell()
        with guarded:
            if over:
                return "no start", ""
            try:
                child = subprocess.Popen(
                    check.command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=file, stderr=file, start_new_session=True
                )
            except OSError as error:
                return "no start", f"{check.command[0]}: {error.strerror}"
            running.add(child)
        try:
            code = child.wait(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            code = f"no end within {PATIENCE} seconds"
        finally:
            with guarded:
                running.remove(child)
            end(child)
            child.wait()
    text = log.read_bytes()[start:].decode(errors="replace")
    # Some colour what they print whatever they are told.
    return code, re.sub(r"\x1b\[[\d;]*m", "", text)


def interrupt(*_):
    raise KeyboardInterrupt


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, interrupt)
    signal.signal(signal.SIGHUP, interrupt)
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        print("\nerror: interrupted", file=sys.stderr)
        sys.exit(130)
