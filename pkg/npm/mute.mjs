// Takes out of a module, in place, what panics say. In wasm nobody hears it: a panic is a trap, before and after
// this. But the words, the numbers in them and the places in source files are 2.5 % of the smallest module, and their
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
/** The words: with numbers between them they are parts behind their lengths, and end with a zero. */
const WORDS = [
  /[\x01-\x7f](slice index starts at |index out of bounds: |range (start|end) index |(`at` split|insertion|removal) index \(is |(start|end) byte index |begin > end \(|copy_from_slice: source slice length |cannot access a Thread Local Storage value )[^\0]*\0/g,
  /called `(Result|Option)::unwrap\(\)` on an? `(Err|None)` value|RefCell already (mutably )?borrowed|LayoutError|AccessError/g,
  /capacity overflow|mid > len|attempt to join into collection with len > usize::MAX/g,
  /assertion failed: self\.is_char_boundary\(\w+\)/g,
];
const SOURCE = /[\w./-]+\.rs/g;
/** A place in a source file: the address and the length of its path, the line and the column. */
const PLACE = 16;

const [CUSTOM, IMPORT, CODE, DATA] = [0, 2, 10, 11];
const FUNCTION_NAMES = 1;
const I32_CONST = 0x41;
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

/** The segments of the data: where they begin in memory, and their bytes. */
function* segments({ body }) {
  at = body;
  for (let left = number(); left > 0; left -= 1) {
    if (number() !== 0 || wasm[at++] !== I32_CONST) throw new Error(`${file} has data without a place`);
    // The highest bit of an address is a sign; memory is never so large.
    const address = number();
    at += 1;
    const length = number();
    yield { address, bytes: wasm.subarray(at, at + length) };
    at += length;
  }
}

/** Puts zeros in the place of the words and of the places in source files. */
function withoutWords(section) {
  const all = [...segments(section)].map((one) => ({ ...one, text: one.bytes.toString("latin1") }));
  const isPath = (address, length) => {
    const segment = all.find((one) => one.address <= address && address < one.address + one.text.length);
    const path = segment?.text.slice(address - segment.address).slice(0, length);
    return path?.length === length && path.match(SOURCE)?.[0] === path;
  };
  for (const { bytes, text } of all) {
    for (let place = 0; place + PLACE <= bytes.length; place += 4)
      if (isPath(bytes.readUint32LE(place), bytes.readUint32LE(place + 4))) bytes.fill(0, place, place + PLACE);
    for (const word of [...WORDS, SOURCE])
      for (const { 0: found, index } of text.matchAll(word)) bytes.fill(0, index, index + found.length);
  }
  return wasm.subarray(section.body, section.end);
}

const parts = sections.map((section) => {
  const { kind, start, end } = section;
  if (kind !== CODE && kind !== DATA) return wasm.subarray(start, end);
  const body = kind === CODE ? muted(section) : withoutWords(section);
  return Buffer.concat([Buffer.from([kind, ...bytesOf(body.length)]), body]);
});
writeFileSync(file, Buffer.concat([wasm.subarray(0, 8), ...parts]));
