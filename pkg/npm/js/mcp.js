// The entry for programs that guard MCP servers. The wasm stands in the package as text.

import "./guard-inlined.js";

export { PolicyError } from "./guard.js";
export { guard } from "./mcp/handler.js";
export { toNode } from "./mcp/node.js";
export { guardTransport } from "./mcp/transport.js";
