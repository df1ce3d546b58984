"""What stands in Envoy between client and server, one beside the other: pieces of its configuration."""

import json
from pathlib import Path

HERE = Path(__file__).parent

# What each of them allows: one tool. Ours alone looks at the arguments and counts.
TOOL = "pay"
POLICY = {
    "version": "1",
    "default": "deny",
    "tools": {
        TOOL: {
            "require": [
                {
                    "conditions": [
                        {"path": "args.sum", "op": "lte", "value": 100},
                        {"path": "args.unit", "op": "in", "value": ["EUR", "USD"]},
                        {"path": "args.to", "op": "exists", "value": True},
                    ]
                }
            ],
            "limits": [
                {"counter": "calls", "window": "minute", "max": 10_000_000},
                {"counter": "spent", "window": "day", "max": 10_000_000_000, "increment_from": "args.sum"},
            ],
        }
    },
}

_NATIVE = """\
                  - name: envoy.filters.http.mcp
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.filters.http.mcp.v3.Mcp
                      max_request_body_size: 1048576
                  - name: envoy.filters.http.rbac
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC
                      rules:
                        action: ALLOW
                        policies:
                          tools:
                            permissions:
                              - sourced_metadata:
                                  metadata_matcher:
                                    filter: envoy.filters.http.mcp
                                    path: [{ key: params }, { key: name }]
                                    value: { string_match: { exact: TOOL } }
                            principals: [{ any: true }]
"""

_LUA = """\
                  - name: envoy.filters.http.lua
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua
                      default_source_code:
                        inline_string: SOURCE
"""

_EMPTY = """\
                  - name: empty
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm
                      config:
                        name: empty
                        root_id: empty
                        allow_on_headers_stop_iteration: true
                        vm_config:
                          vm_id: empty
                          runtime: envoy.wasm.runtime.v8
                          code: { local: { filename: WASM } }
"""


def instead(text, piece):
    """The reference configuration with another filter in the place of ours."""
    begin, end = "                  - name: cattlegrid\n", "                  - name: envoy.filters.http.router\n"
    return text[: text.index(begin)] + piece + text[text.index(end) :]


def variants(empty_wasm):
    """By name what makes Envoy's configuration of the reference."""
    lua = json.dumps((HERE / "json.lua").read_text())
    return {
        "no filter": lambda text: instead(text, ""),
        "empty wasm": lambda text: instead(text, _EMPTY.replace("WASM", json.dumps(str(empty_wasm)))),
        "mcp + rbac": lambda text: instead(text, _NATIVE.replace("TOOL", TOOL)),
        "lua": lambda text: instead(text, _LUA.replace("SOURCE", lua)),
        "cattlegrid": lambda text: text,
    }


def call(size, tool=TOOL):
    """A call that all of them let through, of so many bytes."""
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool, "arguments": {}}}
    arguments = message["params"]["arguments"] = {"sum": 2.5, "unit": "EUR", "to": ""}
    text = lambda: json.dumps(message, separators=(",", ":"))  # noqa: E731
    # Rows, as arguments have them: text alone would be quicker for everyone.
    rows = arguments["rows"] = []
    while len(text()) < size - 90:
        rows.append({"id": len(rows), "name": f"item {len(rows)}", "price": 1.25, "tags": ["a", "b"], "on": True})
    if not rows:
        del arguments["rows"]
    arguments["to"] = "n" * max(0, size - len(text()))
    return text()
