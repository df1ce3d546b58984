// Where things are, and of which version: for all of the harness.

import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";

export const inTop = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** What is generated. */
export const TARGET = inTop("target/bench");
/** The cases, as files for the native programs. */
export const CASES = `${TARGET}/cases`;
mkdirSync(TARGET, { recursive: true });

const PEERS = inTop("target/peers");
export const NATIVE = `${PEERS}/release/bench-native`;

/** Each .wasm that is compared. The first is what the measurements in Node run. */
export const WASM = {
  "cattlegrid, npm package": inTop("pkg/npm/wasm/cattlegrid_bg.wasm"),
  "cattlegrid, npm package, only deciding": inTop("pkg/npm/wasm/decide_bg.wasm"),
  "cattlegrid, npm package, only deciding, compiled policies": inTop("pkg/npm/wasm/compiled_bg.wasm"),
  "cattlegrid, Envoy filter": inTop("target/cattlegrid_envoy.wasm"),
  "Cedar (@cedar-policy/cedar-wasm)": inTop("tests/bench/node_modules/@cedar-policy/cedar-wasm/web/cedar_wasm_bg.wasm"),
  "regorus, RVM (built here)": `${PEERS}/regorus.wasm`,
};

export function machine() {
  const [{ model }] = cpus();
  return { cpu: model.trim(), cores: cpus().length, system: `${process.platform} ${process.arch}` };
}

export function versions() {
  const lock = readFileSync(inTop("tests/bench/peers/Cargo.lock"), "utf8");
  const crate = (name) => [name, new RegExp(`name = "${name}"\\nversion = "(.+)"`).exec(lock)[1]];
  const { dependencies } = JSON.parse(readFileSync(inTop("tests/bench/package.json"), "utf8"));
  const crates = ["cedar-policy", "regorus", "cel", "serde_json"].map(crate);
  return {
    node: process.version,
    v8: process.versions.v8,
    rustc: execFileSync("rustc", ["--version"], { encoding: "utf8" }).trim(),
    crates: Object.fromEntries(crates),
    npm: dependencies,
  };
}
