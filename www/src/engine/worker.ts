/// <reference lib="webworker" />
// The only place of the builder that runs the engine. It holds one policy with its counters and answers in order.
import { format, init, locate, matchPattern, PolicyError, Workbench } from "cattlegrid/author";
import wasm from "cattlegrid/author/wasm?url";
import type { Classified } from "cattlegrid/classify";
import classifyWasm from "cattlegrid/classify/wasm?url";
import analyzeWasm from "cattlegrid/analyze/wasm?url";
import exportWasm from "cattlegrid/export/wasm?url";
import type { Edited, Explanation } from "cattlegrid/author";
import { applied } from "./difference";
import { FIRST } from "./protocol";
import type {
  Analysis,
  Answers,
  Asked,
  Changed,
  Compared,
  FromWorker,
  Judgement,
  Kind,
  Pinned,
  Place,
  Progress,
  Question,
  QuestionOf,
  Replayed,
  Rules,
  Simulated,
  ToWorker,
  Written,
} from "./protocol";

const scope = self as unknown as DedicatedWorkerGlobalScope;
const ready = init(new URL(wasm, scope.location.href)).then(() => new Workbench());

/** The text that the workbench holds, and the first of what it said of it. */
let held: (Pick<Analysis, "diagnostics" | "loads" | "omitted"> & { text: string }) | undefined;
/** The catalog as it came, for the modules that read it themselves. */
let catalog: unknown;
/** Why there is no catalog. */
let refused: string | undefined;
/** The policy that decided last. */
let hash: string | undefined;
/** How many times the counters have started: another policy has other ones. */
let counters = 0;

/** The policy as the newest message has it. */
let newest = "";

scope.onmessage = async ({ data: { id, question, text: change } }: MessageEvent<ToWorker>) => {
  if (change) newest = applied(newest, change);
  // What comes while this one waits for the engine is of another question.
  const text = newest;
  let reply: FromWorker;
  try {
    reply = { id, answer: await answer(await ready, id, text, question) };
  } catch (error) {
    reply = { id, error: error instanceof Error ? error.message : String(error) };
  }
  scope.postMessage(reply);
};

function answer(
  bench: Workbench,
  id: number,
  text: string,
  question: Question,
): Answers[Kind] | Promise<Answers[Kind]> {
  switch (question.kind) {
    case "catalog":
      useCatalog(bench, question.catalog);
      return undefined;
    case "analyse":
      return analyse(bench, text, question.all);
    case "tools":
      return hold(bench, text).loads ? bench.tools({ short: true }) : undefined;
    case "rules":
      hold(bench, text);
      return rules(bench, question.tool);
    case "edit":
      hold(bench, text);
      return edited(() => bench.edit(question.change));
    case "complete":
      hold(bench, text);
      return bench.complete(question.offset);
    case "hover":
      hold(bench, text);
      return bench.hover(question.offset);
    case "call":
      return call(bench, text, question);
    case "reset":
      bench.reset();
      return undefined;
    case "locate":
      return locate(text, question.pointer);
    case "format":
      return hold(bench, text).loads ? format(text) : undefined;
    case "match":
      return matchPattern(question.pattern, question.sample);
    case "classify":
      return classified(question.catalog);
    case "recommend":
      return recommended(question);
    case "pins":
      return pinned(question);
    case "envoy":
      return envoy(text, question);
    case "simulate":
      return simulate(bench, text, question.scenario);
    case "compare":
      return compared(question.baseline, text);
    case "ask":
      return asked(text, question.questions);
    case "replay":
      return replayed(text, question, (progress) => scope.postMessage({ id, progress } satisfies FromWorker));
  }
}

/** A catalog that the engine refuses is none: the one before would be another server's. */
function useCatalog(bench: Workbench, given: unknown): void {
  held = undefined;
  refused = undefined;
  catalog = given;
  try {
    bench.setCatalog(catalog);
  } catch (error) {
    bench.setCatalog(undefined);
    catalog = undefined;
    refused = (error as Error).message;
  }
}

/** Most questions need nothing of this module: it is a second one, loaded when it is first asked. */
async function classifier() {
  const module = await import("cattlegrid/classify");
  await module.init(new URL(classifyWasm, scope.location.href));
  return module;
}

async function classified(catalog: unknown): Promise<readonly Classified[]> {
  const { classify } = await classifier();
  return classify(catalog);
}

async function recommended({ catalog, profile, tools }: QuestionOf<"recommend">): Promise<Written> {
  const { recommend } = await classifier();
  try {
    return { text: recommend(catalog, { profile, ...(tools.length && { tools }) }) };
  } catch (error) {
    return { error: (error as Error).message };
  }
}

/** The lock of a server that nobody has looked at. */
const NOTHING = JSON.stringify({ version: "1", tools: {} });

async function pinned({ now, before }: QuestionOf<"pins">): Promise<Pinned> {
  const { pin, reviewPins } = await classifier();
  let lock: string;
  try {
    lock = pin(now);
  } catch (error) {
    return { error: (error as Error).message, of: "now" };
  }
  try {
    const list = before !== undefined && isList(before);
    const was = before === undefined ? NOTHING : list ? pin(before) : before;
    return { lock, list, ...reviewPins(was, now) };
  } catch (error) {
    return { error: (error as Error).message, of: "before" };
  }
}

/** Whether a text is meant as a server's list of tools, and not as a lock. */
function isList(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    if (Array.isArray(value)) return true;
    const { jsonrpc, result, tools } = (value ?? {}) as Record<string, unknown>;
    return Array.isArray(tools) || jsonrpc !== undefined || result !== undefined;
  } catch {
    return false;
  }
}

async function envoy(text: string, options: { upstream: string; wasm: string }): Promise<Written> {
  const { envoyConfiguration, init } = await import("cattlegrid/export");
  await init(new URL(exportWasm, scope.location.href));
  try {
    return { text: envoyConfiguration(text, options) };
  } catch (error) {
    return { error: (error as Error).message };
  }
}

async function compared(baseline: string, text: string): Promise<Compared> {
  const { diff, init } = await import("cattlegrid/analyze");
  await init(new URL(analyzeWasm, scope.location.href));
  try {
    return { diff: diff(baseline, text, { catalog }) };
  } catch (error) {
    return { error: (error as Error).message };
  }
}

async function asked(text: string, questions: readonly string[]): Promise<Asked> {
  const { ask, init } = await import("cattlegrid/analyze");
  await init(new URL(analyzeWasm, scope.location.href));
  try {
    return { answers: questions.map((question) => ask(text, question, { catalog })) };
  } catch (error) {
    return { error: (error as Error).message };
  }
}

async function replayed(
  text: string,
  { log, against }: QuestionOf<"replay">,
  onProgress: (progress: Progress) => void,
): Promise<Replayed> {
  const { replay, init } = await import("cattlegrid/analyze");
  await init(new URL(analyzeWasm, scope.location.href));
  try {
    return { report: await replay(text, log, { onProgress, ...(against !== undefined && { against }) }) };
  } catch (error) {
    return { error: (error as Error).message };
  }
}

function hold(bench: Workbench, text: string): NonNullable<typeof held> {
  if (held?.text === text) return held;
  return (held = { text, ...bench.setText(text, { most: FIRST }) });
}

function analyse(bench: Workbench, text: string, all: boolean): Analysis {
  const { diagnostics, loads, omitted } = hold(bench, text);
  const rest = all && omitted > 0 ? bench.analysis() : undefined;
  return { diagnostics, loads, omitted, refused, ...rest };
}

function rules(bench: Workbench, tool: string): Rules {
  return { form: bench.form(tool || undefined), inputs: tool ? bench.arguments(tool) : [] };
}

function edited(edit: () => Edited): Changed {
  try {
    return edit();
  } catch (error) {
    return { error: (error as Error).message };
  }
}

function call(bench: Workbench, text: string, { call, now }: { call: string; now: number }): Judgement {
  if (!hold(bench, text).loads) return undefined;
  if (hash !== bench.hash) counters += 1;
  hash = bench.hash;
  const explanation = bench.explain(call, { now });
  return { explanation, decision: bench.evaluate(call, { now }), places: places(bench, explanation), counters };
}

function places(bench: Workbench, { rules, limit_outcomes }: Explanation): Place[] {
  const of = (pointer: string, came: Place["came"], said: string): Place[] => {
    const span = bench.locate(pointer);
    return span ? [{ span, came, said }] : [];
  };
  return [
    ...rules.flatMap(({ rule, effect, outcome }) => of(rule, effect ?? "pass", outcome)),
    ...limit_outcomes.flatMap(({ rule, outcome }) => of(rule, outcome === "room" ? "pass" : "deny", outcome)),
  ];
}

function simulate(bench: Workbench, text: string, scenario: string): Simulated {
  if (!hold(bench, text).loads) return null;
  try {
    return { result: bench.simulate(scenario, { coverage: true }) };
  } catch (error) {
    if (error instanceof PolicyError) return { diagnostics: error.diagnostics };
    throw error;
  }
}
