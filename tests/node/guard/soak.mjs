// A day's worth of messages through `cattlegrid guard`: allowed, denied and limited calls, lists, lines that cannot be
// read, requests of the server and its errors. All must come out right, and the guard's memory must stay flat.
//
//     node tests/node/guard/soak.mjs [MESSAGES]

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const wanted = Number(process.argv[2] ?? 1_000_000);
const CLI = fileURLToPath(new URL("../../../pkg/npm/js/cli.js", import.meta.url));
/** So many requests are under way at once. */
const WINDOW = 64;
/** Memory may grow by so many KiB between the first tenth and the end. */
const GROWTH = 24 << 10;

const SERVER = `
  let rest = "", n = 0;
  const tools = ["echo", "vault", "limited"].map((name) => ({ name, inputSchema: { type: "object" } }));
  const say = (message) => process.stdout.write(JSON.stringify({ jsonrpc: "2.0", ...message }) + "\\n");
  process.stdin.setEncoding("utf8").on("data", (chunk) => {
    const lines = (rest + chunk).split("\\n");
    rest = lines.pop();
    for (const line of lines) {
      const { id, method, params } = JSON.parse(line);
      if ((n += 1) % 50 === 0) say({ method: "notifications/message", params: { level: "info", data: n } });
      if (method === "tools/list") say({ id, result: { tools } });
      else if (params?.name === "fails") say({ id, error: { code: -32000, message: "no" } });
      else if (method === "tools/call") say({ id, result: { content: [{ type: "text", text: JSON.stringify(params.arguments) }] } });
    }
  });`;

const POLICY = {
  version: "1",
  default: "deny",
  hide: ["vault"],
  tools: {
    echo: { require: [{ conditions: [{ path: "args.n", op: "gte", value: 0 }] }] },
    // Each call has a counter of its own to give back, or one that is full.
    fails: { limits: [{ counter: "calls", window: 1, max: 1_000_000 }] },
    limited: { limits: [{ counter: "calls", window: "day", max: 5 }] },
  },
};

/** What is sent, by turns, and whether an answer is right. */
const call = (name, args) => (id) =>
  JSON.stringify({ jsonrpc: "2.0", id, method: "tools/call", params: { name, arguments: args(id) } });
const text = (message) => message.result?.content?.[0]?.text ?? "";
const KINDS = [
  [call("echo", (n) => ({ n, text: "x".repeat(n % 500) })), (message, id) => JSON.parse(text(message)).n === id],
  [call("echo", (n) => ({ n: -n })), (message) => text(message).startsWith("[POLICY DENIED]")],
  [call("vault", () => ({})), (message) => text(message).includes("hidden")],
  [call("limited", () => ({})), (message) => message.result !== undefined],
  [call("fails", () => ({})), (message) => message.error?.code === -32000],
  [
    (id) => JSON.stringify({ jsonrpc: "2.0", id, method: "tools/list" }),
    (message) => !JSON.stringify(message).includes("vault"),
  ],
  [(id) => JSON.stringify({ jsonrpc: "2.0", id, method: "no/such" }), (message) => message.error?.code === -32601],
  [(id) => `{"jsonrpc":"2.0","id":${id},"method":"ping","params":{"a":1,"a":2}}`, (message) => message.id === null],
];

const folder = mkdtempSync(join(tmpdir(), "cattlegrid-soak-"));
const policy = join(folder, "policy.json");
writeFileSync(policy, JSON.stringify(POLICY));
const guard = spawn(process.execPath, [CLI, "guard", "--policy", policy, "--", process.execPath, "-e", SERVER], {
  stdio: ["pipe", "pipe", "inherit"],
});
const rss = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${guard.pid}/status`, "utf8"))[1]);

let sent = 0;
let answered = 0;
let seen = 0;
let wrong = 0;
let unread = 0;
let limited = 0;
const samples = [];
const waiting = new Map();
const began = Date.now();

function fill() {
  let lines = "";
  while (waiting.size + unread < WINDOW && sent + seen < wanted) {
    const [make, isRight] = KINDS[sent % KINDS.length];
    const id = (sent += 1);
    const line = make(id);
    // Of a line that cannot be read the answer names no id.
    if (line.includes('"a":2')) unread += 1;
    else waiting.set(id, { isRight, isLimited: line.includes('"limited"') });
    lines += `${line}\n`;
  }
  if (lines) guard.stdin.write(lines);
  if (waiting.size + unread === 0) guard.stdin.end();
}

let rest = "";
guard.stdout.setEncoding("utf8").on("data", (chunk) => {
  const lines = (rest + chunk).split("\n");
  rest = lines.pop();
  for (const line of lines) {
    const message = JSON.parse(line);
    seen += 1;
    if ((sent + seen) % Math.max(1, Math.floor(wanted / 20)) < 1) samples.push(rss());
    if (message.method) continue;
    if (message.id === null) {
      unread -= 1;
      continue;
    }
    const one = waiting.get(message.id);
    waiting.delete(message.id);
    answered += 1;
    if (!one?.isRight(message, message.id)) wrong += 1;
    if (one?.isLimited && !text(message).startsWith("[POLICY")) limited += 1;
  }
  fill();
});
fill();
guard.on("close", (code) => {
  rmSync(folder, { recursive: true });
  const [early, late] = [samples[2], Math.max(...samples.slice(-3))];
  const seconds = (Date.now() - began) / 1000;
  console.log(
    `${sent + seen} messages in ${seconds.toFixed(0)} s: ${answered} answers, ${wrong} wrong; ${limited} of 5 under the limit`,
  );
  console.log(`memory of the guard: ${samples.map((kib) => (kib / 1024).toFixed(0)).join(" ")} MiB`);
  const ok = code === 0 && wrong === 0 && limited === 5 && waiting.size === 0 && late - early < GROWTH;
  console.log(
    ok ? "flat, and all right" : `FAILED: exit code ${code}, ${waiting.size} not answered, ${late - early} KiB more`,
  );
  process.exitCode = ok ? 0 : 1;
});
