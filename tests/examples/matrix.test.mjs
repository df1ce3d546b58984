// The packed package in the runtimes and bundlers that it promises to work in, beside those that Node's and Chromium's
// tests have: the same small program in each of them.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { closeSync, copyFileSync, cpSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import * as esbuild from "esbuild";
import { install, root } from "../node/package.mjs";
import { expected } from "../node/sample.mjs";
import { launch, serve, titleOf } from "../page/chromium.mjs";
import { freePort } from "../node/port.mjs";
import { environment, folder, serving } from "./processes.mjs";

const { project, tarball, write } = install("matrix", "target/examples");
const require = createRequire(join(folder, "index.js"));
copyFileSync(join(root, "tests/node/sample.mjs"), join(project, "sample.mjs"));

const home = mkdtempSync(join(tmpdir(), "cattlegrid-matrix-"));
let browser;
before(async () => {
  browser = await launch();
});
after(async () => {
  await browser?.close();
  rmSync(home, { recursive: true, force: true });
});

const program = (name, load = "") => `
  import * as cattlegrid from "${name}";
  import { sample } from "./sample.mjs";
  ${load}`;

write("import.mjs", program("cattlegrid", "console.log(sample(cattlegrid));"));
write(
  "slim.mjs",
  program(
    "cattlegrid/slim",
    `import { readFile } from "node:fs/promises";
  await cattlegrid.init(readFile(new URL(import.meta.resolve("cattlegrid/wasm"))));
  console.log(sample(cattlegrid));`,
  ),
);
write(
  "require.cjs",
  `const cattlegrid = require("cattlegrid");
  import("./sample.mjs").then(({ sample }) => console.log(sample(cattlegrid)));`,
);

for (const [runtime, args] of [
  ["bun", []],
  ["deno", ["run", "--allow-read"]],
]) {
  for (const file of ["import.mjs", "require.cjs", "slim.mjs"]) {
    test(`${runtime} with ${file}`, () => {
      const printed = execFileSync(runtime, [...args, file], {
        cwd: project,
        env: environment(home),
        encoding: "utf8",
        timeout: 120_000,
      });
      assert.equal(printed.trim(), expected);
    });
  }
}

test("deno takes the types, and the example that is written in TypeScript", () => {
  const copy = join(project, "deno");
  cpSync(join(root, "pkg/npm/examples/deno"), copy, { recursive: true });
  const options = { cwd: project, env: environment(home), encoding: "utf8", timeout: 120_000 };
  const check = (file) => spawnSync("deno", ["check", file], options);
  const good = check("deno/server.ts");
  assert.equal(good.status, 0, good.stderr);
  write("wrong.ts", 'import { Policy } from "cattlegrid";\nnew Policy("{}").decide({ tool: 1 });\n');
  assert.match(check("wrong.ts").stderr, /TS2322/);
});

const main = program("cattlegrid", "document.title = sample(cattlegrid);");

async function titleIn(script) {
  write(
    `${script}.html`,
    `<!doctype html><meta charset="utf-8"><title></title><script type="module" src="/${script}"></script>`,
  );
  const site = await serve(project);
  try {
    return await titleOf(browser, `${site.address}/${script}.html`);
  } finally {
    site.close();
  }
}

test("a bundle of rollup", async () => {
  const { rollup } = require("rollup");
  const resolve = require("@rollup/plugin-node-resolve");
  const warnings = [];
  const bundle = await rollup({
    input: write("main.mjs", main),
    plugins: [resolve.nodeResolve({ browser: true })],
    onwarn: (warning) => warnings.push(warning.message),
  });
  await bundle.write({ file: join(project, "rollup.js"), format: "es" });
  await bundle.close();
  assert.deepEqual(warnings, []);
  assert.equal(await titleIn("rollup.js"), expected);
});

test("a bundle of webpack", async () => {
  const webpack = require("webpack");
  const compiler = webpack({
    mode: "production",
    entry: write("main.mjs", main),
    output: { path: project, filename: "webpack.js" },
  });
  const stats = await new Promise((resolve, reject) =>
    compiler.run((error, done) => (error ? reject(error) : resolve(done))),
  );
  await new Promise((resolve) => compiler.close(resolve));
  const { errors, warnings } = stats.toJson({ all: false, errors: true, warnings: true });
  assert.deepEqual(errors, []);
  // That the wasm is inside is known to make it large.
  assert.deepEqual(
    warnings.filter(({ message }) => !/size limit|performance/.test(message)),
    [],
  );
  assert.equal(await titleIn("webpack.js"), expected);
});

for (const [name, wasm] of [["cattlegrid"], ["cattlegrid/slim", "cattlegrid/wasm"]]) {
  test(`workerd with ${name}`, async () => {
    const path = name.replace("/", "-");
    await esbuild.build({
      stdin: {
        contents:
          (wasm ? `import wasm from "${wasm}";` : "") +
          program(
            name,
            `export default { async fetch() { ${wasm ? "await cattlegrid.init(wasm);" : ""} return new Response(sample(cattlegrid)); } };`,
          ),
        resolveDir: project,
      },
      outfile: join(project, path, "worker.mjs"),
      bundle: true,
      format: "esm",
      conditions: ["workerd", "worker"],
      loader: { ".wasm": "copy" },
      assetNames: "[name]",
    });
    const port = await freePort();
    write(
      join(path, "workerd.capnp"),
      `using Workerd = import "/workerd/workerd.capnp";
      const config :Workerd.Config = (
        services = [(name = "main", worker = (
          compatibilityDate = "2026-10-01",
          modules = [
            (name = "worker.mjs", esModule = embed "worker.mjs"),
            (name = "cattlegrid_bg.wasm", wasm = embed "cattlegrid_bg.wasm"),
            ${wasm ? "" : '(name = "approvals_bg.wasm", wasm = embed "approvals_bg.wasm"),'}
          ],
        ))],
        sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
      );`,
    );
    const stop = await serving(
      `example-${path}`,
      "workerd serve workerd.capnp",
      port,
      join(project, path),
      environment(home),
    );
    try {
      const response = await fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(60_000) });
      assert.equal(await response.text(), expected);
    } finally {
      await stop();
    }
  });
}

test("every entry has types, however they are resolved", () => {
  const attw = join(folder, "node_modules/@arethetypeswrong/cli/dist/index.js");
  // It ends before a pipe has taken all of a large report: a file takes it at once. Its exit code says that there are
  // problems; which, the report says.
  const report = join(home, "types.json");
  const file = openSync(report, "w");
  const { stderr } = spawnSync(process.execPath, [attw, tarball, "--format", "json"], {
    stdio: ["ignore", file, "pipe"],
    encoding: "utf8",
  });
  closeSync(file);
  const text = readFileSync(report, "utf8");
  assert.ok(text, stderr);
  const { analysis } = JSON.parse(text);
  assert.equal(analysis.types.kind, "included");
  const found = analysis.problems
    // Neither Node nor TypeScript's defaults resolve without `exports` any more.
    .filter(({ resolutionKind }) => resolutionKind !== "node10")
    // Only the first entry can be had by `require`.
    .filter(({ kind, entrypoint }) => kind !== "CJSResolvesToESM" || entrypoint === ".");
  assert.deepEqual(found, []);
});
