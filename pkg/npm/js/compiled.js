// The entry that decides by policies which were compiled before, over the smallest module.

import * as glue from "../wasm/compiled.js";
import { hostOf } from "./decider.js";
import { loaderOf } from "./load.js";

const host = hostOf(glue, "cattlegrid/compiled");

export const init = loaderOf(host, (names) => names.includes("messageLimit") && !names.includes("documentLimit"));

export class Policy extends host.Decider {
  constructor(compiled, options) {
    // Else a hold would seem to be one that somebody can approve.
    if (options?.approvalKeys !== undefined)
      throw new TypeError(
        "approvalKeys: cattlegrid/compiled cannot check approvals; cattlegrid and cattlegrid/slim can",
      );
    super(compiled);
  }
}
