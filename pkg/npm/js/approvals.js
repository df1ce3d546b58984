// The keys by which approvals are known, in a module of their own: most policies are given none, and what checks
// tokens, cryptography for the most part, was a tenth of the engine.

import * as glue from "../wasm/approvals.js";
import { loaderOf } from "./load.js";

let started = false;
/** What gives the wasm when keys are given for the first time; none where the program loads it by hand. */
let source;

function start(module) {
  glue.initSync({ module });
  started = true;
}

/** Says how an entry that has the wasm comes by it. */
export function approvalsFrom(give) {
  source = give;
}

export const initApprovals = loaderOf({ isStarted: () => started, start }, (names) => names.includes("keys_check"));

/** Reads keys, as JSON; none if there is no key among them. Throws what is wrong with them. */
export function keysOf(text) {
  if (!started) {
    if (!source)
      throw new Error(
        "approvalKeys: what checks approvals is not loaded yet: " +
          "call `initApprovals` of cattlegrid/slim with the file cattlegrid/approvals/wasm and await it first",
      );
    start(source());
  }
  const keys = new glue.Keys(text);
  if (!keys.isEmpty) return keys;
  keys.free();
  return undefined;
}
