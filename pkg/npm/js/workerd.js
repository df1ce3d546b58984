// The entry for Workers, where wasm may not be compiled from bytes and is imported as a module.

import { approvalsFrom } from "./approvals.js";
import { host } from "./policy.js";
import approvals from "../wasm/approvals_bg.wasm";
import module from "../wasm/cattlegrid_bg.wasm";

host.start(module);
approvalsFrom(() => approvals);

export { Policy, PolicyError, check, format, locate } from "./policy.js";
