// JSON whose numbers keep the digits that were typed: `1.0` stays `1.0`, and no digit of a long one is lost. Browsers
// that cannot do that yet do what JavaScript always did.

interface RawJson {
  rawJSON?(text: string): unknown;
  isRawJSON?(value: unknown): boolean;
}
const raw = JSON as unknown as RawJson;

/** @throws SyntaxError if the text is not JSON */
export function parseExact(text: string): unknown {
  return JSON.parse(text, function (_key: string, value: unknown, context?: { source?: string }) {
    return typeof value === "number" && context?.source !== undefined && raw.rawJSON
      ? raw.rawJSON(context.source)
      : value;
  } as (key: string, value: unknown) => unknown);
}

/** A number of these digits, for `JSON.stringify`. */
export function exactNumber(digits: string): unknown {
  return raw.rawJSON ? raw.rawJSON(digits) : Number(digits);
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !raw.isRawJSON?.(value);
}

/** A value as a person types it: a text as itself, everything else as JSON. */
export function shownValue(value: unknown): string {
  if (value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}
