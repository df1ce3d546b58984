import { Text } from '@codemirror/state';
import type { Catalog, Tool } from '../tools/catalog';
import { sampleArguments } from '../simulate/sample';

/** When a call is made: at the moment of the click, or at a chosen time, `YYYY-MM-DDTHH:MM:SS` in UTC. */
export type CallTime = { readonly kind: 'now' } | { readonly kind: 'at'; readonly utc: string };

/** The call in the form, all of it as typed. */
export interface CallForm {
  readonly tool: string;
  readonly arguments: string;
  readonly grant: string;
  readonly session: string;
  readonly time: CallTime;
}

/** Everything that a person has put in. It is never changed, only replaced; all else on the page follows from it. */
export interface Document {
  /** The same object as the editor's text. */
  readonly policy: Text;
  readonly catalog: Catalog | undefined;
  /** The list that was pasted last; it stays on offer when another one is chosen. */
  readonly pasted: Catalog | undefined;
  readonly call: CallForm;
}

export function newDocument(policy: string, catalog: Catalog, tool: string): Document {
  const call: CallForm = {
    tool: '',
    arguments: '{}',
    grant: 'demo',
    session: 'session-1',
    time: { kind: 'now' },
  };
  const empty: Document = {
    policy: Text.of(policy.split('\n')),
    catalog: undefined,
    pasted: undefined,
    call,
  };
  return withTool(withCatalog(empty, catalog), tool);
}

/** A new catalog; the call moves to its first tool unless the tool is there too. */
export function withCatalog(document: Document, catalog: Catalog | undefined): Document {
  const next = { ...document, catalog };
  if (!catalog || findTool(next, document.call.tool)) return next;
  return withTool(next, catalog.tools[0]?.name ?? '');
}

/** Another tool, with arguments to start from. */
export function withTool(document: Document, tool: string): Document {
  const sample = sampleArguments(findTool(document, tool)?.inputSchema);
  return { ...document, call: { ...document.call, tool, arguments: sample } };
}

export function withCall(document: Document, change: Partial<CallForm>): Document {
  return { ...document, call: { ...document.call, ...change } };
}

/** The catalog's tool of this name. */
export function findTool(document: Document, name: string): Tool | undefined {
  return document.catalog?.tools.find((tool) => tool.name === name);
}
