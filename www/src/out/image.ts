// A decision and its explanation as a picture, for a ticket. Drawn by hand: what is drawn from a page's own elements
// would need more than this page's Content-Security-Policy allows.
import type { Made } from "../state/builder.svelte";
import { texts } from "../texts";
import { clip } from "../ui/clip";
import { fileName, save } from "../ui/save";

const WIDE = 900;
const MARGIN = 32;
const LINE = 24;
/** Of rules beyond this many only the number is said. */
const MOST = 30;

interface Style {
  readonly font: string;
  readonly color: string;
}

const COLORS = {
  allow: "#17703d",
  deny: "#b3261e",
  hold: "#8a5300",
  text: "#1b1f27",
  muted: "#596173",
  page: "#ffffff",
};
const styles = {
  title: { font: "700 26px sans-serif", color: COLORS.text },
  text: { font: "16px sans-serif", color: COLORS.text },
  muted: { font: "14px sans-serif", color: COLORS.muted },
  code: { font: "14px monospace", color: COLORS.text },
} as const;

export function saveImage({ decision, explanation, draft }: Made): void {
  const t = texts.decision;
  const lines: [string, Style][] = [
    [t.names[decision.decision], { ...styles.title, color: COLORS[decision.decision] }],
    [decision.message ?? (decision.decision === "allow" ? t.allowed : ""), styles.text],
    ["", styles.muted],
    [`${decision.tool}(${draft.call.arguments.replaceAll(/\s+/g, " ")})`, styles.code],
    [[decision.rule && `${t.rule}: ${decision.rule}`, draft.name].filter(Boolean).join("    "), styles.muted],
    ["", styles.muted],
  ];
  for (const rule of explanation.rules.slice(0, MOST)) {
    const came = rule.effect ? t.effects[rule.effect] : t.outcomes[rule.outcome];
    const color = rule.effect ? COLORS[rule.effect] : COLORS.text;
    lines.push([`${t.kinds[rule.kind]}: ${came}    ${rule.rule}`, { ...styles.text, color }]);
    for (const { path, op, outcome, saw } of rule.conditions) {
      lines.push([`      ${path} ${op}: ${t.outcomes[outcome]}, ${t.saw} ${saw ?? t.missing}`, styles.code]);
    }
  }
  for (const limit of explanation.limit_outcomes.slice(0, MOST)) {
    const color = limit.outcome === "room" ? COLORS.text : COLORS.deny;
    const left = t.remaining(limit.remaining.toLocaleString("en"), limit.max.toLocaleString("en"));
    lines.push([`${t.kinds.limit} ${limit.counter}: ${t.outcomes[limit.outcome]}, ${left}`, { ...styles.text, color }]);
  }
  const canvas = draw(lines.map(([text, style]) => [clip(text, 110), style]));
  canvas.toBlob((blob) => {
    if (blob) save(fileName(`${decision.tool} ${decision.decision}`, ".png"), blob);
  });
}

function draw(lines: readonly (readonly [string, Style])[]): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  const sharp = 2;
  canvas.width = WIDE * sharp;
  canvas.height = (lines.length * LINE + 2 * MARGIN) * sharp;
  const context = canvas.getContext("2d");
  if (!context) return canvas;
  context.scale(sharp, sharp);
  context.fillStyle = COLORS.page;
  context.fillRect(0, 0, canvas.width, canvas.height);
  lines.forEach(([text, { font, color }], at) => {
    context.font = font;
    context.fillStyle = color;
    context.fillText(text, MARGIN, MARGIN + (at + 0.75) * LINE, WIDE - 2 * MARGIN);
  });
  return canvas;
}
