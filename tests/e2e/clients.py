"""The official clients through the filter: what they list, what they call, and what they show of a denial."""

import asyncio
import json
import subprocess
import sys
from contextlib import contextmanager
from types import SimpleNamespace

from envoy import ROOT, Envoy, McpServer, Process, accepts, free_port
from mcp import Client

# Of server-everything, which answers in streams, and of json_server.py, which answers in JSON.
EVERYTHING = {
    "policy": {
        "version": "1",
        "default": "deny",
        "hide": ["get-env"],
        "tools": {"echo": {}, "get-sum": {"action": "deny", "reason": "sums are not for agents"}, "get-env": {}},
    },
    "calls": [["echo", {"message": "hello"}], ["get-sum", {"a": 1, "b": 2}], ["get-env", {}], ["get-tiny-image", {}]],
    "texts": [
        "Echo: hello",
        "[POLICY DENIED] sums are not for agents",
        '[POLICY DENIED] Tool "get-env" is hidden by policy',
        '[POLICY DENIED] Tool "get-tiny-image" is not permitted by policy',
    ],
    "listed": ["echo", "get-sum", "get-tiny-image"],
    "hidden": "get-env",
}
JSON = {
    "policy": {"version": "1", "default": "deny", "hide": ["secret"], "tools": {"add": {}}},
    "calls": [["add", {"a": 1, "b": 2}], ["forget", {}], ["secret", {}]],
    "texts": [
        "3",
        '[POLICY DENIED] Tool "forget" is not permitted by policy',
        '[POLICY DENIED] Tool "secret" is hidden by policy',
    ],
    "listed": ["add", "forget"],
    "hidden": "secret",
}


@contextmanager
def world():
    port = free_port()
    with (
        McpServer() as everything,
        Process("json server", [sys.executable, "tests/e2e/json_server.py", port]) as server,
        Envoy({"policy": EVERYTHING["policy"]}, everything.port, name="envoy everything") as streams,
    ):
        server.wait_until(lambda: accepts(port), 30)
        with Envoy({"policy": JSON["policy"]}, port, name="envoy json") as in_json:
            yield SimpleNamespace(streams=streams, json=in_json)


def check(case, seen):
    for tool in case["listed"]:
        assert tool in seen["tools"], seen["tools"]
    assert case["hidden"] not in seen["tools"], seen["tools"]
    assert [result["text"] for result in seen["results"]] == case["texts"], seen["results"]
    assert [result["isError"] for result in seen["results"]] == [False] + [True] * (len(case["texts"]) - 1)


async def with_python(url, mode, calls):
    async with Client(url, mode=mode) as client:
        tools = [tool.name for tool in (await client.list_tools()).tools]
        results = []
        for tool, arguments in calls:
            result = await client.call_tool(tool, arguments)
            results.append({"text": result.content[0].text, "isError": result.is_error})
        return {"version": client.protocol_version, "tools": tools, "results": results}


def python(envoy, mode, case):
    seen = asyncio.run(with_python(envoy.url, mode, case["calls"]))
    check(case, seen)
    return seen["version"]


def typescript(envoy, which, case):
    done = subprocess.run(
        ["node", "tests/e2e/typescript.mjs", which, envoy.url, json.dumps(case["calls"])],
        cwd=ROOT,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    check(case, seen)
    return seen.get("version")


def test_python_with_streams(world):
    python(world.streams, "auto", EVERYTHING)


def test_python_of_2025_with_json(world):
    assert python(world.json, "legacy", JSON) == "2025-11-25"


def test_python_of_2026_with_json(world):
    assert python(world.json, "auto", JSON) == "2026-07-28"


def test_typescript_client_with_streams(world):
    typescript(world.streams, "client-2025", EVERYTHING)


def test_typescript_client_of_2025_with_json(world):
    assert typescript(world.json, "client-2025", JSON) == "2025-11-25"


def test_typescript_client_of_2026_with_json(world):
    assert typescript(world.json, "client-2026", JSON) == "2026-07-28"


def test_typescript_sdk_1_with_streams(world):
    typescript(world.streams, "sdk", EVERYTHING)


def test_typescript_sdk_1_with_json(world):
    typescript(world.json, "sdk", JSON)
