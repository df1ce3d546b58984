// The packed package in what runs without a page: Node both ways, TypeScript, bundles for Node and Workers.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import * as esbuild from "esbuild";
import { install, root } from "./package.mjs";
import { expected } from "./sample.mjs";

const { project, write } = install("hosts");
copyFileSync(join(root, "tests/node/sample.mjs"), join(project, "sample.mjs"));
const node = (file, ...args) =>
  execFileSync(process.execPath, [...args, join(project, file)], { encoding: "utf8" }).trim();

test("import in Node", () => {
  write(
    "imports.mjs",
    `
    import * as cattlegrid from "cattlegrid";
    import { sample } from "./sample.mjs";
    console.log(sample(cattlegrid));`,
  );
  assert.equal(node("imports.mjs"), expected);
});

test("require in Node, without its help for modules", () => {
  write(
    "sample.cjs",
    readFileSync(join(project, "sample.mjs"), "utf8").replaceAll("export ", "") + "module.exports = { sample };",
  );
  write(
    "requires.cjs",
    `
    const { sample } = require("./sample.cjs");
    console.log(sample(require("cattlegrid")));`,
  );
  const help = process.allowedNodeEnvironmentFlags.has("--no-experimental-require-module");
  assert.equal(node("requires.cjs", ...(help ? ["--no-experimental-require-module"] : [])), expected);
});

test("import and require in one program have one class PolicyError", () => {
  write(
    "both.mjs",
    `
        import { createRequire } from "node:module";
    import { PolicyError } from "cattlegrid";
    const required = createRequire(import.meta.url)("cattlegrid");
    console.log(required.PolicyError === PolicyError);`,
  );
  assert.equal(node("both.mjs"), "true");
});

test("the slim entry in Node, with the bytes of cattlegrid/wasm", () => {
  write(
    "slim.mjs",
    `
    import * as cattlegrid from "cattlegrid/slim";
    import { readFile } from "node:fs/promises";
    import { createRequire } from "node:module";
        import { sample } from "./sample.mjs";
    const path = createRequire(import.meta.url).resolve("cattlegrid/wasm");
    await cattlegrid.init(readFile(path));
    console.log(sample(cattlegrid));`,
  );
  assert.equal(node("slim.mjs"), expected);
});

test("the example of the README", () => {
  const [, example] = /```js\n(.*?)```/s.exec(readFileSync(join(project, "node_modules/cattlegrid/README.md"), "utf8"));
  write("example.mjs", example);
  assert.equal(node("example.mjs"), "deny /tools/refund/deny_if/0\nRefunds over 500 are made by people.");
});

test("an esbuild bundle for Node", () => {
  for (const format of ["esm", "cjs"]) {
    esbuild.buildSync({
      entryPoints: [join(project, "imports.mjs")],
      outfile: join(project, `node.${format}.${format[0]}js`.replace("ejs", "mjs")),
      bundle: true,
      platform: "node",
      format,
    });
    assert.equal(node(`node.${format}.${format === "esm" ? "mjs" : "cjs"}`), expected, format);
  }
});

test("a bundle under the conditions of Workers, where the wasm is imported as a module", async () => {
  // Workers compile what a program imports as `.wasm`; here a plugin does it.
  const paths = ["cattlegrid", "approvals"].map((name) =>
    join(project, `node_modules/cattlegrid/wasm/${name}_bg.wasm`),
  );
  const wasm = {
    name: "wasm",
    setup(build) {
      build.onLoad({ filter: /\.wasm$/ }, ({ path }) => {
        assert.ok(paths.includes(path), path);
        return {
          contents: `import { readFileSync } from "node:fs"; export default new WebAssembly.Module(readFileSync(${JSON.stringify(path)}));`,
        };
      });
    },
  };
  await esbuild.build({
    entryPoints: [join(project, "imports.mjs")],
    outfile: join(project, "worker.mjs"),
    bundle: true,
    format: "esm",
    conditions: ["workerd", "worker"],
    external: ["node:fs"],
    plugins: [wasm],
  });
  assert.equal(node("worker.mjs"), expected);
  assert.doesNotMatch(readFileSync(join(project, "worker.mjs"), "utf8"), /atob\(/);
});

test("what a bundle does not use is left out of it", () => {
  const file = write("unused.mjs", 'import { PolicyError } from "cattlegrid/slim"; console.log(typeof PolicyError);');
  const { outputFiles } = esbuild.buildSync({
    entryPoints: [file],
    write: false,
    bundle: true,
    format: "esm",
    minify: true,
  });
  assert.ok(outputFiles[0].contents.length < 40_000, `${outputFiles[0].contents.length} bytes`);
});

const typed = `
  const policy: Policy = new Policy("{}");
  const effect: "allow" | "deny" | "hold" = policy.decide({ tool: "a", arguments: { b: 1n } }, { now: new Date() });
  const message: Effect = policy.decide({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "a" } });
  const decision: Decision = policy.evaluate(new Uint8Array(2), { now: 1 });
  const left: number | undefined = decision.limits?.[0]?.remaining;
  for (const rule of policy.explain("{}").rules) console.log(rule.conditions.map((condition) => condition.saw ?? "nothing"));
  policy.giveBack(decision);
  const range: TextRange | undefined = locate("{}", "");
  const canonical: string = format("{}");
  const diagnostics: Diagnostic[] = check("{}", { tools: [] });
  const states: string[] = policy.tools([]).map((tool) => tool.state);
  try { policy.free(); } catch (error) { if (error instanceof PolicyError) console.log(error.diagnostics[0]?.span.from.line); }
  console.log(effect, message, left, range, canonical, diagnostics, states, policy.hash);
  // @ts-expect-error: a call needs a tool
  policy.decide({ arguments: {} });
  // @ts-expect-error: text has an entry of its own
  policy.decide("{}");
  // @ts-expect-error: read-only
  policy.hash = "";
  // @ts-expect-error: times are no texts
  policy.decide({ tool: "a" }, { now: "today" });
  // @ts-expect-error: only the package makes these
  new PolicyError([]);
`;
const names = "Policy, PolicyError, check, format, locate, type Decision, type Diagnostic, type Effect, type TextRange";

test("TypeScript, from modules and from CommonJS", () => {
  write("typed.mts", `import { ${names} } from "cattlegrid";${typed}`);
  write("typed.cts", `import { ${names} } from "cattlegrid";${typed}`);
  write(
    "typed-slim.mts",
    `import { init, initApprovals, ${names} } from "cattlegrid/slim";
    import wasm from "cattlegrid/wasm";
    import approvals from "cattlegrid/approvals/wasm";
    await init(wasm);
    await initApprovals(approvals);
    await init(new URL("https://example.org/a.wasm")); await init(fetch("a.wasm")); await init(new Uint8Array(2)); await init("a.wasm");
    await init(new WebAssembly.Module(new Uint8Array(8)));
    // @ts-expect-error: the wasm has to come from somewhere
    await init();
    ${typed}`,
  );
  write(
    "typed-approve.mts",
    `import { Policy, type ApprovalKey } from "cattlegrid";
    import { approve } from "cattlegrid/approve";
    const keys: ApprovalKey[] = [{ ed25519: "a" }, { hs256: "b" }];
    const policy = new Policy("{}", { approvalKeys: keys });
    const token: string = await approve({ hs256: "b" }, policy.evaluate("{}").approval?.digest ?? "", { subject: "ada" });
    // @ts-expect-error: somebody approves
    await approve({ ed25519: token }, "", { expires: 60 });
    // @ts-expect-error: the algorithm is always named
    new Policy("{}", { approvalKeys: ["a"] });`,
  );
  write(
    "typed-decide.mts",
    `import { init, Policy, PolicyError, type Decision, type Fault } from "cattlegrid/decide";
    import wasm from "cattlegrid/decide/wasm";
    await init(wasm);
    await init(fetch("a.wasm"));
    const policy = new Policy("{}");
    const decision: Decision = policy.evaluate({ tool: "a" }, { now: 1 });
    policy.giveBack(decision);
    try { policy.free(); } catch (error) { if (error instanceof PolicyError) { const faults: Fault[] = error.diagnostics; console.log(faults); } }
    // @ts-expect-error: it checks no approvals
    new Policy("{}", { approvalKeys: [] });
    // @ts-expect-error: it explains nothing
    policy.explain({ tool: "a" });`,
  );
  write(
    "typed-compiled.mts",
    `import { init, Policy, type Decision } from "cattlegrid/compiled";
    import wasm from "cattlegrid/compiled/wasm";
    import { compile } from "cattlegrid/export";
    await init(wasm);
    const policy = new Policy(compile("{}"));
    const decision: Decision = policy.evaluate({ tool: "a" }, { now: 1 });
    policy.giveBack(decision);
    // @ts-expect-error: it reads no texts
    new Policy("{}");
    // @ts-expect-error: it explains nothing
    policy.explain({ tool: "a" });`,
  );
  write(
    "typed-author.mts",
    `import { init, Workbench, check, type Change, type Diagnostic, type Form } from "cattlegrid/author";
    await init(fetch("a.wasm"));
    const bench = new Workbench();
    const diagnostics: Diagnostic[] = bench.setCatalog({ tools: [] }).diagnostics;
    const state: "allow" | "deny" | "hide" | "approve" | "custom" | undefined = bench.tools()[0]!.state;
    const changes: Change[] = [
      { kind: "state", tools: ["a"], state: "deny" }, { kind: "put", pointer: "/a", value: 1 },
      { kind: "put", pointer: "/a", json: "1" }, { kind: "remove", pointer: "/a" },
      { kind: "move", pointer: "/a", to: 0 }, { kind: "rename", pointer: "/a", to: "b" },
    ];
    const form: Form | undefined = bench.form();
    const edit = bench.edit(changes[0]!).edits[0] ?? form?.deny_if[0]?.notes[0]?.fix?.edits[0];
    const text: string | undefined = edit?.text.slice(edit.span.start) ?? bench.arguments("a")[0]?.minimum ?? state;
    const all: Diagnostic[] = check(text ?? "").concat(diagnostics);
    bench.evaluate({ tool: String(all.length) }, { now: 1 }).decision.charAt(0);
    // @ts-expect-error: no tool is made custom
    bench.edit({ kind: "state", tools: ["a"], state: "custom" });
    // @ts-expect-error: it is what the text makes it
    bench.hash = "";`,
  );
  const tsc = join(root, "tests/node_modules/typescript/bin/tsc");
  for (const resolution of [
    ["--module", "nodenext"],
    ["--module", "node16"],
    ["--module", "esnext", "--moduleResolution", "bundler"],
  ]) {
    const files = [
      "typed.mts",
      "typed.cts",
      "typed-slim.mts",
      "typed-approve.mts",
      "typed-decide.mts",
      "typed-compiled.mts",
      "typed-author.mts",
    ].filter((file) => resolution[1] !== "esnext" || file !== "typed.cts");
    const args = [
      "--noEmit",
      "--strict",
      "--exactOptionalPropertyTypes",
      "--noUncheckedIndexedAccess",
      "--verbatimModuleSyntax",
      "false",
      "--target",
      "es2022",
      "--lib",
      "es2022,dom",
      "--types",
      "",
      ...resolution,
      ...files,
    ];
    try {
      execFileSync(process.execPath, [tsc, ...args], { cwd: project, encoding: "utf8" });
    } catch (error) {
      assert.fail(`${resolution.join(" ")}:\n${error.stdout}`);
    }
  }
});
