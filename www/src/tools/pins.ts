// What a lock is made of, and how what has changed since one is shown.
import type { PinChange, PinSign, ReviewedTool } from "cattlegrid/classify";
import { texts } from "../texts";
import type { Catalog } from "./catalog";

/** The list of tools of a catalog, every digit of it, or the tools that are not all there. */
export function listOf(catalog: Catalog): { readonly text: string } | { readonly unheld: readonly string[] } {
  if (catalog.written !== undefined) return { text: catalog.written };
  return catalog.cut ? { unheld: catalog.cut } : { text: JSON.stringify(catalog.source) };
}

/** A file's text, if it is one that could be a lock or a list. */
export async function readText(file: File): Promise<{ readonly text: string } | { readonly error: string }> {
  const t = texts.pins.errors;
  if (file.size > 32 * 1024 * 1024) return { error: t.tooLarge };
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer()) };
  } catch {
    return { error: t.notText };
  }
}

const signsOf = (tools: readonly ReviewedTool[], weight: PinSign["weight"]): number =>
  tools.reduce((sum, tool) => sum + tool.signs.filter((sign) => sign.weight === weight).length, 0);

/** What there is in a review, in numbers. */
export function countsOf(tools: readonly ReviewedTool[]) {
  const of = (status: ReviewedTool["status"]) => tools.filter((tool) => tool.status === status).length;
  return {
    changed: of("changed"),
    new: of("new"),
    removed: of("removed"),
    alarms: signsOf(tools, "alarm"),
    cautions: signsOf(tools, "caution"),
  };
}

/** Those with alarms first, then those with cautions. */
export function ranked(tools: readonly ReviewedTool[]): readonly ReviewedTool[] {
  const rank = ({ signs }: ReviewedTool) => (signs.some(({ weight }) => weight === "alarm") ? 0 : signs.length ? 1 : 2);
  return tools.toSorted((a, b) => rank(a) - rank(b));
}

/** Where something stands: `argument` and its name, and what of it. */
export function placeOf({ part, of, what }: Pick<PinChange, "part" | "of" | "what">): readonly string[] {
  const t = texts.pins;
  const wholes: Partial<Record<string, string>> = t.wholes;
  const whole = of === undefined ? wholes[part] : undefined;
  return [whole ?? t.parts[part], of, what].filter((word) => word !== undefined);
}

/** What a change is made of: what is as it was, what went and what came. */
export type Piece = { readonly kind: "same" | "removed" | "added"; readonly text: string };

export function piecesOf({ before, after, words }: PinChange): readonly Piece[] {
  if (!words?.length) {
    return [
      ...(before === undefined ? [] : [{ kind: "removed", text: before } as const]),
      ...(after === undefined ? [] : [{ kind: "added", text: after } as const]),
    ];
  }
  return words.map((piece, at) => {
    if ("removed" in piece) return { kind: "removed", text: piece.removed };
    if ("added" in piece) return { kind: "added", text: piece.added };
    return { kind: "same", text: around(piece.same, at > 0, at < words.length - 1) };
  });
}

/** So much of what has not changed is shown on either side of what has. Characters. */
const AROUND = 80;

function around(text: string, after: boolean, before: boolean): string {
  const chars = [...text];
  const [head, tail] = [after ? AROUND : 0, before ? AROUND : 0];
  if (chars.length <= head + tail) return text;
  return `${chars.slice(0, head).join("")}…${tail ? chars.slice(-tail).join("") : ""}`;
}

/** A text without gaps that push what follows out of sight. */
export const withoutGaps = (text: string): string =>
  text.replaceAll(/[\s\u2800\u3164\uffa0]{9,}/gu, (gap) => ` ${texts.pins.blanks([...gap].length)} `);
