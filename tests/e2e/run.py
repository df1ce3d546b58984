"""The filter in the real Envoy, end to end.

    target/venv/bin/python tests/e2e/run.py [MODULE] ...
    target/venv/bin/python tests/e2e/run.py --guard [MODULE] ...     the same tests of the handler of `cattlegrid/mcp` in Node

Every function `test_…` of a module below is a test; it takes what the module's `world()` has started. A module with
`tests(world)` gives pairs of a name and a function instead; one with `missing()` says what it needs that is not there, and is then skipped. A line a test, and
`N passed, N failed`, with `, N skipped` when any, at the end.
"""

import importlib
import signal
import sys
import time
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

MODULES = ["configuration", "schema", "scenarios", "replay", "bodies", "answers", "limits", "shared_limits", "grants", "reload", "settings", "mirrors"]
MODULES += ["faults", "clients", "vectors", "attacks", "hostile", "stdio", "pins"]
# Seconds that a test, or starting what a module needs, may take.
PATIENCE = 300


class TooLong(BaseException):
    """Not an Exception: nothing on the way may take it for an error of its own."""


def bounded(function, *arguments):
    signal.alarm(PATIENCE)
    try:
        return function(*arguments)
    finally:
        signal.alarm(0)


def ring(*_):
    raise TooLong(f"it took longer than {PATIENCE} seconds")


def main(names):
    signal.signal(signal.SIGALRM, ring)
    passed = failed = skipped = 0

    def attempt(name, function, *arguments):
        nonlocal passed, failed
        began = time.monotonic()
        try:
            value = bounded(function, *arguments)
        except (Exception, TooLong):
            failed += 1
            print(f"FAILED  {name}\n{traceback.format_exc()}", flush=True)
            return None
        passed += 1
        print(f"ok      {name}   ({time.monotonic() - began:.2f} s)", flush=True)
        return value

    import envoy

    envoy.log_into("guard" if names[:1] == ["--guard"] else "e2e")
    modules, left_out = MODULES, {}
    if names[:1] == ["--guard"]:
        import guarded

        names, modules, left_out, envoy.Envoy = names[1:], guarded.MODULES, guarded.LEFT_OUT, guarded.Guarded
    for module_name in names or modules:
        module = importlib.import_module(module_name)
        # A module may need what is no part of the project.
        why = module.missing() if hasattr(module, "missing") else None
        if why:
            number = len(tests_of(module, None))
            skipped += number
            print(f"skipped: {module_name}, {number} tests: {why}", flush=True)
            continue
        world = module.world()
        try:
            started = bounded(world.__enter__)
        except (Exception, TooLong):
            failed += 1
            print(f"FAILED  {module_name}: did not start\n{traceback.format_exc()}", flush=True)
            continue
        try:
            for name, function in tests_of(module, started):
                if name in left_out.get(module_name, ()):
                    continue
                attempt(f"{module_name}: {name}", function, started)
        finally:
            bounded(world.__exit__, None, None, None)
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed or not passed else 0


def tests_of(module, world):
    if hasattr(module, "tests"):
        return module.tests(world)
    functions = ((name, value) for name, value in vars(module).items() if name.startswith("test_"))
    return [(name.removeprefix("test_").replace("_", " "), value) for name, value in functions]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
