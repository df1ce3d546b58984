// A draft as plain JSON: what is kept in the browser, and what a link carries.
import { catalogOf, emptyCatalog, type Catalog } from "../tools/catalog";
import { isBundled, catalogs } from "../tools/bundled";
import { fileOf, newDraft, type Baseline, type Draft } from "./draft";

interface Packed {
  readonly name: string;
  readonly policy: string;
  /** One of the page's own catalogs by its key, or the tools themselves; absent: no tools. */
  readonly catalog?: string | { readonly title: string; readonly source: unknown; readonly cut?: readonly string[] };
  readonly scenario?: string;
  readonly call?: { readonly tool: string; readonly arguments: string };
  /** Absent where it is the policy itself. */
  readonly baseline?: Baseline;
}

export function pack(draft: Draft): Packed {
  const { name, catalog, scenario, call, baseline } = draft;
  const text = fileOf(draft);
  const { title, source, cut } = catalog;
  const tools = catalog.key ?? (catalog.tools.length ? { title, source, ...(cut && { cut }) } : undefined);
  return {
    name,
    policy: text,
    ...(tools && { catalog: tools }),
    ...(scenario && { scenario }),
    ...(call.tool && { call: { tool: call.tool, arguments: call.arguments } }),
    ...(baseline.policy !== text && { baseline }),
  };
}

/** The draft again, under a new id; undefined if this never was one. */
export function unpack(value: unknown): Draft | undefined {
  const packed = value as Partial<Packed> | null;
  if (typeof packed !== "object" || packed === null || typeof packed.policy !== "string") return undefined;
  const catalog = catalogFrom(packed.catalog);
  if (!catalog) return undefined;
  const name = typeof packed.name === "string" ? packed.name : "";
  const scenario = typeof packed.scenario === "string" ? packed.scenario : "";
  const { tool, arguments: args } = packed.call ?? {};
  const draft = newDraft({
    name,
    policy: packed.policy,
    catalog,
    scenario,
    tool: typeof tool === "string" ? tool : undefined,
    baseline: baselineFrom(packed.baseline),
  });
  return typeof args === "string" ? { ...draft, call: { ...draft.call, arguments: args } } : draft;
}

function baselineFrom(packed: Packed["baseline"]): Baseline | undefined {
  if (typeof packed !== "object" || packed === null || typeof packed.policy !== "string") return undefined;
  return { policy: packed.policy, file: typeof packed.file === "string" ? packed.file : undefined };
}

function catalogFrom(packed: Packed["catalog"]): Catalog | undefined {
  if (packed === undefined) return emptyCatalog;
  if (typeof packed === "string") return isBundled(packed) ? catalogs[packed] : undefined;
  const read = catalogOf(String(packed.title), packed.source);
  if ("error" in read) return undefined;
  return Array.isArray(packed.cut) ? { ...read.catalog, cut: packed.cut.map(String) } : read.catalog;
}
