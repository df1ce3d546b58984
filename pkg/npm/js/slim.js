// The entry without the wasm in it: the program says where the wasm is, and waits for it.

import { isStarted, start } from "./policy.js";

export { Policy, PolicyError, check, format, locate } from "./policy.js";

/** The loading under way or done; nothing before the first call and after a failure. */
let loading;

export function init(source) {
  loading ??= load(source).catch((error) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

async function load(source) {
  if (isStarted()) return;
  const module = await compile(await source);
  // Another module might start just as well, and there would be no way back from it.
  if (!WebAssembly.Module.exports(module).some(({ name }) => name === "messageLimit")) {
    throw new Error("this is not the wasm of cattlegrid");
  }
  start(module);
}

async function compile(source) {
  if (source instanceof WebAssembly.Module) return source;
  if (typeof source === "string" || source instanceof URL) source = await fetch(source);
  if (source instanceof Response) {
    if (!source.ok) throw new Error(`cattlegrid could not be loaded: HTTP ${source.status} for ${source.url}`);
    source = await source.arrayBuffer();
  }
  if (!(source instanceof ArrayBuffer) && !ArrayBuffer.isView(source)) {
    throw new TypeError("init wants the wasm of cattlegrid/wasm: a URL, a Response, bytes or a WebAssembly.Module");
  }
  return WebAssembly.compile(source);
}
