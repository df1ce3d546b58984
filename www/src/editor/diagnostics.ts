import { forEachDiagnostic, type Diagnostic as Shown } from "@codemirror/lint";
import type { EditorState } from "@codemirror/state";
import type { Diagnostic } from "cattlegrid";
import { EditorView } from "@codemirror/view";
import { texts } from "../texts";

type Edits = NonNullable<Diagnostic["fix"]>["edits"];

/** The engine's diagnostics for the editor: the place as the engine says, its words, its fix. `length` is the text's. */
export function shown(diagnostics: readonly Diagnostic[], length: number, fix: (edits: Edits) => void): Shown[] {
  return diagnostics.map((diagnostic) => ({
    from: Math.min(diagnostic.span.start, length),
    to: Math.min(diagnostic.span.end, length),
    severity: diagnostic.severity,
    message: diagnostic.message,
    renderMessage: () => message(diagnostic),
    actions: diagnostic.fix ? [{ name: texts.policy.fix(diagnostic.fix.title), apply: applyFix(diagnostic, fix) }] : [],
  }));
}

/** The diagnostics that the editor shows behind a place, moved along with the edits since they were made. */
export function marksBehind(state: EditorState, place: number): Shown[] {
  const behind: Shown[] = [];
  forEachDiagnostic(state, (diagnostic, from, to) => {
    if (from > place) behind.push({ ...diagnostic, from, to });
  });
  return behind;
}

function applyFix(diagnostic: Diagnostic, fix: (edits: Edits) => void): () => void {
  return () => {
    if (diagnostic.fix) fix(diagnostic.fix.edits);
  };
}

function message(diagnostic: Diagnostic): Node {
  const box = document.createElement("div");
  box.append(diagnostic.message);
  if (diagnostic.help) {
    const help = document.createElement("div");
    help.className = "cm-help";
    help.textContent = diagnostic.help;
    box.append(help);
  }
  return box;
}

export const diagnosticTheme = EditorView.theme({
  ".cm-tooltip-lint": { padding: "0" },
  ".cm-diagnostic": {
    padding: "0.5rem 0.75rem",
    fontFamily: "var(--sans)",
    fontSize: "0.8125rem",
    overflowWrap: "anywhere",
  },
  ".cm-diagnostic-error": { borderLeft: "3px solid var(--bad)" },
  ".cm-diagnostic-warning": { borderLeft: "3px solid var(--wait)" },
  ".cm-diagnosticAction": {
    display: "block",
    margin: "0.375rem 0 0",
    padding: "0.125rem 0.5rem",
    border: "1px solid var(--line-strong)",
    borderRadius: "var(--radius)",
    backgroundColor: "var(--panel)",
    color: "var(--accent)",
    font: "inherit",
    cursor: "pointer",
  },
  ".cm-help": { color: "var(--muted)" },
  // Underlines of the page's own colours in place of the library's pictures.
  ".cm-lintRange": { paddingBottom: "0", backgroundImage: "none" },
  ".cm-lintRange-error": {
    backgroundImage: "none",
    textDecoration: "underline wavy var(--bad)",
    textUnderlineOffset: "0.25em",
    textDecorationSkipInk: "none",
  },
  ".cm-lintRange-warning": {
    backgroundImage: "none",
    textDecoration: "underline wavy var(--wait)",
    textUnderlineOffset: "0.25em",
    textDecorationSkipInk: "none",
  },
  ".cm-lintRange-active": { backgroundColor: "var(--wait-soft)" },
});
