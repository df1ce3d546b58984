// The branches of a module in wasm-opt's text form, in which each node has lines of its own, indented by its depth.

/** Stands before a branch, and says whether it is likely taken: the standard's own annotation. */
const HINT = (likely) => `(@metadata.code.branch_hint "\\0${likely ? 1 : 0}")`;

/** The function of the host that every condition goes through in a module that counts. */
export const COUNTER = { module: "profile", name: "count" };

/**
 * Every `if` and `br_if`, in the order of the text: the line where it stands, and the first and the last line of its
 * condition.
 */
function branches(lines) {
  const found = [];
  // The nodes around a line: how deep each is, and where its children begin.
  const open = [];
  const close = (end) => {
    const node = open.pop();
    if (node.kind === undefined) return;
    // The condition is the first thing in an `if`, and the last in a `br_if`.
    const [from, to] = node.kind === "if" ? [node.children[0], node.children[1]] : [node.children.at(-1), end];
    if (from === undefined || to === undefined) throw new Error(`no condition in line ${node.at}`);
    found.push({ at: node.at, from, to: to - 1 });
  };
  lines.forEach((line, at) => {
    const depth = line.search(/[^ ]/);
    if (depth < 1) return;
    if (line[depth] === ")") {
      if (open.at(-1)?.depth === depth) close(at);
      return;
    }
    const parent = open.at(-1);
    if (parent && parent.depth >= depth) throw new Error(`line ${at} is where none should be`);
    if (parent?.depth === depth - 1) parent.children.push(at);
    const [, word] = /^\((\w*)/.exec(line.slice(depth)) ?? [];
    // What is whole in its line has a `)` for each `(`. Only code is looked at: words have any.
    const isWhole = line.endsWith(")") && line.split("(").length === line.split(")").length;
    const isCode = open.length > 0 || word === "func";
    if (!isCode || isWhole) return;
    const kind = word === "if" || word === "br_if" ? word : undefined;
    open.push({ depth, kind, at, children: [] });
  });
  if (open.length > 0) throw new Error(`line ${open[0].at} does not end`);
  return found.sort((a, b) => a.at - b.at);
}

/** The text of a module that does the same and calls the counter with each condition and the number of its branch. */
export function counting(text) {
  const lines = text.split("\n");
  const found = branches(lines);
  found.forEach(({ from, to }, number) => {
    lines[from] = `(call $${COUNTER.name} (i32.const ${number})\n${lines[from]}`;
    lines[to] = `${lines[to]}\n)`;
  });
  const first = lines.findIndex((line) => line.startsWith(" (import "));
  lines.splice(
    first,
    0,
    ` (import "${COUNTER.module}" "${COUNTER.name}" (func $${COUNTER.name} (param i32 i32) (result i32)))`,
  );
  return lines.join("\n");
}

/**
 * The text of the module with hints. `counts` has for the number of a branch how often it was not taken, and how often
 * it was; a hint is given where all but this share of the times were the same.
 */
export function hinted(text, counts, share) {
  const lines = text.split("\n");
  let hints = 0;
  branches(lines).forEach(({ at }, number) => {
    const [not = 0, taken = 0] = counts.get(number) ?? [];
    const most = Math.max(not, taken);
    if (most === 0 || Math.min(not, taken) > (not + taken) * share) return;
    lines[at] = `${HINT(taken === most)}\n${lines[at]}`;
    hints += 1;
  });
  return { text: lines.join("\n"), hints };
}
