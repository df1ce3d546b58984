// Shows a filter a few exchanges as a proxy would, without a proxy: enough of one to see which functions run.

const SECOND = 1_000_000_000n;
const NOW = 1_800_000_000n * SECOND;
const NOT_FOUND = 1;
const REQUEST_BODY = 0;
const RESPONSE_BODY = 1;
const CONFIGURATION = 7;

const policy = {
  version: "1",
  default: "deny",
  tools: {
    pay: {
      require: [
        {
          conditions: [
            { path: "args.amount", op: "lte", value: 100 },
            { path: "args.currency", op: "in", value: ["EUR", "USD"] },
            { path: "args.note", op: "exists", value: true },
          ],
        },
      ],
      limits: [
        { counter: "calls", window: "minute", max: 1000 },
        { counter: "spent", window: "day", max: 100_000, increment_from: "args.amount" },
      ],
    },
  },
};

const call = (amount) => ({ name: "pay", arguments: { amount, currency: "EUR", note: "lunch" } });
const done = { jsonrpc: "2.0", id: 1, result: { content: [{ type: "text", text: "done" }] } };
const list = { jsonrpc: "2.0", id: 1, result: { tools: [{ name: "pay" }, { name: "other" }] } };

/** What is shown, most frequent first: the request's method and params, the answer's type and body; no answer to what is denied. */
const EXCHANGES = [
  ["tools/call", call(12.5), "application/json", JSON.stringify(done)],
  ["tools/call", call(12.5), "text/event-stream", `event: message\ndata: ${JSON.stringify(done)}\n\n`],
  ["tools/call", call(1000)],
  ["tools/list", {}, "application/json", JSON.stringify(list)],
];

const bytesOf = (text) => new TextEncoder().encode(text);

/** Pairs as the ABI has them: how many, the lengths of all, and each name and value with a zero byte behind it. */
function pairs(entries) {
  const texts = entries.flat().map(bytesOf);
  const head = new Uint32Array([entries.length, ...texts.map((text) => text.length)]);
  const parts = texts.flatMap((text) => [...text, 0]);
  return new Uint8Array([...new Uint8Array(head.buffer), ...parts]);
}

/**
 * Instantiates the filter, configures it and shows it the exchanges, twice each.
 *
 * @param module the filter, compiled
 * @param more what it imports that no proxy has
 * @param seen called before the second showing of each
 */
export function show(module, more, seen) {
  const slots = new Map();
  const bodies = { [CONFIGURATION]: bytesOf(JSON.stringify({ policy })) };
  let headers = [];
  let proxy;
  const memory = () => new Uint8Array(proxy.memory.buffer);
  const view = () => new DataView(proxy.memory.buffer);

  function give(bytes, place, length) {
    const at = bytes.length === 0 ? 0 : proxy.malloc(bytes.length);
    memory().set(bytes, at);
    view().setUint32(place, at, true);
    view().setUint32(length, bytes.length, true);
    return 0;
  }

  const known = {
    proxy_get_header_map_pairs: (_map, place, length) => give(pairs(headers), place, length),
    proxy_get_buffer_bytes: (kind, _start, _most, place, length) => give(bodies[kind], place, length),
    proxy_get_current_time_nanoseconds(place) {
      view().setBigUint64(place, NOW, true);
      return 0;
    },
    proxy_get_shared_data(key, size, place, length, version) {
      const slot = slots.get(String(memory().slice(key, key + size)));
      if (slot === undefined) return NOT_FOUND;
      view().setUint32(version, 1, true);
      return give(slot, place, length);
    },
    proxy_set_shared_data(key, size, value, length) {
      slots.set(String(memory().slice(key, key + size)), memory().slice(value, value + length));
      return 0;
    },
  };
  const imports = { ...more };
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    // What else is asked of the proxy is done, and says nothing.
    if (!(from in more)) (imports[from] ??= {})[name] = known[name] ?? (() => 0);
  }

  proxy = new WebAssembly.Instance(module, imports).exports;
  proxy._initialize?.();
  proxy.proxy_on_context_create(1, 0);
  proxy.proxy_on_vm_start(1, 0);
  if (!proxy.proxy_on_configure(1, bodies[CONFIGURATION].length))
    throw new Error("the filter refuses the sample's policy");

  let stream = 1;
  function exchange([method, params, type, answer]) {
    stream += 1;
    bodies[REQUEST_BODY] = bytesOf(JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }));
    headers = [
      [":authority", "localhost"],
      [":path", "/mcp"],
      [":method", "POST"],
      ["content-type", "application/json"],
      ["content-length", String(bodies[REQUEST_BODY].length)],
      ["accept", "application/json, text/event-stream"],
    ];
    proxy.proxy_on_context_create(stream, 1);
    proxy.proxy_on_request_headers(stream, headers.length, 0);
    proxy.proxy_on_request_body(stream, bodies[REQUEST_BODY].length, 0);
    proxy.proxy_on_request_body(stream, bodies[REQUEST_BODY].length, 1);
    if (answer !== undefined) {
      bodies[RESPONSE_BODY] = bytesOf(answer);
      headers = [
        [":status", "200"],
        ["content-type", type],
      ];
      proxy.proxy_on_response_headers(stream, headers.length, 0);
      proxy.proxy_on_response_body(stream, bodies[RESPONSE_BODY].length, 0);
      proxy.proxy_on_response_body(stream, bodies[RESPONSE_BODY].length, 1);
    }
    proxy.proxy_on_delete(stream);
  }

  for (const one of EXCHANGES) {
    exchange(one);
    seen();
    exchange(one);
  }
}
