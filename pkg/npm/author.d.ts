/**
 * All of `cattlegrid`, and what a program needs in which people write policies: a {@link Workbench}, which
 * reads a text once and answers every question about it. The wasm is a file of its own,
 * `cattlegrid/author/wasm`, and larger; load no other beside it.
 *
 * Every text that it gives may hold what a server or a policy says, as it is: show it as text.
 *
 * @packageDocumentation
 */

import type {
  Call,
  CallMessage,
  Decision,
  Diagnostic,
  Effect,
  Explanation,
  LimitState,
  Options,
  TextRange,
  ToolState,
} from "./index.js";
import type { Source } from "./slim.js";

export * from "./index.js";
export type { Source } from "./slim.js";

/**
 * Loads the engine. Can be called often: all calls share one loading, and when that is done,
 * further ones do nothing. After a failure the next call tries again.
 *
 * ```js
 * import { init, Workbench } from "cattlegrid/author";
 *
 * await init(new URL("author_bg.wasm", location.href));
 * ```
 *
 * @param source where `cattlegrid/author/wasm` is: a URL to fetch, a response to a fetch, the bytes, or
 * a compiled module.
 */
export function init(source: Source | Promise<Source>): Promise<void>;

/** What there is to say about a text. */
export interface Analysis {
  /** Its errors, or else its warnings, in the order of the text. Of many, the first thousand. */
  diagnostics: Diagnostic[];
  /** How many more were found and are not in the list. */
  omitted: number;
  /** Whether the text is a policy: whether there is no error. */
  loads: boolean;
}

/** A tool in the table of tools. */
export interface ToolRow extends Omit<ToolState, "state"> {
  /** As in {@link ToolState}; absent while the text is no policy. */
  state?: ToolState["state"];
  /** Whether it stands in `tools`. */
  listed: boolean;
  /** Whether it stands in `hide`, by its name or by `*`. */
  hidden: boolean;
  /** Present if there is a catalog and it does not have the tool. */
  unknown?: true;
  /** For an unknown tool, the one of the catalog that was likely meant. */
  nearest?: string;
  /** How many rules (and preconditions) it has of its own. */
  rules: number;
  /** How many limits it has of its own. */
  limits: number;
}

/** What can stand at a place of a text. Places are counted in units of UTF-16. */
export interface Completions {
  /** What was begun stands from here… */
  from: number;
  /** …to here, and is replaced. */
  to: number;
  /** They fit what was begun, the likeliest first: ask anew for the next letter. */
  options: {
    /** What to show. */
    label: string;
    /** What takes the place of what was begun, with its quotes. */
    insert: string;
    /** Where in it one goes on. */
    caret: number;
    /** A few words. */
    detail?: string;
    /** What it means. */
    info?: string;
    /** What it is: `key`, `value`, `tool`, `path`, … */
    kind: string;
  }[];
  /** There are others, which a further letter would find. */
  more: boolean;
}

/** What a word of a text means. */
export interface Hover {
  span: TextRange;
  title: string;
  text: string;
}

/** How many calls came to what. */
export interface SimulationTally {
  calls: number;
  allowed: number;
  denied: number;
  held: number;
  /** Those that were decided as their step expects. */
  met: number;
  /** Those that were not. */
  not_met: number;
}

/** What came of a scenario. */
export interface SimulationResult extends SimulationTally {
  /** The scenario's own steps, if it has any, and its groups. */
  groups: SimulatedGroup[];
}

/** What came of the steps that share their counters. */
export interface SimulatedGroup extends SimulationTally {
  name?: string;
  /** JSON Pointer of the object in the scenario that has the `steps`. */
  pointer: string;
  /** The counters of the limits that held for its calls. */
  counters: {
    /** Where the limit stands, as in {@link Decision.rule}. */
    rule: string;
    label: string;
    counter: string;
    scope: LimitState["scope"];
    grant?: string;
    session?: string;
    window: LimitState["window"];
    max: number;
  }[];
  /** What came of each step, all its repetitions counted. */
  steps: SimulationTally[];
  /** The calls in the order of time: all of them, until there are too many. */
  results: SimulatedCall[];
  /** What came of the calls that are not in `results`, and when they were made. */
  left_out?: SimulationTally & { from: number; to: number };
}

/** One call of a scenario. Times are milliseconds since 1970 in UTC. */
export interface SimulatedCall {
  /** The step, from 0. */
  step: number;
  /** Which time it is made, from 0. */
  repetition: number;
  at: number;
  tool: string;
  decision: Effect;
  rule?: string;
  label?: string;
  message?: string;
  approval?: { digest: string };
  /** It failed on its way, and what it took of the limits was given back. */
  given_back?: true;
  /** Whether it was decided as its step expects. */
  met?: boolean;
  /** Where it was not. */
  differences?: { member: string; expected: string; got: string | null }[];
  /** How the limits stand when the call is over; `counter` is one of the group's `counters`, by its number. */
  limits: { counter: number; used: number; remaining: number; start: number; end: number }[];
}

/** What the calls of a scenario have exercised of the policy. */
export interface Coverage {
  /** Of all that is to happen, so much has: see {@link CoveredPart.missing}. */
  reached: number;
  of: number;
  /** The parts of the policy: `hide`, then the tools, each with what it has, then what all tools share. */
  parts: CoveredPart[];
}

/**
 * A part of the policy, and the calls that came to it. A rule behind the one that denies a call is not asked by it, and
 * no limit is while a rule speaks against the call.
 */
export interface CoveredPart {
  /** `tool`: a listed tool. `hidden`: an entry of `hide`. `action`: one that denies or holds. */
  part: "tool" | "hidden" | "action" | "rule" | "condition" | "precondition" | "limit";
  /** JSON Pointer of it. */
  pointer: string;
  /** The tool that it is about; absent for what all tools share, and for `*`. */
  tool?: string;
  /** Where it stands; of a tool and an entry of `hide`, its name. */
  span: TextRange;
  /** How many calls came to it. */
  asked: number;
  /** For rules, conditions and preconditions: how many calls found it satisfied, */
  satisfied?: number;
  /** and not satisfied. */
  not_satisfied?: number;
  /** For limits: how many calls there was room for, */
  room?: number;
  /** and how many not. */
  full?: number;
  /** How many calls it could not tell of, for a value of another type or no amount. Never missing. */
  errored?: number;
  /** What is to happen to it and has not: `[]` if it is all covered. */
  missing: ("asked" | "satisfied" | "not_satisfied" | "room" | "full")[];
}

/**
 * The rules of one tool, or of all tools, as a form shows them. Of a text that is no policy it has what was
 * understood: what was not is absent.
 */
export interface Form {
  /** The tool; absent for all tools. */
  tool?: string;
  /** As in {@link ToolState}; absent while the text is no policy, and for all tools. */
  state?: ToolState["state"];
  /** What makes it so, as in {@link Decision.rule}. */
  rule?: string;
  /** The state as a sentence: "Calls are allowed, within its 2 rules and limit." */
  sentence?: string;
  /** What the policy says of tools that are not listed, as it is written. */
  default?: string;
  /** Whether the tool has an entry in `tools`, or for all tools, whether there is `all_tools`. */
  listed: boolean;
  /** Whether `hide` names the tool, or `*`. */
  hidden: boolean;
  /** JSON Pointer of the entry, whether it is there or not. */
  pointer: string;
  /** Its `action`, as it is written. */
  action?: string;
  /** Its `reason`. */
  reason?: string;
  require: RuleForm[];
  deny_if: RuleForm[];
  require_approval_if: RuleForm[];
  /** What must have been counted before; without conditions, to be shown and not changed. */
  preconditions: RuleForm[];
  limits: LimitForm[];
  rate_limit?: LimitForm;
  /** The keys of the entry that a form does not change: `x-` keys, `preconditions`, what is misspelt. */
  other: string[];
  /** Indexes into {@link Analysis.diagnostics}: those about the entry, and about no rule or limit in it. */
  problems: number[];
}

/** A rule of a {@link Form}. */
export interface RuleForm {
  /** JSON Pointer of the rule. */
  pointer: string;
  /** As in {@link Decision.label}; absent without conditions. */
  label?: string;
  /** What it does: "Denied when `amount` is over 100." */
  sentence?: string;
  /** The author's message. */
  on_deny?: string;
  conditions: ConditionForm[];
  notes: Note[];
  /** Indexes into {@link Analysis.diagnostics}: those about the rule. */
  problems: number[];
}

/** A condition of a {@link RuleForm}. */
export interface ConditionForm {
  /** JSON Pointer of the condition. */
  pointer: string;
  path?: string;
  op?: string;
  /** Its value: JSON text, as it is written. */
  value?: string;
  /** What it asks: "`amount` is over 100." */
  sentence?: string;
}

/** A limit of a {@link Form}. */
export interface LimitForm {
  /** JSON Pointer of the limit. */
  pointer: string;
  /** What it lets through: "At most 10 calls a minute, for each grant." */
  sentence?: string;
  counter?: string;
  /** JSON text, as it is written. */
  window?: string;
  /** JSON text, as it is written. */
  max?: string;
  scope?: string;
  increment_from?: string;
  /** The author's message. */
  on_deny?: string;
  notes: Note[];
  /** Indexes into {@link Analysis.diagnostics}: those about the limit. */
  problems: number[];
}

/** What people may not expect of a rule or limit. */
export interface Note {
  /** A sentence: "Not checked when `amount` is missing." */
  text: string;
  /** What they can do about it, as a button would say it ("make it required"), and the edits for that. */
  fix?: { title: string; edits: TextEdit[] };
}

/**
 * Something in the arguments of a tool's calls that a condition can ask about, as the tool's `inputSchema` describes
 * it: the word of its server, which proves nothing. Long texts are cut.
 */
export interface Argument {
  /** As a condition's `path` writes it: `args.items[*].price`. */
  path: string;
  /** The types that it may have, as JSON Schema names them; empty if the schema leaves that open. */
  types: string[];
  /** Whether a call may be without it. */
  optional: boolean;
  title?: string;
  description?: string;
  /** If the schema lists all values: each as JSON text, the first two hundred. */
  enum?: string[];
  /** How many more values there are. */
  more?: number;
  /** The format of a text, as JSON Schema names it: `date`, `email`, … */
  format?: string;
  /** The pattern of a text, in the dialect of JSON Schema. */
  pattern?: string;
  /** The least number, as JSON text. */
  minimum?: string;
  /** The greatest number, as JSON text. */
  maximum?: string;
  /** What a missing one means, as JSON text. */
  default?: string;
  /** The operators that fit, the most useful first. */
  operators: string[];
}

/**
 * A change of a policy's text, as somebody makes it in a form. Pointers are JSON Pointers (RFC 6901).
 *
 * - `state`: gives tools a state, in the language's words. `allow` takes away what restricts them, limits too;
 *   `deny` keeps the rules, under `"action": "deny"`; an entry that says nothing more goes. What is hidden by
 *   `*` is shown by hiding all others by name, for which the catalog must be known.
 * - `put`: puts a value in the place of what is there, as another member, or into a list: `-` is behind its last
 *   element. Parents that are missing are made. Give the value as its JSON text in `json` where numbers must stay
 *   as somebody typed them: JavaScript rounds long ones.
 * - `remove`: takes a value away, and the list or `all_tools` around it if that is empty then and means nothing. An
 *   empty list of `conditions` stays: it means every call.
 * - `move`: moves an element of a list, or a member, to another place among its siblings, counted from 0.
 * - `rename`: gives a member another key.
 */
export type Change =
  | { kind: "state"; tools: readonly string[]; state: "allow" | "deny" | "hide" | "approve" }
  | { kind: "put"; pointer: string; value: unknown }
  | { kind: "put"; pointer: string; json: string }
  | { kind: "remove"; pointer: string }
  | { kind: "move"; pointer: string; to: number }
  | { kind: "rename"; pointer: string; to: string };

/** An edit of a text: what stands in `span` is replaced by `text`. */
export interface TextEdit {
  span: TextRange;
  text: string;
}

/** A change, made. */
export interface Edited {
  /**
   * The edits, in the order of the text, none touching another; none at all if there is nothing to change. All
   * places are those of the text before.
   */
  edits: TextEdit[];
  /** JSON Pointer, in the text afterwards, to what there is to see of it. */
  reveal?: string;
  /** What else it did that people may not expect, in sentences for them: "2 rules and 1 limit of `x` are removed". */
  notes: string[];
}

/**
 * A policy that is being written: its text, the catalog that it is for, counters to try it with.
 *
 * ```js
 * const bench = new Workbench();
 * bench.setCatalog(await client.listTools());
 * const { diagnostics } = bench.setText('{"version":"1","default":"deny","tools":{"search":{}}}');
 * bench.tools(); // [{ name: "search", state: "allow", rule: "/tools/search", … }, …]
 * bench.evaluate({ tool: "search" }).decision; // "allow"
 * ```
 */
export class Workbench {
  /** One with an empty text, which is no policy, and without a catalog. */
  constructor();

  /**
   * The tools that the policy is for, in any form that {@link Policy.tools} takes; `undefined`: they are not
   * known. What there is to say about the text with them. It is read once: give it again only when it is another.
   *
   * @throws {TypeError} if it is no catalog; the one before stays.
   */
  setCatalog(catalog: unknown): Analysis;

  /**
   * Takes a new text, in UTF-8 if it is bytes. What there is to say about it.
   *
   * @param options as those of `analysis`.
   * @throws {TypeError} if it is no text at all.
   */
  setText(text: string | Uint8Array, options?: { most?: number }): Analysis;

  /**
   * What there is to say about the text.
   *
   * @param options `most`: so many diagnostics at most, for who shows the first ones before the others; what is not
   * in the list is counted in `omitted`.
   */
  analysis(options?: { most?: number }): Analysis;

  /**
   * SHA-256 of the policy's canonical form, in hexadecimal; `undefined` while the text is no policy. The counters
   * belong to it: they start again with the first call that is decided or explained by a policy of another hash.
   */
  readonly hash: string | undefined;

  /**
   * Every tool of the catalog in its order, then those that only the policy names.
   *
   * @param options `short`: without `title` and `description`, which only another catalog changes. A large catalog
   * is asked for them once.
   */
  tools(options?: { short?: boolean }): ToolRow[];

  /**
   * The rules of a tool, whether the policy lists it or not; without a name, those of all tools. `undefined` if
   * nothing can be read of the text.
   */
  form(tool?: string): Form | undefined;

  /**
   * What conditions on a tool can ask about, in the order of its `inputSchema`, each followed by what is in it; at
   * most five hundred, and eight steps deep. Empty for a tool that the catalog does not have.
   */
  arguments(tool: string): Argument[];

  /** Where the value of a JSON Pointer stands in the text; `undefined` if there is none. */
  locate(pointer: string): TextRange | undefined;

  /**
   * The edits of the text that bring a change about: small ones, laid out as the text is. The text itself stays as
   * it is until `setText` gives another.
   *
   * @throws {Error} if it cannot be made, with words for people: the text is not valid JSON yet, there is nothing at
   * the pointer, …
   * @throws {TypeError} if it is no change at all.
   */
  edit(change: Change): Edited;

  /**
   * Decides a call by the policy in the text, counts it if it is allowed, and says why. While the text is no policy
   * every call is denied, with the rule `(no policy)`.
   */
  evaluate(call: Call | CallMessage | string | Uint8Array, options?: Options): Decision;

  /** What `evaluate` would say, with every rule and limit on the way. Counts nothing. */
  explain(call: Call | CallMessage | string | Uint8Array, options?: Options): Explanation;

  /**
   * What can stand at a place of the text, as it is written now, faults and all.
   *
   * @param offset in units of UTF-16, as JavaScript counts
   */
  complete(offset: number): Completions | undefined;

  /** What the word at a place of the text means; `undefined` if nothing is known of it. */
  hover(offset: number): Hover | undefined;

  /**
   * Runs a scenario (the text of a `*.scenario.json`) through the policy in the text, with counters of its own.
   * The questions under its `assert` are passed over: `ask` of `cattlegrid/analyze` answers those.
   *
   * @param options `coverage`: say also which parts of the policy the calls have exercised. While the text is no
   * policy, the scenario runs through its own, and places are those of the scenario's text.
   * @throws {PolicyError} with all errors of the scenario's text.
   */
  simulate(scenario: string | Uint8Array, options: { coverage: true }): SimulationResult & { coverage: Coverage };
  simulate(scenario: string | Uint8Array, options?: { coverage?: boolean }): SimulationResult;

  /** Sets all counters back to nothing. */
  reset(): void;

  /** Frees the memory now, and not when it is collected. Afterwards every other use of it throws. */
  free(): void;
}

/**
 * Whether the `regex` operator finds a pattern in a text, or what is wrong with the pattern: for who tries one while
 * writing it.
 */
export function matchPattern(pattern: string, text: string): PatternMatch;

/** How a pattern fares with a text. Places are `[start, end]` in units of UTF-16. */
export type PatternMatch =
  /** `found`: the leftmost match, the longest there; absent also where looking for it takes too long. */
  | { matches: boolean; found?: [number, number] }
  /** What is wrong with the pattern, and where in it. */
  | { error: string; place: [number, number] };
