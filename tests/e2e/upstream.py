"""An MCP server that does what a test tells it to, and keeps a record of all that reached it."""

import json
import socket
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Request:
    """A request as it arrived: header names in lower case, in order."""

    method: str
    path: str
    headers: list
    body: bytes

    def header(self, name):
        """The values of a header, one a line that came."""
        return [value for other, value in self.headers if other == name]

    @property
    def message(self):
        return json.loads(self.body)

    @property
    def tool(self):
        return self.message["params"]["name"]


@dataclass
class Response:
    """What to answer. `body` is bytes that go with a content-length, or pieces that go one by one as chunks, each
    `pause` seconds after the one before. With `cut` the connection ends there, unfinished. `wire` is an answer from its
    first byte, in place of all that; the connection ends behind it."""

    body: object = b""
    status: int = 200
    headers: dict = field(default_factory=lambda: {"content-type": "application/json"})
    cut: bool = False
    pause: float = 0
    wire: bytes | None = None


def as_json(value, **more):
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return Response(body, **more)


def as_events(pieces, **more):
    """A stream of events, in these pieces of bytes."""
    return Response(pieces, headers={"content-type": "text/event-stream"}, **more)


def result(request, value):
    return {"jsonrpc": "2.0", "id": request.message["id"], "result": value}


def ok(request):
    """An answer that says that the tool ran."""
    return as_json(result(request, {"content": [{"type": "text", "text": "done"}]}))


class Upstream:
    """Listens on a free port of 127.0.0.1. `answer` is a function from a Request to a Response, or None to close the
    connection without a word; tests set it. `record` holds what came."""

    def __init__(self):
        self.answer = ok
        self.record = []
        self.lock = threading.Lock()
        upstream = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 60
            # Otherwise the second of two writes waits for the client's word about the first.
            disable_nagle_algorithm = True

            def handle_any(self):
                length = int(self.headers.get("content-length") or 0)
                headers = [(name.lower(), value) for name, value in self.headers.items()]
                request = Request(self.command, self.path, headers, self.rfile.read(length))
                with upstream.lock:
                    upstream.record.append(request)
                response = upstream.answer(request)
                if response is None:
                    self.hang_up()
                elif response.wire is not None:
                    self.wfile.write(response.wire)
                    self.wfile.flush()
                    self.hang_up()
                else:
                    self.send(response)

            do_GET = do_POST = do_DELETE = do_PUT = do_OPTIONS = do_PATCH = do_HEAD = handle_any

            def send(self, response):
                self.send_response(response.status)
                for name, value in response.headers.items():
                    self.send_header(name, value)
                whole = isinstance(response.body, bytes)
                if whole:
                    self.send_header("content-length", str(len(response.body)))
                else:
                    self.send_header("transfer-encoding", "chunked")
                self.end_headers()
                if whole:
                    body = response.body
                    self.wfile.write(body[: len(body) // 2] if response.cut else body)
                else:
                    # An empty chunk would be the last one.
                    for piece in filter(None, response.body):
                        self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
                        self.wfile.flush()
                        time.sleep(response.pause)
                    if not response.cut:
                        self.wfile.write(b"0\r\n\r\n")
                if response.cut:
                    self.wfile.flush()
                    time.sleep(0.1)
                    self.hang_up()

            def hang_up(self):
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)

            def log_message(self, *_):
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            # Two hundred clients may come at once.
            request_queue_size = 512

            def handle_error(self, *_):
                pass  # The client of a stream may go at any time.

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def calls(self):
        """The `tools/call` requests that reached it."""
        return [request for request in self.record if b"tools/call" in request.body]

    def forget(self):
        """Begins a new test: nothing recorded, calls succeed."""
        with self.lock:
            self.record.clear()
        self.answer = ok

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
