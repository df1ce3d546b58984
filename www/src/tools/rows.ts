// Which rows of the tool table are seen, and in which order.
import type { ToolRow } from "cattlegrid/author";
import type { Classified } from "cattlegrid/classify";
import type { Catalog, Tool } from "./catalog";

export type State = NonNullable<ToolRow["state"]>;
/** The states that a person can give a tool; `custom` is what rules make of it. */
export const STATES = ["allow", "deny", "hide", "approve"] as const;
export type Settable = (typeof STATES)[number];

export type Column = "name" | "risk" | "state";
export interface Sorting {
  readonly by: Column;
  readonly descending: boolean;
}

/** What the rows are asked for; what is empty asks for nothing. */
export interface Filter {
  readonly words: string;
  readonly state: State | "";
  readonly risk: string;
  readonly argument: string;
}

export const noFilter: Filter = { words: "", state: "", risk: "", argument: "" };

/** One row: a tool of the server, an entry of the policy that no tool answers to, or both. */
export interface Row {
  readonly name: string;
  readonly tool: Tool | undefined;
  /** Absent while the policy has errors. */
  readonly made: ToolRow | undefined;
  /** What it can do at worst; absent for a moment, and for what no server has. */
  readonly risk: Classified | undefined;
}

/** The server's tools in its order, then what only the policy names. */
export function rowsOf(
  catalog: Catalog,
  made: readonly ToolRow[] | undefined,
  risks: ReadonlyMap<string, Classified>,
): Row[] {
  const risk = (name: string) => risks.get(name);
  if (!made) return catalog.tools.map((tool) => ({ name: tool.name, tool, made: undefined, risk: risk(tool.name) }));
  return made.map((row) => ({ name: row.name, tool: catalog.byName.get(row.name), made: row, risk: risk(row.name) }));
}

export function argumentsOf(tool: Tool | undefined): readonly string[] {
  const schema = tool?.inputSchema as { properties?: unknown } | undefined;
  const properties = schema?.properties;
  return typeof properties === "object" && properties !== null ? Object.keys(properties) : [];
}

export function filtered(rows: readonly Row[], filter: Filter): readonly Row[] {
  const words = filter.words.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length && !filter.state && !filter.risk && !filter.argument) return rows;
  return rows.filter((row) => {
    if (filter.state && row.made?.state !== filter.state) return false;
    if (filter.risk && row.risk?.risk !== filter.risk) return false;
    if (filter.argument && !argumentsOf(row.tool).includes(filter.argument)) return false;
    if (!words.length) return true;
    const text = `${row.name}\n${row.tool?.title ?? ""}\n${row.tool?.description ?? ""}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

const order = { state: ["allow", "custom", "approve", "deny", "hide"], risk: ["low", "medium", "high", "critical"] };
const names = new Intl.Collator("en", { numeric: true });

export function sorted(rows: readonly Row[], sorting: Sorting | undefined): readonly Row[] {
  if (!sorting) return rows;
  const { by, descending } = sorting;
  const compare = (a: Row, b: Row): number => {
    if (by === "name") return names.compare(a.name, b.name);
    const place = (row: Row) => order[by].indexOf((by === "state" ? row.made?.state : row.risk?.risk) ?? "");
    return place(a) - place(b);
  };
  return rows.toSorted(descending ? (a, b) => compare(b, a) : compare);
}

/** What a person sees of an argument list in a filter: each name once, in order. */
export function allArguments(catalog: Catalog): readonly string[] {
  return [...new Set(catalog.tools.flatMap(argumentsOf))].sort(names.compare);
}
