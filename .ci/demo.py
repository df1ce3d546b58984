"""What `make run` starts, and stops again: the builder, an MCP server, and Envoy with the filter between.

It runs until Ctrl-C, SIGTERM, the end of the `make` that started it, or the death of one of the three; then
it ends all of them. It lives here and not in pkg/, for pkg/ holds what ships. Standard library only.
"""

import errno
import json
import os
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "e2e"))
from envoy import Envoy, Failed, McpServer, Process, with_origin  # noqa: E402

BUILDER_PORT = 8088
ENVOY_PORT = 10000
POLICY = ROOT / "pkg" / "envoy" / "demo-policy.json"
HEADERS = {"content-type": "application/json", "accept": "application/json, text/event-stream"}


class Stop(Exception):
    """Somebody asked us to end."""


def main():
    parent = Parent()
    on_signals(stop)
    running = []
    try:
        for port, what in ((BUILDER_PORT, "the builder"), (ENVOY_PORT, "envoy")):
            check_free(port, what)
        start(running)
        while True:
            time.sleep(0.2)
            if parent.is_gone():
                raise Stop
            for process in running:
                if not process.alive():
                    raise Failed(f"{process.name} has ended with code {process.child.returncode}: see {process.log}")
    except Stop:
        print("\nstopping", flush=True)
        code = 0
    except Failed as failure:
        print(f"error: {failure}", file=sys.stderr)
        code = 1
    finally:
        on_signals(signal.SIG_IGN)
        for process in reversed(running):
            process.stop()
    return code


def on_signals(action):
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, action)


def stop(*_):
    # A second Ctrl-C must not leave half of it running.
    on_signals(signal.SIG_IGN)
    raise Stop


def check_free(port, what):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            why = "is in use: stop what listens there" if error.errno == errno.EADDRINUSE else f"is not to be had ({error.strerror})"
            raise Failed(f"port {port} of 127.0.0.1, which {what} needs, {why} and run make again") from None


def start(running):
    print("starting", flush=True)
    builder = Process("builder", [sys.executable, ".ci/serve.py", BUILDER_PORT])
    running.append(builder)
    server = McpServer()
    running.append(server)
    configuration = {"policy": json.loads(POLICY.read_text())}
    page = f"http://127.0.0.1:{BUILDER_PORT}/"
    # The builder reads the tools of a live server, as any page must be let to.
    envoy = Envoy(configuration, server.port, port=ENVOY_PORT, concurrency=2, change=lambda text: with_origin(text, page.rstrip("/")))
    running.append(envoy)
    builder.wait_until(lambda: answers(page), 30)
    session = open_session(envoy)
    print(
        f"""
  the builder      {page}
  envoy            {envoy.url}    with the filter and {POLICY.relative_to(ROOT)}
                   the builder reads its tools: New…, "From a live server"
  the mcp server   {server.url}    server-everything, behind envoy
  counters         {envoy.admin_url}/stats?filter=wasmcustom
  logs             {envoy.log.parent.relative_to(ROOT)}/

three calls to try, in another terminal:

  allowed:
{curl(envoy, session, "echo", {"message": "hello"})}

  denied, for its argument:
{curl(envoy, session, "echo", {"message": "my password is swordfish"})}

  limited to three a minute (the fourth is denied):
for i in 1 2 3 4; do {curl(envoy, session, "get-sum", {"a": 1, "b": 2})}; done

ctrl-c stops all of it""",
        flush=True,
    )


def answers(url):
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status == 200
    except urllib.error.HTTPError as error:
        raise Failed(f"the builder answers {error.code} on {url}: run `make www`") from None
    except OSError:
        return False


def open_session(envoy):
    """Introduces us to the MCP server, through the filter; the server knows its clients by the session's id."""
    hello = {
        "jsonrpc": "2.0",
        "id": 0,
        "method": "initialize",
        "params": {
            "protocolVersion": "2025-11-25",
            "capabilities": {},
            "clientInfo": {"name": "cattlegrid-demo", "version": "1"},
        },
    }
    ready = {"jsonrpc": "2.0", "method": "notifications/initialized"}
    try:
        session = post(envoy.url, hello).get("mcp-session-id")
        if not session:
            raise Failed(f"the mcp server opened no session through envoy: see {envoy.log}")
        post(envoy.url, ready, session)
    except OSError as error:
        raise Failed(f"no session with the mcp server through envoy ({error}): see {envoy.log}") from None
    return session


def post(url, message, session=None):
    """The headers of the answer; its body is left unread."""
    headers = HEADERS | ({"mcp-session-id": session} if session else {})
    request = urllib.request.Request(url, json.dumps(message).encode(), headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.headers


def curl(envoy, session, tool, arguments):
    """The call as one line for a shell; no value in it has a single quote."""
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool, "arguments": arguments}}
    headers = HEADERS | {"mcp-session-id": session}
    words = " ".join(f"-H '{name}: {value}'" for name, value in headers.items())
    return f"curl -s -w '\\n' {envoy.url} {words} -d '{json.dumps(call)}'"


class Parent:
    """The program that started us, `make` as a rule.

    A signal that is sent to it alone does not reach us, and on an interrupt it waits for us rather than
    tell us. On Linux both show: another parent, or one that no longer catches the interrupt.
    """

    def __init__(self):
        self.pid = os.getppid()
        self.caught = self.catches_interrupt()

    def is_gone(self):
        return os.getppid() != self.pid or (self.caught and not self.catches_interrupt())

    def catches_interrupt(self):
        try:
            status = Path(f"/proc/{self.pid}/status").read_text()
        except OSError:
            return False
        caught = next((line for line in status.splitlines() if line.startswith("SigCgt:")), "SigCgt: 0")
        return bool(int(caught.split()[1], 16) >> (signal.SIGINT - 1) & 1)


if __name__ == "__main__":
    sys.exit(main())
