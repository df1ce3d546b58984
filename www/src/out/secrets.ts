// Whether a draft holds what should not travel: values under names that secrets go by.
import type { Draft } from "../state/draft";

const NAMES =
  /pass(word|wd|phrase)?|secret|token|api[-_]?key|private[-_]?key|credential|authorization|cookie|session[-_]?id/i;
/** What stands for a secret is not one. */
const EMPTY = new Set(["", "***", "…", "text", "string"]);

/** The names under which values stand in the calls of a draft, as `arguments.password`; at most ten. */
export function secretsIn(draft: Draft): string[] {
  const found = new Set<string>();
  for (const text of [draft.call.arguments, draft.scenario]) {
    try {
      walk(JSON.parse(text || "null"), "", found);
    } catch {
      // What is no JSON yet is looked at as text.
      for (const [, name] of text.matchAll(/"([^"\\]{1,60})"\s*:\s*"[^"]/g))
        if (name && NAMES.test(name)) found.add(name);
    }
  }
  return [...found].slice(0, 10);
}

function walk(value: unknown, path: string, found: Set<string>): void {
  if (found.size >= 10 || typeof value !== "object" || value === null) return;
  for (const [key, item] of Object.entries(value)) {
    const here = Array.isArray(value) ? path : path ? `${path}.${key}` : key;
    if (typeof item === "string" && NAMES.test(key) && !EMPTY.has(item)) found.add(here);
    else walk(item, here, found);
  }
}
