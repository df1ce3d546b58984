/**
 * Questions about many calls at once: what a policy would have made of calls that were recorded, and which policy
 * lets them through; and about all calls that there may be: what a new policy lets through that an old one did not,
 * which rules do nothing, whether calls of some kind can ever pass. The wasm is a file of its own,
 * `cattlegrid/analyze/wasm`.
 *
 * A log is read in pieces and never kept, so its size is bound by nobody's memory. Reading takes turns with others on
 * its thread every 50 ms; a page does better to call it in a worker.
 *
 * Every text that it gives may hold what a log says, as it is: show it as text.
 *
 * @packageDocumentation
 */

import type { Call, Decision, Diagnostic } from "./index.js";
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

/**
 * About which calls `diff`, `lint` and `ask` are asked. What they say is proved, shown by a call that the engine itself
 * decides, or unknown, with the reason. Calls are decided with all limits unused, and preconditions count as met; how
 * limits and preconditions changed is said on its own. With a catalog, calls that do not fit a tool's `inputSchema` are
 * left out.
 */
export interface Options {
  /** A `tools/list` result, a JSON-RPC response with one, or its array of tools. */
  catalog?: unknown;
}

type Effect = Decision["decision"];

/** A call that shows something: none of its arguments can be left out or be made smaller on its own. */
export interface Witness {
  call: Call;
  /** The call as JSON text, in which numbers are exact. */
  json: string;
}

/** Calls that are decided otherwise than before. */
export interface Change extends Witness {
  change: "newly allowed" | "newly denied" | "newly held";
  from: Effect;
  to: Effect;
  /** Whether they are let through more easily: denied or held before and allowed now, or denied before and held now. */
  loosens: boolean;
  /** What the old policy makes of the witness, with the rule that decides. */
  old: Decision;
  /** What the new policy makes of it. */
  new: Decision;
}

/** A change of which nobody knows whether there is one. */
export interface Doubt {
  change: Change["change"];
  from: Effect;
  to: Effect;
  loosens: boolean;
  why: string;
}

/** A limit or a precondition that is another. */
export interface LimitChange {
  counter: string;
  change: "looser" | "tighter" | "unknown";
  /** What it was, in words; absent if it is new. */
  old?: string;
  /** What it is; absent if it is gone. */
  new?: string;
  why?: string;
}

interface Changed {
  /** Whether nothing changed, and that is proved. */
  same: boolean;
  /** Whether something is let through more easily, for certain. */
  loosened: boolean;
  /** Whether something is let through less easily, for certain. */
  tightened: boolean;
  /** Whether something could not be proved that may loosen the policy: to be read as if it did. */
  may_be_loosened: boolean;
  limits: LimitChange[];
  preconditions: LimitChange[];
}

/** What changed for the calls of one tool. */
export interface ToolDiff extends Changed {
  /** `null` stands for every tool that neither policy (nor the catalog) names. */
  tool: string | null;
  changes: Change[];
  unknown: Doubt[];
}

/** What changed; `limits` and `preconditions` are those of `all_tools`. */
export interface Diff extends Changed {
  tools: ToolDiff[];
}

/**
 * Compares two policies by what they make of all calls.
 *
 * ```js
 * import { diff, init } from "cattlegrid/analyze";
 *
 * await init(new URL("analyze_bg.wasm", location.href));
 * const { loosened, tools } = diff(oldText, newText);
 * for (const { tool, changes } of tools) for (const { change, json } of changes) console.log(tool, change, json);
 * ```
 *
 * @throws {PolicyError} if one of the texts is no policy; its `document` says which, `"old"` or `"new"`.
 * @throws {TypeError} if the catalog is none.
 */
export function diff(old: string | Uint8Array, changed: string | Uint8Array, options?: Options): Diff;

/**
 * Says which rules of a policy do nothing, which patterns find nothing or everything, which tools have the same rules,
 * and which tools that delete something may be called without a person. What `check` warns of is not said again.
 *
 * @throws {PolicyError} if the text is no policy.
 */
export function lint(
  policy: string | Uint8Array,
  options?: Options,
): {
  /** As those of `check`, with the places in the text. */
  diagnostics: Diagnostic[];
  /** What could not be found out, by the JSON Pointer of a rule or tool. */
  unknown: { pointer: string; why: string }[];
};

/** The answer to a question. */
export type Answer =
  | { answer: "proved" }
  | ({ answer: "refuted"; decision: Decision } & Witness)
  | { answer: "unknown"; why: string }
  /** It is no question; the places are UTF-16 code units of it. */
  | { answer: "invalid"; message: string; start: number; end: number };

/**
 * Answers a question about all calls.
 *
 * ```text
 * never allow tool ~ "delete_.*" where args.env == "prod"
 * always hold tool == "pay" where args.amount > 500 and args.currency in ["usd", "eur"]
 * never deny any tool where args.dry_run == true
 * ```
 *
 * `never` or `always`, then `allow`, `deny` or `hold`, then `tool == "name"`, `tool ~ "pattern"` or `any tool`, then
 * conditions: a path, one of `== != < <= > >= ~ in`, `not in`, `contains`, `exists`, and a value as JSON writes it. They
 * mean what they mean in `deny_if`.
 *
 * @throws {PolicyError} if the text is no policy.
 */
export function ask(policy: string | Uint8Array, question: string, options?: Options): Answer;
