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

/** Everything that a person has put in. It is never changed, only replaced; all else on the page follows from it. */
export interface Draft {
  /** The same object as the editor's text. */
  readonly policy: Text;
  readonly catalog: Catalog;
  /** The list that was pasted last; it stays on offer when another one is chosen. */
  readonly pasted: Catalog | undefined;
  readonly call: CallForm;
}

export function newDraft(policy: string, catalog: Catalog, tool: string): Draft {
  const call: CallForm = {
    tool: "",
    arguments: "{}",
    grant: "demo",
    session: "session-1",
    time: { kind: "now" },
  };
  const text = Text.of(policy.split("\n"));
  return withTool({ policy: text, catalog, pasted: undefined, call }, tool);
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
  return draft.catalog.tools.find((tool) => tool.name === name);
}
