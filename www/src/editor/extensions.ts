import { json } from "@codemirror/lang-json";
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import type { Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { hangingIndent } from "./indent";

/** Colours come from the page's variables, so that both colour schemes are one theme. */
const theme = EditorView.theme({
  "&": { color: "var(--text)", backgroundColor: "var(--panel)", fontSize: "0.8125rem" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.6" },
  ".cm-content": { caretColor: "var(--text)" },
  ".cm-cursor, .cm-dropCursor": { borderLeftColor: "var(--text)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "var(--accent-mark)",
  },
  ".cm-activeLine, .cm-activeLineGutter": {
    backgroundColor: "color-mix(in oklab, var(--accent), transparent 94%)",
  },
  ".cm-gutters": {
    backgroundColor: "var(--panel)",
    color: "var(--muted)",
    borderRight: "1px solid var(--line)",
  },
  "&.cm-focused .cm-matchingBracket, &.cm-focused .cm-nonmatchingBracket": {
    backgroundColor: "var(--accent-soft)",
    outline: "1px solid var(--line-strong)",
  },
  ".cm-tooltip, .cm-panels": {
    backgroundColor: "var(--panel)",
    color: "var(--text)",
    borderColor: "var(--line-strong)",
  },
  ".cm-panels-top": { borderBottom: "1px solid var(--line)" },
  // The library's own are those of no theme.
  ".cm-panel.cm-search": { padding: "0.5rem 2rem 0.5rem 0.75rem", fontFamily: "var(--sans)", fontSize: "0.8125rem" },
  ".cm-panel.cm-search .cm-textfield, .cm-panel.cm-search .cm-button": {
    minHeight: "1.875rem",
    margin: "0.125rem 0.25rem 0.125rem 0",
    padding: "0.125rem 0.5rem",
    border: "1px solid var(--line-strong)",
    borderRadius: "var(--radius)",
    backgroundColor: "var(--panel)",
    backgroundImage: "none",
    color: "var(--text)",
    font: "inherit",
  },
  ".cm-panel.cm-search .cm-button:hover": { backgroundColor: "var(--sunken)" },
  ".cm-panel.cm-search label": { display: "inline-flex", gap: "0.25rem", alignItems: "center", fontSize: "inherit" },
  ".cm-panel.cm-search input[type=checkbox]": { margin: "0" },
  ".cm-panel.cm-search [name=close]": {
    top: "0.375rem",
    right: "0.5rem",
    width: "1.5rem",
    height: "1.5rem",
    color: "var(--muted)",
  },
  ".cm-searchMatch": { backgroundColor: "var(--wait-soft)", outline: "1px solid var(--line-strong)" },
  ".cm-searchMatch-selected": { backgroundColor: "var(--accent-mark)" },
  ".cm-tooltip": { borderRadius: "var(--radius)", maxWidth: "min(30rem, 90vw)" },
  ".cm-foldPlaceholder": {
    backgroundColor: "var(--quiet-soft)",
    border: "none",
    color: "var(--muted)",
  },
});

const highlight = HighlightStyle.define([
  { tag: tags.propertyName, color: "light-dark(#2747b5, #a3b5ff)" },
  { tag: tags.string, color: "light-dark(#17653a, #86d3a4)" },
  { tag: tags.number, color: "light-dark(#8a3d00, #f0b58a)" },
  { tag: [tags.bool, tags.null], color: "light-dark(#7b2a86, #dea0e8)" },
  { tag: [tags.separator, tags.brace, tags.squareBracket], color: "var(--muted)" },
]);

/** What every JSON editor of the page has. `label` is what a screen reader calls it. */
export function jsonEditing(label: string): Extension {
  return [
    json(),
    syntaxHighlighting(highlight),
    theme,
    EditorView.lineWrapping,
    hangingIndent,
    EditorView.contentAttributes.of({
      "aria-label": label,
      // It has the focus of the keyboard anyway; said so, whoever checks that what scrolls can be reached knows.
      tabindex: "0",
      autocapitalize: "off",
      autocorrect: "off",
      spellcheck: "false",
    }),
  ];
}
