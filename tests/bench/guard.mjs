// What `cattlegrid guard` adds to a message over stdio: calls to the same server over the bare pipe and through the
// guard, taking turns in one run. A call and its answer are two messages, and each passes two more pipes and a process. How
// much of it is the process, and not the guard, a third one shows, which only copies bytes.
//
//     node tests/bench/guard.mjs [CALLS]

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const calls = Number(process.argv[2] ?? 20_000);
const ROUND = 500;
const CLI = fileURLToPath(new URL("../../pkg/npm/js/cli.js", import.meta.url));
/** Answers each line at once with the line's id, and does nothing else: all the time is the pipes'. */
const SERVER = `
  let rest = "";
  process.stdin.setEncoding("utf8").on("data", (chunk) => {
    const lines = (rest + chunk).split("\\n");
    rest = lines.pop();
    for (const line of lines) {
      const [, id] = /"id":(\\d+)/.exec(line);
      process.stdout.write('{"jsonrpc":"2.0","id":' + id + ',"result":{"content":[{"type":"text","text":"${"done ".repeat(40)}"}]}}\\n');
    }
  });`;

/** Stands between client and server, as the guard does, and copies what comes. */
const COPY = `
  const server = require("node:child_process").spawn(process.execPath, ["-e", process.argv[1]], { stdio: ["pipe", "pipe", "inherit"] });
  process.stdin.on("data", (chunk) => server.stdin.write(chunk)).on("end", () => server.stdin.end());
  server.stdout.on("data", (chunk) => process.stdout.write(chunk));`;

const rule = (path, op, value) => ({ conditions: [{ path: `args.${path}`, op, value }] });
const tools = Object.fromEntries(
  Array.from({ length: 100 }, (_, n) => [
    `service_operation_${n}`,
    {
      require: [rule("amount", "lte", 50_000)],
      deny_if: [rule("region", "eq", "nowhere")],
      limits: [{ counter: "calls", window: "hour", max: 1_000_000_000 }],
    },
  ]),
);
const line = (id) =>
  `${JSON.stringify({
    jsonrpc: "2.0",
    id,
    method: "tools/call",
    params: {
      name: `service_operation_${id % 100}`,
      arguments: { amount: 42_00, region: "eu", customer: { id: "cus_9s6XKzkNRiz8i3", email: "ada@example.com" } },
    },
  })}\n`;

class Pipe {
  #waiting;
  #ids = 0;

  constructor(command) {
    this.process = spawn(process.execPath, command, { stdio: ["pipe", "pipe", "inherit"] });
    let rest = "";
    this.process.stdout.setEncoding("utf8").on("data", (chunk) => {
      rest += chunk;
      if (!rest.endsWith("\n")) return;
      if (rest.includes("isError")) throw new Error(rest);
      rest = "";
      this.#waiting();
    });
  }

  /** Microseconds from a call to its answer. */
  async call() {
    const text = line((this.#ids += 1));
    const began = process.hrtime.bigint();
    await new Promise((resolve) => {
      this.#waiting = resolve;
      this.process.stdin.write(text);
    });
    return Number(process.hrtime.bigint() - began) / 1000;
  }
}

const folder = mkdtempSync(join(tmpdir(), "cattlegrid-bench-"));
const policy = join(folder, "policy.json");
writeFileSync(policy, JSON.stringify({ version: "1", default: "deny", tools }));
const pipes = {
  "bare pipe": new Pipe(["-e", SERVER]),
  copied: new Pipe(["-e", COPY, SERVER]),
  guard: new Pipe([CLI, "guard", "--policy", policy, "--", process.execPath, "-e", SERVER]),
};
const times = Object.fromEntries(Object.keys(pipes).map((name) => [name, []]));
// The first are not counted: nothing is compiled yet.
for (const pipe of Object.values(pipes)) for (let n = 0; n < 2_000; n += 1) await pipe.call();
for (let done = 0; done < calls; done += ROUND)
  for (const [name, pipe] of Object.entries(pipes))
    for (let n = 0; n < ROUND; n += 1) times[name].push(await pipe.call());
for (const pipe of Object.values(pipes)) pipe.process.stdin.end();
rmSync(folder, { recursive: true });

const at = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
console.log(`${calls} calls of ${line(1).length} bytes each way around, node ${process.versions.node}; microseconds\n`);
console.log("                            median      p90      p99");
const rows = {};
for (const [name, all] of Object.entries(times)) {
  const sorted = all.sort((a, b) => a - b);
  rows[name] = [0.5, 0.9, 0.99].map((share) => at(sorted, share));
}
const added = (name) => rows[name].map((time, n) => (time - rows["bare pipe"][n]) / 2);
rows["added to a message"] = added("guard");
rows["of it by a copy"] = added("copied");
for (const [name, row] of Object.entries(rows))
  console.log(name.padEnd(24) + row.map((time) => time.toFixed(1).padStart(9)).join(""));
const median = rows["added to a message"][0];
console.log(`\n${median < 100 ? "under" : "OVER"} 100 microseconds a message at the median: ${median.toFixed(1)}`);
process.exitCode = median < 100 ? 0 : 1;
