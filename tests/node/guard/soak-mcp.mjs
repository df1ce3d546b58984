// A day's worth of requests through the handler of `cattlegrid/mcp`, in front of a server in the same process: answers
// in JSON and in streams, calls allowed, denied, limited and given back, lists, bodies that cannot be read. All must come
// out right, and memory must stay flat.
//
//     node --expose-gc tests/node/guard/soak-mcp.mjs [REQUESTS]

import { guard } from "../../../pkg/npm/js/mcp.js";

const wanted = Number(process.argv[2] ?? 1_000_000);
/** So many requests are under way at once. */
const WINDOW = 32;
/** Memory may grow by so many MiB between the first fifth and the end. */
const GROWTH = 8;

/** The time does not pass: no limit begins anew. */
const NOW = 1_767_225_600_000;

const POLICY = {
  version: "1",
  default: "deny",
  hide: ["vault"],
  tools: {
    echo: { require: [{ conditions: [{ path: "args.n", op: "gte", value: 0 }] }] },
    streams: {},
    // A call that fails is given back: were one kept, later ones would be denied.
    fails: { limits: [{ counter: "failures", window: "day", max: WINDOW }] },
    limited: { limits: [{ counter: "calls", window: "day", max: 5 }] },
  },
};

const TOOLS = ["echo", "vault", "limited"].map((name) => ({ name, inputSchema: { type: "object" } }));
const EVENTS = { "content-type": "text/event-stream" };
const event = (message) => `event: message\ndata: ${JSON.stringify(message)}\n\n`;

let refusals = 0;

/** The server. */
async function upstream(request) {
  const { id, method, params } = await request.json();
  const answer = (more) => ({ jsonrpc: "2.0", id, ...more });
  if (method === "tools/list") return Response.json(answer({ result: { tools: TOOLS } }));
  if (params?.name === "fails") {
    // By turns as an error of the protocol, as a status, and as no answer at all.
    const how = (refusals += 1) % 3;
    if (how === 0) return Response.json(answer({ error: { code: -32000, message: "no" } }));
    if (how === 1) return Response.json({ error: "no" }, { status: 503 });
    throw new Error("it cannot be reached");
  }
  const done = answer({ result: { content: [{ type: "text", text: JSON.stringify(params.arguments) }] } });
  if (params?.name !== "streams") return Response.json(done);
  const progress = { jsonrpc: "2.0", method: "notifications/progress", params: { progress: 1, progressToken: id } };
  const listed = answer({ result: { tools: TOOLS } });
  return new Response(event(progress) + event({ ...listed, id: `${id}-other` }) + event(done), { headers: EVENTS });
}

const handle = guard({ policy: POLICY, upstream, now: () => NOW });

const post = (body) =>
  new Request("http://here/mcp", { method: "POST", headers: { "content-type": "application/json" }, body });
const call = (name, args) => (id) =>
  JSON.stringify({ jsonrpc: "2.0", id, method: "tools/call", params: { name, arguments: args(id) } });
const said = (text) => JSON.parse(text).result?.content?.[0]?.text ?? "";

let limited = 0;
/** What is sent, by turns, and whether an answer is right. */
const KINDS = [
  [call("echo", (n) => ({ n, text: "x".repeat(n % 500) })), (text, id) => JSON.parse(said(text)).n === id],
  [call("echo", (n) => ({ n: -n })), (text) => said(text).startsWith("[POLICY DENIED]")],
  [call("vault", () => ({})), (text) => said(text).includes("hidden")],
  [
    call("limited", () => ({})),
    (text) => {
      if (!said(text).startsWith("[POLICY DENIED]")) limited += 1;
      return true;
    },
  ],
  [call("fails", () => ({})), (text) => !text.includes("POLICY DENIED")],
  [
    (id) => JSON.stringify({ jsonrpc: "2.0", id, method: "tools/list" }),
    (text) => text.includes('"echo"') && !text.includes("vault"),
  ],
  [
    call("streams", (n) => ({ n })),
    (text, id) => text.includes(`{\\"n\\":${id}}`) && text.includes("progress") && !text.includes("vault"),
  ],
  [(id) => `{"jsonrpc":"2.0","id":${id},"method":"ping","params":{"a":1,"a":2}}`, (text) => !!JSON.parse(text).error],
];

/** MiB that are held when all garbage is gone. */
function held() {
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 2 ** 20;
}

let sent = 0;
let wrong = 0;
const samples = [];

async function worker() {
  while (sent < wanted) {
    const id = (sent += 1);
    const [make, isRight] = KINDS[id % KINDS.length];
    let ok = false;
    try {
      const response = await handle(post(make(id)));
      ok = isRight(await response.text(), id);
    } catch (error) {
      if (wrong === 0) console.error(error);
    }
    if (!ok) wrong += 1;
    // As between requests that come over a network: what is garbage is let go only then.
    await new Promise((resolve) => setImmediate(resolve));
    if (id % Math.max(1, Math.floor(wanted / 20)) === 0) samples.push(held());
  }
}

const began = Date.now();
await Promise.all(Array.from({ length: WINDOW }, worker));
const seconds = (Date.now() - began) / 1000;
const growth = Math.max(...samples.slice(-3)) - Math.max(...samples.slice(0, 4));
const { rss } = process.memoryUsage();
console.log(`${sent} requests in ${seconds.toFixed(0)} s, ${wrong} wrong; ${limited} of 5 under the limit`);
console.log(
  `memory: ${samples.map((mib) => mib.toFixed(0)).join(" ")} MiB; of the process ${(rss / 2 ** 20).toFixed(0)}`,
);
const ok = wrong === 0 && limited === 5 && growth < GROWTH;
console.log(ok ? "flat, and all right" : `FAILED: ${growth.toFixed(0)} MiB more`);
process.exit(ok ? 0 : 1);
