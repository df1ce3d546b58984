// The entry for who writes policies, over a module of its own that has all that the main one has.

import * as glue from "../wasm/author.js";
import { orPolicyError, timeOf } from "./decider.js";
import { loaderOf } from "./load.js";
import { explanationOf, wholeOf } from "./whole.js";

const takeKeys = (engine, keys) => engine.takeApprovalKeys(keys);
const { api, host, writeCatalog } = wholeOf(glue, "cattlegrid/author", takeKeys);

export const { Policy, check, format, locate } = api;
export { PolicyError } from "./decider.js";

export const init = loaderOf(host, (names) => names.includes("workbench_new"));

/** The value of an answer that may be none. */
const read = (answer) => (answer === undefined ? undefined : JSON.parse(answer));

export class Workbench {
  #bench;

  constructor() {
    host.assertStarted();
    this.#bench = new glue.Workbench();
  }

  get #live() {
    if (!this.#bench) throw new Error("this workbench was freed");
    return this.#bench;
  }

  setCatalog(catalog) {
    const bench = this.#live;
    if (catalog === undefined) bench.dropCatalog();
    else bench.setCatalog(writeCatalog(catalog));
    return read(bench.analysis());
  }

  setText(text, options) {
    const bench = this.#live;
    bench.setText(host.writeDocument(text));
    return this.analysis(options);
  }

  analysis(options) {
    return read(this.#live.analysis(options?.most));
  }

  get hash() {
    return this.#live.hash();
  }

  tools(options) {
    return read(this.#live.tools(options?.short === true));
  }

  form(tool) {
    return read(this.#live.form(tool === undefined ? undefined : String(tool)));
  }

  arguments(tool) {
    return read(this.#live.arguments(String(tool)));
  }

  locate(pointer) {
    return read(this.#live.locate(String(pointer)));
  }

  edit(change) {
    const bench = this.#live;
    return read(bench.edit(host.writeDocument(host.textOfDocument(change, "change"))));
  }

  evaluate(call, options) {
    const time = timeOf(options);
    const bench = this.#live;
    return host.ask(call, (length) => bench.evaluate(length, time));
  }

  explain(call, options) {
    const time = timeOf(options);
    const bench = this.#live;
    return explanationOf(host.ask(call, (length) => bench.explain(length, time)));
  }

  complete(offset) {
    return read(this.#live.complete(offset));
  }

  hover(offset) {
    return read(this.#live.hover(offset));
  }

  simulate(scenario, options) {
    const bench = this.#live;
    const length = host.writeDocument(scenario);
    return read(orPolicyError(() => bench.simulate(length, options?.coverage === true)));
  }

  reset() {
    this.#live.reset();
  }

  free() {
    this.#bench?.free();
    this.#bench = undefined;
  }
}

export function matchPattern(pattern, text) {
  host.assertStarted();
  return read(glue.matchPattern(String(pattern), String(text)));
}
