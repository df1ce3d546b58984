// The package's API over its main module. An entry starts it with the wasm file and exports from here.

import * as glue from "../wasm/cattlegrid.js";
import { keysOf } from "./approvals.js";
import { wholeOf } from "./whole.js";

const takeKeys = (engine, keys) => engine.takeKeys(keysOf(keys));
const { api, host } = wholeOf(glue, "cattlegrid/slim", takeKeys);

export const { Policy, check, format, locate } = api;
export { host };
export { PolicyError } from "./decider.js";
