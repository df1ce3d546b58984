// The value of a condition: JSON text in the policy, and what a person types or picks for it. Numbers stay the digits
// that were typed. Nothing is judged here: whether a value fits is the engine's to say.
import type { Argument } from "cattlegrid/author";

/** How a value is put in. */
export type Input =
  "presence" | "number" | "choice" | "choices" | "list" | "pattern" | "boolean" | "date" | "text" | "json";

const NUMBER = /^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$/;

export const isNumber = (text: string): boolean => NUMBER.test(text);

/** The input that fits an operator and what is known of the argument. `value` is JSON text. */
export function inputFor(op: string | undefined, argument: Argument | undefined, value: string | undefined): Input {
  const types = argument?.types ?? [];
  switch (op) {
    case "exists":
      return "presence";
    case "lt":
    case "lte":
    case "gt":
    case "gte":
      return "number";
    case "in":
    case "not_in":
      return isList(value) ? (argument?.enum ? "choices" : "list") : "json";
    case "regex":
      return "pattern";
  }
  if (argument?.enum && (value === undefined || argument.enum.includes(value))) return "choice";
  // What stands there is shown as what it is, whatever the schema says.
  switch (kindOf(value)) {
    case "boolean":
      return "boolean";
    case "number":
      return "number";
    case "string":
      return argument?.format === "date" && /^"\d{4}-\d\d-\d\d"$/.test(value ?? "") ? "date" : "text";
    case "none":
      return types.includes("boolean")
        ? "boolean"
        : types.some((type) => type === "number" || type === "integer")
          ? "number"
          : "text";
    default:
      return "json";
  }
}

type Kind = "none" | "string" | "number" | "boolean" | "other";

export function kindOf(value: string | undefined): Kind {
  if (value === undefined) return "none";
  if (value.startsWith('"')) return "string";
  if (value === "true" || value === "false") return "boolean";
  return isNumber(value) ? "number" : "other";
}

function isList(value: string | undefined): boolean {
  return value === undefined || parts(value) !== undefined;
}

/** The text that a JSON string holds; any other value as it is written. */
export function plain(value: string): string {
  if (!value.startsWith('"')) return value;
  try {
    return String(JSON.parse(value));
  } catch {
    return value;
  }
}

/** The items of a JSON list of simple values, each as JSON text; undefined if it is none. */
export function parts(value: string): string[] | undefined {
  let items: unknown;
  try {
    items = JSON.parse(value);
  } catch {
    return undefined;
  }
  if (!Array.isArray(items) || items.some((item) => typeof item === "object" && item !== null)) return undefined;
  // Numbers are taken from the text, not from what JavaScript makes of their digits.
  return value.match(/"(?:[^"\\]|\\.)*"|[^\s,[\]"]+/g) ?? [];
}

/** What a person typed, as JSON text: a number where the argument is one and digits stand there, else a string. */
export function typed(text: string, argument: Argument | undefined): string {
  const types = argument?.types ?? [];
  const trimmed = text.trim();
  const wantsNumber = types.some((type) => type === "number" || type === "integer") && !types.includes("string");
  if (wantsNumber && isNumber(trimmed)) return trimmed;
  if (types.includes("boolean") && !types.includes("string") && (trimmed === "true" || trimmed === "false"))
    return trimmed;
  return JSON.stringify(text);
}

/** A value to begin with. JSON text. */
export function firstValue(op: string, argument: Argument | undefined): string {
  const one = argument?.enum?.[0];
  const types = argument?.types ?? [];
  switch (op) {
    case "exists":
      return "true";
    case "lt":
    case "lte":
    case "gt":
    case "gte":
      return argument?.maximum ?? argument?.minimum ?? "0";
    case "in":
    case "not_in":
      return one === undefined ? "[]" : `[${one}]`;
    case "regex":
      return '"^"';
    case "contains":
      return '""';
    default:
      if (one !== undefined) return one;
      if (types.includes("boolean")) return "true";
      if (types.some((type) => type === "number" || type === "integer")) return argument?.minimum ?? "0";
      return '""';
  }
}

/** Carries a value over to another operator where it makes sense there. */
export function carried(
  value: string | undefined,
  from: string | undefined,
  to: string,
  argument: Argument | undefined,
): string {
  const family = (op: string | undefined): string =>
    op === undefined
      ? ""
      : ["lt", "lte", "gt", "gte"].includes(op)
        ? "order"
        : ["in", "not_in"].includes(op)
          ? "list"
          : ["eq", "neq"].includes(op)
            ? "one"
            : op;
  if (value === undefined) return firstValue(to, argument);
  const [before, after] = [family(from), family(to)];
  if (before === after) return value;
  if (before === "one" && after === "list") return `[${value}]`;
  if (before === "list" && after === "one") return parts(value)?.[0] ?? firstValue(to, argument);
  if (after === "order" && kindOf(value) === "number") return value;
  if (after === "one" && kindOf(value) !== "other") return value;
  if (["contains", "regex"].includes(after) && kindOf(value) === "string") return value;
  return firstValue(to, argument);
}
