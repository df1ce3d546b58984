// The whole comparison.
//
//     node tests/bench/run.mjs          first `agree`, and only then the figures
//     node tests/bench/run.mjs agree    that every contestant gives the right answers
//
// The figures are printed as tables, and are in target/bench as results.md and results.json.

import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { cases, writeCases } from "./cases.mjs";
import { inChromium, inNode, writeInput } from "./cold.mjs";
import { CASES, NATIVE, TARGET, WASM, machine, versions } from "./places.mjs";
import { tables } from "./table.mjs";

/** Those who measure, by where they run; each takes a mode. */
const HOSTS = {
  native: [NATIVE],
  node: [process.execPath, fileURLToPath(new URL("node.mjs", import.meta.url))],
};

writeFileSync(`${CASES}/index.json`, JSON.stringify(writeCases(CASES)));
const failed = agree();
if (failed > 0 || process.argv[2] === "agree") process.exit(failed > 0 ? 1 : 0);

const results = {
  machine: machine(),
  versions: versions(),
  waited: {},
  times: [],
  cold: [],
  sizes: sizes(),
  notes: [],
};
results.cases = [...cases()].map(({ id, title, bytes, count }) => ({ id, title, bytes, tools: count }));
for (const host of Object.keys(HOSTS)) {
  say(`times, ${host}`);
  for (const { waited, times, ...who } of lines(host, "time")) {
    if (times) results.times.push({ host, ...who, ...spread(times) });
    else results.waited[host] = waited;
  }
}
await writeInput();
for (const [host, measure] of Object.entries({ node: inNode, chromium: inChromium })) {
  say(`cold starts, ${host}`);
  const starts = await measure();
  if (typeof starts === "string") results.notes.push(`Cold starts in ${host}: ${starts}.`);
  else results.cold.push(...coldRows(host, starts));
}

const text = tables(results);
writeFileSync(`${TARGET}/results.json`, `${JSON.stringify(results, null, 1)}\n`);
writeFileSync(`${TARGET}/results.md`, text);
console.log(text);

function say(text) {
  console.error(`bench: ${text}`);
}

/** The lines of JSON that a host prints. */
function lines(host, mode) {
  const [program, ...rest] = HOSTS[host];
  const options = { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"], maxBuffer: 1 << 28 };
  const text = execFileSync(program, [...rest, mode, CASES], options);
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

/** Compares every answer of every contestant with the right one; how many contestants had a wrong one. */
function agree() {
  const checks = new Map([...cases()].map(({ id, checks }) => [id, checks]));
  let [entered, answers, failed] = [0, 0, 0];
  for (const host of Object.keys(HOSTS)) {
    for (const { case: id, name, input, answers: given } of lines(host, "agree")) {
      const right = checks.get(id);
      const wrong = right.filter(({ allowed }, at) => given[at] !== allowed);
      for (const { name: call, allowed } of wrong) {
        console.log(`FAILED  ${id}, ${name} in ${host}, ${input}: ${call} must be ${allowed ? "allowed" : "denied"}`);
      }
      entered += 1;
      answers += given.length;
      failed += wrong.length > 0 || given.length !== right.length ? 1 : 0;
    }
  }
  console.log(`${answers} answers were compared`);
  console.log(`${entered - failed} passed, ${failed} failed`);
  return entered === 0 ? 1 : failed;
}

function spread(times) {
  const sorted = times.toSorted((a, b) => a - b);
  const part = (part) => sorted[Math.round(part * (sorted.length - 1))];
  return { median: part(0.5), low: part(0.1), high: part(0.9), rounds: times.length };
}

function coldRows(host, starts) {
  return [...new Set(starts.map(({ name }) => name))].map((name) => {
    const own = starts.filter((start) => start.name === name);
    return { host, name, start: spread(own.map(({ start }) => start)), glue: spread(own.map(({ glue }) => glue)) };
  });
}

function sizes() {
  return Object.entries(WASM).map(([name, path]) => {
    const bytes = readFileSync(path);
    return {
      name,
      raw: bytes.length,
      gzip: gzipSync(bytes, { level: 9 }).length,
      brotli: brotliCompressSync(bytes).length,
    };
  });
}
