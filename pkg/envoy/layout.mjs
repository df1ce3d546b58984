// Lays out the filter, after the compiler: node layout.mjs FROM TO
//
// A proxy that slept until a request came has nothing of the filter in the processor's caches, and what a call costs it
// then is how much code it has to fetch, and from how many pages of memory. So the functions that run for an exchange
// stand side by side, in the order in which they run; compilers place them as their sources lie. And the filter listens
// to no callback in which it does nothing.

import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { show } from "./sample.mjs";

const here = (path) => new URL(path, import.meta.url);

// What reads and writes wasm is a dependency of the tests, as the optimizer is that comes with it.
const { default: binaryen } = await import(createRequire(here("../../tests/package.json")).resolve("binaryen"));

/** The SDK exports these whether or not they do anything; a proxy calls only what is there. */
const UNHEARD = ["proxy_on_done", "proxy_on_log"];

const { Features } = binaryen;
/** What the compiler and the optimizer use. */
const FEATURES =
  Features.MutableGlobals |
  Features.NontrappingFPToInt |
  Features.BulkMemory |
  Features.BulkMemoryOpt |
  Features.SignExt |
  Features.SIMD128 |
  Features.ReferenceTypes |
  Features.CallIndirectOverlong |
  Features.Multivalue;

function read(bytes) {
  const module = binaryen.readBinary(bytes);
  module.setFeatures(FEATURES);
  return module;
}

function functionsOf(module) {
  const all = Array.from({ length: module.getNumFunctions() }, (_, index) => module.getFunctionByIndex(index));
  return all.map((one) => binaryen.getFunctionInfo(one)).filter((info) => info.module === "");
}

/** The numbers of the functions that run for the sample's exchanges, in the order in which they first do. */
function running(bytes) {
  const module = read(bytes);
  module.addFunctionImport("enter", "layout", "enter", binaryen.i32, binaryen.none);
  functionsOf(module).forEach(({ name, body, results }, number) => {
    const enter = module.call("enter", [module.i32.const(number)], binaryen.none);
    binaryen.Function(module.getFunction(name)).body = module.block(null, [enter, body], results);
  });
  const entered = new Set();
  let heard = false;
  const enter = (number) => heard && entered.add(number);
  show(new WebAssembly.Module(module.emitBinary()), { layout: { enter } }, () => (heard = true));
  module.dispose();
  return [...entered];
}

const [from, to] = process.argv.slice(2);
const bytes = readFileSync(from);
const module = read(bytes);
for (const name of UNHEARD) module.removeExport(name);
const functions = functionsOf(module);
const frequent = running(bytes);
// What is added comes last.
for (const number of frequent) {
  const { name, params, results, vars, body } = functions[number];
  const copy = module.copyExpression(body);
  module.removeFunction(name);
  module.addFunction(name, params, results, vars, copy);
}
module.runPasses(["remove-unused-module-elements"]);
if (!module.validate()) throw new Error("the filter that was laid out is no valid wasm");
writeFileSync(to, module.emitBinary());
console.log(`${to}: ${frequent.length} of ${functions.length} functions run for the sample's exchanges`);
