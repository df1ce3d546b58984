"""Requests that servers are known to read in more than one way, or that are no request at all: none reaches the server,
and each gets an error that a client can read."""

import gzip
import json
import socket
import subprocess
from contextlib import contextmanager
from types import SimpleNamespace

from client import Client
from envoy import ROOT, Envoy
from upstream import Upstream

POLICY = {"version": "1", "default": "deny", "tools": {"good": {}}}
MIB = 1 << 20


@contextmanager
def world():
    with Upstream() as upstream, Envoy({"policy": POLICY}, upstream.port) as envoy, Client(envoy.port) as client:
        yield SimpleNamespace(upstream=upstream, envoy=envoy, client=client)


def call(tool="good", arguments="{}", **more):
    members = {"jsonrpc": '"2.0"', "id": "1", "method": '"tools/call"'} | more
    members.setdefault("params", f'{{"name":"{tool}","arguments":{arguments}}}')
    return "{" + ",".join(f'"{key}":{value}' for key, value in members.items() if value is not None) + "}"


GOOD = call()


def nested(depth):
    return "[" * depth + "]" * depth


# The name of a case, its body, the JSON-RPC code that is the answer.
BODIES = [
    ("nothing", "", -32700),
    ("white space", " \n", -32700),
    ("no json", "hello", -32700),
    ("half of a message", GOOD[:-1], -32700),
    ("text behind the end", GOOD + "x", -32700),
    ("a second message behind the end", GOOD + GOOD, -32700),
    ("a second message on a line of its own", GOOD + "\n" + GOOD, -32700),
    ("a NUL behind the end", GOOD + "\0", -32700),
    ("a comment", "/* */" + GOOD, -32700),
    ("a comma too many", GOOD[:-1] + ",}", -32700),
    ("single quotes", GOOD.replace('"', "'"), -32700),
    ("a byte order mark", b"\xef\xbb\xbf" + GOOD.encode(), -32700),
    ("utf-16 with a mark", GOOD.encode("utf-16"), -32700),
    ("utf-16, little-endian", GOOD.encode("utf-16-le"), -32700),
    ("utf-16, big-endian", GOOD.encode("utf-16-be"), -32700),
    ("utf-32", GOOD.encode("utf-32"), -32700),
    ("utf-7", GOOD.replace("{", "+AHs-"), -32700),
    ("latin-1", call(arguments='{"a":"\xe9"}').encode("latin-1"), -32700),
    ("a cut character", call(arguments='{"a":"X"}').encode().replace(b"X", b"\xe2\x82"), -32700),
    ("a surrogate in utf-8", call(arguments='{"a":"X"}').encode().replace(b"X", b"\xed\xa0\x80"), -32700),
    ("an overlong character", call(arguments='{"a":"X"}').encode().replace(b"X", b"\xc0\xaf"), -32700),
    ("half of a surrogate pair", call(arguments=r'{"a":"\ud800"}'), -32700),
    ("a surrogate pair the wrong way round", call(arguments=r'{"a":"\udc00\ud800"}'), -32700),
    ("a control character in a string", call(arguments='{"a":"\n"}'), -32700),
    ("an unknown escape", call(arguments=r'{"a":"\x41"}'), -32700),
    ("NaN", call(arguments='{"a":NaN}'), -32700),
    ("Infinity", call(arguments='{"a":-Infinity}'), -32700),
    ("a number with a plus", call(arguments='{"a":+1}'), -32700),
    ("a number that begins with 0", call(arguments='{"a":01}'), -32700),
    ("a hexadecimal number", call(arguments='{"a":0x10}'), -32700),
    ("a number with 401 digits", call(arguments='{"a":' + "1" * 401 + "}"), -32700),
    ("an exponent beyond 400", call(arguments='{"a":1e401}'), -32700),
    ("nesting of 129", call(arguments='{"a":' + nested(127) + "}"), -32700),
    ("nesting of 100,000", call(arguments='{"a":' + nested(100_000) + "}"), -32700),
    ("method twice", call(tool="bad", method='"tools/list","method":"tools/call"'), -32700),
    ("name twice", call(params='{"name":"good","name":"bad"}'), -32700),
    ("name twice, once escaped", call(params=r'{"name":"good","n\u0061me":"bad"}'), -32700),
    ("params twice", call(params='{"name":"good"},"params":{"name":"bad"}'), -32700),
    ("an argument twice", call(arguments='{"a":1,"a":2}'), -32700),
    ("an argument twice, deeper", call(arguments='{"a":[{"b":{"c":1,"c":2}}]}'), -32700),
    ("a batch", f"[{GOOD}]", -32600),
    ("an empty batch", "[]", -32600),
    ("a batch of two", f"[{GOOD},{call(tool='bad')}]", -32600),
    ("a string", '"tools/call"', -32600),
    ("a number", "1", -32600),
    ("null", "null", -32600),
    ("Method beside method", call(Method='"tools/list"'), -32600),
    ("Name in place of name", call(params='{"Name":"bad"}'), -32600),
    ("NAME beside name", call(params='{"name":"good","NAME":"bad"}'), -32600),
    ("the long s", call(**{"param\u017f": "{}"}), -32600),
    ("the kelvin sign", call(params='{"name":"good","\u212a":1}'), -32600),
    ("a NUL behind a key", call(params=r'{"name":"good","name\u0000":"bad"}'), -32600),
    ("a space behind a key", call(params='{"name":"good","name ":"bad"}'), -32600),
    ("full-width letters", call(params='{"name":"good","ｎａｍｅ":"bad"}'), -32600),
    ("no jsonrpc", call(jsonrpc=None), -32600),
    ("jsonrpc 1.0", call(jsonrpc='"1.0"'), -32600),
    ("jsonrpc as a number", call(jsonrpc="2.0"), -32600),
    ("an id that is null", call(id="null"), -32600),
    ("an id with a fraction", call(id="1.0"), -32600),
    ("an id that is a list", call(id="[1]"), -32600),
    ("no method", call(method=None), -32600),
    ("a method that is a list", call(method='["tools/call"]'), -32600),
    ("a method and a result", call(result="{}"), -32600),
    ("Tools/Call", call(method='"Tools/Call"'), -32600),
    ("tools/call with a NUL", call(method=r'"tools/call\u0000"'), -32600),
    ("tools/call with a space", call(method='"tools/call "'), -32600),
    ("tools//call", call(method='"tools//call"'), -32600),
    ("no params", call(params=None), -32602),
    ("params that are a list", call(params='["good"]'), -32602),
    ("no name", call(params="{}"), -32602),
    ("a name that is a number", call(params='{"name":1}'), -32602),
    ("a name that is a list", call(params='{"name":["good"]}'), -32602),
]

# The name of a case, what is sent, the HTTP status. A good body; what is wrong is around it.
REQUESTS = [
    ("gzip", {"body": gzip.compress(GOOD.encode()), "headers": {"content-encoding": "gzip"}}, 400),
    ("gzip without the header", {"body": gzip.compress(GOOD.encode())}, 400),
    ("deflate said, not done", {"body": GOOD, "headers": {"content-encoding": "deflate"}}, 400),
    ("two encodings", {"body": GOOD, "headers": {"content-encoding": "identity, gzip"}}, 400),
    ("no content type", {"body": GOOD, "headers": {"content-type": None}}, 400),
    ("text/plain", {"body": GOOD, "headers": {"content-type": "text/plain"}}, 400),
    ("a form", {"body": GOOD, "headers": {"content-type": "application/x-www-form-urlencoded"}}, 400),
    ("json as another json", {"body": GOOD, "headers": {"content-type": "application/json-rpc"}}, 400),
    ("charset utf-16", {"body": GOOD, "headers": {"content-type": "application/json; charset=utf-16"}}, 400),
    ("charset utf-7", {"body": GOOD, "headers": {"content-type": "application/json; charset=utf-7"}}, 400),
    ("PUT", {"body": GOOD, "method": "PUT"}, 405),
    ("PATCH", {"body": GOOD, "method": "PATCH"}, 405),
    ("OPTIONS", {"method": "OPTIONS"}, 405),
    ("GET with a body", {"body": GOOD, "method": "GET"}, 400),
    ("DELETE with a body", {"body": GOOD, "method": "DELETE"}, 400),
    ("POST without a body", {"method": "POST"}, 400),
    ("a byte more than 1 MiB", {"body": GOOD + " " * (MIB + 1 - len(GOOD))}, 413),
    ("3 MiB", {"body": GOOD + " " * 3 * MIB}, 413),
    ("a session with a space", {"body": GOOD, "headers": {"mcp-session-id": "a b"}}, 400),
    ("a session that is no ascii", {"body": GOOD, "headers": {"mcp-session-id": "\xe9"}}, 400),
]


def refused(world, request, status, code=None):
    """Sends a request that must go no further."""
    world.upstream.forget()
    answer = world.client.send(**request)
    assert answer.status == status, answer
    assert answer.headers["content-type"] == "application/json", answer
    message = answer.json
    assert message["jsonrpc"] == "2.0" and "result" not in message, message
    assert isinstance(message["error"]["message"], str) and message["error"]["message"], message
    if code is not None:
        assert message["error"]["code"] == code, message
    assert world.upstream.record == [], world.upstream.record
    return message


def tests(world):
    for name, body, code in BODIES:
        request = {"body": body if isinstance(body, bytes) else body.encode()}
        yield name, lambda world, request=request, code=code: refused(world, request, 400, code)
    for name, request, status in REQUESTS:
        yield name, lambda world, request=request, status=status: refused(world, request, status)
    yield "the id of what was refused", the_id_of_what_was_refused
    yield "a session in two lines", a_session_in_two_lines
    yield "3 MiB in pieces without a length", three_mib_in_pieces
    yield "1 MB that would be written with 3 MB", a_body_that_grows
    yield "an unknown method", an_unknown_method
    yield "an unknown notification", an_unknown_notification
    yield "a call without an id", a_call_without_an_id
    yield "trailers behind the body", trailers_behind_the_body
    yield "what may pass still does", what_may_pass_still_does


def the_id_of_what_was_refused(world):
    message = refused(world, {"body": call(params="[]", id='"mine"')}, 400, -32602)
    assert message["id"] == "mine", message


def raw(world, request):
    """The first line of the answer to a request written by hand."""
    with socket.create_connection(("127.0.0.1", world.envoy.port), timeout=20) as connection:
        try:
            connection.sendall(request)
        except OSError:
            pass  # It may be answered before it is whole.
        return connection.makefile("rb").readline()


HEAD = b"POST /mcp HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"


def a_session_in_two_lines(world):
    world.upstream.forget()
    body = GOOD.encode()
    two = b"mcp-session-id: a\r\nmcp-session-id: b\r\ncontent-length: %d\r\n\r\n" % len(body)
    assert b" 400 " in raw(world, HEAD + two + body)
    assert world.upstream.record == []


def three_mib_in_pieces(world):
    world.upstream.forget()
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    assert b" 413 " in raw(world, HEAD + b"transfer-encoding: chunked\r\n\r\n" + chunk * 48 + b"0\r\n\r\n")
    assert world.upstream.record == []


def a_body_that_grows(world):
    """Some characters go on as escapes, here to more than Envoy's buffers hold: Envoy refuses it, and lives."""
    arguments = json.dumps({"a": "\u0085" * 500_000}, ensure_ascii=False)
    refused(world, {"body": call(arguments=arguments).encode()}, 413)
    assert world.client.send(GOOD).text == "done"


def an_unknown_method(world):
    refused(world, {"body": call(method='"admin/shutdown"')}, 200, -32601)
    meta = '{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}'
    mirrors = {"mcp-protocol-version": "2026-07-28", "mcp-method": "admin/shutdown"}
    refused(world, {"body": call(method='"admin/shutdown"', params=meta), "headers": mirrors}, 404, -32601)


def an_unknown_notification(world):
    world.upstream.forget()
    answer = world.client.send('{"jsonrpc":"2.0","method":"notifications/of_our_own"}')
    assert (answer.status, answer.body) == (202, b""), answer
    assert world.upstream.record == []


def a_call_without_an_id(world):
    world.upstream.forget()
    answer = world.client.send(call(id=None))
    assert (answer.status, answer.body) == (202, b""), answer
    assert world.upstream.record == []


def trailers_behind_the_body(world):
    """The end of the body shows in the trailers alone."""
    for tool, passes in (("bad", False), ("good", True)):
        world.upstream.forget()
        done = subprocess.run(
            ["node", "tests/e2e/http2.mjs", str(world.envoy.port), call(tool=tool)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=30,
        )
        answer = json.loads(done.stdout or "{}")
        assert answer.get("status") == 200, done
        assert ("[POLICY DENIED]" in answer["body"]) != passes, answer
        assert len(world.upstream.record) == passes
    world.upstream.forget()


def what_may_pass_still_does(world):
    """And goes on written anew: what was judged, and nothing else."""
    world.upstream.forget()
    text = '  { "jsonrpc" : "2.0", "id":1,"method":"tools\\/call", "params":{"name":"g\\u006fod","arguments":{"a":1.50}}}\n'
    answer = world.client.send(text, headers={"accept-encoding": "gzip, br"})
    assert answer.status == 200 and answer.text == "done", answer
    [request] = world.upstream.record
    assert request.body == b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"good","arguments":{"a":1.50}}}'
    assert request.header("content-length") == [str(len(request.body))]
    assert request.header("accept-encoding") == request.header("transfer-encoding") == []
    world.upstream.forget()
    # In pieces, and of the largest size that passes.
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    rest = MIB - 15 * 0x10000 - len(GOOD)
    last = b"%x\r\n%b\r\n0\r\n\r\n" % (rest + len(GOOD), b" " * rest + GOOD.encode())
    assert b" 200 " in raw(world, HEAD + b"transfer-encoding: chunked\r\n\r\n" + chunk * 15 + last)
    assert [request.body for request in world.upstream.record] == [GOOD.encode()]
    assert world.upstream.record[0].header("content-length") == [str(len(GOOD))]
