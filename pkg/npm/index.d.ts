/**
 * Cattlegrid: policy for AI agents' tool calls.
 *
 * A policy says which MCP tools may be called, with which arguments, how often, and what needs a
 * person first. This package decides calls with the same engine that the command line and the Envoy
 * filter use.
 *
 * @packageDocumentation
 */

/**
 * What a policy answers to a call: let it through, refuse it, or hold it until a person approves.
 *
 * Whatever is in doubt is refused. A program that acts only on `"allow"` is safe.
 */
export type Effect = "allow" | "deny" | "hold";

/**
 * One call of a tool.
 *
 * A call may hold what JSON can say, and is refused (rule `(malformed call)`) if it holds anything
 * else, wherever that stands:
 *
 * - plain objects, arrays, strings, booleans, `null`, finite numbers, and BigInt as an exact integer;
 * - of an object its own enumerable members with string keys, `__proto__` being a key like any other.
 *   Members that are `undefined` are left out, as `JSON.stringify` leaves them out;
 * - every member is read once, so that a getter runs once. `toJSON` is not called;
 * - refused are functions, symbols, `NaN` and the infinities, instances of classes (`Map`, `Date`,
 *   boxed values, …), `undefined` and holes in arrays, half surrogate pairs in strings and keys,
 *   more than 128 levels (and so everything that contains itself), more values than a message of
 *   1 MiB could hold, and whatever throws while it is read.
 */
export interface Call {
  /** The tool's name, compared byte for byte. */
  tool: string;
  /** The arguments; absent is the same as `{}`. Anything but an object makes the call malformed. */
  arguments?: Record<string, unknown> | undefined;
  /** Label of the grant that calls; limits with the scope `grant` count for each of them. */
  grant?: string | undefined;
  /** Identifier of the MCP session; limits with the scope `session` count for each of them. */
  session?: string | undefined;
  /** Name of the server that has the tool. */
  server?: string | undefined;
  /** The token by which a person approved this call. */
  approval?: string | undefined;
}

/** A JSON-RPC message `tools/call` as MCP has it. Taken wherever a {@link Call} is. */
export interface CallMessage {
  jsonrpc: "2.0";
  id?: string | number | undefined;
  method: "tools/call";
  params: { name: string; arguments?: Record<string, unknown> | undefined; [member: string]: unknown };
}

/** How a limit stands after a decision. */
export interface LimitState {
  /** The limit's counter, as the policy names it. */
  counter: string;
  /** Who shares the counter: the calls of one grant, of one session, or all. */
  scope: "grant" | "session" | "all";
  /** The window, aligned in UTC; a number is its length in seconds. */
  window: "minute" | "hour" | "day" | number;
  /** What the window holds: calls, or the sum of an argument. */
  max: number;
  /** What is left of it in this window. */
  remaining: number;
  /** Seconds until the next window begins. */
  reset_after: number;
}

/** The answer to a call, with its reason. */
export interface Decision {
  decision: Effect;
  /** The tool that was called; empty if the call does not say. */
  tool: string;
  /**
   * Where a denial or hold comes from: the JSON Pointer of the rule or limit in the policy
   * (`/tools/create_charge/deny_if/0`), or `(no policy)`, `(hidden)`, `(default deny)`, `(malformed call)`.
   */
  rule?: string;
  /** The same for people: `/tools/create_charge/deny_if/args.amount-gt`. */
  label?: string;
  /** What to tell the caller. */
  message?: string;
  /** What a person has to approve, for a call that is held: hexadecimal SHA-256 of the call. */
  approval?: { digest: string };
  /** The limits that apply to the call, in their order in the policy, the one that denied first. */
  limits?: LimitState[];
}

/** How one condition came out. */
export interface ConditionOutcome {
  /** JSON Pointer of the condition in the policy. */
  pointer: string;
  /** The path, as the policy writes it. */
  path: string;
  /** The operator. */
  op: string;
  outcome: "satisfied" | "not satisfied" | "errored";
  /** JSON text of the value that the condition saw; absent when there was none. */
  saw?: string;
}

/** How one rule of the tool came out. */
export interface RuleOutcome {
  /** JSON Pointer of the rule in the policy. */
  rule: string;
  label: string;
  kind: "require" | "deny_if" | "require_approval_if" | "preconditions" | "action";
  outcome: "satisfied" | "not satisfied" | "errored";
  /** What the rule does to this call; absent when it lets it pass. */
  effect?: "deny" | "hold";
  conditions: ConditionOutcome[];
}

/** How one limit came out. */
export interface LimitOutcome extends LimitState {
  /** JSON Pointer of the limit in the policy. */
  rule: string;
  label: string;
  /** `errored`: the amount of this call could not be told. */
  outcome: "room" | "full" | "errored";
}

/** A decision with every rule and limit that has to do with it, not only the first that denied. */
export interface Explanation extends Decision {
  rules: RuleOutcome[];
  limit_outcomes: LimitOutcome[];
}

/** A place in a text as people name it: both from 1, columns in Unicode code points. */
export interface Position {
  line: number;
  column: number;
}

/** A part of the text that was given. */
export interface TextRange {
  /** Where it starts, in UTF-16 code units as JavaScript counts: `text.slice(start, end)`. */
  start: number;
  /** Behind its end, in UTF-16 code units. */
  end: number;
  /** Where it starts, for people. */
  from: Position;
  /** Behind its end, for people. */
  to: Position;
}

/** Something about a policy's text that its author should know. */
export interface Diagnostic {
  /** What kind of fault it is, in kebab-case. Stable. */
  code: string;
  /** A text with an error is no policy; with a warning it may be another than was meant. */
  severity: "error" | "warning";
  /** What is wrong, in one line. */
  message: string;
  /** JSON Pointer of the value that the message is about; empty for the whole text. */
  pointer: string;
  /** The words that are wrong. */
  span: TextRange;
  /** Other places that belong to it. */
  labels: { span: TextRange; message: string }[];
  /** What to do. */
  help?: string;
  /**
   * Edits of the text that mend it, none overlapping another. `safe`: they put there what was meant
   * beyond doubt, and no call passes by a guess; else they are a suggestion.
   */
  fix?: { title: string; edits: { span: TextRange; text: string }[]; safe: boolean };
}

/** Thrown for a text that is no policy. */
export class PolicyError extends Error {
  /** All errors of the text, in its order; at least one. */
  readonly diagnostics: Diagnostic[];
  private constructor();
}

/** When something happens. */
export interface Options {
  /**
   * The time of the call: a `Date`, or milliseconds since 1970 in UTC. Without it, the time it is.
   * Something else throws a `TypeError`.
   */
  now?: number | Date | undefined;
}

/**
 * A key by which approvals are known: for `EdDSA` an Ed25519 public key in PEM, as
 * `openssl pkey -pubout` writes it, or for `HS256` a secret of at least 32 bytes that who approves
 * shares. A line end behind a secret does not belong to it.
 */
export type ApprovalKey = { ed25519: string } | { hs256: string };

/** How a policy is enforced. */
export interface PolicyOptions {
  /**
   * The keys of those who may approve calls, at most 16. A call that is held passes when it comes
   * again with a token in `approval` that one of them has signed, once: see `cattlegrid/approve`.
   *
   * Without this, a hold is shown as one, whatever token comes. With an empty list nobody can ever
   * approve, and what would be held is denied.
   */
  approvalKeys?: readonly ApprovalKey[] | undefined;
}

/** What a policy makes of one tool of a catalog, before any call. */
export interface ToolState {
  name: string;
  title?: string;
  description?: string;
  /**
   * `hide`: not even listed. `deny`: no call passes. `allow`: every call passes, but for the limits of
   * `all_tools`. `approve`: every call needs a person. `custom`: it depends on the call.
   */
  state: "allow" | "deny" | "hide" | "approve" | "custom";
  /** What makes it so, as in {@link Decision.rule}. */
  rule?: string;
}

/**
 * A policy, ready to decide, with counters of its own for its limits.
 *
 * ```js
 * import { Policy } from "cattlegrid";
 *
 * const policy = new Policy('{"version":"1","default":"deny","tools":{"search":{}}}');
 * policy.decide({ tool: "search" }); // "allow"
 * ```
 */
export class Policy {
  /**
   * Reads a policy: JSON, in UTF-8 if it is bytes.
   *
   * @throws {PolicyError} with all its errors, if the text is no policy.
   * @throws {TypeError} if it is no text at all, or an approval key is none.
   */
  constructor(text: string | Uint8Array, options?: PolicyOptions);

  /** SHA-256 of the policy's canonical form, in hexadecimal. */
  readonly hash: string;

  /** Decides a call and counts it into the limits if it is allowed. The quickest way for an object. */
  decide(call: Call | CallMessage, options?: Options): Effect;

  /**
   * The same for the JSON text of a {@link Call} or {@link CallMessage}, which is read strictly:
   * duplicate keys, text after the end, half surrogate pairs, invalid UTF-8 or more than 1 MiB make
   * it malformed. The quickest way of all.
   */
  decideText(call: string | Uint8Array, options?: Options): Effect;

  /** Decides a call, given as an object or as text, counts it if it is allowed, and says why. */
  evaluate(call: Call | CallMessage | string | Uint8Array, options?: Options): Decision;

  /** What `evaluate` would say, with every rule and limit on the way. Counts nothing. */
  explain(call: Call | CallMessage | string | Uint8Array, options?: Options): Explanation;

  /**
   * Gives back what an allowed call took from the limits, because it failed before the tool ran. It
   * goes back into the window that it was taken from. For a decision that took nothing, or was
   * given back already, nothing happens.
   *
   * @throws {TypeError} if the object (not a copy of it) is not one that this policy's `evaluate` returned.
   */
  giveBack(decision: Decision): void;

  /**
   * The state of every tool of a catalog, in its order.
   *
   * @param catalog a `tools/list` result, a JSON-RPC response with one, or its array of tools.
   * @throws {TypeError} if it is none of these.
   */
  tools(catalog: unknown): ToolState[];

  /**
   * Frees the policy's memory now, and not when it is collected. Afterwards every other use of it
   * throws.
   */
  free(): void;
}

/**
 * Everything that is to be said about a policy's text, in the order of the text. No error among it
 * means that `new Policy(text)` works.
 *
 * @param catalog the tools that the policy is for, as in {@link Policy.tools}; with it, the names,
 * paths and values in the policy are compared with them.
 * @throws {TypeError} if `text` is no text, or `catalog` no catalog.
 */
export function check(text: string | Uint8Array, catalog?: unknown): Diagnostic[];

/**
 * The canonical text of a policy: the language's keys in their order, two spaces a level, what is
 * short on one line. It means the same; numbers and `x-` keys stay as they are written.
 *
 * @throws {PolicyError} with all its errors, if the text is no policy.
 * @throws {TypeError} if it is no text at all.
 */
export function format(text: string | Uint8Array): string;

/**
 * Where in a text the value of a JSON Pointer stands (`/tools/search/limits/0`), for instance the
 * `rule` of a decision in the policy's text. `undefined` if there is no such value.
 */
export function locate(text: string | Uint8Array, pointer: string): TextRange | undefined;
