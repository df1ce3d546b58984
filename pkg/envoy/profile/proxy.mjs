// A proxy as far as the filter needs one to have an exchange: the calls of the ABI 0.2.1 over what is in memory. It
// checks nothing (Envoy and a second host do that in the tests), and it is the same each time: also its clock.

const OK = 0;
const NOT_FOUND = 1;
const CAS_MISMATCH = 8;
const CONTINUE = 0;
const [REQUEST_BODY, RESPONSE_BODY, CONFIGURATION] = [0, 1, 7];
const [REQUEST_HEADERS, RESPONSE_HEADERS] = [0, 2];
const ROOT = 1;
const WARN = 3;
/** What the filter may ask for and is told that there is none. */
const ABSENT = ["proxy_get_property", "proxy_get_header_map_value"];

/** The bytes of headers: how many, the lengths of each name and value, and then these, a NUL behind each. */
function bytesOf(headers) {
  const texts = headers.flat().map((text) => Buffer.from(text));
  const numbers = new Uint32Array([headers.length, ...texts.map((text) => text.length)]);
  const nul = Buffer.from([0]);
  return Buffer.concat([Buffer.from(numbers.buffer), ...texts.flatMap((text) => [text, nul])]);
}

/** The filter in `module`, which accepted `configuration`; `more` are imports that are not of the ABI. */
export function proxy(module, configuration, more = {}) {
  const shared = new Map();
  const bodies = { [CONFIGURATION]: Buffer.from(configuration) };
  const headers = {};
  let [filter, now, contexts, metrics] = [undefined, 1_767_225_600_000_000_000n, ROOT, 0];
  let isAnswered = false;

  const memory = () => Buffer.from(filter.memory.buffer);
  const read = (at, length) => Buffer.from(memory().subarray(at, at + length));
  const text = (at, length) => read(at, length).toString();
  const set = (at, number) => memory().writeUInt32LE(number, at);
  const give = (bytes, at, size) => {
    const room = bytes.length === 0 ? 0 : filter.malloc(bytes.length);
    bytes.copy(memory(), room);
    set(at, room);
    set(size, bytes.length);
    return OK;
  };

  const calls = {
    proxy_get_header_map_pairs: (map, at, size) => give(bytesOf(headers[map] ?? []), at, size),
    proxy_get_buffer_bytes: (kind, start, most, at, size) => {
      const bytes = bodies[kind] ?? Buffer.alloc(0);
      return give(bytes.subarray(start, Math.min(bytes.length, start + (most >>> 0))), at, size);
    },
    proxy_set_buffer_bytes: (kind, start, length, at, size) => {
      bodies[kind] = read(at, size);
      return OK;
    },
    proxy_get_current_time_nanoseconds: (at) => {
      memory().writeBigUInt64LE(now, at);
      return OK;
    },
    proxy_get_shared_data: (name, length, at, size, state) => {
      const known = shared.get(text(name, length));
      if (!known) return NOT_FOUND;
      set(state, known.state);
      return give(known.bytes, at, size);
    },
    proxy_set_shared_data: (name, length, at, size, state) => {
      const [key, bytes] = [text(name, length), read(at, size)];
      const known = shared.get(key)?.state ?? 0;
      if (state !== 0 && state !== known) return CAS_MISMATCH;
      shared.set(key, { bytes, state: known + 1 });
      return OK;
    },
    proxy_define_metric: (kind, name, length, at) => {
      metrics += 1;
      set(at, metrics);
      return OK;
    },
    proxy_get_log_level: (at) => {
      set(at, WARN);
      return OK;
    },
    proxy_send_local_response: () => {
      isAnswered = true;
      return OK;
    },
  };
  const imports = { ...more };
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    if (more[from]) continue;
    const call = calls[name] ?? (() => (ABSENT.includes(name) ? NOT_FOUND : OK));
    (imports[from] ??= {})[name] = call;
  }
  filter = new WebAssembly.Instance(module, imports).exports;
  filter._initialize();
  filter.proxy_on_context_create(ROOT, 0);
  filter.proxy_on_vm_start(ROOT, 0);
  if (!filter.proxy_on_configure(ROOT, bodies[CONFIGURATION].length)) {
    throw new Error("the filter does not take the configuration");
  }

  /** One way of an exchange; whether it went on. `body` are its pieces. */
  function pass(context, way, kind, map, { head, body }) {
    headers[map] = head;
    bodies[kind] = Buffer.alloc(0);
    filter[`proxy_on_${way}_headers`](context, head.length, body.length === 0 ? 1 : 0);
    body.forEach((piece, at) => {
      if (isAnswered) return;
      bodies[kind] = Buffer.concat([bodies[kind], Buffer.from(piece)]);
      const isLast = at === body.length - 1;
      const action = filter[`proxy_on_${way}_body`](context, bodies[kind].length, isLast ? 1 : 0);
      // What goes on is no longer here.
      if (action === CONTINUE) bodies[kind] = Buffer.alloc(0);
    });
    return !isAnswered;
  }

  return {
    /** A request and the server's answer to it, if the request goes on. Whether the filter answered. */
    exchange({ request, answer }) {
      contexts += 1;
      now += 50_000_000n;
      isAnswered = false;
      filter.proxy_on_context_create(contexts, ROOT);
      if (pass(contexts, "request", REQUEST_BODY, REQUEST_HEADERS, request) && answer) {
        pass(contexts, "response", RESPONSE_BODY, RESPONSE_HEADERS, answer);
      }
      filter.proxy_on_done(contexts);
      filter.proxy_on_log(contexts);
      filter.proxy_on_delete(contexts);
      return isAnswered;
    },
    tick: () => filter.proxy_on_tick(ROOT),
  };
}
