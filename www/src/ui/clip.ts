/** A server's text can be a book, and hold marks that turn lines around or show as nothing. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** The beginning of a text, on one line, with hidden marks made visible. */
export function clip(text: string, most = 240): string {
  const start = text.length > most ? `${text.slice(0, most)}…` : text;
  return start.replaceAll(/\s+/g, " ").replaceAll(HIDDEN, "\u{fffd}").toWellFormed();
}
