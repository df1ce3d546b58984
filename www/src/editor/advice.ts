// Completion and hover: the engine's words, at the places that it says.
import { autocompletion, type CompletionContext, type CompletionResult } from "@codemirror/autocomplete";
import type { Extension, Text } from "@codemirror/state";
import { EditorView, hoverTooltip } from "@codemirror/view";
import type { Completions, Hover } from "cattlegrid/author";

/** Whom the editor asks about a text and a place in it (UTF-16). */
export interface Adviser {
  complete(text: Text, offset: number): Promise<Completions | undefined>;
  hover(text: Text, offset: number): Promise<Hover | undefined>;
}

export function advice(adviser: Adviser): Extension {
  async function complete(context: CompletionContext): Promise<CompletionResult | null> {
    const found = await adviser.complete(context.state.doc, context.pos).catch(() => undefined);
    if (!found || !found.options.length) return null;
    const options = found.options.map(({ label, insert, caret, detail, info }) => ({
      label,
      apply: (view: EditorView) =>
        view.dispatch({
          changes: { from: found.from, to: found.to, insert },
          selection: { anchor: found.from + caret },
          userEvent: "input.complete",
        }),
      ...(detail !== undefined && { detail }),
      ...(info !== undefined && { info: () => words(info) }),
    }));
    // The engine has found and sorted them for what is there; the next letter asks again.
    return { from: found.from, to: found.to, options, filter: false };
  }

  const hover = hoverTooltip(async (view, pos) => {
    const found = await adviser.hover(view.state.doc, pos).catch(() => undefined);
    if (!found) return null;
    const { span, title, text } = found;
    return { pos: span.start, end: span.end, above: true, create: () => ({ dom: words(text, title) }) };
  });

  return [autocompletion({ override: [complete], icons: false, activateOnTypingDelay: 80 }), hover, theme];
}

/** Texts of servers among them: never more than text. */
function words(text: string, title?: string): HTMLElement {
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
  ".cm-tooltip-autocomplete > ul": { fontFamily: "var(--mono)", fontSize: "0.8125rem" },
  ".cm-tooltip-autocomplete > ul > li": { padding: "0.125rem 0.5rem !important" },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": {
    backgroundColor: "var(--accent) !important",
    color: "var(--on-accent) !important",
  },
  ".cm-completionDetail": { fontFamily: "var(--sans)", fontStyle: "normal", color: "var(--muted)" },
  "li[aria-selected] .cm-completionDetail": { color: "inherit" },
});
