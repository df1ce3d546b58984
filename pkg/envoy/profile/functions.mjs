// The functions of a module in wasm-opt's text form: which run, and in which order they lie.

/** The function of the host that each function calls first in a module that tells. */
export const ENTRY = { module: "profile", name: "enter" };

/** A text in three: what stands before the functions, the lines of each, and what stands behind them. */
function parts(text) {
  const [before, functions, behind] = [[], [], []];
  let open = false;
  for (const line of text.split("\n")) {
    if (line.startsWith(" (func ")) {
      functions.push([]);
      open = line.split("(").length !== line.split(")").length;
      functions.at(-1).push(line);
    } else if (open) {
      functions.at(-1).push(line);
      open = line !== " )";
    } else {
      (functions.length === 0 ? before : behind).push(line);
    }
  }
  return { before, functions, behind };
}

const joined = ({ before, functions, behind }) => [...before, ...functions.flat(), ...behind].join("\n");

/** The text of a module that does the same and tells the host the number of each function that it runs. */
export function telling(text) {
  const { before, functions, behind } = parts(text);
  functions.forEach((lines, number) => {
    if (lines.length === 1) return;
    const first = 1 + lines.slice(1).findIndex((line) => !line.startsWith("  (local "));
    lines.splice(first, 0, `(call $${ENTRY.name} (i32.const ${number}))`);
  });
  const first = before.findIndex((line) => line.startsWith(" (import "));
  before.splice(first, 0, ` (import "${ENTRY.module}" "${ENTRY.name}" (func $${ENTRY.name} (param i32)))`);
  return joined({ before, functions, behind });
}

/** The text of the same module with these functions, by their numbers, before all others. */
export function ordered(text, numbers) {
  const { before, functions, behind } = parts(text);
  const all = new Set([...numbers, ...functions.keys()]);
  return joined({ before, functions: [...all].map((number) => functions[number]), behind });
}
