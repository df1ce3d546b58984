// Times of `decide` in Node on the built package, as lines of JSON for `run.py`. The cases run in
// turn, many rounds; what counts is the median and the ratio between cases of one run.
import { readFileSync } from "node:fs";
import { Policy } from "../../pkg/npm/js/index.js";

const ROUNDS = 31;
const { conditions, call } = JSON.parse(readFileSync(new URL("case.json", import.meta.url)));
const tools = Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`tool_${n}`, { require: [{ conditions }] }]));
const policy = new Policy(JSON.stringify({ version: "1", default: "deny", tools }));
const text = JSON.stringify(call);
const bytes = new TextEncoder().encode(text);
const object = { tool: call.params.name, arguments: call.params.arguments };
const now = { now: 0 };

const cases = [
  ["decideText, JSON text", () => policy.decideText(text, now)],
  ["decideText, bytes", () => policy.decideText(bytes, now)],
  ["decide, object", () => policy.decide(object, now)],
  ["JSON.parse, same text", () => JSON.parse(text) && "allow"],
];
const times = cases.map(() => []);
for (let round = 0; round < ROUNDS + 3; round++) {
  for (const [at, [name, run]] of cases.entries()) {
    const repeats = 5000;
    const start = process.hrtime.bigint();
    for (let n = 0; n < repeats; n++) {
      if (run() !== "allow") throw new Error(`${name} did not allow the call`);
    }
    // The first rounds warm the compiler up.
    if (round >= 3) times[at].push(Number(process.hrtime.bigint() - start) / repeats);
  }
}
for (const [at, [name]] of cases.entries()) {
  const sorted = times[at].sort((a, b) => a - b);
  const part = (p) => Number(sorted[Math.floor(p * (sorted.length - 1))].toFixed(1));
  const figures = { ns: part(0.5), low: part(0.1), high: part(0.9) };
  console.log(JSON.stringify({ where: "node", case: name, bytes: bytes.length, ...figures }));
}
