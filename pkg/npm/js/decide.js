// The entry that decides and does nothing else, over a module of its own that is much smaller.

import * as glue from "../wasm/decide.js";
import { Decider, Host } from "./decider.js";
import { loaderOf } from "./load.js";

const host = new Host(glue, "cattlegrid/decide");

export { PolicyError } from "./decider.js";

export const init = loaderOf(host, (names) => names.includes("documentLimit") && !names.includes("check"));

export class Policy extends Decider {
  constructor(text, options) {
    // Else a hold would seem to be one that somebody can approve.
    if (options?.approvalKeys !== undefined)
      throw new TypeError("approvalKeys: cattlegrid/decide cannot check approvals; cattlegrid and cattlegrid/slim can");
    super(host, text);
  }
}
