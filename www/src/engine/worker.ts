/// <reference lib="webworker" />
// The only place of the builder that runs the engine. It holds one policy with its counters and answers in order.
import { check, init, locate, Policy, PolicyError } from "cattlegrid/slim";
import wasm from "cattlegrid/wasm?url";
import type { Analysis, Answers, FromWorker, Judgement, Kind, Question, ToWorker } from "./protocol";

const scope = self as unknown as DedicatedWorkerGlobalScope;
const ready = init(new URL(wasm, scope.location.href));

let catalog: unknown;
let loaded: { text: string; policy: Policy } | undefined;
/** How many times the counters have started. */
let counters = 0;

scope.onmessage = async ({ data: { id, question } }: MessageEvent<ToWorker>) => {
  let reply: FromWorker;
  try {
    await ready;
    reply = { id, answer: answer(question) };
  } catch (error) {
    reply = { id, error: error instanceof Error ? error.message : String(error) };
  }
  scope.postMessage(reply);
};

function answer(question: Question): Answers[Kind] {
  switch (question.kind) {
    case "catalog":
      catalog = question.catalog;
      return undefined;
    case "analyse":
      return analyse(question.text);
    case "call":
      return call(question.text, question.call, question.now);
    case "reset":
      forget();
      return undefined;
    case "locate":
      return locate(question.text, question.pointer);
  }
}

function analyse(text: string): Analysis {
  const diagnostics = check(text, catalog);
  const policy = load(text);
  if (!policy) return { diagnostics };
  return { diagnostics, loaded: { counters, tools: policy.tools(catalog) } };
}

function call(text: string, call: string, now: number): Judgement {
  const policy = load(text);
  if (!policy) return undefined;
  const explanation = policy.explain(call, { now });
  return { explanation, decision: policy.evaluate(call, { now }), counters };
}

/** The policy of a text. An edit that changes nothing (white space) keeps the counters; one that does starts them again. */
function load(text: string): Policy | undefined {
  if (loaded?.text === text) return loaded.policy;
  let policy: Policy;
  try {
    policy = new Policy(text);
  } catch (error) {
    if (error instanceof PolicyError) return undefined;
    throw error;
  }
  if (loaded && loaded.policy.hash === policy.hash) {
    policy.free();
    policy = loaded.policy;
  } else {
    forget();
    counters += 1;
  }
  loaded = { text, policy };
  return policy;
}

function forget(): void {
  loaded?.policy.free();
  loaded = undefined;
}
