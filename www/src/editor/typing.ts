// What only who types needs: completion in the engine's words, and brackets that close themselves.
import { autocompletion, closeBrackets, closeBracketsKeymap } from "@codemirror/autocomplete";
import type { CompletionContext, CompletionResult } from "@codemirror/autocomplete";
import { Prec, type Extension } from "@codemirror/state";
import { EditorView, keymap } from "@codemirror/view";
import { words, type Adviser } from "./advice";

export function typing(adviser: Adviser): Extension {
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

  return [
    autocompletion({ override: [complete], icons: false, activateOnTypingDelay: 80 }),
    closeBrackets(),
    // Before the keys of every editor: it comes to them later.
    Prec.high(keymap.of(closeBracketsKeymap)),
    theme,
  ];
}

const theme = EditorView.theme({
  ".cm-tooltip-autocomplete > ul": { fontFamily: "var(--mono)", fontSize: "0.8125rem" },
  ".cm-tooltip-autocomplete > ul > li": { padding: "0.125rem 0.5rem !important" },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": {
    backgroundColor: "var(--accent) !important",
    color: "var(--on-accent) !important",
  },
  ".cm-completionDetail": { fontFamily: "var(--sans)", fontStyle: "normal", color: "var(--muted)" },
  "li[aria-selected] .cm-completionDetail": { color: "inherit" },
});
