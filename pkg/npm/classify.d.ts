/**
 * What the tools of a server can do at worst, and a policy for them, by their definitions alone: nothing is asked of anybody, and the same
 * catalog always gives the same answer. The wasm is a file of its own, `cattlegrid/classify/wasm`.
 *
 * What a server says of its tools proves nothing. An annotation can make a tool worse than it looks, never better,
 * unless the server is trusted.
 *
 * @packageDocumentation
 */

import type { Source } from "./slim.js";

export type { Source } from "./slim.js";

/**
 * Loads the engine. Can be called often: all calls share one loading, and when that is done, further ones do nothing.
 * After a failure the next call tries again.
 *
 * @param source where `cattlegrid/classify/wasm` is: a URL to fetch, a response to a fetch, the bytes, or a compiled
 * module.
 */
export function init(source: Source | Promise<Source>): Promise<void>;

/** Why a tool is what it is taken for. */
export interface Evidence {
  place: "name" | "description" | "argument" | "annotation" | "sibling" | "nowhere";
  /** Which argument, annotation or other tool. */
  of?: string;
  /** The words as they stand there. */
  words: string;
  /** The category that they say. */
  category?: Classified["category"];
  /** The trait that they say. */
  trait?: string;
  /** The risk that they raise it to. */
  risk?: Classified["risk"];
}

/** What a tool can do, and why. */
export interface Classified {
  /** The name that calls use. */
  name: string;
  /** The worst that it does. */
  category: "Read" | "Write" | "Execute" | "Destructive" | "Financial";
  risk: "low" | "medium" | "high" | "critical";
  /** How sure the category is, in percent. */
  confidence: number;
  /** What else a policy should know: `credentials`, `address`, `raw_text` and so on. */
  traits: string[];
  evidence: Evidence[];
  /** The attacks that abuse such a tool. */
  attacks: { id: string; name: string; reason: string }[];
}

/**
 * Says of each tool of a catalog what it can do, in the catalog's order.
 *
 * ```js
 * import { classify, init } from "cattlegrid/classify";
 *
 * await init(new URL("classify_bg.wasm", location.href));
 * classify({ tools: [{ name: "delete_note" }] })[0].category; // "Destructive"
 * ```
 *
 * @param catalog a `tools/list` result, a JSON-RPC response with one, or its array of tools; a string is its JSON text.
 * @param options `trustAnnotations`: believe the server's annotations; then they may lower a category and a risk too.
 * @throws {TypeError} if it is no catalog.
 */
export function classify(catalog: unknown, options?: { trustAnnotations?: boolean }): Classified[];

/**
 * How much an agent may do: look and nothing else; work, with a person for what reaches others, costs or changes
 * rights; work, with a person for money, for rights and for what runs any text.
 */
export type Profile = "read-only" | "careful" | "working";

/**
 * Writes a policy for the tools of a server: what looks is allowed, what changes or starts something is limited, what
 * takes something away is hidden, and for money a person is asked; arguments that lead somewhere get rules. What is
 * not in it is denied. It says why, under `x-reason`, and nothing is to be said of it when it is checked with the
 * catalog.
 *
 * ```js
 * import { init, recommend } from "cattlegrid/classify";
 *
 * const text = recommend(await client.listTools(), { profile: "working" });
 * const one = recommend(catalog, { tools: ["delete_note"], reasons: false });
 * ```
 *
 * @param catalog as in {@link classify}.
 * @param options `profile`: `"careful"` unless it is said; `tools`: only for these, and all others are denied;
 * `reasons: false`: without `x-reason`; `trustAnnotations`: as in {@link classify}.
 * @returns the policy's text, in canonical form.
 * @throws {TypeError} if it is no catalog, or there is no such profile or tool.
 */
export function recommend(
  catalog: unknown,
  options?: {
    profile?: Profile;
    tools?: readonly string[];
    reasons?: boolean;
    trustAnnotations?: boolean;
  },
): string;

/**
 * Pins the tools of a server as they are: the text of a lock, for a file beside the policy (`tools.lock.json`), for
 * {@link reviewPins} and for the `tools_lock` of a guard or filter. The same tools always give the same text.
 *
 * ```js
 * import { pin, reviewPins } from "cattlegrid/classify";
 *
 * const lock = pin(await client.listTools());
 * // A day later:
 * for (const tool of reviewPins(lock, await client.listTools()).tools) console.log(tool.name, tool.status, tool.signs);
 * ```
 *
 * @param catalog as in {@link classify}; all pages of it.
 * @throws {TypeError} if it is no catalog, two tools have one name, or a key could be mistaken for one that is pinned.
 */
export function pin(catalog: unknown): string;

/** A part of a tool's definition. */
export type PinPart = "name" | "title" | "description" | "argument" | "result" | "annotation" | "form";

/** One change of a definition. Its texts have no character that is not seen: those are escaped (`\u{202e}`). */
export interface PinChange {
  /** `form`: only the order of a list, or an empty one. */
  part: PinPart;
  /** Which argument, result or annotation; absent for all of it. */
  of?: string;
  /** The keyword of its schema: `type`, `enum`, `required`, `description`; absent if it came or went as a whole. */
  what?: string;
  /** What it was: a text, or JSON; absent if it was not there. */
  before?: string;
  /** What it is; absent if it is no longer there. */
  after?: string;
  /** Of two texts, what they are made of. */
  words?: ({ same: string } | { removed: string } | { added: string })[];
}

/** What in a new or changed definition looks like an attack. */
export interface PinSign {
  /** `alarm`: an honest server has hardly a reason for it; `caution`: look at it first. */
  weight: "alarm" | "caution";
  kind:
    | "instructions"
    | "hidden_characters"
    | "white_space"
    | "look_alike"
    | "other_tool"
    | "softened_hint"
    | "free_text_argument"
    | "address_argument"
    | "address"
    | "worse";
  part: PinPart;
  of?: string;
  /** The words, of many only the first. */
  words: string;
  /** What they do, as a clause. */
  says: string;
}

/** A tool that is not as it was pinned. */
export interface ReviewedTool {
  name: string;
  status: "new" | "removed" | "changed";
  /** What it could do as it was pinned. */
  before?: Pick<Classified, "category" | "risk" | "traits">;
  /** What it can do now. */
  now?: Pick<Classified, "category" | "risk" | "traits">;
  /** At least one, of a changed tool; none of others. */
  changes: PinChange[];
  /** Alarms first. None found is no proof. */
  signs: PinSign[];
}

/**
 * Says what has changed since the tools of a server were pinned, argument by argument, and what of it looks like an
 * attack.
 *
 * @param lock the text of a lock, as {@link pin} or `cattlegrid pin` has written it.
 * @param catalog as in {@link classify}.
 * @throws {TypeError} if the lock or the catalog is none.
 */
export function reviewPins(lock: string, catalog: unknown): { unchanged: number; tools: ReviewedTool[] };
