"""server-everything behind Envoy with the filter, for programs that are not Python: the page's tests.

    python3 tests/e2e/stand.py filter CONFIGURATION ORIGIN    the server and Envoy with this configuration (JSON) of
                                                              the filter; pages of ORIGIN may talk to it
    python3 tests/e2e/stand.py server                         the server alone
    python3 tests/e2e/stand.py envoy FILE                     Envoy alone, with a whole configuration, on free ports

Prints one line of JSON, {"url"}, once all is up, and ends all when its standard input ends.
"""

import json
import os
import shutil
import sys
from pathlib import Path

from envoy import ENVOY, Envoy, McpServer, Process, accepts, free_port, log_into, with_origin


def main(what, *more):
    # Kept only if it fails.
    logs = log_into(f"stand-{os.getpid()}")
    stand(what, *more)
    shutil.rmtree(logs)


def stand(what, *more):
    if what == "envoy":
        with written(Path(*more)) as envoy:
            say(f"http://127.0.0.1:{envoy.port}/mcp")
        return
    with McpServer() as server:
        if what == "server":
            say(server.url)
            return
        configuration, origin = more
        with Envoy(json.loads(configuration), server.port, change=lambda text: with_origin(text, origin)) as envoy:
            say(envoy.url)


def written(file):
    """Envoy with a configuration that somebody wrote, but for its ports."""
    text, port = file.read_text(), free_port()
    for usual, free in ((10000, port), (9901, free_port())):
        assert text.count(f"port_value: {usual}") == 1, f"{file} has no port {usual}"
        text = text.replace(f"port_value: {usual}", f"port_value: {free}")
    file.write_text(text)
    envoy = Process("envoy", [ENVOY, "-c", file, "--concurrency", 1, "--disable-hot-restart"])
    envoy.port = port
    try:
        envoy.wait_until(lambda: accepts(port), 30)
    except BaseException:
        envoy.stop()
        raise
    return envoy


def say(url):
    print(json.dumps({"url": url}), flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main(*sys.argv[1:])
