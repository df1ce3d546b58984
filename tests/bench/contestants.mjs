// The contestants in Node: the engines of wasm.mjs, those in JavaScript, and the floors.
//
// Each is entered with an object, which the caller has already, and with the text of the message. For whoever reads no
// text that is `JSON.parse` and then the object.

import { readFileSync } from "node:fs";
import { celEnv, parse as parseCel, plan as planCel } from "@bufbuild/cel";
import { Environment as CelEnvironment } from "@marcbachmann/cel-js";
import { Ajv } from "ajv";
import { newEnforcer, newModelFromString } from "casbin";
import { LogicEngine } from "json-logic-engine";
import jsonRulesEngine from "json-rules-engine";
import { ENGINES, read } from "./wasm.mjs";

const parsed = (gate) => ({ object: gate, text: (text) => gate(read(text)) });

/** A gate of a function for each tool: the caller finds it by the name, and an error denies. */
function byName(policies, compile) {
  if (!policies) return null;
  const functions = new Map(Object.entries(policies).map(([name, policy]) => [name, compile(policy)]));
  return parsed((call) => {
    const decide = functions.get(call.tool);
    if (!decide) return false;
    try {
      return decide(call.arguments) === true;
    } catch {
      return false;
    }
  });
}

function celJs({ cel }) {
  const environment = new CelEnvironment().registerVariable("args", "map");
  return byName(cel, (text) => {
    const expression = environment.parse(text);
    return (args) => expression({ args });
  });
}

function celBufbuild({ cel }) {
  const environment = celEnv();
  return byName(cel, (text) => {
    const expression = planCel(environment, parseCel(text));
    return (args) => expression({ args });
  });
}

function jsonLogic({ jsonLogic }) {
  const engine = new LogicEngine();
  engine.addMethod("isNumber", ([value]) => typeof value === "number", { deterministic: true });
  return byName(jsonLogic, (rule) => engine.build(rule));
}

const isAtMost = (value, max) => typeof value === "number" && value <= max;

function jsonRules({ jsonRules }) {
  if (!jsonRules) return null;
  const engines = new Map();
  for (const [name, conditions] of Object.entries(jsonRules)) {
    const engine = new jsonRulesEngine.Engine([{ conditions, event: { type: "allow" } }], {
      allowUndefinedFacts: true,
    });
    engine.addOperator("atMost", isAtMost);
    engine.addOperator("exists", (value, wanted) => (value !== undefined && value !== null) === wanted);
    engines.set(name, engine);
  }
  const gate = async (call) => {
    const engine = engines.get(call.tool);
    if (!engine) return false;
    const { events } = await engine.run({ args: call.arguments });
    return events.length > 0;
  };
  return { ...parsed(gate), promises: true };
}

async function casbin({ casbin }) {
  if (!casbin) return null;
  const enforcer = await newEnforcer(newModelFromString(casbin.model));
  enforcer.addFunction("atMost", (value, max) => isAtMost(value, Number(max)));
  enforcer.addFunction("oneOf", (value, list) => typeof value === "string" && list.split(",").includes(value));
  enforcer.addFunction("isText", (value) => typeof value === "string");
  await enforcer.addPolicies(casbin.rows);
  return parsed((call) => enforcer.enforceSync(call.tool, call.arguments));
}

function ajv({ ajv }) {
  const validator = new Ajv();
  return byName(ajv, (schema) => validator.compile(schema));
}

/** What one would write who had only these policies, and never another. */
const HAND = {
  atMost:
    ({ key, max }) =>
    (args) =>
      typeof args[key] === "number" && args[key] <= max,
  oneOf: ({ key, values }) => {
    const set = new Set(values);
    return (args) => set.has(args[key]);
  },
  exists:
    ({ key }) =>
    (args) =>
      args[key] !== undefined && args[key] !== null,
  matches: ({ key, pattern }) => {
    const regex = new RegExp(pattern);
    return (args) => typeof args[key] === "string" && regex.test(args[key]);
  },
  eachAtMost:
    ({ list, key, max }) =>
    (args) =>
      Array.isArray(args[list]) &&
      args[list].length > 0 &&
      args[list].every((element) => typeof element[key] === "number" && element[key] <= max),
};

const SECONDS = { minute: 60, day: 86_400 };

/** Two limits are two counters that are looked at, and then counted up. */
function handWrittenLimits(limits) {
  const counters = limits.map(({ window, max, of }) => ({
    window: SECONDS[window] * 1000,
    max,
    of,
    start: 0,
    count: 0,
  }));
  return (args) => {
    const now = Date.now();
    for (const counter of counters) {
      const start = now - (now % counter.window);
      if (start > counter.start) Object.assign(counter, { start, count: 0 });
      const amount = counter.of ? args[counter.of] : 1;
      if (!(amount >= 0) || counter.count + amount > counter.max) return false;
    }
    for (const counter of counters) counter.count += counter.of ? args[counter.of] : 1;
    return true;
  };
}

function handWritten(_, tools) {
  const functions = new Map();
  for (const { name, conditions } of tools) {
    const limits = conditions.filter(({ kind }) => kind === "limit");
    const tests = conditions.filter(({ kind }) => kind !== "limit").map((condition) => HAND[condition.kind](condition));
    if (limits.length > 0) tests.push(handWrittenLimits(limits));
    const [first, second = () => true, third = () => true, fourth = () => true] = tests;
    functions.set(name, (args) => first(args) && second(args) && third(args) && fourth(args));
  }
  return parsed((call) => functions.get(call.tool)?.(call.arguments) === true);
}

/** With the most tools that each is entered with: making ten thousand of its functions takes Ajv many seconds. */
const IN_JAVASCRIPT = [
  { name: "@marcbachmann/cel-js", gate: celJs },
  { name: "@bufbuild/cel", gate: celBufbuild },
  { name: "json-logic-engine (compiled)", gate: jsonLogic },
  { name: "json-rules-engine", gate: jsonRules, most: 100 },
  { name: "casbin", gate: casbin },
  { name: "Ajv (compiled)", gate: ajv, most: 100 },
  { name: "floor: hand-written JavaScript", gate: handWritten },
];

/** Everybody who can make a gate; the engines in wasm are started once. */
export async function makers() {
  const started = ENGINES.map(async ({ name, wasm, glue, start }) => ({
    name,
    gate: await start(await glue(), readFileSync(new URL(wasm))),
  }));
  return [...(await Promise.all(started)), ...IN_JAVASCRIPT];
}

const encoder = new TextEncoder();

/**
 * The contestants of a case for these calls. Each has its calls as it is given them, with the right answers, and a
 * function `allows` of one of them, whose answer is a promise if it `promises`.
 */
export async function contestants(makers, { tools, count, policies }, calls) {
  const all = [];
  const enter = (name, input, allows, prepare, promises = false) => {
    const prepared = calls.map(({ text, allowed }) => ({ call: prepare(text), allowed }));
    all.push({ name, input, allows, calls: prepared, promises });
  };
  for (const { name, gate, most = Infinity } of makers) {
    const made = count <= most && (await gate(policies, tools));
    if (!made) continue;
    enter(name, "object", made.object, read, made.promises);
    enter(name, "text", made.text, (text) => text, made.promises);
    if (name.startsWith("cattlegrid")) enter(name, "bytes", made.text, (text) => encoder.encode(text));
  }
  return all;
}

/** Reading the text and deciding nothing; its answer is always right. */
export function floor(calls) {
  const prepared = calls.map(({ text }) => ({ call: text, allowed: true }));
  return { name: "floor: JSON.parse", input: "text", allows: (text) => JSON.parse(text) !== null, calls: prepared };
}
