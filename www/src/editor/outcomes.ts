// How each rule of the last call came out, marked where the rule stands.
import { StateEffect, StateField, type Extension, type Text } from "@codemirror/state";
import { Decoration, EditorView, type DecorationSet } from "@codemirror/view";
import type { Place } from "../engine/protocol";
import { texts } from "../texts";

const mark = StateEffect.define<readonly Place[]>();

/** They are those of one text: the next edit takes them away. */
const marks = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, transaction) {
    for (const effect of transaction.effects) if (effect.is(mark)) return decorations(effect.value, transaction.newDoc);
    return transaction.docChanged ? Decoration.none : marks;
  },
  provide: (field) => EditorView.decorations.from(field),
});

/** Whole lines: a rule on one line with others is seen as well as one on many. */
function decorations(places: readonly Place[], text: Text): DecorationSet {
  const lines = new Map<number, Place>();
  for (const place of places) {
    if (place.span.end > text.length) continue;
    for (let at = place.span.start; at <= place.span.end; at = text.lineAt(at).to + 1) {
      const { from } = text.lineAt(at);
      // What stopped the call is what is seen.
      if (lines.get(from)?.came !== "deny") lines.set(from, place);
    }
  }
  const ranges = [...lines].map(([from, { came, said }]) =>
    Decoration.line({ class: `cm-came-${came}`, attributes: { title: texts.decision.came(said) } }).range(from),
  );
  return Decoration.set(ranges, true);
}

export const outcomes: Extension = [
  marks,
  EditorView.theme({
    ".cm-came-pass": { backgroundColor: "color-mix(in oklab, var(--good-soft), transparent 45%)" },
    ".cm-came-deny": { backgroundColor: "var(--bad-soft)" },
    ".cm-came-hold": { backgroundColor: "var(--wait-soft)" },
  }),
];

export function showOutcomes(view: EditorView, places: readonly Place[]): void {
  view.dispatch({ effects: mark.of(places) });
}
