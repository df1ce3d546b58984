/**
 * The wasm of `cattlegrid/slim` (`cattlegrid/wasm`) or of `cattlegrid/decide` (`cattlegrid/decide/wasm`), as
 * Workers import it: compiled, and ready for `init`.
 *
 * @packageDocumentation
 */

declare const module: WebAssembly.Module;
export default module;
