// Hover: the engine's words, at the places that it says. What who types needs beside is in typing.ts.
import type { Extension, Text } from "@codemirror/state";
import { EditorView, hoverTooltip } from "@codemirror/view";
import type { Completions, Hover } from "cattlegrid/author";

/** Whom the editor asks about a text and a place in it (UTF-16). */
export interface Adviser {
  complete(text: Text, offset: number): Promise<Completions | undefined>;
  hover(text: Text, offset: number): Promise<Hover | undefined>;
}

export function advice(adviser: Adviser): Extension {
  const hover = hoverTooltip(async (view, pos) => {
    const found = await adviser.hover(view.state.doc, pos).catch(() => undefined);
    if (!found) return null;
    const { span, title, text } = found;
    return { pos: span.start, end: span.end, above: true, create: () => ({ dom: words(text, title) }) };
  });

  return [hover, theme];
}

/** Texts of servers among them: never more than text. */
export function words(text: string, title?: string): HTMLElement {
  const box = document.createElement("div");
  box.className = "cm-words";
  if (title !== undefined) {
    const head = document.createElement("strong");
    head.textContent = title;
    box.append(head);
  }
  const body = document.createElement("p");
  // As everywhere, what stands in backticks is a name.
  const parts = text.split("`");
  for (const [at, part] of parts.entries()) {
    const isName = at % 2 === 1 && at < parts.length - 1;
    const piece = isName ? document.createElement("code") : document.createTextNode(at % 2 === 1 ? `\`${part}` : part);
    if (isName) piece.textContent = part;
    body.append(piece);
  }
  box.append(body);
  return box;
}

const theme = EditorView.theme({
  ".cm-words": {
    padding: "0.5rem 0.75rem",
    maxWidth: "26rem",
    font: "0.8125rem/1.45 var(--sans)",
    overflowWrap: "anywhere",
  },
});
