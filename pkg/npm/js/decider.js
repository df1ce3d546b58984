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
 * @param glue what wasm-bindgen made for it
 * @param slim the entry that loads it by hand
 */
export function hostOf({ Engine, buffer, documentLimit, initSync, malformed, messageLimit, refusal }, slim) {
  /** The memory of the engine; none until it is started. */
  let memory;
  /** The largest call and the largest document that the engine will read, in bytes; none if it reads no documents. */
  let largestCall;
  let largestDocument;
  /** The engine's buffer for text, through which every text goes. */
  let room = new Uint8Array(0);
  let view;

  /** Starts the engine with its wasm, a compiled module or bytes. Once is enough. */
  function start(module) {
    if (memory) return;
    ({ memory } = initSync({ module }));
    largestCall = messageLimit();
    largestDocument = documentLimit?.();
  }

  function isStarted() {
    return memory !== undefined;
  }

  function assertStarted() {
    if (!memory) throw new Error(`cattlegrid is not loaded yet: call \`init\` of ${slim} and await it first`);
  }

  /** How often the buffer was asked for. */
  let turns = 0;

  /** The buffer, with more than so many bytes. When wasm memory grows, what was seen of it has no length any more. */
  function roomOf(size) {
    turns += 1;
    if (room.length <= size) {
      const larger = Math.max(size + 1, 4096);
      const address = buffer(larger);
      room = new Uint8Array(memory.buffer, address, larger);
      view = new DataView(memory.buffer, address, larger);
    }
    return room;
  }

  /** Hands text to the engine: the number of bytes that it is to read from the buffer. */
  function write(text, largest) {
    if (typeof text !== "string") {
      const length = Math.min(text.byteLength, largest + 1);
      roomOf(length).set(new Uint8Array(text.buffer, text.byteOffset, length));
      return length;
    }
    // A unit of UTF-16 has at most three bytes in UTF-8. Of a text that is too large no more is copied
    // than shows that it is.
    const size = Math.min(text.length * 3, largest + 4);
    if (text.isWellFormed()) return encoder.encodeInto(text, roomOf(size)).written;
    // Half a surrogate pair has no UTF-8, and the encoder would put another character there and say
    // nothing. A byte that UTF-8 does not have takes its place, and the engine refuses the text there.
    const { written } = encoder.encodeInto(text.slice(0, text.search(/\p{Surrogate}/u)), roomOf(size));
    room[written] = 0xff;
    return written + 1;
  }

  /** Hands a document over, of which no more than `largest` bytes are read. */
  function writeDocument(text, largest = largestDocument) {
    assertStarted();
    if (!isText(text)) throw new TypeError("a document is text: a string or a Uint8Array");
    return write(text, largest);
  }

  /** The text of a call that is an object; if it has none, why. */
  function textOf(call) {
    try {
      return jsonOf(call, largestCall);
    } catch (notJson) {
      return notJson;
    }
  }

  /** Hands a call to the engine; what is no text becomes the empty text, which is no call. */
  function writeCall(text) {
    return isText(text) ? write(text, largestCall) : 0;
  }

  /** Hands a call to the engine and asks it; what has no text is denied for that. */
  function ask(call, asked) {
    const text = isText(call) ? call : textOf(call);
    return JSON.parse(isText(text) ? asked(writeCall(text)) : malformed(text.message));
  }

  /** The text of a value that is called so; throws what is wrong with it. */
  function textOfDocument(value, what, largest = largestDocument) {
    try {
      return jsonOf(value, largest);
    } catch (error) {
      throw new TypeError(`this is no ${what}: ${error.message}`);
    }
  }

  /** A new engine, of a policy's text or of what was made of it before. */
  function engineFrom(source) {
    if (largestDocument === undefined) return engineOfCompiled(source);
    const length = writeDocument(source);
    return orPolicyError(() => new Engine(length));
  }

  function engineOfCompiled(bytes) {
    assertStarted();
    if (!ArrayBuffer.isView(bytes)) throw new TypeError("a compiled policy is a Uint8Array");
    const length = write(bytes, bytes.byteLength);
    const engine = Engine.read(length);
    if (!engine) throw new TypeError(refusal(length));
    return engine;
  }

  /** The engine of a policy, for its subclass. */
  let engineOf;

  class Decider {
    #engine;
    /** What each decision of `evaluate` took from the limits; null if nothing, or nothing any more. */
    #taken = new WeakMap();
    #calls;

    static {
      engineOf = (policy) => policy.#live;
    }

    constructor(source) {
      const engine = engineFrom(source);
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
      const length = this.#quickly(call);
      if (length === NOT_WRITTEN) return EFFECTS[engine.decide(writeCall(textOf(call)), given ?? Date.now())];
      // The clock is a tenth of such a decision, and most policies never look at it.
      const { tool, counts } = this.#calls;
      return EFFECTS[engine.decideSeen(tool, length, given ?? (counts ? Date.now() : 0))];
    }

    /** Writes what the policy looks at of a call. */
    #quickly(call) {
      try {
        roomOf(ROOM_WANTED);
        const turn = turns;
        const length = this.#calls.write(call, view);
        // What a getter did with a policy meanwhile has changed what stands there.
        return turn === turns ? length : NOT_WRITTEN;
      } catch {
        // Getters and proxies can throw whatever they like; they are asked again, and it is told then.
        return NOT_WRITTEN;
      }
    }

    decideText(call, options) {
      const time = timeOf(options);
      const length = writeCall(call);
      return EFFECTS[this.#live.decide(length, time)];
    }

    evaluate(call, options) {
      const time = timeOf(options);
      const engine = this.#live;
      let taken = null;
      const decision = ask(call, (length) => {
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

  return { Decider, ask, assertStarted, engineOf, isStarted, start, textOfDocument, writeDocument };
}
