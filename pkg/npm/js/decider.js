// What both modules of the package are used through: texts into wasm memory, and a policy that decides.
// An entry of the package starts its module with the wasm file, however it came by it.

import { jsonOf } from "./json.js";
import { CallWriter, NOT_WRITTEN, ROOM_WANTED } from "./outline.js";

/** The effects, by their numbers at the boundary. */
const EFFECTS = ["deny", "hold", "allow"];

const encoder = new TextEncoder();

export class PolicyError extends Error {
  constructor(diagnostics) {
    const [{ code, message = code, span }, ...others] = diagnostics;
    const more = others.length > 0 ? ` (and ${others.length} more)` : "";
    super(`line ${span.from.line}, column ${span.from.column}: ${message}${more}`);
    this.name = "PolicyError";
    this.diagnostics = diagnostics;
  }
}

/** Does what throws the diagnostics of a policy's text if it is none. */
export function orPolicyError(read) {
  try {
    return read();
  } catch (thrown) {
    throw typeof thrown === "string" ? new PolicyError(JSON.parse(thrown)) : thrown;
  }
}

export function isText(value) {
  return typeof value === "string" || ArrayBuffer.isView(value);
}

/** The UTC milliseconds at which something happens. */
export function timeOf(options) {
  const now = options?.now;
  return now === undefined ? Date.now() : timeGiven(now);
}

function timeGiven(now) {
  const time = now instanceof Date ? now.getTime() : now;
  // A wrong time would count into a wrong window.
  if (!Number.isFinite(time) || time < 0) throw new TypeError("`now` is a Date or milliseconds since 1970");
  return time;
}

/**
 * The host of a module in wasm.
 *
 * This class and the next are for all modules. Were they made for each, their private fields would have other names
 * in each, and a program that has two of them looks such a field up each time: a sixth of a quick decision.
 */
export class Host {
  #glue;
  #slim;
  /** The memory of the engine; none until it is started. */
  #memory;
  /** The largest call and the largest document that the engine will read, in bytes; none if it reads no documents. */
  #largestCall;
  #largestDocument;
  /** The engine's buffer for text, through which every text goes. */
  #room = new Uint8Array(0);
  #view;
  /** How often the buffer was asked for. */
  turns = 0;

  /**
   * @param glue what wasm-bindgen made for it
   * @param slim the entry that loads it by hand
   */
  constructor(glue, slim) {
    this.#glue = glue;
    this.#slim = slim;
  }

  /** Starts the engine with its wasm, a compiled module or bytes. Once is enough. */
  start(module) {
    if (this.#memory) return;
    this.#memory = this.#glue.initSync({ module }).memory;
    this.#largestCall = this.#glue.messageLimit();
    this.#largestDocument = this.#glue.documentLimit?.();
  }

  isStarted() {
    return this.#memory !== undefined;
  }

  assertStarted() {
    if (!this.#memory)
      throw new Error(`cattlegrid is not loaded yet: call \`init\` of ${this.#slim} and await it first`);
  }

  /** The buffer, with more than so many bytes. When wasm memory grows, what was seen of it has no length any more. */
  #roomOf(size) {
    this.turns += 1;
    if (this.#room.length <= size) {
      const larger = Math.max(size + 1, 4096);
      const address = this.#glue.buffer(larger);
      this.#room = new Uint8Array(this.#memory.buffer, address, larger);
      this.#view = new DataView(this.#memory.buffer, address, larger);
    }
    return this.#room;
  }

  /** The same for who writes numbers. */
  viewOf(size) {
    this.#roomOf(size);
    return this.#view;
  }

  /** Hands text to the engine: the number of bytes that it is to read from the buffer. */
  #write(text, largest) {
    if (typeof text !== "string") {
      const length = Math.min(text.byteLength, largest + 1);
      this.#roomOf(length).set(new Uint8Array(text.buffer, text.byteOffset, length));
      return length;
    }
    // A unit of UTF-16 has at most three bytes in UTF-8. Of a text that is too large no more is copied
    // than shows that it is.
    const size = Math.min(text.length * 3, largest + 4);
    if (text.isWellFormed()) return encoder.encodeInto(text, this.#roomOf(size)).written;
    // Half a surrogate pair has no UTF-8, and the encoder would put another character there and say
    // nothing. A byte that UTF-8 does not have takes its place, and the engine refuses the text there.
    const room = this.#roomOf(size);
    const { written } = encoder.encodeInto(text.slice(0, text.search(/\p{Surrogate}/u)), room);
    room[written] = 0xff;
    return written + 1;
  }

  /** Hands a document over, of which no more than `largest` bytes are read. */
  writeDocument(text, largest = this.#largestDocument) {
    this.assertStarted();
    if (!isText(text)) throw new TypeError("a document is text: a string or a Uint8Array");
    return this.#write(text, largest);
  }

  /** The text of a call that is an object; if it has none, why. */
  textOf(call) {
    try {
      return jsonOf(call, this.#largestCall);
    } catch (notJson) {
      return notJson;
    }
  }

  /** Hands a call to the engine; what is no text becomes the empty text, which is no call. */
  writeCall(text) {
    return isText(text) ? this.#write(text, this.#largestCall) : 0;
  }

  /** Hands a call to the engine and asks it; what has no text is denied for that. */
  ask(call, asked) {
    const text = isText(call) ? call : this.textOf(call);
    return JSON.parse(isText(text) ? asked(this.writeCall(text)) : this.#glue.malformed(text.message));
  }

  /** The text of a value that is called so; throws what is wrong with it. */
  textOfDocument(value, what, largest = this.#largestDocument) {
    try {
      return jsonOf(value, largest);
    } catch (error) {
      throw new TypeError(`this is no ${what}: ${error.message}`);
    }
  }

  /** A new engine, of a policy's text or of what was made of it before. */
  engineFrom(source) {
    if (this.#largestDocument === undefined) return this.#engineOfCompiled(source);
    const length = this.writeDocument(source);
    return orPolicyError(() => new this.#glue.Engine(length));
  }

  #engineOfCompiled(bytes) {
    this.assertStarted();
    if (!ArrayBuffer.isView(bytes)) throw new TypeError("a compiled policy is a Uint8Array");
    const length = this.#write(bytes, bytes.byteLength);
    const engine = this.#glue.Engine.read(length);
    if (!engine) throw new TypeError(this.#glue.refusal(length));
    return engine;
  }
}

/** The engine of a policy, for its subclass. */
export let engineOf;

export class Decider {
  #host;
  #engine;
  /** What each decision of `evaluate` took from the limits; null if nothing, or nothing any more. */
  #taken = new WeakMap();
  #calls;

  static {
    engineOf = (policy) => policy.#live;
  }

  constructor(host, source) {
    const engine = host.engineFrom(source);
    this.#host = host;
    this.#engine = engine;
    this.#calls = new CallWriter((tool) => engine.outline(tool));
  }

  get #live() {
    if (!this.#engine) throw new Error("this policy was freed");
    return this.#engine;
  }

  get hash() {
    return this.#live.hash;
  }

  decide(call, options) {
    const now = options?.now;
    const given = now === undefined ? undefined : timeGiven(now);
    const engine = this.#live;
    const host = this.#host;
    const length = this.#quickly(call, host);
    if (length === NOT_WRITTEN) return EFFECTS[engine.decide(host.writeCall(host.textOf(call)), given ?? Date.now())];
    // The clock is a tenth of such a decision, and most policies never look at it.
    const { tool, counts } = this.#calls;
    return EFFECTS[engine.decideSeen(tool, length, given ?? (counts ? Date.now() : 0))];
  }

  /** Writes what the policy looks at of a call. */
  #quickly(call, host) {
    try {
      const view = host.viewOf(ROOM_WANTED);
      const { turns } = host;
      const length = this.#calls.write(call, view);
      // What a getter did with a policy meanwhile has changed what stands there.
      return turns === host.turns ? length : NOT_WRITTEN;
    } catch {
      // Getters and proxies can throw whatever they like; they are asked again, and it is told then.
      return NOT_WRITTEN;
    }
  }

  decideText(call, options) {
    const time = timeOf(options);
    const length = this.#host.writeCall(call);
    return EFFECTS[this.#live.decide(length, time)];
  }

  evaluate(call, options) {
    const time = timeOf(options);
    const engine = this.#live;
    let taken = null;
    const decision = this.#host.ask(call, (length) => {
      const text = engine.evaluate(length, time);
      taken = engine.taken() ?? null;
      return text;
    });
    this.#taken.set(decision, taken);
    return decision;
  }

  giveBack(decision) {
    const taken = this.#taken.get(decision);
    if (taken === undefined) throw new TypeError("this is no decision that `evaluate` of this policy returned");
    this.#taken.set(decision, null);
    if (taken) this.#live.giveBack(taken);
  }

  free() {
    this.#engine?.free();
    this.#engine = undefined;
  }
}
