"""A server made with the official Python SDK, of both eras of MCP, that writes down each tool that it runs.

    python tests/e2e/attacked.py PORT TOOLS RECORD [sessions]     PORT: or `stdio`; TOOLS: a file with a JSON list of
                                                                  tools; RECORD: a file for a line a call
"""

import json
import sys
from pathlib import Path

import anyio
import uvicorn
from mcp import types
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp.shared.exceptions import MCPError

port, tools, record, *mode = sys.argv[1:]
TOOLS = [types.Tool.model_validate(tool) for tool in json.loads(Path(tools).read_text())]


async def list_tools(_context, _params):
    return types.ListToolsResult(tools=TOOLS)


async def call_tool(_context, params):
    if params.name not in [tool.name for tool in TOOLS]:
        raise MCPError(types.INVALID_PARAMS, "there is no such tool")
    # Not all that this server takes for a text can be written in UTF-8: JSON's escapes can say it.
    arguments = {name: (params.arguments or {}).get(name) for name in ("amount", "to")}
    line = json.dumps({"tool": params.name, "arguments": arguments})
    with open(record, "a") as file:
        file.write(line + "\n")
    return types.CallToolResult(content=[types.TextContent(type="text", text="done")])


server = Server("attacked", on_list_tools=list_tools, on_call_tool=call_tool)


async def over_stdio():
    async with stdio_server() as (incoming, outgoing):
        await server.run(incoming, outgoing, server.create_initialization_options())


if port == "stdio":
    anyio.run(over_stdio)
else:
    app = server.streamable_http_app(stateless_http="sessions" not in mode, json_response="sessions" not in mode)
    uvicorn.run(app, host="127.0.0.1", port=int(port), log_level="warning")
