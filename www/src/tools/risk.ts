// Why a tool is taken for what it is, in words.
import type { Classified } from "cattlegrid/classify";
import { texts } from "../texts";
import { clip } from "../ui/clip";

export interface Reason {
  readonly where: string;
  /** As they stand there; empty if where says it all. */
  readonly words: string;
  readonly says: string;
}

/** The reasons, those for the category first. Everything in them that a server says is cut and made visible. */
export function evidenceOf(tool: Classified): readonly Reason[] {
  const t = texts.risk;
  return tool.evidence.map(({ place, of, words, category, trait, risk }) => {
    const traits: Partial<Record<string, string>> = t.traits;
    const says = category ?? (trait && (traits[trait] ?? trait)) ?? (risk ? t.noLess(risk) : t.notBelieved);
    const named = of === undefined || of === words ? "" : ` ${clip(of, 60)}`;
    if (place === "nowhere") return { where: words, words: "", says: `→ ${says}` };
    return { where: `${t.places[place]}${named}`, words: clip(words, 120), says: `→ ${says}` };
  });
}
