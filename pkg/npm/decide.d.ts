/**
 * The part of `cattlegrid` that decides and does nothing else, for pages and Workers where every
 * kilobyte counts: its wasm, `cattlegrid/decide/wasm`, is much smaller. It has no words for what is
 * wrong with a policy, explains nothing, and checks no approvals. Its decisions are the same.
 *
 * @packageDocumentation
 */

import type { Call, CallMessage, Decision, Effect, Options, TextRange } from "./index.js";
import type { Source } from "./slim.js";

export type { Call, CallMessage, Decision, Effect, LimitState, Options, Position, TextRange } from "./index.js";
export type { Source } from "./slim.js";

/**
 * Loads the engine. Can be called often: all calls share one loading, and when that is done,
 * further ones do nothing. After a failure the next call tries again.
 *
 * ```js
 * import { init, Policy } from "cattlegrid/decide";
 *
 * await init(new URL("decide_bg.wasm", location.href));
 * ```
 *
 * @param source where `cattlegrid/decide/wasm` is: a URL to fetch, a response to a fetch, the bytes, or
 * a compiled module.
 */
export function init(source: Source | Promise<Source>): Promise<void>;

/** What is wrong with a policy's text, without words: `check` of `cattlegrid` has them. */
export interface Fault {
  /** What kind of fault it is, in kebab-case. The same as that of the other module's diagnostic. */
  code: string;
  severity: "error";
  /** JSON Pointer of the value that it is about; empty for the whole text. */
  pointer: string;
  /** The words that are wrong. */
  span: TextRange;
}

/** Thrown for a text that is no policy. */
export class PolicyError extends Error {
  /** All errors of the text, in its order; at least one. */
  readonly diagnostics: Fault[];
  private constructor();
}

/** A policy, ready to decide, with counters of its own for its limits. */
export class Policy {
  /**
   * Reads a policy: JSON, in UTF-8 if it is bytes.
   *
   * @throws {PolicyError} with all its errors, if the text is no policy.
   * @throws {TypeError} if it is no text at all.
   */
  constructor(text: string | Uint8Array);

  /** SHA-256 of the policy's canonical form, in hexadecimal. */
  readonly hash: string;

  /** Decides a call and counts it into the limits if it is allowed. The quickest way for an object. */
  decide(call: Call | CallMessage, options?: Options): Effect;

  /** The same for the JSON text of a call, which is read strictly. The quickest way of all. */
  decideText(call: string | Uint8Array, options?: Options): Effect;

  /** Decides a call, given as an object or as text, counts it if it is allowed, and says why. */
  evaluate(call: Call | CallMessage | string | Uint8Array, options?: Options): Decision;

  /**
   * Gives back what an allowed call took from the limits, because it failed before the tool ran.
   *
   * @throws {TypeError} if the object (not a copy of it) is not one that this policy's `evaluate` returned.
   */
  giveBack(decision: Decision): void;

  /**
   * Frees the policy's memory now, and not when it is collected. Afterwards every other use of it
   * throws.
   */
  free(): void;
}
