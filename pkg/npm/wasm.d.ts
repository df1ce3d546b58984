/**
 * The wasm of `cattlegrid/slim` (`cattlegrid/wasm`, and `cattlegrid/approvals/wasm` for its `initApprovals`), `cattlegrid/decide` (`cattlegrid/decide/wasm`) or
 * `cattlegrid/compiled` (`cattlegrid/compiled/wasm`), as Workers import it: compiled, and ready for `init`.
 *
 * @packageDocumentation
 */

declare const module: WebAssembly.Module;
export default module;
