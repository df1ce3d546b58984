"""Two of the servers of AWS Labs over stdio, as their users start them, behind `cattlegrid guard`.

    target/venv/bin/python tests/systems/guard.py

A row for each, then `N passed, M failed`. What is tried is what run.py tries, without a bridge and a proxy between.
"""

import asyncio
import dataclasses
import json
import sys

from cases import CASES, SEED, UNKNOWN
from run import PATIENCE, VENV, Row, call, eleven, environment, names, report, version_of

from envoy import ROOT  # noqa: E402, I001  (run.py says where it is)
from mcp import Client, StdioServerParameters

SERVERS = ["amazon-bedrock-agentcore", "eks"]


def main():
    def examine(case, aws, folder):
        return asyncio.run(asyncio.wait_for(drive(case, aws, folder), PATIENCE))

    return report((case for case in CASES if case.name in SERVERS), "systems-guard-", examine)


async def drive(case, aws, folder):
    package = f"awslabs.{case.name}-mcp-server"
    if case.generates == UNKNOWN:
        # As the server itself says it, without the bridge.
        case = dataclasses.replace(case, generates="Unknown tool: policy_generation_start")
    env = environment(folder, aws)
    command = [str(VENV / "bin" / package), *case.options]

    def behind(policy):
        file = folder / f"{case.name}.json"
        file.write_text(json.dumps(policy))
        guard = [str(ROOT / "pkg/npm/js/cli.js"), "guard", "--policy", str(file), "--", *command]
        return StdioServerParameters(command="node", args=guard, env=env, cwd=str(ROOT))

    async with Client(StdioServerParameters(command=command[0], args=command[1:], env=env)) as client:
        tools, version = await names(client), client.protocol_version
        before = len(aws.record())
        await call(client, case.denied.tool, case.denied.arguments)
        assert len(aws.record()) > before, "the denied call does nothing anyway"
    assert tools, "the server has no tool"

    async with Client(behind(SEED)) as client:
        assert client.protocol_version == version, client.protocol_version
        assert await names(client) == tools, "the seed policy hides nothing"
        others = [tool for tool in tools if tool != "policy_generation_start"]
        before = aws.record()
        for tool in others:
            said = await call(client, tool, {})
            assert said == (True, f'[POLICY DENIED] Tool "{tool}" is not permitted by policy'), (tool, said)
        assert aws.record() == before, "a denied call reached aws"
        eleventh = await eleven(client, case, aws)

    async with Client(behind(case.policy)) as client:
        listed, hidden = await names(client), case.policy["hide"]
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

    return Row(
        case.name,
        version_of(package),
        f"{len(listed)} / {len(hidden)}",
        f"{len(others)} of {len(tools)}",
        f"{case.allowed.tool}: ok",
        f"{case.denied.tool}: {case.denied.text}",
        eleventh.partition(" Try ")[0].removeprefix("[POLICY DENIED] "),
    )


if __name__ == "__main__":
    sys.exit(main())
