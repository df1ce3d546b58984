// Tools that are not what is pinned, in words for who runs the guard.

import { visible } from "./people.js";

/** The sentence for the engine's line of log about a list. */
export function changesInWords(line) {
  const { decision, mode, changed, new: others } = JSON.parse(line);
  // The names are the server's own.
  const named = (what, names) => `${what} ${names.map((name) => visible(JSON.stringify(name))).join(", ")}`;
  const parts = [];
  if (changed.length > 0) parts.push(named("changed", changed));
  if (others.length > 0) parts.push(named("new", others));
  const passes = decision === "report" || mode === "shadow";
  const consequence = passes
    ? "they pass all the same"
    : "they are hidden, and their calls are denied, until the lock has them";
  return `tools of the server are not what is pinned (${parts.join("; ")}): ${consequence}`;
}
