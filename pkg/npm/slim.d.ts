/**
 * The same as `cattlegrid`, without the wasm in it: the program says where the file
 * `cattlegrid/wasm` is, and waits for {@link init} before anything else.
 *
 * @packageDocumentation
 */

export * from "./index.js";

/** What the wasm can come from. */
export type Source = string | URL | Response | BufferSource | WebAssembly.Module;

/**
 * Loads the engine. Can be called often: all calls share one loading, and when that is done,
 * further ones do nothing. After a failure the next call tries again.
 *
 * ```js
 * import { init, Policy } from "cattlegrid/slim";
 *
 * await init(new URL("cattlegrid_bg.wasm", location.href));
 * ```
 *
 * @param source a URL to fetch, a response to a fetch, the bytes, or a compiled module.
 */
export function init(source: Source | Promise<Source>): Promise<void>;

/**
 * Loads what checks approvals, in the same ways. A program that gives a policy `approvalKeys` waits for it
 * before; until then they throw an error.
 *
 * ```js
 * import { init, initApprovals, Policy } from "cattlegrid/slim";
 *
 * await init(new URL("cattlegrid_bg.wasm", location.href));
 * await initApprovals(new URL("approvals_bg.wasm", location.href));
 * const policy = new Policy(text, { approvalKeys: [{ ed25519: publicKey }] });
 * ```
 *
 * @param source where the file `cattlegrid/approvals/wasm` is, as in {@link init}.
 */
export function initApprovals(source: Source | Promise<Source>): Promise<void>;
