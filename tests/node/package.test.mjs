// What is in the tarball, and what its package.json promises.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { brotliCompressSync } from "node:zlib";
import { npm, source } from "./package.mjs";

const manifest = JSON.parse(readFileSync(join(source, "package.json"), "utf8"));

test("the tarball holds these files and no others", () => {
  const [{ files }] = JSON.parse(npm(["pack", "--dry-run", "--json"], source));
  assert.deepEqual(files.map((file) => file.path).sort(), [
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "analyze.d.ts",
    "approve.d.ts",
    "author.d.ts",
    "classify.d.ts",
    "compiled.d.ts",
    "decide.d.ts",
    "examples/README.md",
    "export.d.ts",
    "index.d.ts",
    "js/analyze.js",
    "js/approvals.js",
    "js/approve.js",
    "js/author.js",
    "js/classify.js",
    "js/cli.js",
    "js/compiled.js",
    "js/decide.js",
    "js/decider.js",
    "js/export.js",
    "js/functions.js",
    "js/guard-inlined.js",
    "js/guard.js",
    "js/guard/changes.js",
    "js/guard/command.js",
    "js/guard/engine.js",
    "js/guard/install/clients.js",
    "js/guard/install/jsonc.js",
    "js/guard/install/recommended.js",
    "js/guard/install/run.js",
    "js/guard/install/variables.js",
    "js/guard/install/wrap.js",
    "js/guard/lines.js",
    "js/guard/options.js",
    "js/guard/outbox.js",
    "js/guard/people.js",
    "js/guard/record.js",
    "js/guard/relay.js",
    "js/guard/start.js",
    "js/guard/store.js",
    "js/guard/watch.js",
    "js/index.js",
    "js/json.js",
    "js/load.js",
    "js/mcp-workerd.js",
    "js/mcp.js",
    "js/mcp/handler.js",
    "js/mcp/http.js",
    "js/mcp/node.js",
    "js/mcp/options.js",
    "js/mcp/transport.js",
    "js/node.js",
    "js/outline.js",
    "js/policy.js",
    "js/slim.js",
    "js/stores/count.js",
    "js/stores/file.js",
    "js/stores/index.js",
    "js/stores/memory.js",
    "js/stores/redis.js",
    "js/whole.js",
    "js/workerd.js",
    "mcp.d.ts",
    "package.json",
    "policy.schema.json",
    "scenario.schema.json",
    "slim.d.ts",
    "stores-file.d.ts",
    "stores.d.ts",
    "tools-lock.schema.json",
    "wasm.d.ts",
    "wasm/analyze.js",
    "wasm/analyze_bg.wasm",
    "wasm/approvals-inlined.js",
    "wasm/approvals.js",
    "wasm/approvals_bg.wasm",
    "wasm/author.js",
    "wasm/author_bg.wasm",
    "wasm/cattlegrid.js",
    "wasm/cattlegrid_bg.wasm",
    "wasm/classify.js",
    "wasm/classify_bg.wasm",
    "wasm/compiled.js",
    "wasm/compiled_bg.wasm",
    "wasm/decide.js",
    "wasm/decide_bg.wasm",
    "wasm/export.js",
    "wasm/export_bg.wasm",
    "wasm/guard-inlined.js",
    "wasm/guard.js",
    "wasm/guard_bg.wasm",
    "wasm/index.cjs",
    "wasm/index.d.cts",
    "wasm/inlined.js",
  ]);
});

test("nothing runs at installation, and nothing else is installed", () => {
  assert.equal(manifest.scripts, undefined);
  assert.equal(manifest.dependencies, undefined);
});

test("every path of the manifest is a file, and types come first", () => {
  const paths = (value) => (typeof value === "string" ? [value] : Object.values(value).flatMap(paths));
  for (const path of [...paths(manifest.exports), ...manifest.sideEffects])
    assert.ok(existsSync(join(source, path)), path);
  for (const entry of Object.values(manifest.exports)) {
    if (typeof entry === "object") assert.equal(Object.keys(entry)[0], "types");
  }
});

test("no entry evaluates text as code, reads files or waits at its top", () => {
  for (const path of [
    "js/approvals.js",
    "js/approve.js",
    "js/author.js",
    "js/analyze.js",
    "js/classify.js",
    "js/compiled.js",
    "js/decide.js",
    "js/decider.js",
    "js/index.js",
    "js/guard-inlined.js",
    "js/guard.js",
    "js/load.js",
    "js/policy.js",
    "js/slim.js",
    "wasm/approvals.js",
    "wasm/cattlegrid.js",
    "wasm/compiled.js",
    "wasm/decide.js",
    "wasm/index.cjs",
  ]) {
    const text = readFileSync(join(source, path), "utf8");
    assert.doesNotMatch(text, /\beval\(|new Function\b|node:|require\("fs"\)|import\.meta|^await /m, path);
  }
});

for (const [file, most] of [
  ["cattlegrid_bg.wasm", 107_800],
  ["approvals_bg.wasm", 30_000],
  ["decide_bg.wasm", 68_900],
  ["compiled_bg.wasm", 44_500],
  ["author_bg.wasm", 196_900],
  ["guard_bg.wasm", 206_300],
]) {
  test(`${file} is no larger than it has to be`, () => {
    const { length } = brotliCompressSync(readFileSync(join(source, "wasm", file)));
    assert.ok(length <= most, `${length} bytes in brotli`);
  });
}
