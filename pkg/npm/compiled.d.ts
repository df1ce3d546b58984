/**
 * The part of `cattlegrid` that decides by policies which were compiled before: by `cattlegrid compile`,
 * or by `compile` of `cattlegrid/export`. It reads no text of a policy, and so is the smallest and starts
 * soonest; its wasm is `cattlegrid/compiled/wasm`. It explains nothing, and checks no approvals. Its
 * decisions are the same.
 *
 * @packageDocumentation
 */

import type { Call, CallMessage, Decision, Effect, Options } from "./index.js";
import type { Source } from "./slim.js";

export type { Call, CallMessage, Decision, Effect, LimitState, Options } from "./index.js";
export type { Source } from "./slim.js";

/**
 * Loads the engine. Can be called often: all calls share one loading, and when that is done,
 * further ones do nothing. After a failure the next call tries again.
 *
 * ```js
 * import { init, Policy } from "cattlegrid/compiled";
 *
 * await init(new URL("compiled_bg.wasm", location.href));
 * ```
 *
 * @param source where `cattlegrid/compiled/wasm` is: a URL to fetch, a response to a fetch, the bytes, or
 * a compiled module.
 */
export function init(source: Source | Promise<Source>): Promise<void>;

/** A policy, ready to decide, with counters of its own for its limits. */
export class Policy {
  /**
   * Reads a compiled policy.
   *
   * @throws {TypeError} if these are not all the bytes of one, as this version of the package writes them.
   */
  constructor(compiled: Uint8Array);

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
