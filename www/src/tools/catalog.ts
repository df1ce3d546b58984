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
  /** Its name among the catalogs that come with the page. */
  readonly key?: string;
  readonly tools: readonly Tool[];
  readonly byName: ReadonlyMap<string, Tool>;
  /** What the engine is given: `{ tools }`, with the tools as they came, but for what no engine needs to read. */
  readonly source: unknown;
  /** The list as it was written, for what looks at every digit; absent of one that was kept or came otherwise. */
  readonly written?: string;
  /** The tools that `source` has not to the last digit. */
  readonly cut?: readonly string[];
  /** Something the reader should know, such as a list that goes on. */
  readonly note?: string | undefined;
}

export type CatalogResult = { catalog: Catalog } | { error: string };

/** What a policy has that was opened without its tools. */
export const emptyCatalog: Catalog = { title: "", tools: [], byName: new Map(), source: { tools: [] } };

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
  const read = catalogOf(title, value);
  return "catalog" in read ? { catalog: { ...read.catalog, written: text } } : read;
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

  const byName = new Map<string, Tool>();
  for (const [index, item] of list.entries()) {
    const entry = record(item);
    const name = text(entry?.name);
    if (!entry || name === undefined) return { error: t.noName(index + 1) };
    if (byName.has(name)) return { error: t.twice(name) };
    const title = text(entry.title) ?? text(record(entry.annotations)?.title);
    const description = text(entry.description);
    byName.set(name, {
      name,
      ...(title !== undefined && { title }),
      ...(description !== undefined && { description }),
      inputSchema: entry.inputSchema,
    });
  }
  const { source, unread, cut } = readable(list as readonly Record<string, unknown>[]);
  const nextCursor = text(result?.nextCursor);
  const notes = [nextCursor && texts.catalog.goesOn, unread.length && texts.catalog.unread(unread)];
  const note = notes.filter(Boolean).join(" ") || undefined;
  const catalog: Catalog = {
    title,
    tools: [...byName.values()],
    byName,
    source: { tools: source, ...(nextCursor && { nextCursor }) },
    note,
    ...(cut.length && { cut }),
  };
  return { catalog };
}

/** Of a description so much is judged; the page shows more of it. */
const DESCRIBED = 10_000;
/** Schemas nested deeper than this are not read: servers have a handful of levels. */
const DEEP = 60;

/** The tools as the engine is given them: no description without end, and no schema so deep that it would refuse all. */
function readable(list: readonly Record<string, unknown>[]): { source: unknown[]; unread: string[]; cut: string[] } {
  const [unread, cut]: [string[], string[]] = [[], []];
  const source = list.map((tool) => {
    const { description } = tool;
    const long = typeof description === "string" && description.length > DESCRIBED;
    const deep = isDeep(tool, DEEP);
    if (long || deep || isRounded(tool)) cut.push(String(tool.name));
    if (!long && !deep) return tool;
    if (deep) unread.push(String(tool.name));
    // Only what a tool is known by is left of one that is nested so deeply.
    const rest = deep ? { name: tool.name, ...(typeof description === "string" && { description }) } : tool;
    return long ? { ...rest, description: description.slice(0, DESCRIBED).toWellFormed() } : rest;
  });
  return { source, unread, cut };
}

function isDeep(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((item) => isDeep(item, levels - 1));
}

/** Whether a number in it may have been another one, before a page's arithmetic had it. */
function isRounded(value: unknown): boolean {
  if (typeof value === "number")
    return Number.isInteger(value) ? !Number.isSafeInteger(value) : !Number.isFinite(value);
  return typeof value === "object" && value !== null && Object.values(value).some(isRounded);
}

function record(value: unknown): Record<string, unknown> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
