// The entry that says what tools can do, and what a policy for them could be, over a module of its own.

import * as glue from "../wasm/classify.js";
import { functionsOf } from "./functions.js";
import { jsonOf } from "./json.js";

const { assertStarted, init } = functionsOf(glue, "cattlegrid/classify", "classify");

export { init };

/** A catalog as JSON text, which it may be already. */
function textOf(catalog) {
  assertStarted();
  const limit = glue.catalogLimit();
  try {
    if (typeof catalog !== "string") return jsonOf(catalog, limit);
    if (catalog.length > limit) throw new TypeError("it is too large");
    return catalog;
  } catch (error) {
    throw new TypeError(`this is no catalog: ${error.message}`);
  }
}

export function classify(catalog, options) {
  const text = textOf(catalog);
  return JSON.parse(glue.classify(text, options?.trustAnnotations === true));
}

export function recommend(catalog, options) {
  const text = textOf(catalog);
  const { profile = "careful", tools, reasons = true, trustAnnotations } = options ?? {};
  // All tools are meant by saying nothing, and not by a list that happens to be empty.
  if (tools !== undefined && !(Array.isArray(tools) && tools.length > 0))
    throw new TypeError("tools must be a list of one name or more");
  const names = (tools ?? []).map(String);
  return glue.recommend(text, String(profile), names, reasons !== false, trustAnnotations === true);
}

export function pin(catalog) {
  return glue.pin(textOf(catalog));
}

export function reviewPins(lock, catalog) {
  const text = textOf(catalog);
  if (typeof lock !== "string") throw new TypeError("the lock must be a text");
  if (lock.length > glue.catalogLimit()) throw new TypeError("this is no lock: it is too large");
  return JSON.parse(glue.reviewPins(lock, text));
}
