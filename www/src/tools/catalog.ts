import { texts } from "../texts";

/** One tool as a server describes it. Everything but the name is the server's word and may be missing or wrong. */
export interface Tool {
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  readonly inputSchema?: unknown;
}

/** A snapshot of a server's `tools/list`. */
export interface Catalog {
  /** How the page calls it. */
  readonly title: string;
  readonly tools: readonly Tool[];
  /** What the engine is given: `{ tools }`, with the tools as they came. */
  readonly source: unknown;
  /** Something the reader should know, such as a list that goes on. */
  readonly note?: string;
}

export type CatalogResult = { catalog: Catalog } | { error: string };

/** Reads what a person pastes: the result of `tools/list`, the whole JSON-RPC response, or an array of tools. */
export function readCatalog(title: string, text: string): CatalogResult {
  const t = texts.catalog.errors;
  if (text.trim() === "") return { error: t.empty };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { error: t.notJson((error as Error).message) };
  }
  return catalogOf(title, value);
}

/** The same for a value that is JSON already. */
export function catalogOf(title: string, value: unknown): CatalogResult {
  const t = texts.catalog.errors;
  const message = record(value);
  const failure = record(message?.error);
  if (failure) return { error: t.serverError(text(failure.message) ?? "") };
  if (message?.method === "tools/list") return { error: t.isRequest };

  const result = record(message?.result) ?? message;
  const list = Array.isArray(value) ? (value as unknown[]) : result?.tools;
  if (!Array.isArray(list)) return { error: t.noTools };
  if (list.length === 0) return { error: t.noneInList };

  const tools: Tool[] = [];
  const seen = new Set<string>();
  for (const [index, item] of list.entries()) {
    const entry = record(item);
    const name = text(entry?.name);
    if (!entry || name === undefined) return { error: t.noName(index + 1) };
    if (seen.has(name)) return { error: t.twice(name) };
    seen.add(name);
    tools.push({
      name,
      title: text(entry.title) ?? text(record(entry.annotations)?.title),
      description: text(entry.description),
      inputSchema: entry.inputSchema,
    });
  }
  const note = text(result?.nextCursor) ? texts.catalog.goesOn : undefined;
  return { catalog: { title, tools, source: { tools: list }, note } };
}

function record(value: unknown): Record<string, unknown> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
