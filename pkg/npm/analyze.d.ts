/**
 * Questions about many calls at once: what a policy would have made of calls that were recorded, and which policy
 * lets them through. The wasm is a file of its own, `cattlegrid/analyze/wasm`.
 *
 * A log is read in pieces and never kept, so its size is bound by nobody's memory. Reading takes turns with others on
 * its thread every 50 ms; a page does better to call it in a worker.
 *
 * Every text that it gives may hold what a log says, as it is: show it as text.
 *
 * @packageDocumentation
 */

import type { Source } from "./slim.js";

export { PolicyError } from "./index.js";
export type { Source } from "./slim.js";

/**
 * Loads the engine. Can be called often: all calls share one loading, and when that is done, further ones do nothing.
 * After a failure the next call tries again.
 *
 * @param source where `cattlegrid/analyze/wasm` is: a URL to fetch, a response to a fetch, the bytes, or a compiled
 * module.
 */
export function init(source: Source | Promise<Source>): Promise<void>;

/** A log, as text or bytes in UTF-8: all of it, a file, or its pieces one after another. */
export type Log =
  | string
  | Uint8Array
  | ArrayBuffer
  | Blob
  | ReadableStream<Uint8Array | string>
  | AsyncIterable<Uint8Array | string>
  | Iterable<Uint8Array | string>;

/** How a log is read. */
export interface LogOptions {
  /**
   * How its lines are written; by default each line says that itself. `decisions`: the decision log of the filter, as
   * Envoy writes it. `access`: access logs of Envoy in JSON. `mcp`: messages of MCP, one a line. `plain`:
   * `{at, grant, session, tool, arguments}`.
   */
  log?: "any" | "decisions" | "access" | "mcp" | "plain";
  /** Called now and then with what was read up to then. */
  onProgress?: (done: { bytes: number; lines: number }) => void;
  /** Ends it early; the promise then rejects with the signal's reason. */
  signal?: AbortSignal;
}

/** Lines that could not be understood. */
export interface MalformedLines {
  lines: number;
  /** The first of them, counted from 1. */
  first: { line: number; why: string }[];
  /** How many for each reason. */
  reasons: Record<string, number>;
}

/** What a replay has found. Times are milliseconds since 1970 in UTC. */
export interface ReplayReport {
  lines: number;
  calls: number;
  /** Calls that are decided as before, */
  unchanged: number;
  /** those that are not, */
  changed: number;
  /** and those of which it is not known, for it depends on what was not recorded. */
  unknown: number;
  /** Calls that are allowed, and nothing was recorded to compare with. */
  allowed: number;
  /** Calls that failed on their way, and gave back what they took of limits. */
  given_back: number;
  /** Lines that came too late to be put in their place; they count at the time that it was then. */
  late: number;
  /** Calls before any line had a time; they happen at one moment. */
  untimed: number;
  /** Calls that were decided by a policy of another name than `policyName`; they are left out. */
  of_others: number;
  from?: number;
  to?: number;
  /** What would change, and what is unknown, by tool and rule: the most frequent of each kind first. */
  groups: ReplayGroup[];
  /** Calls that belong to further groups, which are not told apart. */
  other_groups: number;
  /** The names of the policies that decided the recorded calls, the first twenty. */
  policies: string[];
  malformed: MalformedLines;
}

/** Calls of one tool with one fate. */
export interface ReplayGroup {
  tool: string;
  /** `denied` and `held`: nothing was recorded to compare with. */
  kind: "newly allowed" | "newly denied" | "newly held" | "denied" | "held" | "unknown";
  /** The rule that makes the change (of what is newly allowed, the one that was against it), or why it is unknown. */
  by: string;
  calls: number;
  /** The first of them; `arguments` is JSON text, or names the keys if no more was recorded, and may be cut. */
  examples: { line: number; at?: number; arguments?: string }[];
}

/**
 * Runs recorded calls through a policy in the order of time, and says what would change.
 *
 * ```js
 * import { init, replay } from "cattlegrid/analyze";
 *
 * await init(new URL("analyze_bg.wasm", location.href));
 * const { changed, groups } = await replay(policy, file, { onProgress: ({ lines }) => show(lines) });
 * ```
 *
 * @param text the policy.
 * @param calls the log.
 * @param options `against`: the policy to compare with; without it, what was recorded. `policyName`: only the calls
 * that the log says were decided by the policy of this name.
 * @throws {PolicyError} (the promise rejects) with the diagnostics of the text that is no policy.
 */
export function replay(
  text: string | Uint8Array,
  calls: Log,
  options?: LogOptions & { against?: string | Uint8Array; policyName?: string },
): Promise<ReplayReport>;

/** A policy that was learnt. */
export interface Learnt {
  /** Its text: a draft, marked as one, each rule with what was seen for it in `x-reason`. */
  policy: string;
  /** What its reader should know, in sentences. */
  notes: string[];
  lines: number;
  /** Calls that were learnt from. */
  calls: number;
  /** Calls that were denied or held; nothing is learnt from those. */
  not_allowed: number;
  /** Calls of which not all arguments were recorded. */
  partial: number;
  /** Calls of more tools than are learnt. */
  left_out: number;
  from?: number;
  to?: number;
  malformed: MalformedLines;
}

/**
 * The least policy that lets recorded calls through, with head room: a draft that somebody has to read. It cannot
 * tell what was meant from what was an attack.
 *
 * @param calls the log.
 * @param options `catalog`: a `tools/list` result, a JSON-RPC response with one, or its array of tools; what was never
 * called is named.
 * @throws {TypeError} (the promise rejects) if the catalog is none.
 */
export function learn(calls: Log, options?: LogOptions & { catalog?: unknown }): Promise<Learnt>;
