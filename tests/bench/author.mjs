// What an edit costs in a policy of 2,000 tools, as the builder's worker pays for it: the new text is read and checked
// against the catalog, then the table of tools is asked for. Prints medians, and the best of all rounds beside them,
// which is what is left when nothing else runs.
//
//     node tests/bench/author.mjs [ROUNDS]

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { init, Workbench, format } from "../../pkg/npm/js/author.js";

await init(readFileSync(fileURLToPath(new URL("../../pkg/npm/wasm/author_bg.wasm", import.meta.url))));

const TOOLS = 2_000;
const rounds = Number(process.argv[2] ?? 40);

const names = [...Array(TOOLS).keys()].map((n) => `service_${n % 40}_operation_${n}`);

/** A catalog of nearly a megabyte and a half. */
function catalog(required) {
  const description = "Does what its name says for an amount in a region, and gives back what was done. ".repeat(3);
  const properties = {
    amount: { type: "integer", minimum: 0, description: "How much, in cents" },
    region: { type: "string", enum: ["eu", "us", "ap"] },
    customer: { type: "object", properties: { id: { type: "string" }, email: { type: "string", format: "email" } } },
    items: {
      type: "array",
      items: { type: "object", properties: { sku: { type: "string" }, price: { type: "number" } } },
    },
  };
  return {
    tools: names.map((name) => ({ name, description, inputSchema: { type: "object", required, properties } })),
  };
}

function policy(entry) {
  const tools = Object.fromEntries(names.map((name, n) => [name, entry(n)]));
  return format(JSON.stringify({ version: "1", default: "deny", tools }));
}

const rule = (path, op, value) => ({ conditions: [{ path: `args.${path}`, op, value }] });
const CASES = {
  "two rules each, no warning": {
    catalog: catalog(["amount", "region"]),
    text: policy((n) => ({
      require: [rule("amount", "lte", 50_000 + n)],
      deny_if: [rule("region", "eq", "us")],
    })),
  },
  "two rules and a limit each, 4,000 warnings": {
    catalog: catalog(["amount"]),
    text: policy((n) => ({
      require: [rule("amount", "lte", 50_000 + n)],
      deny_if: [
        {
          conditions: [...rule("region", "in", ["us", "ap"]).conditions, ...rule("customer.id", "eq", "x").conditions],
        },
      ],
      limits: [{ counter: "calls", window: "minute", max: 10 }],
    })),
  },
};

function measure(what, run) {
  const times = [];
  for (let round = 0; round < rounds; round += 1) {
    const begin = performance.now();
    run(round);
    times.push(performance.now() - begin);
  }
  times.sort((a, b) => a - b);
  const shown = [times[rounds >> 1], times[0]].map((time) => `${time.toFixed(1).padStart(7)} ms`);
  console.log(`  ${what.padEnd(46)}${shown.join("")}`);
}

for (const [name, { catalog, text }] of Object.entries(CASES)) {
  console.log(`${name}: ${(text.length / 1024).toFixed(0)} KB of text${" ".repeat(12)}median     best`);
  const bench = new Workbench();
  measure("the catalog, once", () => bench.setCatalog(catalog));
  // Another text each time, as an edit makes it.
  const edited = (round) => text.replace("50000", String(60_000 + round));
  measure("an edit: its diagnostics", (round) => bench.setText(edited(round)));
  measure("an edit: diagnostics, then the table of tools", (round) => {
    bench.setText(edited(round));
    bench.tools({ short: true });
  });
  bench.setText(text);
  measure("the form of a tool", () => bench.form(names[1_000]));
  const pointer = `/tools/${names[1_000]}/require/-`;
  measure("a rule more, as an edit", () => bench.edit({ kind: "put", pointer, value: { conditions: [] } }));
  measure("another state for all tools", () => bench.edit({ kind: "state", tools: names, state: "approve" }));
  bench.free();
}
