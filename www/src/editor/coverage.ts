// What the calls of the scenario came to, marked where it stands.
import { StateEffect, StateField, type Extension, type Text } from "@codemirror/state";
import { Decoration, EditorView, type DecorationSet } from "@codemirror/view";
import type { CoveredPart } from "cattlegrid/author";
import { texts } from "../texts";

const mark = StateEffect.define<readonly CoveredPart[]>();

/** They are those of one text: the next edit takes them away, until the scenario has run again. */
const marks = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, transaction) {
    for (const effect of transaction.effects) if (effect.is(mark)) return decorations(effect.value, transaction.newDoc);
    return transaction.docChanged ? Decoration.none : marks;
  },
  provide: (field) => EditorView.decorations.from(field),
});

/** Names where they stand, as several may on one line; what takes lines, at their edge. */
function decorations(parts: readonly CoveredPart[], text: Text): DecorationSet {
  const names = [];
  const lines = new Map<number, { class: string; attributes: { title: string } }>();
  for (const part of parts) {
    const { start, end } = part.span;
    if (start >= end || end > text.length) continue;
    const state = part.missing.length ? (part.asked ? "part" : "none") : "all";
    const look = { class: `cm-covered-${state}`, attributes: { title: texts.coverage.title(part) } };
    if (part.part === "tool" || part.part === "hidden") names.push(Decoration.mark(look).range(start, end));
    // What is inside comes later, and has the last word on its lines.
    else for (let at = start; at <= end; at = text.lineAt(at).to + 1) lines.set(text.lineAt(at).from, look);
  }
  return Decoration.set([...names, ...[...lines].map(([at, look]) => Decoration.line(look).range(at))], true);
}

export const coverage: Extension = [
  marks,
  EditorView.theme({
    "span.cm-covered-all": { backgroundColor: "var(--good-soft)" },
    "span.cm-covered-none": { backgroundColor: "var(--bad-soft)", textDecoration: "underline dotted var(--bad)" },
    ".cm-line.cm-covered-all": { boxShadow: "inset 4px 0 var(--good)" },
    ".cm-line.cm-covered-part": { boxShadow: "inset 4px 0 var(--wait)", backgroundColor: "var(--wait-soft)" },
    ".cm-line.cm-covered-none": { boxShadow: "inset 4px 0 var(--bad)", backgroundColor: "var(--bad-soft)" },
  }),
];

export function showCoverage(view: EditorView, parts: readonly CoveredPart[]): void {
  if (!parts.length && !view.state.field(marks).size) return;
  view.dispatch({ effects: mark.of(parts) });
}
