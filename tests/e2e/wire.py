"""Requests as bytes: HTTP/1.1 and HTTP/2 written by hand, so that nothing is refused or mended on this side."""

import base64
import gzip
import re
import socket
import struct
import time
import zlib
from dataclasses import dataclass

ACCEPT = "application/json, text/event-stream"
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
# Seconds.
PATIENCE, QUIET = 30, 0.3
DATA, HEADERS, RESET, SETTINGS, PING, GOAWAY = 0, 1, 3, 4, 6, 7


@dataclass
class Seen:
    """What came back: the first status (None if there was none, or HTTP/2 wrote it in a way that is not read here), and
    all bytes, without the framing of chunks and frames."""

    status: int | None
    raw: bytes


def bytes_of(body, words=None):
    """The bytes that the data of a case stand for: a text, or a list of such, or an object that says base64 of what,
    what to repeat how often, or what to encode how."""
    if body is None:
        return b""
    if isinstance(body, str):
        for word, text in (words or {}).items():
            body = body.replace(word, text)
        return body.encode("utf-8", "surrogatepass")
    if isinstance(body, list):
        return b"".join(bytes_of(part, words) for part in body)
    if "base64" in body:
        return base64.b64decode(body["base64"])
    if "repeat" in body:
        return bytes_of(body["repeat"], words) * body["times"]
    plain = bytes_of(body["body"], words)
    encode = {"gzip": lambda b: gzip.compress(b, mtime=0), "deflate": zlib.compress}.get(body["encode"])
    return encode(plain) if encode else plain.decode().encode(body["encode"])


def usual(case, port, session):
    """The headers of a case: the usual ones, with its own in their place; null takes one away."""
    own = [(name, value) for name, value in case.get("headers", [])]
    replaced = {name.lower() for name, _ in own}
    headers = [("host", f"127.0.0.1:{port}"), ("accept", ACCEPT), ("content-type", "application/json")]
    if session:
        headers.append(("mcp-session-id", session))
    headers = [(name, value) for name, value in headers if name not in replaced]
    headers += [(name, bytes_of(value).decode()) for name, value in own if value is not None]
    return [(name, value.replace("@session@", session or "none")) for name, value in headers]


def head(case, headers, more):
    lines = [f"{case.get('method', 'POST')} {case.get('path', '/mcp')} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in headers + more]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def as_http1(case, port, session):
    """The pieces of bytes that a case is in HTTP/1.1."""
    if "raw" in case:
        text = case["raw"].replace("@host@", f"127.0.0.1:{port}").replace("@session@", session or "none")
        return [text.encode("latin-1")]
    headers, body = usual(case, port, session), bytes_of(case.get("body"))
    has = {name.lower() for name, _ in headers}
    end = [] if "connection" in has else [("connection", "close")]
    size = -(-len(body) // case.get("pieces", 1)) or 1
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    if case.get("framing") == "chunked":
        chunks = [b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces]
        trailers = "".join(f"{name}: {value}\r\n" for name, value in case.get("trailers", []))
        return [head(case, headers, [*end, ("transfer-encoding", "chunked")]), *chunks, f"0\r\n{trailers}\r\n".encode()]
    if case.get("framing") != "none" and "body" in case:
        end.append(("content-length", str(len(body))))
    return [head(case, headers, end), *pieces]


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def literal(text):
    value = text.encode("latin-1")
    if len(value) < 127:
        return bytes([len(value)]) + value
    rest, length = b"", len(value) - 127
    while length >= 128:
        rest, length = rest + bytes([length % 128 + 128]), length // 128
    return b"\x7f" + rest + bytes([length]) + value


def block(headers):
    return b"".join(b"\0" + literal(name) + literal(value) for name, value in headers)


def as_http2(case, port, session):
    """The same in HTTP/2. Headers whose names begin with a colon go first, in place of the usual ones of that name."""
    headers = [(name.lower() if not case.get("as_written") else name, value) for name, value in usual(case, port, session)]
    own = [(name, value) for name, value in headers if name.startswith(":")]
    first = {":method": case.get("method", "POST"), ":scheme": "http", ":path": case.get("path", "/mcp")}
    first[":authority"] = f"127.0.0.1:{port}"
    first = [(name, value) for name, value in first.items() if name not in dict(own)] + own
    rest = [(name, value) for name, value in headers if not name.startswith(":") and name != "host"]
    body, trailers = bytes_of(case.get("body")), case.get("trailers")
    pieces = [body[at : at + 8192] for at in range(0, len(body), 8192)]
    out = [PREFACE + frame(SETTINGS, 0, 0) + frame(HEADERS, 4 if pieces or trailers else 5, 1, block(first + rest))]
    for number, piece in enumerate(pieces, 1):
        last = number == len(pieces) and not trailers
        out.append(frame(DATA, int(last), 1, piece))
    return out + ([frame(HEADERS, 5, 1, block(trailers))] if trailers else [])


def send(case, port, session=None):
    """Sends a case to a port of 127.0.0.1, and waits for the end of the answer: `patience` seconds for it to begin, and
    QUIET seconds for each further piece."""
    second = case.get("http") == 2
    pieces = (as_http2 if second else as_http1)(case, port, session)
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            for piece in pieces:
                connection.sendall(piece)
                time.sleep(case.get("pause", 0))
            if case.get("hang_up"):
                connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # It may be answered before it is whole.
        patience = case.get("patience", PATIENCE)
        if second:
            return read_http2(connection, patience)
        # Envoy takes its time to close a connection; and one that is written out may bring several answers.
        return read_http1(connection, patience, one="raw" not in case)


def received(connection, patience):
    """What comes, until the end or silence."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        connection.settimeout(patience)
        patience = QUIET
        try:
            piece = connection.recv(65536)
        except OSError:
            return
        if not piece:
            return
        yield piece


def whole(raw):
    """Whether this is one answer from its first byte to its last, as far as its headers say where that is."""
    head, end, rest = raw.partition(b"\r\n\r\n")
    lower = head.lower()
    length = re.search(rb"\r\ncontent-length: (\d+)", lower)
    if head.startswith(b"HTTP/1.1 1") or not end:
        return False
    return len(rest) >= int(length[1]) if length else b"chunked" in lower and rest.endswith(b"0\r\n\r\n")


def read_http1(connection, patience, one):
    raw = b""
    for piece in received(connection, patience):
        raw += piece
        if one and whole(raw):
            break
    first = re.search(rb"(?m)^HTTP/1\.1 ([2-5]\d\d)", raw)
    return Seen(int(first[1]) if first else None, re.sub(rb"\r\n[0-9a-fA-F]+\r\n", b"", raw))


def read_http2(connection, patience):
    held, raw, status = b"", b"", None
    statuses = {0x88: 200, 0x89: 204, 0x8A: 206, 0x8B: 304, 0x8C: 400, 0x8D: 404, 0x8E: 500}
    for piece in received(connection, patience):
        held += piece
        if not held.startswith(b"\0") and b"HTTP/1." in held[:20]:
            continue  # A server that does not speak HTTP/2.
        while len(held) >= 9 and len(held) >= 9 + (length := int.from_bytes(held[:3], "big")):
            kind, flags, payload, held = held[3], held[4], held[9 : 9 + length], held[9 + length :]
            if kind in (DATA, HEADERS):
                raw += payload
                status = status or (kind == HEADERS and payload and statuses.get(payload[0])) or None
            try:
                if kind == SETTINGS and not flags & 1:
                    connection.sendall(frame(SETTINGS, 1, 0))
                if kind == PING and not flags & 1:
                    connection.sendall(frame(PING, 1, 0, payload))
            except OSError:
                return Seen(status, raw)
            if kind in (RESET, GOAWAY) or (kind in (DATA, HEADERS) and flags & 1):
                return Seen(status, raw)
    return Seen(status, raw + held)
