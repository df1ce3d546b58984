// The entry that decides by policies which were compiled before, over the smallest module.

import * as glue from "../wasm/compiled.js";
import { Decider, Host } from "./decider.js";
import { loaderOf } from "./load.js";

const host = new Host(glue, "cattlegrid/compiled");

export const init = loaderOf(host, (names) => names.includes("messageLimit") && !names.includes("documentLimit"));

export class Policy extends Decider {
  constructor(compiled, options) {
    // Else a hold would seem to be one that somebody can approve.
    if (options?.approvalKeys !== undefined)
      throw new TypeError(
        "approvalKeys: cattlegrid/compiled cannot check approvals; cattlegrid and cattlegrid/slim can",
      );
    super(host, compiled);
  }
}
