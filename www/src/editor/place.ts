// A place of a JSON text by what stands there, to be found again when the text is laid out anew.
import { jsonLanguage } from "@codemirror/lang-json";
import type { Annotation } from "@codemirror/state";
import { EditorView } from "@codemirror/view";

type Tree = ReturnType<typeof jsonLanguage.parser.parse>;
type SyntaxNode = Tree["topNode"];

/** A value by the keys and numbers that lead to it, which part of it, and how far one is from where that begins. */
interface Place {
  readonly path: readonly (string | number)[];
  readonly part: "key" | "start" | "end";
  readonly offset: number;
}

/** Lays the text out anew. The cursor stays where it was in the document, and what is looked at stays at its height. */
export function layOut(view: EditorView, text: string, annotations: Annotation<unknown>): void {
  const { doc, selection } = view.state;
  const { anchor, head } = selection.main;
  const scroller = view.scrollDOM.getBoundingClientRect();
  const heightOf = (place: number) => (view.coordsAtPos(place)?.top ?? Infinity) - scroller.top;
  const isSeen = heightOf(head) >= 0 && heightOf(head) < scroller.height;
  const eye = isSeen ? head : view.lineBlockAtHeight(view.scrollDOM.scrollTop).from;
  const height = Math.max(0, Math.min(heightOf(eye), scroller.height / 2));
  const [from = 0, to = 0, seen = 0] = moved([anchor, head, eye], doc.toString(), text);
  view.dispatch({
    changes: { from: 0, to: doc.length, insert: text },
    selection: { anchor: from, head: to },
    annotations,
    effects: EditorView.scrollIntoView(seen, { y: "start", yMargin: height }),
  });
}

/** Each of the places in one text as it is in another, in which the members may be in another order. */
function moved(places: readonly number[], before: string, after: string): number[] {
  const [old, now] = [before, after].map((text) => ({ text, tree: jsonLanguage.parser.parse(text) })) as [Read, Read];
  return places.map((place) => find(now, placeAt(old, place)));
}

interface Read {
  readonly text: string;
  readonly tree: Tree;
}

const isValue = ({ name }: SyntaxNode) => /^(Object|Array|String|Number|True|False|Null)$/.test(name);

function placeAt({ text, tree }: Read, at: number): Place {
  const sides = [tree.resolveInner(at, 1), tree.resolveInner(at, -1)] as const;
  // A word that ends here says more than a brace that begins here.
  let node = sides.find(isWord) ?? sides.find((side) => !isBetween(side)) ?? sides[0];
  // Between what has a name: behind what ends there, or else at the beginning of what it stands in.
  if (isBetween(node)) {
    const last = node.childBefore(at);
    if (!last) return { path: pathOf(text, node), part: "start", offset: 0 };
    const value = last.name === "Property" ? (last.lastChild ?? last) : last;
    if (isValue(value)) return { path: pathOf(text, value), part: "end", offset: 0 };
    node = last;
  }
  if (node.name === "PropertyName") return { path: pathOf(text, node), part: "key", offset: at - node.from };
  const closes = /^[}\]]$/.test(node.name);
  return {
    path: pathOf(text, node),
    part: closes ? "end" : "start",
    offset: at - (closes ? node.to : node.from),
  };
}

const isWord = ({ name }: SyntaxNode) => /^(PropertyName|String|Number|True|False|Null)$/.test(name);
const isBetween = (node: SyntaxNode) => !isWord(node) && !/^[{}[\]]$/.test(node.name);

function pathOf(text: string, node: SyntaxNode): (string | number)[] {
  const path: (string | number)[] = [];
  for (let at: SyntaxNode | null = node; at; at = at.parent) {
    const { parent } = at;
    if (at.name === "Property") path.unshift(keyOf(text, at));
    if (parent?.name === "Array" && isValue(at))
      path.unshift(valuesOf(parent).findIndex(({ from }) => from === at?.from));
  }
  return path;
}

function keyOf(text: string, property: SyntaxNode): string {
  const name = property.getChild("PropertyName");
  const written = name ? text.slice(name.from, name.to) : "";
  try {
    return JSON.parse(written) as string;
  } catch {
    return written;
  }
}

function valuesOf(list: SyntaxNode): SyntaxNode[] {
  const values: SyntaxNode[] = [];
  for (let child = list.firstChild; child; child = child.nextSibling) if (isValue(child)) values.push(child);
  return values;
}

/** Where it is; of what is not there any more, where the nearest around it begins. */
function find({ text, tree }: Read, { path, part, offset }: Place): number {
  let value = tree.topNode.firstChild;
  let key: SyntaxNode | null = null;
  for (const step of path) {
    const next: SyntaxNode | null | undefined =
      typeof step === "number"
        ? value && valuesOf(value)[step]
        : value?.getChildren("Property").find((property) => keyOf(text, property) === step);
    if (!next) return value?.from ?? 0;
    key = next.name === "Property" ? next.getChild("PropertyName") : null;
    value = next.name === "Property" ? next.lastChild : next;
  }
  const node = part === "key" ? key : value;
  if (!node) return 0;
  const at = part === "end" ? node.to + offset : node.from + offset;
  return Math.min(Math.max(at, node.from), node.to);
}
