"""The handler of `cattlegrid/mcp` in Node, in the place of Envoy with the filter: for the same tests.

    python tests/e2e/run.py --guard [MODULE] ...
"""

import json
import shutil
import tempfile
from pathlib import Path

from envoy import WASM, Process, _folder, accepts, free_port

# What is Envoy's own: the size of its buffers, HTTP/2, its words where no server answers, its metrics, that it has two
# workers; the header `accept-encoding`, which says `identity` here, for a program that fetches would ask for more; and
# trailers that name a length, which Node refuses. What gets through without any guard is counted beside the filter.
LEFT_OUT = {
    "bodies": {"1 MB that would be written with 3 MB", "trailers behind the body", "what may pass still does"},
    "answers": {"no answer gives back"},
    "settings": {"what fails in shadow is given back"},
    "pins": {"a review frees it while envoy runs"},
    "limits": {"both workers had their part", "the counters of the telemetry", "the dashboard shows what there is"},
    "attacks": {"controls: the allowed call over HTTP/2", "framing: trailers that name another type", "without the filter"},
    "hostile": {"without the filter"},
}
MODULES = ["bodies", "answers", "grants", "mirrors", "settings", "limits", "clients", "vectors", "attacks", "hostile", "pins"]


class Guarded(Process):
    """As `Envoy` in envoy.py, as far as the modules above ask for it."""

    def __init__(self, configuration, upstream_port, *, wasm=WASM, name="guard", log_level=None, concurrency=1, more=None, paths=None, timeout=None):
        self.folder = Path(tempfile.mkdtemp(prefix="guard-", dir=_folder()))
        place = {"upstream": upstream_port, "paths": [f"{path}*" for path in paths or []] or ["/mcp"], "timeout": timeout}
        place["clock"] = wasm != WASM
        # As text, so that numbers stay as they are written.
        text = lambda configuration: configuration if isinstance(configuration, str) else json.dumps(configuration)  # noqa: E731
        named = [("mcp", configuration), *(more or {}).items()]
        places = [{"name": each, "port": free_port(), "configuration": text(other), **place} for each, other in named]
        self.ports = {each["name"]: each["port"] for each in places}
        self.port = self.ports["mcp"]
        self.url = f"http://127.0.0.1:{self.port}/mcp"
        where = self.folder / "guard.json"
        where.write_text(json.dumps(places))
        super().__init__(name, ["node", "tests/e2e/guarded.mjs", where])
        try:
            for port in self.ports.values():
                self.wait_until(lambda: accepts(port), 60)
        except BaseException:
            self.stop()
            raise

    def stop(self):
        super().stop()
        shutil.rmtree(self.folder, ignore_errors=True)
