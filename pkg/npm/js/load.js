// Loading a module by hand: the program says where the wasm is, and waits for it.

/**
 * The `init` of an entry.
 *
 * @param host the host that is started
 * @param isOurs whether a module with these exports is the one for it: another might start just as
 * well, and there would be no way back from it
 */
export function loaderOf(host, isOurs) {
  /** The loading under way or done; nothing before the first call and after a failure. */
  let loading;

  async function load(source) {
    if (host.isStarted()) return;
    const module = await compile(await source);
    const names = WebAssembly.Module.exports(module).map(({ name }) => name);
    if (!isOurs(names)) throw new Error("this is not the wasm of cattlegrid");
    host.start(module);
  }

  return function init(source) {
    loading ??= load(source).catch((error) => {
      loading = undefined;
      throw error;
    });
    return loading;
  };
}

async function compile(source) {
  if (source instanceof WebAssembly.Module) return source;
  // Bytes first: to name `Response` costs Node 20 ms, in which it loads its `fetch`.
  if (source instanceof ArrayBuffer || ArrayBuffer.isView(source)) return compileBytes(source);
  if (typeof source === "string" || source instanceof URL) source = await fetch(source);
  if (!(source instanceof Response)) {
    throw new TypeError("init wants the wasm of cattlegrid/wasm: a URL, a Response, bytes or a WebAssembly.Module");
  }
  if (!source.ok) throw new Error(`cattlegrid could not be loaded: HTTP ${source.status} for ${source.url}`);
  return compileBytes(await source.arrayBuffer());
}

/** A module of so many bytes is compiled sooner than others are asked to do it. */
const SMALL = 256 * 1024;

async function compileBytes(bytes) {
  if (bytes.byteLength > SMALL) return WebAssembly.compile(bytes);
  try {
    return new WebAssembly.Module(bytes);
  } catch (error) {
    // Some browsers compile nothing at once that is larger than 4 KB where pages are drawn.
    if (error instanceof RangeError) return WebAssembly.compile(bytes);
    throw error;
  }
}
