// The entry that says what tools can do, over a module of its own.

import * as glue from "../wasm/classify.js";
import { functionsOf } from "./functions.js";
import { jsonOf } from "./json.js";

const { assertStarted, init } = functionsOf(glue, "cattlegrid/classify", "classify");

export { init };

export function classify(catalog, options) {
  assertStarted();
  let text;
  try {
    text = jsonOf(catalog, glue.documentLimit());
  } catch (error) {
    throw new TypeError(`this is no catalog: ${error.message}`);
  }
  return JSON.parse(glue.classify(text, options?.trustAnnotations === true));
}
