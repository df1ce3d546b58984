// A server's entry in a client's configuration with the guard before its command, and without it again: as small
// edits of the text, so that taking the guard away leaves what was there before it.

import { child, valueOf } from "./jsonc.js";

/** An entry as this room knows it: what it starts, whether through the guard, and why it is left alone. */
export function read(entry) {
  const command = valueOf(child(entry, "command"));
  const args = valueOf(child(entry, "args")) ?? [];
  if (typeof command !== "string") {
    const isRemote = child(entry, "url") || child(entry, "serverUrl") || child(entry, "httpUrl");
    return { why: isRemote ? "it is not started here, but reached by its address" : "it has no command" };
  }
  if (!Array.isArray(args) || !args.every((arg) => typeof arg === "string"))
    return { why: "its `args` are no list of texts" };
  const own = guardOf([command, ...args]);
  return { command, args, own, isGuarded: own !== undefined };
}

/** How many words of a command are the guard's; undefined if it is not started through it. */
function guardOf(words) {
  const guard = words.indexOf("guard");
  const program = words[guard - 1] ?? "";
  const isOurs = /^cattlegrid(@[^/]*)?$/.test(program) || /[\\/]cattlegrid([\\/].*)?[\\/]cli\.js$/.test(program);
  const end = words.indexOf("--", guard);
  return guard > 0 && isOurs && end !== -1 && end + 1 < words.length ? end + 1 : undefined;
}

/** The edits that put these words before an entry's command. */
export function wrap(text, entry, words) {
  const [command, args] = [child(entry, "command"), child(entry, "args")];
  const [program, ...rest] = words;
  const said = text.slice(command.start, command.end);
  const list = [...rest.map((word) => JSON.stringify(word)), said].join(", ");
  const edits = [{ start: command.start, end: command.end, text: JSON.stringify(program) }];
  if (!args) {
    const member = entry.members.find(({ key }) => key === "command");
    edits[0].text += `,${before(text, member.start)}"args": [${list}]`;
  } else if (args.items.length === 0) {
    edits.push({ start: args.start, end: args.end, text: `[${list}]` });
  } else {
    const first = args.items[0].start;
    edits.push({ start: first, end: first, text: `${list},${before(text, first)}` });
  }
  return edits;
}

/** The edits that take the guard's words away. */
export function unwrap(text, entry) {
  const [command, args] = [child(entry, "command"), child(entry, "args")];
  // The first word is the command itself.
  const own = args.items[read(entry).own - 1];
  const said = text.slice(own.start, own.end);
  const next = args.items[read(entry).own];
  const rest = next ? { start: args.items[0].start, end: next.start, text: "" } : undefined;
  if (rest) return [{ start: command.start, end: command.end, text: said }, rest];
  const follows = command.end < args.start && /^,\s*"args"\s*:\s*$/.test(text.slice(command.end, args.start));
  if (follows) return [{ start: command.start, end: args.end, text: said }];
  return [
    { start: command.start, end: command.end, text: said },
    { start: args.start, end: args.end, text: "[]" },
  ];
}

/** The space before a place, as far as it tells how the text is laid out. */
function before(text, at) {
  const [space] = /\s*$/.exec(text.slice(0, at));
  return space === "" ? " " : space;
}
