import type { Decision, Diagnostic, Explanation, TextRange, ToolState } from "cattlegrid";

/** What the page asks the worker. `text` is always the policy's whole text. */
export type Question =
  /** The catalog that the next analyses are made with, in any form that a server answers `tools/list` with. */
  | { kind: "catalog"; catalog: unknown }
  | { kind: "analyse"; text: string }
  /** `call` is JSON text, so that the engine reads it as strictly as it reads a request; `now` is UTC milliseconds. */
  | { kind: "call"; text: string; call: string; now: number }
  | { kind: "reset" }
  | { kind: "locate"; text: string; pointer: string };

/** What the engine says about a policy's text. `counters` is another number after the counters have started again. */
export interface Analysis {
  readonly diagnostics: readonly Diagnostic[];
  /** Present when the policy loads. */
  readonly loaded?: {
    readonly counters: number;
    readonly tools: readonly ToolState[];
  };
}

/** A call's decision, counted, with the explanation made just before it. Absent when the policy does not load. */
export type Judgement = { decision: Decision; explanation: Explanation; counters: number } | undefined;

/** The answer to each kind of question. */
export interface Answers {
  catalog: undefined;
  analyse: Analysis;
  call: Judgement;
  reset: undefined;
  locate: TextRange | undefined;
}

export type Kind = Question["kind"];
export type QuestionOf<K extends Kind> = Extract<Question, { kind: K }>;

export type ToWorker = { id: number; question: Question };
export type FromWorker = { id: number; answer: Answers[Kind] } | { id: number; error: string };
