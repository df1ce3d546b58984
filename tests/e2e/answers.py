"""Answers of the server: hidden tools leave every list, what cannot be read is withheld, the rest passes untouched; and
a call that failed gives back what it took."""

import gzip
import http.client
import json
import socket
import threading
import time
from contextlib import contextmanager
from types import SimpleNamespace

from client import Client
from envoy import Envoy
from upstream import Response, Upstream, as_events, as_json, ok, result

MIB = 1 << 20
HIDDEN = "secret-tool"
# One for each test of what is given back: one call a day.
ONCE = [f"once-{number}" for number in range(20)]
POLICY = {
    "version": "1",
    "default": "allow",
    "hide": [HIDDEN, "other-secret-tool"],
    "tools": {tool: {"limits": [{"counter": "calls", "window": "day", "max": 1}]} for tool in ONCE},
}


@contextmanager
def world():
    with Upstream() as upstream, Envoy({"policy": POLICY}, upstream.port) as envoy, Client(envoy.port) as client:
        yield SimpleNamespace(upstream=upstream, envoy=envoy, client=client, once=iter(ONCE))


def tools_of(message):
    return [tool["name"] for tool in message["result"]["tools"]]


def listing(*names, id=1, **more):
    tools = [{"name": name, "inputSchema": {"type": "object"}} for name in names]
    return {"jsonrpc": "2.0", "id": id, "result": {"tools": tools, **more}}


def asked_for_a_list(world, response, method="tools/list"):
    """The answer to `tools/list` when the server answers so."""
    world.upstream.forget()
    world.upstream.answer = lambda request: response
    answer = world.client.rpc(method)
    assert HIDDEN.encode() not in answer.body, answer
    return answer


def withheld(answer, id=1):
    assert answer.status == 200 and answer.headers["content-type"] == "application/json", answer
    assert answer.json["id"] == id and answer.json["error"]["code"] == -31001, answer
    assert int(answer.headers["content-length"]) == len(answer.body)


# Lists in JSON.


def test_hidden_tools_leave_a_list(world):
    body = listing("a", HIDDEN, "b", "other-secret-tool", "c", nextCursor="n", _meta={"x": 1.50}, unknown=[{}])
    answer = asked_for_a_list(world, as_json(body))
    assert tools_of(answer.json) == ["a", "b", "c"]
    rest = {key: value for key, value in answer.json["result"].items() if key != "tools"}
    assert rest == {"nextCursor": "n", "_meta": {"x": 1.50}, "unknown": [{}]}
    assert int(answer.headers["content-length"]) == len(answer.body)


def test_a_list_in_pieces(world):
    body = json.dumps(listing("a", HIDDEN)).encode()
    pieces = [body[at : at + 7] for at in range(0, len(body), 7)]
    assert tools_of(asked_for_a_list(world, Response(pieces)).json) == ["a"]


def test_a_list_of_3_mib(world):
    body = listing(HIDDEN, *[f"tool-{number}-{'x' * 200}" for number in range(14_000)])
    answer = asked_for_a_list(world, as_json(body))
    assert len(answer.body) > 3 * MIB and len(tools_of(answer.json)) == 14_000


def test_a_list_that_grows(world):
    """Characters at which some readers end a line leave as escapes, twice as long, and Envoy would not survive more in
    its buffer than the limit."""
    body = json.dumps(listing(HIDDEN, "\u2028" * 480_000, "a" * 100), ensure_ascii=False).encode()
    answer = asked_for_a_list(world, as_json(body))
    assert tools_of(answer.json) == ["\u2028" * 480_000, "a" * 100] and len(answer.body) > 2 * MIB


def test_a_list_of_17_mib_is_withheld(world):
    withheld(asked_for_a_list(world, as_json(listing(HIDDEN, "x" * 17 * MIB))))


def test_a_list_without_a_length_of_17_mib_is_withheld(world):
    body = json.dumps(listing(HIDDEN, "x" * 17 * MIB)).encode()
    withheld(asked_for_a_list(world, Response([body[at : at + MIB] for at in range(0, len(body), MIB)])))


def test_a_list_in_the_answer_to_something_else(world):
    answer = asked_for_a_list(world, as_json(listing("a", HIDDEN, id=7)), "ping")
    assert tools_of(answer.json) == ["a"]


def test_a_list_of_2026_leaves_as_private(world):
    body = listing("a", HIDDEN, resultType="complete", ttlMs=1000, cacheScope="public")
    assert asked_for_a_list(world, as_json(body)).json["result"]["cacheScope"] == "private"


# Lists that cannot be read.

LIST = json.dumps(listing("a", HIDDEN)).encode()


def test_unreadable_lists_are_withheld(world):
    for body in (
        LIST + b"x",
        LIST[:-1],
        LIST[:-1] + b',"result":{}}',
        b"\xef\xbb\xbf" + LIST,
        LIST.decode().encode("utf-16"),
        LIST.replace(b'"a"', b"NaN"),
        LIST.replace(b'"a"', b'"\xff"'),
        LIST.replace(b'"tools"', b'"tools":[],"t\\u006fols"'),
        LIST.replace(b'"tools"', b'"Tools"'),
        LIST.replace(b'"tools": [', b'"tools": {"a":[').replace(b"]", b"]}"),
        gzip.compress(LIST),
    ):
        withheld(asked_for_a_list(world, as_json(body)))


def test_encoded_lists_are_withheld(world):
    for kind in ("application/json", "text/event-stream"):
        for encoding in ("gzip", "br", "identity, gzip"):
            headers = {"content-type": kind, "content-encoding": encoding}
            withheld(asked_for_a_list(world, Response(gzip.compress(LIST), headers=headers)))


def test_lists_of_another_type_are_withheld(world):
    for kind in ("text/html", "text/plain", "application/json, text/event-stream", ""):
        withheld(asked_for_a_list(world, Response(LIST, headers={"content-type": kind})))


def test_errors_pass_as_they_are(world):
    for status, kind, body in ((404, "text/plain", b"no such session"), (400, "application/json", b'{ "detail" : 1 }')):
        answer = asked_for_a_list(world, Response(body, status=status, headers={"content-type": kind}))
        assert (answer.status, answer.headers["content-type"], answer.body) == (status, kind, body)


# Streams.


def stream_of(*lines, end="\n", mark=""):
    return (mark + "".join(line + end for line in lines)).encode()


NOTE = '{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1,"progress":1}}'
TEXT = json.dumps(listing("a", HIDDEN, "b"))
LINES = (": hello", "", "id: 1", "event: message", f"data: {NOTE}", "", "retry: 5", "id: 2", f"data: {TEXT}", "", ": bye", "")
HALVES = (f"data: {TEXT[:20]}", f"data:{TEXT[20:]}")
STREAMS = {
    "lf": stream_of(*LINES),
    "crlf": stream_of(*LINES, end="\r\n"),
    "cr": stream_of(*LINES, end="\r"),
    "a byte order mark": stream_of(*LINES, mark="\ufeff"),
    "no space behind the colon": stream_of(*LINES).replace(b"data: ", b"data:"),
    # A line's end within JSON is white space, where it stands between two tokens.
    "two data lines": stream_of("data: " + TEXT[:-1], "data: }", ""),
    "two data lines, crlf": stream_of("data: " + TEXT[:-1], "id: 3", "data: }", "", end="\r\n"),
    "a comment between": stream_of("data: " + TEXT[:-1], ": comment", "data: }", ""),
    "a batch": stream_of(f"data: [{NOTE},{TEXT}]", ""),
}


def test_hidden_tools_leave_streams(world):
    for name, stream in STREAMS.items():
        for size in (len(stream), 1, 3, 64):
            pieces = [stream[at : at + size] for at in range(0, len(stream), size)]
            answer = asked_for_a_list(world, as_events(pieces))
            assert answer.headers["content-type"] == "text/event-stream", (name, answer)
            messages = [json.loads(data) for data in answer.events]
            messages = [message for data in messages for message in (data if isinstance(data, list) else [data])]
            [found] = [message for message in messages if "result" in message]
            assert tools_of(found) == ["a", "b"], (name, size, answer)
            expected = NOTE.encode() in stream
            assert [json.dumps(m, separators=(",", ":")) for m in messages if "method" in m] == [NOTE] * expected


def test_a_stream_with_a_length(world):
    """The server may say how long it is; that is no longer true."""
    headers = {"content-type": "text/event-stream"}
    answer = asked_for_a_list(world, Response(STREAMS["lf"], headers=headers))
    assert "content-length" not in answer.headers and len(answer.events) == 2, answer


def test_unreadable_events_are_replaced(world):
    for data in (TEXT + "x", TEXT.replace('"tools"', '"tools":[],"tools"'), TEXT.replace('"a"', "NaN"), "\ufeff" + TEXT):
        answer = asked_for_a_list(world, as_events([stream_of(f"data: {NOTE}", "", f"data: {data}", "")]))
        note, error = map(json.loads, answer.events)
        assert note == json.loads(NOTE) and error["id"] == 1 and error["error"]["code"] == -31001, answer


def test_an_event_without_an_end_is_dropped(world):
    answer = asked_for_a_list(world, as_events([stream_of(f"data: {NOTE}", "", f"data: {TEXT}")]))
    assert [json.loads(data) for data in answer.events] == [json.loads(NOTE)], answer


def test_an_event_of_17_mib_is_withheld(world):
    piece = b"x" * MIB
    answer = asked_for_a_list(world, as_events([b"data: ", *[piece] * 17, b"\n\n", STREAMS["lf"]]))
    [event] = map(json.loads, answer.events)
    assert event["id"] == 1 and event["error"]["code"] == -31001, event


def test_a_stream_that_a_get_opened(world):
    """It may bring the answer to an earlier request, and it is passed on event by event."""
    world.upstream.forget()
    seen = threading.Event()

    def pieces():
        yield f"data: {NOTE}\n\n".encode()
        # The server goes on when the client has what came so far.
        assert seen.wait(10)
        yield f"data: {TEXT}\n\n".encode()

    world.upstream.answer = lambda request: as_events(pieces())
    connection = http.client.HTTPConnection("127.0.0.1", world.envoy.port, timeout=30)
    connection.request("GET", "/mcp", headers={"accept": "text/event-stream"})
    answer = connection.getresponse()
    assert answer.readline() + answer.readline() == f"data: {NOTE}\n\n".encode()
    seen.set()
    rest = answer.read()
    connection.close()
    assert HIDDEN.encode() not in rest and tools_of(json.loads(rest.removeprefix(b"data: "))) == ["a", "b"], rest
    assert [request.method for request in world.upstream.record] == ["GET"]


def test_an_encoded_stream_that_a_get_opened(world):
    world.upstream.forget()
    headers = {"content-type": "text/event-stream", "content-encoding": "gzip"}
    world.upstream.answer = lambda request: Response(gzip.compress(STREAMS["lf"]), headers=headers)
    answer = world.client.send(None, "GET")
    assert answer.status == 502 and answer.json["error"]["code"] == -31001, answer


def test_a_stream_of_another_type(world):
    """Some clients read whatever a GET brings as a stream of events. What a DELETE brings, or what a notification is
    answered with, nobody reads."""
    world.upstream.forget()
    note = '{"jsonrpc":"2.0","method":"notifications/initialized"}'
    for headers in ({"content-type": "text/plain"}, {}):
        world.upstream.answer = lambda request, headers=headers: Response(STREAMS["lf"], headers=headers)
        answer = world.client.send(None, "GET")
        assert answer.status == 502 and answer.json["error"]["code"] == -31001, answer
        for passes in (world.client.send(None, "DELETE"), world.client.send(note)):
            assert (passes.status, passes.body) == (200, STREAMS["lf"]), passes
        world.upstream.answer = lambda request, headers=headers: Response(b"no streams", status=405, headers=headers)
        answer = world.client.send(None, "GET")
        assert (answer.status, answer.body) == (405, b"no streams"), answer


def test_a_list_in_another_charset(world):
    """Some clients read a stream in the charset that it is said to be in."""
    for kind in ("text/event-stream", "application/json"):
        for charset in ("utf-16", "utf-7", "cp037"):
            headers = {"content-type": f"{kind}; charset={charset}"}
            withheld(asked_for_a_list(world, Response(STREAMS["lf"], headers=headers)))


# What has nothing to hide passes with every byte.


def test_other_answers_pass_byte_for_byte(world):
    body = b' { "id" : 1 ,\n"result":{ "content":[ {"type":"text","text":"\\u0041 1.50 1e5"} ], "isError": false}, "jsonrpc":"2.0"}\n'
    for response in (as_json(body), Response([body[:9], body[9:]])):
        world.upstream.forget()
        world.upstream.answer = lambda request, response=response: response
        answer = world.client.call("free")
        assert (answer.status, answer.body) == (200, body), answer


def test_other_answers_of_many_sizes_pass_byte_for_byte(world):
    for size in (100, 500 << 10, 520 << 10, MIB, 2 * MIB + 1, 5 * MIB, 15 * MIB):
        body = b'{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"%b"}]}}' % (b"x" * size)
        for whole in (body, [body[:1000], body[1000:]]):
            world.upstream.forget()
            headers = {"content-type": "application/json; charset=utf-8", "mcp-session-id": "s", "x-of-the-server": "y"}
            world.upstream.answer = lambda request, whole=whole: Response(whole, headers=headers)
            answer = world.client.call("free")
            assert answer.status == 200 and answer.body == body, (size, str(answer)[:300])
            assert headers.items() <= answer.headers.items(), answer.headers
            assert int(answer.headers.get("content-length", len(body))) == len(body)


def test_other_streams_pass_byte_for_byte(world):
    stream = stream_of(": hi", "", "id:  1", "event: message", f"data:   {NOTE}", "", 'data: {"id":1,', 'data: "result":{}}', "", end="\r\n")
    for size in (len(stream), 1, 5):
        world.upstream.forget()
        pieces = [stream[at : at + size] for at in range(0, len(stream), size)]
        world.upstream.answer = lambda request, pieces=pieces: as_events(pieces)
        assert world.client.call("free").body == stream


def test_an_empty_answer_passes(world):
    world.upstream.forget()
    world.upstream.answer = lambda request: Response(b"", status=202, headers={})
    answer = world.client.send('{"jsonrpc":"2.0","method":"notifications/initialized"}')
    assert (answer.status, answer.body) == (202, b""), answer
    world.upstream.answer = lambda request: Response(b"", status=200)
    answer = world.client.send(None, "DELETE")
    assert (answer.status, answer.body) == (200, b""), answer


# What a failed call took.


def after(world, answer, given_back):
    """Whether a second call passes when the first, of one a day, was answered so."""
    tool = next(world.once)
    world.upstream.forget()
    world.upstream.answer = answer
    try:
        first = world.client.call(tool)
    except (OSError, http.client.HTTPException) as error:
        first = error
    assert len(world.upstream.record) == 1
    second_call(world, tool, given_back)
    return first


def second_call(world, tool, given_back):
    world.upstream.answer = ok
    # The filter hears of an end a moment after the client. A denial counts nothing, so that asking again is free.
    deadline = time.monotonic() + (30 if given_back else 0.3)
    while True:
        if not given_back:
            time.sleep(0.3)
        passes = world.client.call(tool).text == "done"
        if passes or time.monotonic() > deadline:
            break
        time.sleep(0.02)
    assert passes == given_back


def error(request, id=1):
    return {"jsonrpc": "2.0", "id": id, "error": {"code": -32602, "message": "no"}}


def test_an_answer_keeps(world):
    after(world, ok, False)


def test_an_answer_that_says_is_error_keeps(world):
    after(world, lambda r: as_json(result(r, {"content": [{"type": "text", "text": "no"}], "isError": True})), False)


def test_status_500_gives_back(world):
    assert after(world, lambda r: Response(b"oh", status=500, headers={"content-type": "text/plain"}), True).status == 500


def test_status_404_gives_back(world):
    assert after(world, lambda r: as_json(error(r), status=404), True).status == 404


def test_an_error_gives_back(world):
    assert after(world, lambda r: as_json(error(r)), True).json["error"]["message"] == "no"


def test_an_error_in_a_stream_gives_back(world):
    after(world, lambda r: as_events([stream_of(f"data: {NOTE}", "", "data: " + json.dumps(error(r)), "")]), True)


def test_the_error_of_another_call_keeps(world):
    note = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    lines = [line for m in (error(None, 2), note, error(None, "1")) for line in ("data: " + json.dumps(m), "")]
    after(world, lambda r: as_events([stream_of(*lines, "data: " + json.dumps(result(r, {})), "")]), False)


def test_no_answer_gives_back(world):
    answer = after(world, lambda r: None, True)
    assert answer.status == 503 and "does not answer" in answer.json["error"]["message"], answer


def test_half_an_answer_gives_back(world):
    after(world, lambda r: as_json(result(r, {"content": []}), cut=True), True)


def test_a_stream_cut_before_the_answer_gives_back(world):
    after(world, lambda r: as_events([stream_of(f"data: {NOTE}", "")], cut=True), True)


def test_a_stream_cut_behind_the_answer_keeps(world):
    after(world, lambda r: as_events([stream_of("data: " + json.dumps(result(r, {})), "")], cut=True), False)


def test_a_client_that_hangs_up_gives_nothing_back(world):
    """Or hanging up would be a way around every limit."""
    tool = next(world.once)
    world.upstream.forget()
    came, go_on = threading.Event(), threading.Event()

    def answer(request):
        came.set()
        go_on.wait(10)
        return ok(request)

    world.upstream.answer = answer
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool}})
    with socket.create_connection(("127.0.0.1", world.envoy.port)) as connection:
        head = f"POST /mcp HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        connection.sendall((head + body).encode())
        assert came.wait(10)
    time.sleep(0.3)
    go_on.set()
    second_call(world, tool, False)
