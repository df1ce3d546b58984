import type {
  Argument,
  Change,
  Completions,
  Coverage,
  Decision,
  Diagnostic,
  Edited,
  Explanation,
  Form,
  Hover,
  PatternMatch,
  SimulationResult,
  TextRange,
  ToolRow,
} from "cattlegrid/author";

import type { Answer, Diff, ReplayReport } from "cattlegrid/analyze";
import type { Classified, Profile, ReviewedTool } from "cattlegrid/classify";
import type { Difference } from "./difference";

/** So many diagnostics are shown at once, and listed; there may be others to be marked in the text. */
export const FIRST = 25;

/** What the page asks the worker, most of it about the policy's text that goes with it. */
export type Question =
  /** The catalog that the next analyses are made with, in any form that a server answers `tools/list` with. */
  | { kind: "catalog"; catalog: unknown }
  /** Without `all` no more than the first diagnostics, which are many times sooner here than thousands. */
  | { kind: "analyse"; all: boolean }
  /** `tool`: whose; `""` for those of all tools. By itself, as the table is: what is said of the text does not wait for it. */
  | { kind: "rules"; tool: string }
  /** The table of tools, of a text that loads. */
  | { kind: "tools" }
  | { kind: "edit"; change: Change }
  | { kind: "complete"; offset: number }
  | { kind: "hover"; offset: number }
  /** `call` is JSON text, so that the engine reads it as strictly as it reads a request; `now` is UTC milliseconds. */
  | { kind: "call"; call: string; now: number }
  | { kind: "reset" }
  | { kind: "locate"; pointer: string }
  | { kind: "format" }
  | { kind: "match"; pattern: string; sample: string }
  /** What the tools of the catalog can do; the module that knows is loaded for the first question. */
  | { kind: "classify"; catalog: unknown }
  /** A policy for the tools of the catalog, or for some of them; by the same module. */
  | { kind: "recommend"; catalog: unknown; profile: Profile; tools: readonly string[] }
  /** A lock of the tools of a list, and what has changed since a lock or an older list, or what there is to see in the
   * tools by themselves; by the same module. Texts of files, so that it is the engine that reads them. */
  | { kind: "pins"; now: string; before?: string | undefined }
  /** The configuration of Envoy; the module that writes it is loaded for it. */
  | { kind: "envoy"; upstream: string; wasm: string }
  | { kind: "simulate"; scenario: string }
  /** What the policy changes of another; the module that proves it is loaded for it. */
  | { kind: "compare"; baseline: string }
  /** Whether each of these holds for every call there can be. */
  | { kind: "ask"; questions: readonly string[] }
  /** What the policy makes of recorded calls; without `against`, of what was decided then. */
  | { kind: "replay"; log: Blob; against?: string };

/** What the engine says about a policy's text. */
export interface Analysis {
  readonly diagnostics: readonly Diagnostic[];
  /** How many more there are than are listed. */
  readonly omitted: number;
  /** Whether the text is a policy. */
  readonly loads: boolean;
  /** Why the catalog is none for the engine; it judges without it then. */
  readonly refused?: string | undefined;
}

/** The rules of one tool, and what its calls can be asked about. */
export interface Rules {
  readonly form?: Form | undefined;
  readonly inputs: readonly Argument[];
}

/** Where in the text a rule or limit stands that a call came to, and how that came out. */
export interface Place {
  readonly span: TextRange;
  readonly came: "pass" | "deny" | "hold";
  /** In the engine's word. */
  readonly said: string;
}

/**
 * A call's decision, counted, with the explanation made just before it; `counters` is another number after the counters
 * have started again. Absent when the policy does not load.
 */
export type Judgement =
  { decision: Decision; explanation: Explanation; places: readonly Place[]; counters: number } | undefined;

/** How a change is brought about, or why it cannot be, in words for people. */
export type Changed = Edited | { readonly error: string };

/** What came out of a scenario, or what is wrong with its text; null: the policy does not load. */
export type Simulated =
  | { readonly result: SimulationResult & { coverage: Coverage } }
  | { readonly diagnostics: readonly Diagnostic[] }
  | null;

/** How a pattern fares with a text. */
export type Matched = PatternMatch;

/** A file's text, or why there is none, in words for people. */
export type Written = { readonly text: string } | { readonly error: string };

/** What one policy changes of another, or why that cannot be said, in words for people. */
export type Compared = { readonly diff: Diff } | { readonly error: string };

/** An answer for each question, or why there are none, in words for people. */
export type Asked = { readonly answers: readonly Answer[] } | { readonly error: string };

/** What a replay found, or why there was none, in words for people. */
export type Replayed = { readonly report: ReplayReport } | { readonly error: string };

/** How far a question is that takes long. */
export interface Progress {
  readonly bytes: number;
  readonly lines: number;
}

/** A lock and what was to be looked at for it, or what is wrong with one of the two, in words for people. */
export type Pinned =
  | {
      readonly lock: string;
      readonly unchanged: number;
      /** Without anything before them all of them are new. */
      readonly tools: readonly ReviewedTool[];
      /** What was before was a list of tools and no lock. */
      readonly list: boolean;
    }
  | { readonly error: string; readonly of: "now" | "before" };

/** The answer to each kind of question. */
export interface Answers {
  catalog: undefined;
  analyse: Analysis;
  /** Absent when the policy does not load. */
  tools: readonly ToolRow[] | undefined;
  rules: Rules;
  edit: Changed;
  complete: Completions | undefined;
  hover: Hover | undefined;
  call: Judgement;
  reset: undefined;
  locate: TextRange | undefined;
  /** Absent when the policy does not load. */
  format: string | undefined;
  match: Matched;
  classify: readonly Classified[];
  recommend: Written;
  pins: Pinned;
  envoy: Written;
  simulate: Simulated;
  compare: Compared;
  ask: Asked;
  replay: Replayed;
}

export type Kind = Question["kind"];
export type QuestionOf<K extends Kind> = Extract<Question, { kind: K }>;

/** `text`: what has become of the policy's text since the message before. */
export type ToWorker = { id: number; question: Question; text?: Difference };
export type FromWorker =
  { id: number; progress: Progress } | { id: number; answer: Answers[Kind] } | { id: number; error: string };
