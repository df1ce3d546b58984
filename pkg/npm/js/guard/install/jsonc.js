// Where things stand in a text of JSON as people write configurations: with comments and commas behind the
// last. Only to edit it in place; what it cannot read it leaves alone.

/** Deeper texts are left alone. */
const DEPTH = 200;

/**
 * The tree of a text: `{ start, end, value }` for what holds nothing else, `members` (`{ key, start, node }`)
 * for objects, `items` for lists. Throws if it is none, or a key stands twice in an object.
 */
export function locate(text) {
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0;

  const fail = (what) => {
    const before = text.slice(0, at);
    throw new SyntaxError(`${what} in line ${before.split("\n").length}`);
  };

  function skip() {
    const space = /(?:[ \t\r\n]+|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y;
    space.lastIndex = at;
    space.exec(text);
    at = space.lastIndex;
  }

  function take(pattern, what) {
    pattern.lastIndex = at;
    const [found] = pattern.exec(text) ?? fail(`expected ${what}`);
    at = pattern.lastIndex;
    try {
      return JSON.parse(found);
    } catch {
      return fail(`expected ${what}`);
    }
  }

  const string = () => take(/"(?:[^"\\]|\\.)*"/y, "a text in quotes");

  /** What stands between brackets, with commas; one may be behind the last. */
  function all(close, one) {
    const found = [];
    at += 1;
    for (skip(); text[at] !== close; skip()) {
      found.push(one());
      skip();
      if (text[at] === ",") at += 1;
      else if (text[at] !== close) fail(`expected "," or "${close}"`);
    }
    at += 1;
    return found;
  }

  function member(known, depth) {
    const start = at;
    const key = string();
    if (known.has(key)) fail(`"${key}" stands twice`);
    known.add(key);
    skip();
    if (text[at] !== ":") fail('expected ":"');
    at += 1;
    return { key, start, node: node(depth) };
  }

  function node(depth) {
    skip();
    const start = at;
    if (depth > DEPTH) fail("too deep");
    if (text[at] === "{") {
      const known = new Set();
      const members = all("}", () => member(known, depth + 1));
      return { start, end: at, members };
    }
    if (text[at] === "[") {
      const items = all("]", () => node(depth + 1));
      return { start, end: at, items };
    }
    const value = text[at] === '"' ? string() : take(/-?\d[\d.eE+-]*|true|false|null/y, "a value");
    return { start, end: at, value };
  }

  const root = node(0);
  skip();
  if (at < text.length) fail("expected nothing more");
  return root;
}

/** The value of a node, as JSON.parse gives it. */
export function valueOf(node) {
  if (node === undefined) return undefined;
  if (node.members) return Object.fromEntries(node.members.map(({ key, node }) => [key, valueOf(node)]));
  return node.items ? node.items.map(valueOf) : node.value;
}

/** What stands under a key of an object; undefined if there is nothing, or no object. */
export const child = (node, key) => node?.members?.find((member) => member.key === key)?.node;

/** The text with edits `{ start, end, text }`, which do not overlap. */
export function apply(text, edits) {
  const sorted = [...edits].sort((a, b) => b.start - a.start);
  return sorted.reduce((text, edit) => text.slice(0, edit.start) + edit.text + text.slice(edit.end), text);
}

/** What edits change, as a person reads it: the lines before and after, each place with its number. */
export function difference(text, edits) {
  const lineOf = (at) => text.slice(0, at).split("\n").length - 1;
  const lines = text.split("\n");
  const places = [];
  for (const edit of [...edits].sort((a, b) => a.start - b.start)) {
    const [from, to] = [lineOf(edit.start), lineOf(edit.end)];
    const last = places.at(-1);
    if (last && from <= last.to) {
      last.to = Math.max(last.to, to);
      last.edits.push(edit);
    } else places.push({ from, to, edits: [edit] });
  }
  const shown = places.map(({ from, to, edits }) => {
    const before = lines.slice(from, to + 1).join("\n");
    const offset = lines.slice(0, from).reduce((sum, line) => sum + line.length + 1, 0);
    const moved = edits.map((edit) => ({ ...edit, start: edit.start - offset, end: edit.end - offset }));
    const mark = (sign, part) => part.split("\n").map((line) => `${sign} ${line.replace(/\r$/, "")}`);
    return [`@@ line ${from + 1} @@`, ...mark("-", before), ...mark("+", apply(before, moved))].join("\n");
  });
  return shown.join("\n");
}
