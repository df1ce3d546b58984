// What it costs to compare two policies of 1,000 tools by all that they make of calls: in WebAssembly, and natively with
// the whole command. Prints medians, and the best of all rounds beside them.
//
//     node tests/bench/analyze.mjs [ROUNDS]

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { diff, init, lint } from "../../pkg/npm/js/analyze.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
await init(readFileSync(join(root, "pkg/npm/wasm/analyze_bg.wasm")));

const TOOLS = 1_000;
const rounds = Number(process.argv[2] ?? 15);

const rule = (path, op, value) => ({ conditions: [{ path: `args.${path}`, op, value }] });

/** A policy of many tools, each with four conditions and a limit; of `changed` of them one condition is another. */
function policy(changed) {
  const tools = {};
  for (let n = 0; n < TOOLS; n += 1) {
    tools[`service_${n % 40}_operation_${n}`] = {
      require: [
        rule("amount", "lte", n < changed ? 60_000 + n : 50_000 + n),
        rule("currency", "in", ["usd", "eur", "gbp"]),
      ],
      deny_if: [rule("customer.id", "regex", n < changed / 2 ? "^(test|demo)_[a-z]+$" : "^test_[a-z]+$")],
      require_approval_if: [rule("items[*].price", "gt", 900)],
      limits: [{ counter: "calls", window: "minute", max: 10 }],
    };
  }
  return JSON.stringify({ version: "1", default: "deny", tools });
}

function measure(what, run) {
  const times = [];
  for (let round = 0; round < rounds; round += 1) {
    const begin = performance.now();
    run();
    times.push(performance.now() - begin);
  }
  times.sort((a, b) => a - b);
  const shown = [times[rounds >> 1], times[0]].map((time) => `${time.toFixed(1).padStart(8)} ms`);
  console.log(`${what.padEnd(62)}${shown.join("")}`);
}

const old = policy(0);
const folder = mkdtempSync(join(tmpdir(), "cattlegrid-bench-"));
try {
  console.log(
    `two policies of ${TOOLS} tools, ${(old.length / 1024).toFixed(0)} KB each${" ".repeat(26)}median       best`,
  );
  writeFileSync(join(folder, "old.json"), old);
  for (const changed of [0, 10, TOOLS]) {
    const changedText = policy(changed);
    const found = diff(old, changedText);
    const unknown = found.tools.filter((tool) => tool.unknown.length > 0).length;
    const differ = found.tools.filter((tool) => tool.changes.length > 0).length;
    if (differ !== changed || unknown > 0) throw new Error(`${differ} of ${changed} tools differ, ${unknown} unknown`);
    measure(`in wasm, ${changed} tools differ`, () => diff(old, changedText));
    writeFileSync(join(folder, "new.json"), changedText);
    const command = ["diff", "old.json", "new.json", "--fail-on", "never", "--format", "json"];
    const options = { cwd: folder, maxBuffer: 1 << 28 };
    measure(`natively, ${changed} tools differ, the whole command`, () =>
      execFileSync(join(root, "target/release/cattlegrid"), command, options),
    );
  }
  measure("in wasm, what is proved of one policy", () => lint(old));
} finally {
  rmSync(folder, { recursive: true });
}
