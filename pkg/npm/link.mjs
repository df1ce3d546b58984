#!/usr/bin/env node
// The linker of the npm package's wasm: Rust's own, which is given the objects without what a panic says.
//
// When a program panics, Rust's standard library makes a text of what is wrong and where, writes it to the standard
// error and ends the program. A module for JavaScript has no standard error, so there nobody can see the text, and what
// makes it and all that could stand in it is a tenth of a small module. Here the functions of the standard library that
// only end a program trap at once, and nobody hands them a text: the linker then leaves out what nothing asks for any
// more. Rust's compiler does the same with `-C panic=immediate-abort`, which is not stable yet.

import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The names of the functions, as the compiler writes them. None of the functions returns. */
const ENDS = [
  /4core9panicking\d+(panic|assert_failed|unreachable)/,
  /4core(6option|6result)\d+(unwrap|expect)_failed/,
  /4core5slice[a-z0-9_]*_fail$/,
  /4core3str16slice_error_fail/,
  /4core4cell\d+panic_already/,
  /5alloc(7raw_vec|5alloc)\d+(handle_error|capacity_overflow|handle_alloc_error)$/,
  /5alloc3vec\w*13assert_failed$/,
  /3std9panicking\d+(begin_panic|panic_with_hook)/,
  /3std6thread5local18panic_access_error$/,
];

const [UNREACHABLE, NOP, END, I32_CONST, CALL] = [0x00, 0x01, 0x0b, 0x41, 0x10];
const [CUSTOM, IMPORTS, CODE] = [0, 2, 10];
/** A part of the section for linking, and the kinds of symbols in it. */
const SYMBOLS = 8;
const [FUNCTION, DATA, GLOBAL, SECTION, EVENT, TABLE] = [0, 1, 2, 3, 4, 5];
const UNDEFINED = 0x10;
const EXPLICIT_NAME = 0x40;
/** Kinds of relocations: the number of a function in a call, an address in a constant; and those with an addend. */
const [FUNCTION_INDEX, ADDRESS] = [0, 4];
const WITH_ADDEND = new Set([3, 4, 5, 8, 9, 11, 14, 15, 16, 17, 21, 22, 23, 25]);
/** A number that the linker is to write has so many bytes. */
const ROOM = 5;

/** Reads an object in its order. */
class Reader {
  constructor(bytes, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  get more() {
    return this.at < this.bytes.length;
  }

  byte() {
    return this.bytes[this.at++];
  }

  number() {
    let number = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.byte();
      number += (byte & 127) * scale;
      if (byte < 128) return number;
    }
  }

  /** Passes over a number, perhaps with a sign. */
  skipNumber() {
    while (this.byte() > 127);
  }

  take(length) {
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  text() {
    return this.take(this.number()).toString("latin1");
  }
}

function number(number) {
  const bytes = [];
  for (; number > 127; number = Math.floor(number / 128)) bytes.push((number % 128) + 128);
  return Buffer.from([...bytes, number]);
}

function sectionsOf(object) {
  const reader = new Reader(object, 8);
  const sections = [];
  while (reader.more) {
    const id = reader.byte();
    const bytes = reader.take(reader.number());
    const inside = new Reader(bytes);
    sections.push({ id, bytes, name: id === CUSTOM ? inside.text() : "", start: inside.at });
  }
  return sections;
}

/** The names of the functions that come from elsewhere, which are counted first. */
function importedFunctions(section) {
  const names = [];
  if (!section) return names;
  const reader = new Reader(section.bytes);
  for (let left = reader.number(); left > 0; left -= 1) {
    reader.text();
    const name = reader.text();
    const kind = reader.byte();
    if (kind === 0) names.push(name);
    if (kind === 0) reader.number();
    else if (kind === 3) reader.take(2);
    else if (kind === 4) (reader.take(1), reader.number());
    else {
      if (kind === 1) reader.byte();
      const bounded = reader.byte() & 1;
      reader.number();
      if (bounded) reader.number();
    }
  }
  return names;
}

/** The symbols in their order: of each that is a function, its number and whether it ends the program. */
function symbolsOf(section, imported) {
  const reader = new Reader(section.bytes, section.start);
  reader.number();
  while (reader.more) {
    const part = reader.byte();
    const end = reader.number() + reader.at;
    if (part !== SYMBOLS) {
      reader.at = end;
      continue;
    }
    return Array.from({ length: reader.number() }, () => symbol(reader, imported));
  }
  return [];
}

function symbol(reader, imported) {
  const kind = reader.byte();
  const flags = reader.number();
  if (kind === SECTION) return void reader.number();
  if (kind === DATA) {
    reader.text();
    if (!(flags & UNDEFINED)) for (let left = 3; left > 0; left -= 1) reader.number();
    return undefined;
  }
  if (![FUNCTION, GLOBAL, EVENT, TABLE].includes(kind)) throw new Error(`a symbol of the kind ${kind}`);
  const index = reader.number();
  const name = flags & UNDEFINED && !(flags & EXPLICIT_NAME) ? imported[index] : reader.text();
  return kind === FUNCTION ? { index, ends: ENDS.some((end) => end.test(name)) } : undefined;
}

/** The relocations of a section, and what stands before them. */
function relocationsOf({ bytes, start }) {
  const reader = new Reader(bytes, start);
  const section = reader.number();
  const list = Array.from({ length: reader.number() }, () => {
    const from = reader.at;
    const kind = reader.byte();
    const at = reader.number();
    const index = reader.number();
    if (WITH_ADDEND.has(kind)) reader.skipNumber();
    return { kind, at, index, bytes: bytes.subarray(from, reader.at) };
  });
  return { section, list };
}

/** The object without what a panic says. */
function withoutWords(object) {
  const sections = sectionsOf(object);
  const linking = sections.find(({ name }) => name === "linking");
  const of = sections.findIndex(({ id }) => id === CODE);
  const relocating = sections.find(({ name }) => name === "reloc.CODE");
  if (!linking || of < 0 || !relocating) return object;
  const imported = importedFunctions(sections.find(({ id }) => id === IMPORTS));
  const symbols = symbolsOf(linking, imported);
  const code = Buffer.from(sections[of].bytes);
  const { section, list } = relocationsOf(relocating);
  if (section !== of) throw new Error("the relocations are of another section");

  const ending = new Set(symbols.filter((symbol) => symbol?.ends).map(({ index }) => index));
  const trapping = trap(code, ending, imported.length);
  const dropped = new Set();
  list.forEach((relocation, at) => {
    while (trapping.length > 0 && relocation.at >= trapping[0].end) trapping.shift();
    if (trapping.length > 0 && relocation.at >= trapping[0].start) dropped.add(relocation);
    else if (relocation.kind === FUNCTION_INDEX && symbols[relocation.index]?.ends) silence(code, list, at, dropped);
  });

  const kept = list.filter((relocation) => !dropped.has(relocation));
  const head = Buffer.concat([relocating.bytes.subarray(0, relocating.start), number(section), number(kept.length)]);
  const written = new Map([
    [sections[of], code],
    [relocating, Buffer.concat([head, ...kept.map(({ bytes }) => bytes)])],
  ]);
  const all = sections.flatMap((section) => {
    const bytes = written.get(section) ?? section.bytes;
    return [Buffer.from([section.id]), number(bytes.length), bytes];
  });
  return Buffer.concat([object.subarray(0, 8), ...all]);
}

/** Makes the functions with these numbers trap, each in as many bytes as it had: where they are, in their order. */
function trap(code, ending, imported) {
  const reader = new Reader(code);
  const places = [];
  const count = reader.number();
  for (let index = imported; index < imported + count; index += 1) {
    const length = reader.number();
    const start = reader.at;
    const body = reader.take(length);
    if (!ending.has(index)) continue;
    // No locals.
    body.fill(NOP);
    body[0] = 0;
    body[1] = UNREACHABLE;
    body[length - 1] = END;
    places.push({ start, end: reader.at });
  }
  return places;
}

/** Takes the addresses out of what is handed over right before a call: constants that are 0 then. */
function silence(code, list, at, dropped) {
  let place = list[at].at - 1;
  if (code[place] !== CALL) return;
  for (let before = at - 1; before >= 0; before -= 1) {
    const { kind, at: address } = list[before];
    const next = address + ROOM;
    // Right before it, or with a short constant between: the length of a text.
    const short = code[next] === I32_CONST && [next + 2, next + 3, next + 4].some((end) => end === place);
    if (kind !== ADDRESS || code[address - 1] !== I32_CONST || !(next === place || short)) return;
    if (dropped.has(list[before])) return;
    code.set([0x80, 0x80, 0x80, 0x80, 0x00], address);
    dropped.add(list[before]);
    place = address - 1;
  }
}

function linkerOf() {
  const ask = (...words) => spawnSync(process.env.RUSTC ?? "rustc", words, { encoding: "utf8" }).stdout;
  const [, host] = /^host: (.*)$/m.exec(ask("-vV"));
  return join(ask("--print", "sysroot").trim(), "lib/rustlib", host, "bin/rust-lld");
}

const words = process.argv.slice(2);
for (const file of words) {
  if (file.endsWith(".o")) writeFileSync(file, withoutWords(readFileSync(file)));
}
const flavor = words[0] === "-flavor" ? [] : ["-flavor", "wasm"];
const { status, error } = spawnSync(linkerOf(), [...flavor, ...words], { stdio: "inherit" });
if (error) throw error;
process.exitCode = status ?? 1;
