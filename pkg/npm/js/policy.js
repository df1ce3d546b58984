// The package's API over the engine in wasm. An entry of the package starts the engine with the
// wasm file, however it came by it, and exports from here.

import * as wasm from "../wasm/cattlegrid.js";

/** The effects in the order of their codes at the boundary. */
const EFFECTS = ["deny", "hold", "allow"];

const encoder = new TextEncoder();

/** Whether the engine is started, which happens once for the page or process. */
export let started = false;

/** Starts the engine with its wasm: a compiled module, or bytes. */
export function start(module) {
  if (started) return;
  wasm.initSync({ module });
  started = true;
}

function assertStarted() {
  if (!started) throw new Error("cattlegrid is not loaded yet: call `init` of cattlegrid/slim first and await it");
}

/** The engine's buffer for text: made once, larger when a text needs it, used for every text. */
let buffer = new Uint8Array(0);

/** Puts text into the engine's buffer; the number of bytes that the engine is to read from there. */
function write(text, limit) {
  if (typeof text === "string") {
    // UTF-8 has at most three bytes for a unit of UTF-16. What does not fit makes more than the
    // limit in any case, so that the engine refuses it: no more is ever copied.
    const room = Math.min(text.length * 3, limit + 4);
    if (text.isWellFormed()) return encoder.encodeInto(text, bufferOf(room)).written;
    // Half of a surrogate pair has no UTF-8, and the encoder would silently replace it. A byte that
    // never stands in UTF-8 takes its place, and the engine refuses the text right there.
    const { written } = encoder.encodeInto(text.slice(0, text.search(/\p{Surrogate}/u)), bufferOf(room));
    buffer[Math.min(written, room - 1)] = 0xff;
    return Math.min(written + 1, room);
  }
  const length = Math.min(text.byteLength, limit + 1);
  bufferOf(length).set(new Uint8Array(text.buffer, text.byteOffset, length));
  return length;
}

/** The buffer with at least this room. When wasm memory grows, old views of it have no length. */
function bufferOf(room) {
  if (room > buffer.length) {
    const size = Math.max(room, 4096);
    const address = wasm.buffer(size);
    buffer = new Uint8Array(wasm.memory().buffer, address, size);
  }
  return buffer;
}

function isText(value) {
  return typeof value === "string" || ArrayBuffer.isView(value);
}

/** The UTC milliseconds at which something happens. */
function timeOf(options) {
  const now = options?.now;
  if (now === undefined) return Date.now();
  const time = now instanceof Date ? now.getTime() : now;
  // A wrong time would count into a wrong window: refused rather than guessed.
  if (typeof time !== "number" || !Number.isFinite(time)) {
    throw new TypeError("options.now must be a valid Date or a number of milliseconds");
  }
  return time;
}

function writeDocument(text) {
  assertStarted();
  if (!isText(text)) throw new TypeError("a policy is text: a string or a Uint8Array");
  return write(text, wasm.documentLimit());
}

/** What is no text at all becomes a text that is no call. */
function writeCall(text) {
  return isText(text) ? write(text, wasm.messageLimit()) : 0;
}

export class PolicyError extends Error {
  constructor(diagnostics) {
    const errors = diagnostics.filter((diagnostic) => diagnostic.severity === "error");
    const { message, span } = errors[0];
    const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : "";
    super(`line ${span.from.line}, column ${span.from.column}: ${message}${more}`);
    this.name = "PolicyError";
    this.diagnostics = diagnostics;
  }
}

export class Policy {
  #engine;
  /** What every decision of `evaluate` has reserved; null when it is nothing, or given back. */
  #reserved = new WeakMap();

  constructor(text) {
    const length = writeDocument(text);
    try {
      this.#engine = new wasm.Engine(length);
    } catch (thrown) {
      throw Array.isArray(thrown) ? new PolicyError(thrown) : thrown;
    }
  }

  get #live() {
    if (!this.#engine) throw new Error("this policy was freed");
    return this.#engine;
  }

  get hash() {
    return this.#live.hash;
  }

  decide(call, options) {
    return EFFECTS[this.#live.decide(call, timeOf(options))];
  }

  decideText(call, options) {
    const time = timeOf(options);
    return EFFECTS[this.#live.decideText(writeCall(call), time)];
  }

  evaluate(call, options) {
    const time = timeOf(options);
    const engine = this.#live;
    const [decision, reserved] = isText(call)
      ? engine.evaluateText(writeCall(call), time)
      : engine.evaluate(call, time);
    this.#reserved.set(decision, reserved);
    return decision;
  }

  explain(call, options) {
    const time = timeOf(options);
    const engine = this.#live;
    return isText(call) ? engine.explainText(writeCall(call), time) : engine.explain(call, time);
  }

  giveBack(decision) {
    const reserved = this.#reserved.get(decision);
    if (reserved === undefined) throw new TypeError("giveBack wants a decision that this policy's evaluate returned");
    this.#reserved.set(decision, null);
    if (reserved) this.#live.giveBack(reserved);
  }

  tools(catalog) {
    return this.#live.tools(catalog);
  }

  free() {
    this.#engine?.free();
    this.#engine = undefined;
  }
}

export function check(text, catalog) {
  return wasm.check(writeDocument(text), catalog);
}

export function locate(text, pointer) {
  return wasm.locate(writeDocument(text), String(pointer));
}
