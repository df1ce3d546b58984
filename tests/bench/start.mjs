// One cold start in Node, in a process of its own; `cold.mjs` runs it.
//
//     node tests/bench/start.mjs NAME INPUT

import { readFileSync } from "node:fs";
import { ENGINES, coldStart } from "./wasm.mjs";

const [, , name, input] = process.argv;
const engine = ENGINES.find((engine) => engine.name === name);
const bytes = readFileSync(new URL(engine.wasm));
console.log(JSON.stringify(await coldStart(engine, bytes, JSON.parse(readFileSync(input, "utf8")))));
