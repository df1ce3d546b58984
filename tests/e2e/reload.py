"""A new configuration while Envoy runs: `cattlegrid envoy-config --filter-file`, and files moved into place."""

import json
import os
import subprocess
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

from client import Client
from envoy import ENVOY, TARGET, WASM, Process, accepts, free_port
from upstream import Upstream, as_events


def policy(**tools):
    return {"policy": {"version": "1", "default": "deny", "tools": tools}}


LIMITED = {"limits": [{"counter": "calls", "window": "day", "max": 3}]}


@contextmanager
def world():
    with tempfile.TemporaryDirectory() as folder, Upstream() as upstream:
        folder = Path(folder)
        port, admin = free_port(), free_port()

        def write(configuration):
            """Envoy's configuration, of which the filter's part is moved into place."""
            text = configuration if isinstance(configuration, str) else json.dumps(configuration)
            (folder / "filter.json").write_text(text)
            words = ["envoy-config", "filter.json", "--wasm", WASM, "--filter-file", "new.yaml"]
            words += ["--listen", f"127.0.0.1:{port}", "--admin", f"127.0.0.1:{admin}"]
            words += ["--upstream", f"http://127.0.0.1:{upstream.port}/mcp"]
            command = [TARGET / "debug" / "cattlegrid", *words]
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)
            assert done.returncode == 0, done
            os.replace(folder / "new.yaml", folder / "filter.yaml")
            return done.stdout

        whole = write(policy(echo={}, few=LIMITED)).replace('"new.yaml"', json.dumps(str(folder / "filter.yaml")))
        (folder / "envoy.yaml").write_text(whole.replace('{ path: "." }', f"{{ path: {json.dumps(str(folder))} }}"))
        with Process("envoy reload", [ENVOY, "-c", folder / "envoy.yaml", "--disable-hot-restart"]) as envoy:
            envoy.wait_until(lambda: accepts(port), 30)
            with Client(port) as client:
                envoy.wait_until(lambda: client.call("echo").status == 200, 30)
                yield SimpleNamespace(envoy=envoy, client=client, port=port, upstream=upstream, write=write, folder=folder)


def answers(world, tool, expected):
    """Waits until calls of a tool are answered so."""
    world.envoy.wait_until(lambda: expected in world.client.call(tool).text, 20)


def test_a_new_one_takes_over_and_nothing_is_lost(world):
    world.upstream.forget()
    for _ in range(2):
        assert world.client.call("few").text == "done"
    # A stream that is open meanwhile, for which nothing comes for a while.
    hold, seen = threading.Event(), []

    def pieces():
        yield b"data: 1\n\n"
        hold.wait(60)
        yield b"data: 2\n\n"

    world.upstream.answer = lambda request: as_events(pieces())

    def listen():
        with Client(world.port, timeout=60) as client:
            seen.append(client.send(None, "GET").events)

    listener = threading.Thread(target=listen)
    listener.start()
    world.envoy.wait_until(lambda: len(world.upstream.record) == 3, 20)
    world.upstream.forget()
    world.write(policy(echo={"action": "deny"}, few=LIMITED))
    answers(world, "echo", "[POLICY DENIED]")
    # Counted on: one of three is left.
    assert [world.client.call("few").text == "done" for _ in range(2)] == [True, False]
    hold.set()
    listener.join(30)
    assert seen == [["1", "2"]], seen
    world.write(policy(echo={}, few=LIMITED))
    answers(world, "echo", "done")
    assert "[POLICY DENIED]" in world.client.call("few").text


def test_a_broken_one_is_refused_and_the_old_one_stays(world):
    filter = (world.folder / "filter.yaml").read_text()
    for name, text in {
        "policy": filter.replace('"default": "deny"', '"defualt": "deny"'),
        "yaml": filter[: len(filter) // 2] + "\n  ][",
        "empty": "",
    }.items():
        assert text != filter
        (world.folder / "new.yaml").write_text(text)
        os.replace(world.folder / "new.yaml", world.folder / "filter.yaml")
        time.sleep(1)
        assert world.client.call("echo").text == "done", name
        assert "[POLICY DENIED]" in world.client.call("else").text, name
    assert "error[unknown-key]: unknown key `defualt`" in world.envoy.log_text()
