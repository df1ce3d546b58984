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
