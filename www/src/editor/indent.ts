import { RangeSetBuilder, type Extension } from "@codemirror/state";
import { Decoration, ViewPlugin, type DecorationSet, type EditorView, type ViewUpdate } from "@codemirror/view";

/** Deeper than this a wrapped line would have no room left on a narrow screen. */
const DEEPEST = 16;
/** The padding that CodeMirror gives a line. */
const PADDING = "6px";

const hang = (columns: number): Decoration =>
  Decoration.line({
    attributes: {
      style: `text-indent: -${columns}ch; padding-inline-start: calc(${PADDING} + ${columns}ch)`,
    },
  });

function indents(view: EditorView): DecorationSet {
  const builder = new RangeSetBuilder<Decoration>();
  for (const { from, to } of view.visibleRanges) {
    for (let at = from; at <= to;) {
      const line = view.state.doc.lineAt(at);
      // Two columns deeper than the line's own indent, so that what is wrapped does not look like a line.
      const columns = Math.min(line.text.search(/\S|$/) + 2, DEEPEST);
      builder.add(line.from, line.from, hang(columns));
      at = line.to + 1;
    }
  }
  return builder.finish();
}

/** A wrapped line goes on under its own beginning, not at the left edge. */
export const hangingIndent: Extension = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet;

    constructor(view: EditorView) {
      this.decorations = indents(view);
    }

    update(update: ViewUpdate): void {
      if (update.docChanged || update.viewportChanged) this.decorations = indents(update.view);
    }
  },
  { decorations: (plugin) => plugin.decorations },
);
