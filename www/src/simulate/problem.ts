// Where a text of arguments is no JSON. Apart from the rest of a call: it takes the editor's parser, which is loaded late.
import { jsonLanguage } from "@codemirror/lang-json";
import { Text } from "@codemirror/state";
import { texts } from "../texts";
import { isJson } from "./call";

/** A fault of the arguments' text, and its place there. */
export interface ArgumentsProblem {
  error: string;
  from: number;
  to: number;
}

/** Why a text cannot stand as the arguments of a call at all: it is not one JSON value. */
export function argumentsProblem(text: string): ArgumentsProblem | undefined {
  if (isJson(text)) return undefined;
  const from = firstFault(text);
  const line = Text.of(text.split("\n")).lineAt(from);
  const word = /^\w*/.exec(text.slice(from))?.[0].length ?? 0;
  return {
    error: texts.call.errors.notJson(line.number, from - line.from + 1),
    from,
    to: Math.min(from + Math.max(word, 1), text.length),
  };
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
