// Makes what is generated of the package, after wasm-bindgen has written into wasm/:
// the wasm as text, and the CommonJS build with its types.

import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const here = (path) => new URL(path, import.meta.url);

// The one bundler of the project is a dependency of its tests.
const { buildSync } = createRequire(here("../../tests/package.json"))("esbuild");

for (const [file, text] of [
  ["cattlegrid_bg.wasm", "inlined.js"],
  ["approvals_bg.wasm", "approvals-inlined.js"],
  ["guard_bg.wasm", "guard-inlined.js"],
]) {
  const wasm = readFileSync(here(`wasm/${file}`)).toString("base64");
  writeFileSync(here(`wasm/${text}`), `export default "${wasm}";\n`);
}

buildSync({
  entryPoints: [here("js/index.js").pathname],
  outfile: here("wasm/index.cjs").pathname,
  bundle: true,
  format: "cjs",
  target: "node20",
  logLevel: "warning",
});

copyFileSync(here("index.d.ts"), here("wasm/index.d.cts"));
