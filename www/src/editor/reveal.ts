import { StateEffect, StateField, type Extension } from "@codemirror/state";
import { Decoration, EditorView, type DecorationSet } from "@codemirror/view";

const show = StateEffect.define<{ from: number; to: number } | undefined>();
const mark = Decoration.mark({ class: "cm-shown" });

/** The place that was asked for last; it goes away with the next edit or click in the text. */
const place = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, transaction) {
    for (const effect of transaction.effects) {
      if (!effect.is(show)) continue;
      const range = effect.value;
      return range && range.to > range.from ? Decoration.set(mark.range(range.from, range.to)) : Decoration.none;
    }
    return transaction.docChanged || transaction.selection ? Decoration.none : marks;
  },
  provide: (field) => EditorView.decorations.from(field),
});

export const revealing: Extension = [
  place,
  EditorView.theme({
    ".cm-shown": { backgroundColor: "var(--accent-mark)", borderRadius: "3px" },
  }),
];

/** Marks a place and scrolls to it. */
export function showPlace(view: EditorView, start: number, end: number): void {
  const length = view.state.doc.length;
  const from = Math.min(start, length);
  view.dispatch({
    effects: [
      show.of({ from, to: Math.min(end, length) }),
      EditorView.scrollIntoView(from, { y: "nearest", yMargin: 60 }),
    ],
  });
}

/** Scrolls to a place, marks it and puts the cursor in front of it. */
export function reveal(view: EditorView, start: number, end: number): void {
  const length = view.state.doc.length;
  const from = Math.min(start, length);
  view.dispatch({
    selection: { anchor: from },
    effects: [show.of({ from, to: Math.min(end, length) }), EditorView.scrollIntoView(from, { y: "center" })],
  });
  // On a narrow screen the editor itself may be out of sight.
  view.dom.scrollIntoView({ block: "nearest" });
  view.focus();
}
