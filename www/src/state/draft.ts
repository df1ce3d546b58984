import { Text } from "@codemirror/state";
import type { Catalog, Tool } from "../tools/catalog";
import { sampleArguments } from "../simulate/sample";

/** When a call is made: at the moment of the click, or at a chosen time, `YYYY-MM-DDTHH:MM:SS` in UTC. */
export type CallTime = { readonly kind: "now" } | { readonly kind: "at"; readonly utc: string };

/** The call in the form, all of it as typed. */
export interface CallForm {
  readonly tool: string;
  readonly arguments: string;
  readonly grant: string;
  readonly session: string;
  readonly time: CallTime;
}

export type LineEnd = "\n" | "\r\n";

/** Everything that a person has put in. It is never changed, only replaced; all else on the page follows from it. */
export interface Draft {
  /** Under which it is kept. */
  readonly id: string;
  /** How the person calls it. */
  readonly name: string;
  /** The same object as the editor's text. */
  readonly policy: Text;
  /** What ends its lines in a file. */
  readonly lineEnd: LineEnd;
  readonly catalog: Catalog;
  readonly call: CallForm;
  /** The project's scenario file, as text; empty when there is none yet. */
  readonly scenario: string;
  /** The policy that this one is compared with. */
  readonly baseline: Baseline;
}

/** A policy to compare with. */
export interface Baseline {
  /** A file's name; without one it is this draft as it once was. */
  readonly file?: string | undefined;
  readonly policy: string;
}

/** What a draft is begun with. */
export interface Beginning {
  readonly name: string;
  readonly policy: string;
  readonly catalog: Catalog;
  /** The tool whose call shows most; without it, the first. */
  readonly tool?: string | undefined;
  readonly scenario?: string | undefined;
  /** Without one, the policy as it begins. */
  readonly baseline?: Baseline | undefined;
}

export function newDraft(beginning: Beginning): Draft {
  const { name, policy, catalog, tool, scenario = "", baseline = { policy } } = beginning;
  const call: CallForm = { tool: "", arguments: "{}", grant: "demo", session: "session-1", time: { kind: "now" } };
  const text = { policy: textOf(policy), lineEnd: lineEndOf(policy) };
  const draft = { id: crypto.randomUUID(), name, ...text, catalog, call, scenario, baseline };
  return withTool(draft, tool ?? catalog.tools[0]?.name ?? "");
}

/** A text as the editor keeps it: line ends are one mark. */
export function textOf(text: string): Text {
  return Text.of(text.split(/\r\n?|\n/));
}

/** What ends most lines of a text. */
function lineEndOf(text: string): LineEnd {
  const ends = text.match(/\r\n?|\n/g) ?? [];
  return ends.filter((end) => end === "\r\n").length * 2 > ends.length ? "\r\n" : "\n";
}

/** The policy as a file has it, with the ends of lines that it came with. */
export function fileOf({ policy, lineEnd }: Draft): string {
  return policy.sliceString(0, policy.length, lineEnd);
}

/** A new catalog; the call moves to its first tool unless the tool is there too. */
export function withCatalog(draft: Draft, catalog: Catalog): Draft {
  const next = { ...draft, catalog };
  if (findTool(next, draft.call.tool)) return next;
  return withTool(next, catalog.tools[0]?.name ?? "");
}

/** Another tool, with arguments to start from. */
export function withTool(draft: Draft, tool: string): Draft {
  const sample = sampleArguments(findTool(draft, tool)?.inputSchema);
  return { ...draft, call: { ...draft.call, tool, arguments: sample } };
}

export function withCall(draft: Draft, change: Partial<CallForm>): Draft {
  return { ...draft, call: { ...draft.call, ...change } };
}

/** The catalog's tool of this name. */
export function findTool(draft: Draft, name: string): Tool | undefined {
  return draft.catalog.byName.get(name);
}
