// The package's API over its main module. An entry starts it with the wasm file and exports from here.

import * as glue from "../wasm/cattlegrid.js";
import { wholeOf } from "./whole.js";

const { host, api } = wholeOf(glue, "cattlegrid/slim");

export const { isStarted, start } = host;
export const { Policy, check, format, locate } = api;
export { PolicyError } from "./decider.js";
