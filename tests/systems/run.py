"""Real MCP servers of AWS Labs behind the filter: each over stdio, bridged to HTTP by FastMCP, with moto for AWS.

    target/venv/bin/python tests/systems/run.py [NAME] ...

A row for each server, then `N passed, M failed`. What was tried, and why, is in README.md beside.
"""

import asyncio
import json
import os
import shutil
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))
from cases import CASES, GENERATE, SEED  # noqa: E402
from envoy import TARGET, Envoy, Failed, Process, accepts, free_port  # noqa: E402
from mcp import Client  # noqa: E402

VENV = TARGET / "systems" / "venv"
# Seconds that one server may take, from its start to its end; they take about ten each on an idle machine.
PATIENCE = 300
ERAS = {"auto": "2026-07-28", "legacy": "2025-11-25"}
LIMITED = '[POLICY DENIED] Limit of 10 per minute reached for "policy_generation_start". Try again in '


@dataclass
class Row:
    server: str
    version: str
    tools: str
    seed: str
    allowed: str
    denied: str
    eleventh: str

    def cells(self):
        return list(vars(self).values())


HEAD = Row("server", "version", "listed / hidden", "denied by the seed", "allowed call", "denied call", "eleventh call")


def main(names):
    return report((case for case in CASES if not names or case.name in names), "systems-", examine)


def report(cases, prefix, examine):
    """Prints a row for each case, then how many passed. The exit code."""
    rows, failures = [HEAD], []
    (TARGET / "run").mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=TARGET / "run"))
    try:
        with Aws(folder) as aws:
            for case in cases:
                began = time.monotonic()
                try:
                    rows.append(examine(case, aws, folder))
                    print(f"ok      {case.name}   ({time.monotonic() - began:.1f} s)", flush=True)
                except (Exception, asyncio.CancelledError) as error:
                    failures.append(case.name)
                    print(f"FAILED  {case.name}   ({time.monotonic() - began:.1f} s)\n{causes(error)}", flush=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print()
    widths = [max(map(len, column)) for column in zip(*(row.cells() for row in rows), strict=True)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row.cells(), widths, strict=True)).rstrip())
    print(f"{len(rows) - 1} passed, {len(failures)} failed")
    return 1 if failures or len(rows) == 1 else 0


def causes(error):
    """An error as text; of a group of errors, those within."""
    if isinstance(error, BaseExceptionGroup):
        return "\n".join(map(causes, error.exceptions))
    return f"{type(error).__name__}: {error}"


class Aws(Process):
    def __init__(self, folder):
        self.port = free_port()
        super().__init__("systems aws", [VENV / "bin" / "python", "tests/systems/aws.py", self.port], environment(folder))
        try:
            self.wait_until(lambda: accepts(self.port), 120)
        except BaseException:
            self.stop()
            raise

    def record(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/_record", timeout=20) as answer:
            return json.load(answer)


def environment(folder, aws=None):
    """Of a server: credentials that are none, moto for every service, and no way to any other place."""
    config = folder / "config"
    # In a profile, for one of them asks for it by name.
    config.write_text("[default]\nregion = us-east-1\naws_access_key_id = none\naws_secret_access_key = none\n")
    nowhere = "http://127.0.0.1:9"
    return {
        "PATH": f"{VENV / 'bin'}{os.pathsep}/usr/bin{os.pathsep}/bin",
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "AWS_CONFIG_FILE": str(config),
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "FASTMCP_CHECK_FOR_UPDATES": "off",
        **dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), nowhere),
        **dict.fromkeys(("NO_PROXY", "no_proxy"), "127.0.0.1,localhost"),
    } | ({"AWS_ENDPOINT_URL": f"http://127.0.0.1:{aws.port}"} if aws else {})


def examine(case, aws, folder):
    env = environment(folder, aws)
    package = f"awslabs.{case.name}-mcp-server"
    port = free_port()
    config = folder / f"{case.name}.json"
    server = {"command": str(VENV / "bin" / package), "args": case.options, "env": env}
    config.write_text(json.dumps({"mcpServers": {case.name: server}}))
    bridge = [VENV / "bin" / "fastmcp", "run", config, "--transport", "http", "--host", "127.0.0.1", "--port", port]
    bridge += ["--path", "/mcp", "--no-banner"]
    with Process(f"systems {case.name}", bridge, env) as process:
        process.wait_until(lambda: accepts(port), 120)
        policies = {"policy": SEED}, {"own": {"policy": case.policy}}
        with Envoy(policies[0], port, more=policies[1], name=f"systems {case.name} envoy") as envoy:
            urls = [f"http://127.0.0.1:{where}/mcp" for where in (port, envoy.port, envoy.ports["own"])]
            return asyncio.run(asyncio.wait_for(drive(case, package, aws, *urls), PATIENCE))


async def drive(case, package, aws, direct, seed, own):
    async with Client(direct) as client:
        tools = await names(client)
    assert tools, "the server has no tool"

    async with Client(seed) as client:
        assert client.protocol_version == ERAS["auto"], client.protocol_version
        assert await names(client) == tools, "the seed policy hides nothing"
        others = [tool for tool in tools if tool != "policy_generation_start"]
        before = aws.record()
        for tool in others:
            said = await call(client, tool, {})
            assert said == (True, f'[POLICY DENIED] Tool "{tool}" is not permitted by policy'), (tool, said)
        assert aws.record() == before, "a denied call reached aws"
        eleventh = await eleven(client, case, aws)

    for mode, version in ERAS.items():
        async with Client(own, mode=mode) as client:
            assert client.protocol_version == version, client.protocol_version
            listed = await names(client)
            hidden = case.policy["hide"]
            assert set(hidden) <= set(tools), f"the server lacks {set(hidden) - set(tools)}"
            assert listed == [tool for tool in tools if tool not in hidden], listed
            before = aws.record()
            wrong, said = await call(client, case.allowed.tool, case.allowed.arguments)
            assert not wrong and case.allowed.text in said, said
            middle = aws.record()
            assert (len(middle) > len(before)) == case.asks_aws, middle[len(before) :]
            denial = await call(client, case.denied.tool, case.denied.arguments)
            assert denial == (True, f"[POLICY DENIED] {case.denied.text}"), denial
            concealed = await call(client, hidden[0], {})
            assert concealed == (True, f'[POLICY DENIED] Tool "{hidden[0]}" is hidden by policy'), concealed
            assert aws.record() == middle, "a denied call reached aws"

    async with Client(direct) as client:
        await call(client, case.denied.tool, case.denied.arguments)
        assert len(aws.record()) > len(middle), "the denied call does nothing anyway"

    return Row(
        case.name,
        version_of(package),
        f"{len(listed)} / {len(hidden)}",
        f"{len(others)} of {len(tools)}",
        f"{case.allowed.tool}: ok",
        f"{case.denied.tool}: {case.denied.text}",
        eleventh.partition(" Try ")[0].removeprefix("[POLICY DENIED] "),
    )


async def eleven(client, case, aws):
    """Ten calls in one minute that go through, and the eleventh, which does not: its message."""
    second = time.time() % 60
    if second > 30:
        await asyncio.sleep(60.5 - second)
    began = time.time()
    before = len(aws.record())
    for number in range(10):
        wrong, said = await call(client, "policy_generation_start", GENERATE)
        assert case.generates in said and "[POLICY DENIED]" not in said, (number, said)
    after = aws.record()
    wrong, said = await call(client, "policy_generation_start", GENERATE)
    assert began // 60 == time.time() // 60, "the machine is too slow: ten calls took more than half a minute"
    assert wrong and said.startswith(LIMITED), said
    assert aws.record() == after, "the eleventh call reached aws"
    if "policy_generation_start" in await names(client):
        assert len(after) - before == 10, after[before:]
    return said


async def names(client):
    listed, cursor = [], None
    while True:
        page = await client.list_tools(cursor=cursor)
        listed += [tool.name for tool in page.tools]
        cursor = page.next_cursor
        if not cursor:
            return listed


async def call(client, tool, arguments):
    """Whether the result is an error, and its text."""
    result = await client.call_tool(tool, arguments)
    return bool(result.is_error), "".join(block.text for block in result.content if block.type == "text")


def version_of(package):
    """As it is installed."""
    found = sorted((VENV / "lib").glob(f"python*/site-packages/{package.replace('.', '_').replace('-', '_')}-*.dist-info"))
    if len(found) != 1:
        raise Failed(f"{package} is not installed as it should be: run `make systems`")
    return found[0].name.removesuffix(".dist-info").rpartition("-")[2]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
