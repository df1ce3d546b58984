// The package's API over all of the engine. An entry starts it with the wasm file and exports from here.

import * as glue from "../wasm/cattlegrid.js";
import { hostOf, orPolicyError, timeOf } from "./decider.js";
import { jsonOf } from "./json.js";

const host = hostOf(glue, "cattlegrid/slim");
const { Decider, ask, engineOf, textOfCatalog, writeDocument } = host;

export const { isStarted, start } = host;
export { PolicyError } from "./decider.js";

function textOfKeys(keys) {
  if (keys === undefined) return undefined;
  try {
    return jsonOf(keys, 1 << 16);
  } catch (error) {
    throw new TypeError(`approvalKeys: ${error.message}`);
  }
}

export class Policy extends Decider {
  constructor(text, options) {
    const keys = textOfKeys(options?.approvalKeys);
    super(text);
    if (keys !== undefined) this.#takeKeys(keys);
  }

  #takeKeys(keys) {
    try {
      engineOf(this).takeApprovalKeys(keys);
    } catch (thrown) {
      this.free();
      throw thrown;
    }
  }

  explain(call, options) {
    const time = timeOf(options);
    const engine = engineOf(this);
    const explanation = ask(call, (length) => engine.explain(length, time));
    // What has no text has nothing but a decision.
    return { rules: [], limit_outcomes: [], ...explanation };
  }

  tools(catalog) {
    const length = writeDocument(textOfCatalog(catalog));
    return JSON.parse(engineOf(this).tools(length));
  }
}

export function check(text, catalog) {
  const json = catalog === undefined ? undefined : textOfCatalog(catalog);
  return JSON.parse(glue.check(writeDocument(text), json));
}

export function format(text) {
  const length = writeDocument(text);
  return orPolicyError(() => glue.format(length));
}

export function locate(text, pointer) {
  const range = glue.locate(writeDocument(text), String(pointer));
  return range === undefined ? undefined : JSON.parse(range);
}
