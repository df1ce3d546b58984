// The entry without the wasm in it: the program says where the wasm is, and waits for it.

import { loaderOf } from "./load.js";
import { host } from "./policy.js";

export { initApprovals } from "./approvals.js";
export { Policy, PolicyError, check, format, locate } from "./policy.js";

export const init = loaderOf(
  host,
  (names) => names.includes("messageLimit") && names.includes("check") && !names.includes("workbench_new"),
);
