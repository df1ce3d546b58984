// The packed package in Chromium, under a strict Content-Security-Policy: in a plain page, and
// bundled by Vite and esbuild as they come, without configuration.

import assert from "node:assert/strict";
import { copyFileSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { buildSync } from "esbuild";
import { build } from "vite";
import { install, root } from "../node/package.mjs";
import { expected } from "../node/sample.mjs";
import { launch, serve, titleOf } from "./chromium.mjs";

const { project, write } = install("page");
copyFileSync(join(root, "tests/node/sample.mjs"), join(project, "sample.mjs"));

const page = (script) =>
  `<!doctype html><meta charset="utf-8"><title></title><script type="module" src="${script}"></script>`;
const main = (name) => `
  import * as cattlegrid from "${name}";
  import { sample } from "./sample.mjs";
  document.title = sample(cattlegrid);`;
write("main.js", main("cattlegrid"));
write("index.html", page("/main.js"));

let browser;
let site;
before(async () => {
  [browser, site] = await Promise.all([launch(), serve(project)]);
});
after(async () => {
  await browser.close();
  site.close();
});

test("these pages are strict", async () => {
  write(
    "strict.js",
    'try { new Function("")(); document.title = "open"; } catch (error) { document.title = error.name; }',
  );
  write("strict.html", page("/strict.js"));
  assert.equal(await titleOf(browser, `${site.address}/strict.html`), "EvalError");
});

test("a plain page", async () => {
  write("plain.js", main("./node_modules/cattlegrid/js/index.js"));
  write("plain.html", page("/plain.js"));
  assert.equal(await titleOf(browser, `${site.address}/plain.html`), expected);
});

test("a plain page with the slim entry and a URL", async () => {
  write(
    "slim.js",
    `
    import * as cattlegrid from "./node_modules/cattlegrid/js/slim.js";
    import { sample } from "./sample.mjs";
    await cattlegrid.init(new URL("./node_modules/cattlegrid/wasm/cattlegrid_bg.wasm", import.meta.url));
    document.title = sample(cattlegrid);`,
  );
  write("slim.html", page("/slim.js"));
  assert.equal(await titleOf(browser, `${site.address}/slim.html`), expected);
});

test("a bundle of esbuild", async () => {
  buildSync({
    entryPoints: [join(project, "main.js")],
    outfile: join(project, "esbuild.js"),
    bundle: true,
    format: "esm",
    minify: true,
  });
  write("esbuild.html", page("/esbuild.js"));
  assert.equal(await titleOf(browser, `${site.address}/esbuild.html`), expected);
});

test("a bundle of Vite", async () => {
  await build({ root: project, logLevel: "error", configFile: false });
  const assets = readdirSync(join(project, "dist/assets"));
  assert.ok(!assets.some((name) => name.endsWith(".wasm")), "the wasm is in the script, and not beside it as well");
  const vite = await serve(join(project, "dist"));
  try {
    assert.equal(await titleOf(browser, `${vite.address}/index.html`), expected);
  } finally {
    vite.close();
  }
});

test("a bundle of Vite with the slim entry and the address of cattlegrid/wasm", async () => {
  write("vite-slim/index.html", page("/main.js"));
  copyFileSync(join(project, "sample.mjs"), join(project, "vite-slim/sample.mjs"));
  write(
    "vite-slim/main.js",
    `
    import * as cattlegrid from "cattlegrid/slim";
    import url from "cattlegrid/wasm?url";
    import { sample } from "./sample.mjs";
    cattlegrid.init(url).then(() => { document.title = sample(cattlegrid); });`,
  );
  await build({ root: join(project, "vite-slim"), logLevel: "error", configFile: false });
  const folder = join(project, "vite-slim/dist");
  const [wasm] = readdirSync(join(folder, "assets")).filter((name) => name.endsWith(".wasm"));
  assert.deepEqual(
    readFileSync(join(folder, "assets", wasm)),
    readFileSync(join(project, "node_modules/cattlegrid/wasm/cattlegrid_bg.wasm")),
  );
  const vite = await serve(folder);
  try {
    assert.equal(await titleOf(browser, `${vite.address}/index.html`), expected);
  } finally {
    vite.close();
  }
});
