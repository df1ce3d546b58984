// What the policy looks at of a call's object, as records for the engine (src/evaluate/seen.rs says how they
// are made). It reads calls of the plain form that hold nothing but plain values, everywhere; of all else it
// says that it cannot, and then json.js reads all of it and the engine says what is wrong with it.

import { jsonOf } from "./json.js";

// What is exported is read as if it might not be there yet, and this is read often.
const NONE = -1;
/** No records were written: the call is to be read whole. */
export const NOT_WRITTEN = NONE;

/** So much room for records is enough for what is written here; what needs more is read whole. */
const ROOM = 1 << 16;
/** The room that is to be given: several bytes are written at once, and the last may be of none. */
export const ROOM_WANTED = ROOM + 16;

/** What is passed over may have as many bytes of JSON, reckoned high: with the rest less than a call may have. */
const MOST_PASSED = 900_000;

/** Lists and objects within each other, as json.js has it; the call is one itself. */
const LEVELS = 127;

/** Of so many tools the outlines are kept. Names that a policy does not list may be any. */
const MOST_TOOLS = 4096;

/** So many keys that the policy does not look at are kept of the objects in a place, but none as long as this. */
const MOST_KEPT = 16;
const LONG = 64;

// The kinds of records, as the engine has them.
const [NULL, FALSE, TRUE, PASSED_OVER, ELEMENT, ELEMENT_END, NUMBER, STRING, WHOLE, GRANT, SESSION] = Array(11).keys();

/** A record without a text has so many bytes, and the beginning of one with a text. */
const MARK = 3;
const HEAD = 5;

/**
 * A key that no object has. Looking for it tells V8 of which kind an object is, and so what its prototype is; else it
 * would call C++ for that.
 */
const NOTHING = Symbol();

const encoder = new TextEncoder();

/** Writes the calls for one policy. */
export class CallWriter {
  #outlineOf;
  #tools = new Map();
  /** The number of the tool of the call that was written last. */
  tool = 0;
  /** Whether it matters when that call is decided. */
  counts = false;

  /** `outlineOf` gives the engine's outline of a tool as JSON text, or undefined. */
  constructor(outlineOf) {
    this.#outlineOf = outlineOf;
  }

  /** Writes the call into the room, a DataView: how many bytes it has, or {@link NOT_WRITTEN}. */
  write(call, room) {
    if (typeof call !== "object" || call === null) return NONE;
    call[NOTHING];
    if (Object.getPrototypeOf(call) !== Object.prototype || isPolluted()) return NONE;
    budget.left = MOST_PASSED;
    let tool, given, grant, session;
    for (const key in call) {
      const value = call[key];
      if (key === "tool") tool = value;
      else if (key === "arguments") given = value;
      else if (key === "grant") grant = value;
      else if (key === "session") session = value;
      // What says where the tool is counts for approvals only, and those want all of the call.
      else if (value !== undefined) {
        if (key !== "server" || typeof value !== "string") return NONE;
        budget.left = pass(value, LEVELS, budget.left);
        if (budget.left < 0) return NONE;
      }
    }
    if (typeof tool !== "string") return NONE;
    const { number, place, counts } = this.#tools.get(tool) ?? this.#open(tool);
    if (place === undefined) return NONE;
    this.tool = number;
    this.counts = counts;
    let at = 0;
    if (grant !== undefined) at = label(GRANT, grant, room, at);
    if (session !== undefined) at = label(SESSION, session, room, at);
    if (given !== undefined) {
      if (typeof given !== "object" || given === null || Array.isArray(given)) return NONE;
      at = object(given, place, room, at, LEVELS);
    }
    return at;
  }

  #open(tool) {
    const outline = tool.isWellFormed() && tool.length < 1024 ? this.#outlineOf(tool) : undefined;
    const { tool: number, place, counts = false } = outline === undefined ? {} : JSON.parse(outline);
    const opened = { number, place: place && placeOf(place), counts };
    if (this.#tools.size >= MOST_TOOLS) this.#tools.clear();
    this.#tools.set(tool, opened);
    return opened;
  }
}

/** The number of a place that the policy does not look at. */
const NOWHERE = -1;
const NO_KEYS = new Map();

/** The outline of a place, made ready; `name` is the key that leads to it. */
function placeOf({ at, keys, items, list = 0, every, whole = false, there = false }, name = "") {
  return {
    at,
    name,
    bytes: bytesOf(name),
    keys: keys ? new Map(Object.entries(keys).map(([key, below]) => [key, placeOf(below, key)])) : NO_KEYS,
    items: items ? new Map(Object.entries(items).map(([index, below]) => [Number(index), placeOf(below)])) : NO_KEYS,
    list,
    every: every && placeOf(every),
    whole,
    there,
    // Objects come with the same keys again and again, in the same order. So each place knows which came first in the
    // last object, and each key which came behind it: most need neither be found nor read.
    first: undefined,
    next: undefined,
    kept: 0,
  };
}

/** The place of a key that the policy does not look at. */
const nowhere = (name) => placeOf({ at: NOWHERE, there: true }, name);

/** The place of all that is within what the policy does not look at. */
const anywhere = nowhere("");

/** The place of a key in a place if another came than the last time; none if no JSON text has such a key. */
function find(key, place, before, expected) {
  let found = place.keys.get(key);
  if (found === undefined) {
    if (!key.isWellFormed()) return undefined;
    if (key.length >= LONG || (place.kept === MOST_KEPT && expected?.at !== NOWHERE)) return nowhere(key);
    if (expected?.at === NOWHERE) {
      expected.name = key;
      expected.bytes = bytesOf(key);
      return expected;
    }
    found = nowhere(key);
    place.kept += 1;
  }
  if (before === undefined) place.first = found;
  else before.next = found;
  return found;
}

// Each writer below writes to the room from a place on, and returns the place behind what it wrote or NONE, which
// each also takes for a place.

/** A record without a text. */
function mark(kind, place, room, at) {
  if (at === NONE || at > ROOM - MARK) return NONE;
  room.setUint32(at, kind | (place << 8), true);
  return at + MARK;
}

function label(kind, given, room, at) {
  return typeof given === "string" ? text(kind, 0, given, room, at) : NONE;
}

function value(given, place, room, at, levels) {
  if (place.there && typeof given !== "object") {
    // What is there is not written, but read all the same, for it may be what no JSON text has.
    budget.left = pass(given, levels, budget.left);
    return budget.left < 0 ? NONE : mark(PASSED_OVER, place.at, room, at);
  }
  if (typeof given === "string") return text(STRING, place.at, given, room, at);
  if (typeof given === "number") return number(given, place.at, room, at);
  if (typeof given === "boolean") return mark(given ? TRUE : FALSE, place.at, room, at);
  if (given === null) return mark(NULL, place.at, room, at);
  if (typeof given !== "object") return NONE;
  if (place.whole) return whole(given, place, room, at, levels);
  at = Array.isArray(given) ? list(given, place, room, at, levels) : object(given, place, room, at, levels);
  return mark(PASSED_OVER, place.at, room, at);
}

function object(given, place, room, at, levels) {
  given[NOTHING];
  // Nothing of it may be other than it looks, as the fields of classes are.
  if (Object.getPrototypeOf(given) !== Object.prototype || at === NONE || levels === 0) return NONE;
  let before;
  let known = place.first;
  for (const key in given) {
    const below = given[key];
    if (below === undefined) continue;
    if (known === undefined || known.name !== key) {
      known = find(key, place, before, known);
      if (known === undefined) return NONE;
    }
    if (known.at === NOWHERE) {
      budget.left = pass(below, levels - 1, budget.left - known.bytes);
      if (budget.left < 0) return NONE;
    } else {
      at = value(below, known, room, at, levels - 1);
      if (at === NONE) return NONE;
    }
    before = known;
    known = known.next;
  }
  return at;
}

/** Whether every object seems to have members that JSON text would not have. */
function isPolluted() {
  for (const key in Object.prototype) return key !== undefined;
  return false;
}

function list(given, place, room, at, levels) {
  const { every, items } = place;
  if (every === undefined && items.size === 0) {
    budget.left = pass(given, levels, budget.left);
    return budget.left < 0 ? NONE : at;
  }
  if (levels === 0) return NONE;
  for (let n = 0; n < given.length; n += 1) {
    if (every !== undefined) {
      at = mark(ELEMENT, place.list, room, at);
      at = value(given[n], every, room, at, levels - 1);
      at = mark(ELEMENT_END, place.list, room, at);
    } else if (items.has(n)) {
      at = value(given[n], items.get(n), room, at, levels - 1);
    } else {
      budget.left = pass(given[n], levels - 1, budget.left);
      if (budget.left < 0) return NONE;
    }
    if (at === NONE) return NONE;
  }
  return at;
}

// A variable would be looked at each time whether it is there yet.
/** How many more bytes may be passed over in the call that is written. */
const budget = { left: 0 };
/** What a value has at most without its text: a number of 24 digits and signs, and what separates. */
const AROUND = 26;

// A unit of UTF-16 is an escape of six bytes at most.
function bytesOf(text) {
  return text.length * 6 + 4;
}

/**
 * Passes over a value, all of it: how many more bytes may be passed over, or less than none if they were too many
 * or if it is no value that JSON has.
 */
function pass(given, levels, left) {
  if (typeof given === "string") {
    left -= bytesOf(given);
    return left >= 0 && given.isWellFormed() ? left : NONE;
  }
  left -= AROUND;
  if (typeof given === "number") return Number.isFinite(given) ? left : NONE;
  if (typeof given === "boolean" || given === null) return left;
  return typeof given === "object" ? passInside(given, levels, left) : NONE;
}

/** The same for a list or an object: by itself, so that V8 puts the rest where it is called. */
function passInside(given, levels, left) {
  if (levels === 0) return NONE;
  if (Array.isArray(given)) {
    for (let n = 0; n < given.length && left >= 0; n += 1) left = pass(given[n], levels - 1, left);
    return left;
  }
  given[NOTHING];
  if (Object.getPrototypeOf(given) !== Object.prototype) return NONE;
  let before;
  let known = anywhere.first;
  for (const key in given) {
    const below = given[key];
    if (below === undefined) continue;
    if (known === undefined || known.name !== key) {
      known = find(key, anywhere, before, known);
      if (known === undefined) return NONE;
    }
    left = pass(below, levels - 1, left - known.bytes);
    if (left < 0) return NONE;
    before = known;
    known = known.next;
  }
  return left;
}

/** All of a list or an object. If something in it is looked at for itself, the engine finds that in the text. */
function whole(given, { at: place, keys, items, every }, room, at, levels) {
  if (keys.size > 0 || items.size > 0 || every !== undefined) return NONE;
  try {
    return text(WHOLE, place, jsonOf(given, ROOM, levels), room, at);
  } catch {
    return NONE;
  }
}

function text(kind, place, given, room, at) {
  const { length } = given;
  // With so much room no character is left out, and two bytes say how long the text is.
  if (at === NONE || at > ROOM - HEAD || length * 3 > ROOM - HEAD - at) return NONE;
  const from = at + HEAD;
  let written = 0;
  for (; written < length; written += 1) {
    const unit = given.charCodeAt(written);
    if (unit > 0x7f) break;
    room.setUint8(from + written, unit);
  }
  if (written < length) {
    if (!given.isWellFormed()) return NONE;
    written = encoder.encodeInto(given, new Uint8Array(room.buffer, room.byteOffset + from, ROOM - from)).written;
  }
  head(kind, place, written, room, at);
  return from + written;
}

/** The beginning of a record with a text of so many bytes. */
function head(kind, place, length, room, at) {
  room.setUint32(at, kind | (place << 8) | (length << 24), true);
  room.setUint8(at + 4, length >> 8);
}

function number(given, place, room, at) {
  const whole = given | 0;
  // Few have a sign, a fraction or more than eight digits.
  if (whole !== given || whole < 0 || whole > 99_999_999 || at === NONE || at > ROOM - HEAD - 8)
    return Number.isFinite(given) ? text(NUMBER, place, String(given), room, at) : NONE;
  const upper = (whole / 10_000) | 0;
  let end = at + HEAD;
  if (upper > 0) end = digits(upper, digitsOf(upper), room, end);
  const lower = whole - upper * 10_000;
  end = digits(lower, upper > 0 ? 4 : digitsOf(lower), room, end);
  head(NUMBER, place, end - at - HEAD, room, at);
  return end;
}

const digitsOf = (number) => (number < 10 ? 1 : number < 100 ? 2 : number < 1000 ? 3 : 4);

/** Writes the last digits of a number below 10,000, so many of them, and zeros behind. */
function digits(number, count, room, at) {
  const tens = (number / 10) | 0;
  const hundreds = (number / 100) | 0;
  const thousands = (number / 1000) | 0;
  // A digit a byte, the first in the lowest.
  const four =
    thousands |
    ((hundreds - thousands * 10) << 8) |
    ((tens - hundreds * 10) << 16) |
    ((number - tens * 10) << 24) |
    ZEROS;
  room.setUint32(at, four >>> ((4 - count) * 8), true);
  return at + count;
}

/** "0000" */
const ZEROS = 0x30303030;
