"""A server made with the official Python SDK, of both eras of MCP, that answers in JSON rather than in streams.

    python tests/e2e/json_server.py PORT
"""

import sys

from mcp.server.mcpserver import MCPServer

server = MCPServer("json-server")


@server.tool()
def add(a: int, b: int) -> int:
    """Adds two numbers."""
    return a + b


@server.tool()
def forget(everything: bool = False) -> str:
    """Forgets what there is to forget."""
    return "forgotten"


@server.tool()
def secret() -> str:
    """Is seen by nobody."""
    return "seen"


server.run("streamable-http", host="127.0.0.1", port=int(sys.argv[1]), json_response=True)
