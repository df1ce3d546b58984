// The entry for Workers, where wasm may not be compiled from bytes and is imported as a module.

import { start } from "./policy.js";
import module from "../wasm/cattlegrid_bg.wasm";

start(module);

export { Policy, PolicyError, check, format, locate } from "./policy.js";
