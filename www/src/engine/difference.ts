import type { Text } from "@codemirror/state";

/** What makes one text of another: what stands between two offsets (UTF-16 code units) becomes something else. */
export interface Difference {
  readonly from: number;
  readonly to: number;
  readonly insert: string;
}

/**
 * Both texts are trees of small pieces, and an edit makes new ones only where it was: the pieces that are the same
 * objects are passed over, so that a letter in a text of a megabyte is a difference of a few lines, found at once.
 */
export function difference(before: Text | undefined, after: Text): Difference {
  if (!before) return { from: 0, to: 0, insert: after.toString() };
  const old = pieces(before);
  const now = pieces(after);
  const shared = Math.min(old.length, now.length);
  let front = 0;
  while (front < shared && old[front] === now[front]) front += 1;
  let back = 0;
  while (back < shared - front && old.at(-1 - back) === now.at(-1 - back)) back += 1;
  // Between two pieces stands a line break; those beside what differs are left to it.
  const sum = (some: readonly Text[]) => some.reduce((length, piece) => length + piece.length + 1, 0);
  const from = front ? sum(old.slice(0, front)) - 1 : 0;
  const kept = back ? sum(old.slice(old.length - back)) - 1 : 0;
  return { from, to: before.length - kept, insert: after.sliceString(from, after.length - kept) };
}

/** The text that a difference makes. */
export function applied(text: string, { from, to, insert }: Difference): string {
  return text.slice(0, from) + insert + text.slice(to);
}

function pieces(text: Text): Text[] {
  return text.children ? text.children.flatMap(pieces) : [text];
}
