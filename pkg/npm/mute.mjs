// Takes out of a module, in place, what panics say. In wasm nobody hears it: a panic is a trap, before and after
// this. But the words, the numbers in them and the paths of source files are 1.5 % of the smallest module, and the
// paths are those of the machine that built it.
//
// The module must still have its names, and wasm-opt is to come behind this: it finds what nothing calls any more.

import { readFileSync, writeFileSync } from "node:fs";

/** What the standard library calls when it panics, and where it never comes back from. */
const PANICS = [
  /^core\[\w+\]::panicking::/,
  /^core\[\w+\]::(option|result)::(expect|unwrap)_failed$/,
  /^core\[\w+\]::cell::panic_already_(mutably_)?borrowed$/,
  /^core\[\w+\]::slice::(index::slice_index|copy_from_slice_impl::len_mismatch)_fail$/,
  /^core\[\w+\]::str::slice_error_fail$/,
  /^<alloc\[\w+\]::vec::Vec<.*>>::\w+::assert_failed$/,
  /^std\[\w+\]::panicking::panic_with_hook$/,
  /^std\[\w+\]::thread::local::panic_access_error$/,
];
/** Without this one it would be another standard library, of which nothing is known here. */
const EVERY_PANIC = /^core\[\w+\]::panicking::panic_fmt$/;
const SOURCE = /[\w./-]+\.rs/g;

const [CUSTOM, IMPORT, CODE, DATA] = [0, 2, 10, 11];
const FUNCTION_NAMES = 1;
/** A body: four bytes behind its length, no locals, `unreachable`, `end`. */
const TRAP = [3, 0, 0x00, 0x0b];

const [, , file] = process.argv;
const wasm = readFileSync(file);
let at = 8;

function number() {
  let [value, scale, byte] = [0, 1, 0];
  do {
    byte = wasm[at++];
    value += (byte & 0x7f) * scale;
    scale *= 128;
  } while (byte > 0x7f);
  return value;
}

function bytesOf(number) {
  const low = number % 128;
  const rest = (number - low) / 128;
  return rest > 0 ? [low | 0x80, ...bytesOf(rest)] : [low];
}

function text() {
  const length = number();
  at += length;
  return wasm.toString("utf8", at - length, at);
}

const sections = [];
while (at < wasm.length) {
  const start = at;
  const kind = wasm[at++];
  const length = number();
  sections.push({ kind, start, body: at, end: at + length });
  at += length;
}

/** wasm-bindgen's modules import functions only. */
function importedFunctions() {
  const section = sections.find(({ kind }) => kind === IMPORT);
  if (!section) return 0;
  at = section.body;
  const count = number();
  for (let left = count; left > 0; left -= 1) {
    text();
    text();
    if (wasm[at++] !== 0) throw new Error(`${file} imports what is no function`);
    number();
  }
  return count;
}

function functionNames() {
  const names = new Map();
  for (const { kind, body, end } of sections) {
    at = body;
    if (kind !== CUSTOM || text() !== "name") continue;
    while (at < end) {
      const part = wasm[at++];
      const behind = number() + at;
      if (part === FUNCTION_NAMES) for (let left = number(); left > 0; left -= 1) names.set(number(), text());
      at = behind;
    }
  }
  return names;
}

const names = functionNames();
if (![...names.values()].some((name) => EVERY_PANIC.test(name))) throw new Error(`${file}: no panic has a name`);

/** The functions, with a trap for each that panics. */
function muted({ body }) {
  const first = importedFunctions();
  at = body;
  const count = number();
  const parts = [Buffer.from(bytesOf(count))];
  for (let place = 0; place < count; place += 1) {
    const start = at;
    const length = number();
    at += length;
    const name = names.get(first + place) ?? "";
    parts.push(PANICS.some((panic) => panic.test(name)) ? Buffer.from(TRAP) : wasm.subarray(start, at));
  }
  return Buffer.concat(parts);
}

/** The same bytes with zeros for the paths. */
function withoutPaths({ body, end }) {
  const data = wasm.toString("latin1", body, end);
  return Buffer.from(
    data.replaceAll(SOURCE, (path) => "\0".repeat(path.length)),
    "latin1",
  );
}

const parts = sections.map((section) => {
  const { kind, start, end } = section;
  if (kind !== CODE && kind !== DATA) return wasm.subarray(start, end);
  const body = kind === CODE ? muted(section) : withoutPaths(section);
  return Buffer.concat([Buffer.from([kind, ...bytesOf(body.length)]), body]);
});
writeFileSync(file, Buffer.concat([wasm.subarray(0, 8), ...parts]));
