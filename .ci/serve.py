"""Serves the builder (www/dist) on 127.0.0.1, as a careful host of static files would.

    python3 .ci/serve.py [PORT]        8088 when not said; 0 is a free one

Used by `make run` and by the page tests. Prints one line, `http://127.0.0.1:PORT/`, once it listens.
"""

import sys
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "www" / "dist"

# As the page itself says it (www/index.html), with what only a header can say: WebAssembly may be compiled, text may
# not be evaluated; nothing comes from elsewhere but the tools of a server that a person asks.
POLICY = "; ".join(
    [
        "default-src 'self'",
        "script-src 'self' 'wasm-unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "connect-src 'self' http: https:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ]
)


class Handler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Of a silent connection, in seconds.
    timeout = 30
    # The machine's own table of types differs from one machine to the next.
    extensions_map = {
        "": "application/octet-stream",
        ".css": "text/css; charset=utf-8",
        ".html": "text/html; charset=utf-8",
        ".js": "text/javascript; charset=utf-8",
        ".json": "application/json",
        ".map": "application/json",
        ".mjs": "text/javascript; charset=utf-8",
        ".png": "image/png",
        ".svg": "image/svg+xml",
        ".txt": "text/plain; charset=utf-8",
        ".wasm": "application/wasm",
        ".woff2": "font/woff2",
    }

    def __init__(self, *args):
        super().__init__(*args, directory=str(FOLDER))

    def end_headers(self):
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        # A new build is seen at the next load.
        self.send_header("Cache-Control", "no-cache")
        self.send_header("Vary", "Accept-Encoding")
        super().end_headers()

    def send_head(self):
        """As the base class, but with what was compressed when the page was built, for whoever can read it."""
        accepted = {one.partition(";")[0].strip() for one in self.headers.get("Accept-Encoding", "").split(",")}
        packed = Path(self.translate_path(self.path) + ("index.html.br" if self.path.partition("?")[0].endswith("/") else ".br"))
        if "br" not in accepted or not packed.is_file():
            return super().send_head()
        body = packed.open("rb")
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", self.guess_type(str(packed)[: -len(".br")]))
        self.send_header("Content-Encoding", "br")
        self.send_header("Content-Length", str(packed.stat().st_size))
        self.end_headers()
        return body

    def list_directory(self, path):
        self.send_error(HTTPStatus.NOT_FOUND)

    def log_message(self, *args):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True


if __name__ == "__main__":
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8088
    try:
        server = Server(("127.0.0.1", port), Handler)
    except OSError as error:
        sys.exit(f"error: the builder cannot listen on port {port}: {error.strerror}")
    print(f"http://127.0.0.1:{server.server_address[1]}/", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
