import { jsonLanguage } from "@codemirror/lang-json";
import { Text } from "@codemirror/state";
import { texts } from "../texts";
import type { CallForm } from "../state/draft";

export type CallText = { text: string; now: number } | { error: string };

/**
 * The call as JSON text. The arguments go in as they were typed, so that the engine sees the same digits and the same
 * duplicate keys that it would see in a request. `clock` is the time for calls made now, UTC milliseconds.
 */
export function callText(form: CallForm, clock: number): CallText {
  const t = texts.call.errors;
  if (form.tool === "") return { error: t.noTool };
  // What is wrong with them is said at their place.
  if (argumentsProblem(form.arguments)) return { error: t.badArguments };

  const now = form.time.kind === "now" ? clock : Date.parse(`${form.time.utc}Z`);
  if (Number.isNaN(now)) return { error: t.noTime };

  const members = [`"tool":${JSON.stringify(form.tool)}`, `"arguments":${form.arguments.trim() || "{}"}`];
  if (form.grant !== "") members.push(`"grant":${JSON.stringify(form.grant)}`);
  if (form.session !== "") members.push(`"session":${JSON.stringify(form.session)}`);
  return { text: `{${members.join(",")}}`, now };
}

/** A fault of the arguments' text, and its place there. */
export interface ArgumentsProblem {
  error: string;
  from: number;
  to: number;
}

/** Why a text cannot stand as the arguments of a call at all: it is not one JSON value. */
export function argumentsProblem(text: string): ArgumentsProblem | undefined {
  if (text.trim() === "") return undefined;
  try {
    JSON.parse(text);
    return undefined;
  } catch {
    const from = firstFault(text);
    const line = Text.of(text.split("\n")).lineAt(from);
    const word = /^\w*/.exec(text.slice(from))?.[0].length ?? 0;
    return {
      error: texts.call.errors.notJson(line.number, from - line.from + 1),
      from,
      to: Math.min(from + Math.max(word, 1), text.length),
    };
  }
}

/** Browsers word their JSON errors differently; the editor's own syntax tree says where the first fault is. */
function firstFault(text: string): number {
  let at = text.length;
  jsonLanguage.parser.parse(text).iterate({
    enter(node) {
      if (node.type.isError && node.from < at) at = node.from;
    },
  });
  return at;
}
