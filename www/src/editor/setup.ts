// What a code editor has. The search panel is loaded when somebody looks for something.
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { bracketMatching, foldGutter, foldKeymap, indentOnInput } from "@codemirror/language";
import { lintKeymap } from "@codemirror/lint";
import { EditorState, StateEffect, type Extension } from "@codemirror/state";
import {
  drawSelection,
  dropCursor,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
} from "@codemirror/view";

/** What every editor of the page has. */
export const smallSetup: Extension = [
  highlightSpecialChars(),
  history(),
  drawSelection(),
  keymap.of([...defaultKeymap, ...historyKeymap]),
];

/** What the editor of a whole file has beside. */
export const fullSetup: Extension = [
  lineNumbers(),
  highlightActiveLineGutter(),
  highlightActiveLine(),
  highlightSpecialChars(),
  history(),
  foldGutter(),
  drawSelection(),
  dropCursor(),
  EditorState.allowMultipleSelections.of(true),
  indentOnInput(),
  bracketMatching(),
  keymap.of([{ key: "Mod-f", run: find }, ...defaultKeymap, ...historyKeymap, ...foldKeymap, ...lintKeymap]),
];

function find(view: EditorView): boolean {
  void import("@codemirror/search").then(({ openSearchPanel, search, searchKeymap }) => {
    if (!view.dom.querySelector(".cm-search")) {
      view.dispatch({ effects: StateEffect.appendConfig.of([search({ top: true }), keymap.of([...searchKeymap])]) });
    }
    openSearchPanel(view);
  });
  return true;
}
