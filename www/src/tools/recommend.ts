// What a recommended policy would change in the one that is there.
import type { Change, ToolRow } from "cattlegrid/author";
import { texts } from "../texts";
import type { Settable, State } from "./rows";

/** One tool of it. */
export interface Line {
  readonly name: string;
  readonly now: State | undefined;
  /** What it would be; a rule or limit of its own makes it `custom`. */
  readonly then: State;
  /** What bounds it then: `10 a minute`, `2 rules on arguments`. */
  readonly bounds: readonly string[];
  readonly why: string;
  /** The policy names the tool already, and it stays as it is. */
  readonly kept: boolean;
}

export interface Plan {
  readonly lines: readonly Line[];
  readonly changes: readonly Change[];
  /** `default` becomes `deny`. */
  readonly denies: boolean;
}

type Json = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

interface Wanted {
  /** The policy that is recommended, with its reasons. */
  readonly recommended: string;
  readonly rows: readonly ToolRow[];
  /** Tools that the policy names already stay as they are. */
  readonly keep: boolean;
  /** The reasons are written into the policy. */
  readonly reasons: boolean;
  /** The `default` that there is; undefined: it stays whatever it is. */
  readonly fallback: unknown;
}

export function planOf({ recommended, rows, keep, reasons, fallback }: Wanted): Plan {
  const policy = JSON.parse(recommended) as Json;
  const known = new Map(rows.map((row) => [row.name, row]));
  const whole = isObject(policy["x-reason"]) ? policy["x-reason"] : {};
  const whyHidden = new Map(Object.entries(isObject(whole.hide) ? whole.hide : {}));
  const lines: Line[] = [];
  const [hide, show, put]: [string[], string[], Change[]] = [[], [], []];
  const kept = (row: ToolRow | undefined) => keep && !!row && (row.listed || row.hidden);
  for (const name of list(policy.hide).map(String)) {
    const row = known.get(name);
    const stays = kept(row);
    lines.push({
      name,
      now: row?.state,
      then: "hide",
      bounds: [],
      why: String(whyHidden.get(name) ?? ""),
      kept: stays,
    });
    if (!stays && row?.state !== "hide") hide.push(name);
  }
  for (const [name, rules] of Object.entries(isObject(policy.tools) ? policy.tools : {})) {
    if (!isObject(rules)) continue;
    const row = known.get(name);
    const stays = kept(row);
    const bare = reasons ? rules : (bared(rules) as Json);
    const bounds = boundsOf(rules);
    const then: State = bounds.length ? "custom" : rules.action === "require_approval" ? "approve" : "allow";
    lines.push({ name, now: row?.state, then, bounds, why: String(rules["x-reason"] ?? ""), kept: stays });
    if (stays) continue;
    if (row?.hidden) show.push(name);
    put.push({ kind: "put", pointer: `/tools/${token(name)}`, json: JSON.stringify(bare) });
  }
  const denies = fallback !== undefined && fallback !== "deny";
  const state = (tools: string[], state: Settable): Change[] => (tools.length ? [{ kind: "state", tools, state }] : []);
  const changes: Change[] = [
    ...(denies ? [{ kind: "put", pointer: "/default", json: '"deny"' } as const] : []),
    ...state(show, "allow"),
    ...put,
    ...state(hide, "hide"),
  ];
  return { lines, changes, denies };
}

/** The same without what begins with `x-`. */
function bared(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(bared);
  if (!isObject(value)) return value;
  const entries = Object.entries(value).filter(([key]) => !key.startsWith("x-"));
  return Object.fromEntries(entries.map(([key, inner]) => [key, bared(inner)]));
}

function boundsOf(rules: Json): string[] {
  const t = texts.recommend;
  const limits = list(rules.limits).filter(isObject);
  const conditions = list(rules.require).length + list(rules.deny_if).length;
  const bounds = limits.map(({ max, window }) => t.limit(String(max), String(window)));
  if (conditions) bounds.push(t.conditions(conditions));
  if (bounds.length && rules.action === "require_approval") bounds.unshift(t.approved);
  return bounds;
}

/** A name as a part of a JSON Pointer. */
const token = (name: string): string => name.replaceAll("~", "~0").replaceAll("/", "~1");
