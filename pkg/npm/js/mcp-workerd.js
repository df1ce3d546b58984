// The same for Workers, where wasm may not be compiled from bytes and is imported as a module.

import { start } from "./guard.js";
import module from "../wasm/guard_bg.wasm";

start(module);

export { PolicyError } from "./guard.js";
export { guard } from "./mcp/handler.js";
export { toNode } from "./mcp/node.js";
export { guardTransport } from "./mcp/transport.js";
