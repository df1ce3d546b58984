// The package's API over all of the engine, for each of the modules that have it.

import { Decider, Host, engineOf, orPolicyError, timeOf } from "./decider.js";
import { jsonOf } from "./json.js";

function textOfKeys(keys) {
  if (keys === undefined) return undefined;
  try {
    return jsonOf(keys, 1 << 16);
  } catch (error) {
    throw new TypeError(`approvalKeys: ${error.message}`);
  }
}

/**
 * The host of a module in wasm, and the API over it.
 *
 * @param glue what wasm-bindgen made for it
 * @param slim the entry that loads it by hand
 * @param takeKeys gives an engine its keys, as JSON text
 */
export function wholeOf(glue, slim, takeKeys) {
  const host = new Host(glue, slim);

  // Programs write catalogs, and of many tools: they may be larger than what people write.
  function textOfCatalog(catalog) {
    host.assertStarted();
    return host.textOfDocument(catalog, "catalog", glue.catalogLimit());
  }

  const writeCatalog = (catalog) => host.writeDocument(textOfCatalog(catalog), glue.catalogLimit());

  class Policy extends Decider {
    constructor(text, options) {
      const keys = textOfKeys(options?.approvalKeys);
      super(host, text);
      if (keys !== undefined) this.#takeKeys(keys);
    }

    #takeKeys(keys) {
      try {
        takeKeys(engineOf(this), keys);
      } catch (thrown) {
        this.free();
        throw thrown;
      }
    }

    explain(call, options) {
      const time = timeOf(options);
      const engine = engineOf(this);
      return explanationOf(host.ask(call, (length) => engine.explain(length, time)));
    }

    tools(catalog) {
      const length = writeCatalog(catalog);
      return JSON.parse(engineOf(this).tools(length));
    }
  }

  function check(text, catalog) {
    const json = catalog === undefined ? undefined : textOfCatalog(catalog);
    return JSON.parse(glue.check(host.writeDocument(text), json));
  }

  function format(text) {
    const length = host.writeDocument(text);
    return orPolicyError(() => glue.format(length));
  }

  function locate(text, pointer) {
    const range = glue.locate(host.writeDocument(text), String(pointer));
    return range === undefined ? undefined : JSON.parse(range);
  }

  return { host, writeCatalog, api: { Policy, check, format, locate } };
}

/** An explanation with its lists: what has no text has nothing but a decision. */
export function explanationOf(answer) {
  return { rules: [], limit_outcomes: [], ...answer };
}
