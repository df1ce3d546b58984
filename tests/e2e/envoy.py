"""Starts and stops what stands around the filter: Envoy and an MCP server behind it.

The end-to-end tests and the demo share this file. Everything listens on 127.0.0.1 alone, is waited for with
a bound, and is ended by its own process id. Standard library only.

    with McpServer() as server, Envoy({"policy": policy}, server.port) as envoy:
        ... requests to envoy.url ...
"""

import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TARGET = ROOT / "target"
LOGS = TARGET / "logs"
ENVOY = TARGET / "envoy" / "envoy" / "_bin" / "envoy"
WASM = TARGET / "cattlegrid_envoy.wasm"
CONFIGURATION = ROOT / "pkg" / "envoy" / "envoy.yaml"
SERVER_EVERYTHING = "tests/node_modules/@modelcontextprotocol/server-everything/dist/index.js"


def log_into(name):
    """Puts all logs from now on into a folder of target/logs, so that several programs of this kind may run at once."""
    global LOGS
    LOGS = TARGET / "logs" / name
    return LOGS


class Failed(Exception):
    """Something did not start, or not in time; the message is a whole sentence."""


# Ports of this program's own, and the sockets that keep them so: whoever has the first port of a block has it all.
_ports, _held, BLOCK = [], [], 200


def free_port():
    """A port of 127.0.0.1 that nobody listens on and that nobody else is given, here or in tests/node/port.mjs: another one
    each time.

    None of those that the kernel gives to connections (from 32768 on, on Linux): one of them could be taken before
    somebody listens on it.
    """
    while True:
        if not _ports:
            first = random.randrange(15_000, 32_000, BLOCK)
            if held := _bound(first):
                _held.append(held)
                _ports.extend(range(first + 1, first + BLOCK))
        elif probe := _bound(port := _ports.pop(0)):
            probe.close()
            return port


def _bound(port):
    """A socket that has the port, or None if it cannot be had."""
    found = socket.socket()
    try:
        found.bind(("127.0.0.1", port))
        return found
    except OSError:
        found.close()
        return None


def accepts(port):
    """Whether something listens on the port of 127.0.0.1."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    except OSError:
        return False


class Process:
    """One child with its own process group and its own log, target/logs/NAME.log.

    It ends with this program even if that is killed outright, where Linux's `setpriv` is there to say so
    (then start it from the main thread: the kernel looks at the thread).
    """

    def __init__(self, name, command, env=None):
        self.name = name
        self.log = LOGS / f"{name.replace(' ', '-')}.log"
        LOGS.mkdir(parents=True, exist_ok=True)
        leash = ["setpriv", "--pdeathsig", "KILL", "--"] if shutil.which("setpriv") else []
        with open(self.log, "wb") as log:
            self.child = subprocess.Popen(
                leash + [str(word) for word in command],
                cwd=ROOT,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def pid(self):
        return self.child.pid

    def alive(self):
        return self.child.poll() is None

    def log_text(self):
        return self.log.read_text(errors="replace")

    def wait_until(self, ready, seconds):
        """Waits until `ready()` gives something true, and returns it."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not self.alive():
                raise Failed(f"{self.name} ended with code {self.child.returncode} while starting: see {self.log}")
            answer = ready()
            if answer:
                return answer
            time.sleep(0.05)
        raise Failed(f"{self.name} did not answer within {seconds} seconds: see {self.log}")

    def stop(self):
        """Ends the child and whatever it started; does nothing if that has been done."""
        for number, seconds in ((signal.SIGTERM, 5), (signal.SIGKILL, 5)):
            try:
                os.killpg(self.pid, number)
                self.child.wait(timeout=seconds)
            except ProcessLookupError:
                break
            except subprocess.TimeoutExpired:
                continue
        self.child.poll()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class McpServer(Process):
    """The reference server of the MCP project over Streamable HTTP; `url` and `port` say where."""

    def __init__(self, name="mcp server"):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/mcp"
        # It has a tool that shows its environment: there is to be nothing in it.
        env = {"PATH": os.environ["PATH"], "PORT": str(self.port)}
        super().__init__(
            name, ["node", "--import", "./tests/e2e/loopback.mjs", SERVER_EVERYTHING, "streamableHttp"], env
        )
        try:
            self.wait_until(lambda: accepts(self.port), 30)
        except BaseException:
            self.stop()
            raise


def with_origin(text, origin):
    """Lets the pages of one origin talk to the server in their browsers: Envoy's own CORS filter, before ours."""
    filters = "                http_filters:\n"
    cors = """                  - name: envoy.filters.http.cors
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.filters.http.cors.v3.Cors
"""
    domains = '                      domains: ["127.0.0.1", "localhost"]\n'
    policy = f"""                      typed_per_filter_config:
                        envoy.filters.http.cors:
                          "@type": type.googleapis.com/envoy.extensions.filters.http.cors.v3.CorsPolicy
                          allow_origin_string_match: [{{ exact: "{origin}" }}]
                          allow_methods: GET, POST, DELETE
                          allow_headers: accept, authorization, content-type, last-event-id, mcp-method, mcp-name, mcp-protocol-version, mcp-session-id
                          expose_headers: mcp-protocol-version, mcp-session-id
                          max_age: "600"
"""
    for where, more in ((filters, cors), (domains, policy)):
        if text.count(where) != 1:
            raise Failed(f"{CONFIGURATION} has no longer the line that CORS is put behind: {where.strip()}")
        text = text.replace(where, where + more)
    return text


class Envoy(Process):
    """Envoy with the filter, in front of the MCP server on `upstream_port`; `url` says where.

    `configuration` is the filter's: an object, or a text that is taken as it stands. Port 0 is a free one;
    `port` and `admin_port` hold the real ones once it is made, for it waits until Envoy is ready. `more` are
    further configurations by name: each has a listener of its own on a free port, which `ports` tells, and
    counters of its own. `paths` are those that lead to the server;
    `change` makes another text of Envoy's whole configuration.
    """

    def __init__(
        self, configuration, upstream_port, *, port=0, admin_port=0, concurrency=1, wasm=WASM, name="envoy", log_level="info", more=None, paths=None, change=str
    ):
        self.folder = Path(tempfile.mkdtemp(prefix="envoy-", dir=_folder()))
        where = self.folder / "envoy.yaml"
        text = render(configuration, port=port, admin_port=admin_port, upstream_port=upstream_port, wasm=wasm)
        for listener, other in (more or {}).items():
            text = with_listener(text, listener, render(other, wasm=wasm))
        text = change(text)
        if paths:
            route = "- match: { path: /mcp }"
            before, behind = text.split(route)
            end = behind.index("\n\n  clusters:")
            text = before + "\n                        ".join(
                f"- match: {{ prefix: {path} }}" + behind[:end] for path in paths
            ) + behind[end:]
        where.write_text(text)
        admin = self.folder / "admin"
        command = [ENVOY, "-c", where, "--concurrency", concurrency, "--log-level", log_level]
        # Several Envoys may run on one machine: no shared memory between them.
        command += ["--disable-hot-restart", "--admin-address-path", admin]
        super().__init__(name, command)
        try:
            address = self.wait_until(lambda: admin.exists() and admin.read_text().strip(), 30)
            self.admin_port = int(address.rpartition(":")[2])
            self.wait_until(lambda: self.admin("/ready") == "LIVE\n", 30)
            lines = (line.rpartition(":") for line in self.admin("/listeners").split())
            self.ports = {line.partition("::")[0]: int(port) for line, _, port in lines}
            self.port = self.ports["mcp"]
            self.wait_until(lambda: accepts(self.port), 30)
        except BaseException:
            self.stop()
            raise
        self.url = f"http://127.0.0.1:{self.port}/mcp"
        self.admin_url = f"http://127.0.0.1:{self.admin_port}"

    def admin(self, path):
        """What Envoy's administration answers, as text; empty when it does not."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.admin_port}{path}", timeout=5) as answer:
                return answer.read().decode()
        except OSError:
            return ""

    def counters(self, prefix="wasmcustom."):
        """Envoy's counters and gauges whose names begin so, as numbers."""
        lines = (line.rpartition(": ") for line in self.admin("/stats").splitlines())
        return {name: int(value) for name, _, value in lines if name.startswith(prefix) and value.isdigit()}

    def stop(self):
        super().stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def validate(configuration, wasm=WASM):
    """Whether Envoy takes the filter's configuration, and what it said (`envoy --mode validate`)."""
    with tempfile.TemporaryDirectory(prefix="envoy-", dir=_folder()) as folder:
        where = Path(folder) / "envoy.yaml"
        where.write_text(render(configuration, wasm=wasm))
        done = subprocess.run(
            [ENVOY, "--mode", "validate", "-c", where, "--log-level", "info"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=60,
        )
    return done.returncode == 0, done.stdout + done.stderr


def render(configuration, *, port=0, admin_port=0, upstream_port=1, wasm=WASM):
    """The text of the reference configuration with other values on its lines `# set: NAME`."""
    text = configuration if isinstance(configuration, str) else json.dumps(configuration)
    values = {
        "address": "127.0.0.1",
        "admin_address": "127.0.0.1",
        "port": port,
        "admin_port": admin_port,
        "upstream_port": upstream_port,
        # A JSON string is a YAML string too.
        "wasm": json.dumps(str(wasm)),
        "configuration": json.dumps(text, ensure_ascii=False),
    }
    lines, left = [], set(values)
    for line in CONFIGURATION.read_text().splitlines():
        marked = re.fullmatch(r"( *\w+: ).* # set: (\w+)", line)
        if marked:
            left.remove(marked[2])
            line = marked[1] + str(values[marked[2]])
        lines.append(line)
    if left:
        raise Failed(f"{CONFIGURATION} has no line for {', '.join(sorted(left))}")
    return "\n".join(lines) + "\n"


def with_listener(text, name, other):
    """The text of a configuration with a further listener: that of another, under this name."""
    begin, end = "  listeners:\n", "\n  clusters:\n"
    listener = other[other.index(begin) + len(begin) : other.index(end)]
    listener = listener.replace("- name: mcp", f"- name: {json.dumps(name)}", 1)
    # What is counted belongs to this id.
    listener = listener.replace("vm_id: cattlegrid", f"vm_id: {json.dumps(name)}", 1)
    return text.replace(end, "\n" + listener + end, 1)


def replaced(*pairs):
    """An `change` that puts a text in the place of another, which must be there."""

    def change(text):
        for old, new in pairs:
            if old not in text:
                raise Failed(f"{CONFIGURATION} has no `{old}`")
            text = text.replace(old, new)
        return text

    return change


class Watched:
    """A part of the configuration in a file of its own, which Envoy reads again when another is moved there: the filter
    alone (its discovery service is called ECDS), or whole listeners (LDS). `apart` is an `change`.

    Who changes the listeners ends, after `--drain-time-s`, the connections that the old ones have; who changes the
    filter ends none.
    """

    def __init__(self, folder, listeners=False):
        self.file = Path(folder) / "watched.yaml"
        self.listeners = listeners

    def apart(self, text):
        self.move_in(text)
        begin, end = self.place(text)
        source = f"{{ path_config_source: {{ path: {json.dumps(str(self.file))} }} }}"
        if self.listeners:
            return NODE + f"dynamic_resources: {{ lds_config: {source} }}\n" + text[:begin] + text[end:]
        discovery = f"config_discovery: {{ config_source: {source}, type_urls: [{WASM_FILTER}] }}\n"
        return NODE + text[:begin] + f"{' ' * 18}- name: cattlegrid\n{' ' * 20}{discovery}" + text[end:]

    def place(self, text):
        """Where it begins and ends in the text of a whole configuration."""
        ends = ("  listeners:\n", "\n  clusters:\n") if self.listeners else (FILTER, ROUTER)
        return tuple(map(text.index, ends))

    def move_in(self, text):
        """Moves in this part of a whole configuration, in one step."""
        begin, end = self.place(text)
        lines = text[begin:end].splitlines()
        if self.listeners:
            resource = [f'- "@type": {LISTENER}', *(re.sub("^    - ", "      ", line)[4:] for line in lines[1:])]
        else:
            # Without its name, and what is typed in it is indented anew.
            resource = [f'- "@type": {EXTENSION}', "  name: cattlegrid", "  typed_config:", *(line[18:] for line in lines[2:])]
        new = self.file.with_suffix(".new")
        new.write_text("\n".join(["resources:", *resource]) + "\n")
        new.replace(self.file)


NODE = "node: { id: tests, cluster: tests }\n\n"
FILTER = f"{' ' * 18}- name: cattlegrid\n"
ROUTER = f"{' ' * 18}- name: envoy.filters.http.router\n"
LISTENER = "type.googleapis.com/envoy.config.listener.v3.Listener"
EXTENSION = "type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig"
WASM_FILTER = "type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm"


def _folder():
    (TARGET / "run").mkdir(parents=True, exist_ok=True)
    return TARGET / "run"
