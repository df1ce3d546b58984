// The entry for questions about many calls at once, over a module of its own.

import * as glue from "../wasm/analyze.js";
import { PolicyError, orPolicyError } from "./decider.js";
import { functionsOf } from "./functions.js";
import { jsonOf } from "./json.js";

export { PolicyError };

const { assertStarted, init } = functionsOf(glue, "cattlegrid/analyze", "analyze");

export { init };

/** So many bytes are handed over at once. */
const PIECE = 1 << 20;
/** After so many milliseconds others have their turn. */
const TURN = 50;

export async function replay(text, calls, options = {}) {
  assertStarted();
  const { against, policyName, log = "any" } = options;
  const start = () => glue.Recorded.replay(bytesOf(text), against && bytesOf(against), policyName, log);
  return through(orPolicyError(start), calls, options);
}

export async function learn(calls, options = {}) {
  assertStarted();
  const { catalog, log = "any" } = options;
  let text;
  try {
    if (catalog !== undefined) text = jsonOf(catalog, glue.catalogLimit());
  } catch (error) {
    throw new TypeError(`this is no catalog: ${error.message}`);
  }
  return through(glue.Recorded.learn(text, log), calls, options);
}

/** Reads all of a log; what came of it. */
async function through(recorded, calls, { onProgress, signal }) {
  let bytes = 0;
  let last = performance.now();
  try {
    for await (const piece of piecesOf(calls)) {
      const lines = recorded.take(piece);
      bytes += piece.length;
      if (performance.now() - last > TURN) {
        signal?.throwIfAborted();
        onProgress?.({ bytes, lines });
        await new Promise((resolve) => setTimeout(resolve));
        last = performance.now();
      }
    }
    signal?.throwIfAborted();
  } catch (thrown) {
    recorded.free();
    throw thrown;
  }
  // It takes what it was, so there is nothing to be freed.
  return JSON.parse(recorded.finish());
}

/** The pieces of a log in UTF-8, none of them large. */
async function* piecesOf(calls) {
  if (typeof calls === "string" || ArrayBuffer.isView(calls) || calls instanceof ArrayBuffer) {
    yield* cut(calls);
    return;
  }
  // A file, the body of an answer, or anything else that gives its pieces one after another.
  const pieces = typeof calls?.stream === "function" ? calls.stream() : calls;
  if (typeof pieces?.getReader === "function") {
    // Not every browser can iterate over a stream.
    const reader = pieces.getReader();
    try {
      for (let next = await reader.read(); !next.done; next = await reader.read()) yield* cut(next.value);
    } finally {
      await reader.cancel().catch(() => {});
    }
    return;
  }
  if (pieces?.[Symbol.asyncIterator] === undefined && pieces?.[Symbol.iterator] === undefined) {
    throw new TypeError("calls are text, bytes, a Blob, or a stream of them");
  }
  for await (const piece of pieces) yield* cut(piece);
}

function* cut(piece) {
  if (typeof piece === "string") {
    const encoder = new TextEncoder();
    for (let at = 0; at < piece.length;) {
      let end = Math.min(at + PIECE, piece.length);
      // No pair of surrogates is cut in two.
      if (end < piece.length && (piece.charCodeAt(end - 1) & 0xfc00) === 0xd800) end += 1;
      yield encoder.encode(piece.slice(at, end));
      at = end;
    }
    return;
  }
  const bytes = bytesOf(piece);
  for (let at = 0; at < bytes.length; at += PIECE) yield bytes.subarray(at, at + PIECE);
}

function bytesOf(text) {
  if (typeof text === "string") return new TextEncoder().encode(text);
  if (text instanceof ArrayBuffer) return new Uint8Array(text);
  if (ArrayBuffer.isView(text)) return new Uint8Array(text.buffer, text.byteOffset, text.byteLength);
  throw new TypeError("a text is a string or bytes in UTF-8");
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function textFrom(document) {
  return typeof document === "string" ? document : decoder.decode(bytesOf(document));
}

function catalogOf(options) {
  const catalog = options?.catalog;
  if (catalog === undefined) return undefined;
  try {
    return jsonOf(catalog, glue.catalogLimit());
  } catch (error) {
    throw new TypeError(`this is no catalog: ${error.message}`);
  }
}

/** The answer of the engine; what is no policy is thrown with its diagnostics. */
function read(ask) {
  assertStarted();
  try {
    return JSON.parse(ask());
  } catch (thrown) {
    if (typeof thrown !== "string") throw thrown;
    const { document, diagnostics } = JSON.parse(thrown);
    throw Object.assign(new PolicyError(diagnostics), { document });
  }
}

export function diff(old, changed, options) {
  return read(() => glue.diff(textFrom(old), textFrom(changed), catalogOf(options)));
}

export function lint(policy, options) {
  return read(() => glue.lint(textFrom(policy), catalogOf(options)));
}

export function ask(policy, question, options) {
  return read(() => glue.ask(textFrom(policy), String(question), catalogOf(options)));
}
