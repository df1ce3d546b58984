/**
 * What other programs run, written from a policy. The wasm is a file of its own, `cattlegrid/export/wasm`.
 *
 * @packageDocumentation
 */

import type { Source } from "./slim.js";

export type { Source } from "./slim.js";

/**
 * Loads the engine. Can be called often: all calls share one loading, and when that is done, further ones do nothing.
 * After a failure the next call tries again.
 *
 * @param source where `cattlegrid/export/wasm` is: a URL to fetch, a response to a fetch, the bytes, or a compiled module.
 */
export function init(source: Source | Promise<Source>): Promise<void>;

/** Where things are. */
export interface EnvoyOptions {
  /** The URL of the MCP server: `https://mcp.example.com/mcp`. */
  upstream: string;
  /** The filter, as a file that Envoy can read. */
  wasm: string;
  /** What clients call the proxy, without the port. Without it, `127.0.0.1` and `localhost`. */
  hosts?: readonly string[];
}

/**
 * A whole, commented configuration of Envoy (YAML) with a policy in its filter, in front of one MCP server: what
 * `cattlegrid envoy-config` writes.
 *
 * @param policy the policy's text. It stands in the configuration as it is.
 * @throws {Error} with words for people: the text is no policy, the upstream is no URL, …
 */
export function envoyConfiguration(policy: string, options: EnvoyOptions): string;

/**
 * The policy as bytes for `cattlegrid/compiled`, the smallest module
 * that decides: what `cattlegrid compile` writes. They are read by this version of the package; make them where the
 * program is built.
 *
 * @param policy the policy's text.
 * @throws {Error} with words for people, if the text is no policy.
 */
export function compile(policy: string): Uint8Array;
