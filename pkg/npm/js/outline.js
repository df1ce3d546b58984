// What the policy looks at of a call's object, as records for the engine (src/evaluate/seen.rs says how they
// are made). It reads calls of the plain form that hold nothing but plain values, everywhere; of all else it
// says that it cannot, and then json.js reads all of it and the engine says what is wrong with it.

import { jsonOf } from "./json.js";

/** No records were written: the call is to be read whole. */
export const NOT_WRITTEN = -1;

/** So much room for records is enough for what is written here; what needs more is read whole. */
export const ROOM = 1 << 16;

/** What is passed over may have as many bytes of JSON, reckoned high: with the rest less than a call may have. */
const MOST_PASSED = 900_000;

/** Lists and objects within each other, as json.js has it; the call is one itself. */
const LEVELS = 127;

/** Of so many tools the outlines are kept. Names that a policy does not list may be any. */
const MOST_TOOLS = 4096;

// The kinds of records, as the engine has them.
const [NULL, FALSE, TRUE, PASSED_OVER, ELEMENT, ELEMENT_END, NUMBER, STRING, WHOLE, GRANT, SESSION] = Array(11).keys();

/** A record without a text has so many bytes, and the beginning of one with a text. */
const MARK = 3;
const HEAD = 5;

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

  /** Writes the call into the room: how many bytes it has, or {@link NOT_WRITTEN}. */
  write(call, room) {
    if (typeof call !== "object" || call === null || Object.getPrototypeOf(call) !== Object.prototype)
      return NOT_WRITTEN;
    if (isPolluted()) return NOT_WRITTEN;
    bytesLeft = MOST_PASSED;
    let tool, given, grant, session;
    for (const key in call) {
      const value = call[key];
      if (key === "tool") tool = value;
      else if (key === "arguments") given = value;
      else if (key === "grant") grant = value;
      else if (key === "session") session = value;
      // What says where the tool is counts for approvals only, and those want all of the call.
      else if (value !== undefined && !(key === "server" && typeof value === "string" && isPlainText(value)))
        return NOT_WRITTEN;
    }
    if (typeof tool !== "string") return NOT_WRITTEN;
    const { number, place, counts } = this.#tools.get(tool) ?? this.#open(tool);
    if (place === undefined) return NOT_WRITTEN;
    this.tool = number;
    this.counts = counts;
    let at = 0;
    if (grant !== undefined) at = label(GRANT, grant, room, at);
    if (session !== undefined) at = label(SESSION, session, room, at);
    if (given !== undefined) {
      if (typeof given !== "object" || given === null || Array.isArray(given)) return NOT_WRITTEN;
      at = object(given, place.keys, room, at, LEVELS);
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

/** The outline of a place, made ready. */
function placeOf({ at, keys = {}, items = {}, list = 0, every, whole = false, there = false }) {
  return {
    at,
    keys: new Map(Object.entries(keys).map(([key, below]) => [key, placeOf(below)])),
    items: new Map(Object.entries(items).map(([index, below]) => [Number(index), placeOf(below)])),
    list,
    every: every && placeOf(every),
    whole,
    there,
  };
}

// Each writer below writes to the room from a place on, and returns the place behind what it wrote or
// NOT_WRITTEN, which each also takes for a place.

/** A record without a text. */
function mark(kind, place, room, at) {
  if (at === NOT_WRITTEN || at + MARK > room.length) return NOT_WRITTEN;
  room[at] = kind;
  room[at + 1] = place;
  room[at + 2] = place >> 8;
  return at + MARK;
}

function label(kind, given, room, at) {
  return typeof given === "string" ? text(kind, 0, given, room, at) : NOT_WRITTEN;
}

function value(given, place, room, at, levels) {
  // What is there is not written, but read all the same, for it may be what no JSON text has.
  if (place.there && typeof given !== "object")
    return isPlain(given, levels) ? mark(PASSED_OVER, place.at, room, at) : NOT_WRITTEN;
  if (typeof given === "string") return text(STRING, place.at, given, room, at);
  if (typeof given === "number") return number(given, place.at, room, at);
  if (typeof given === "boolean") return mark(given ? TRUE : FALSE, place.at, room, at);
  if (given === null) return mark(NULL, place.at, room, at);
  if (typeof given !== "object") return NOT_WRITTEN;
  if (place.whole) return whole(given, place, room, at, levels);
  at = Array.isArray(given) ? list(given, place, room, at, levels) : object(given, place.keys, room, at, levels);
  return mark(PASSED_OVER, place.at, room, at);
}

function object(given, keys, room, at, levels) {
  // Nothing of it may be other than it looks, as the fields of classes are.
  if (Object.getPrototypeOf(given) !== Object.prototype || at === NOT_WRITTEN || levels === 0) return NOT_WRITTEN;
  for (const key in given) {
    const below = given[key];
    if (below === undefined) continue;
    const known = keys.get(key);
    if (known === undefined) {
      if (!isPlainText(key) || !isPlain(below, levels - 1)) return NOT_WRITTEN;
      continue;
    }
    at = value(below, known, room, at, levels - 1);
    if (at === NOT_WRITTEN) return NOT_WRITTEN;
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
  if (every === undefined && items.size === 0) return isPlain(given, levels) ? at : NOT_WRITTEN;
  if (levels === 0) return NOT_WRITTEN;
  for (let n = 0; n < given.length; n += 1) {
    if (every !== undefined) {
      at = mark(ELEMENT, place.list, room, at);
      at = value(given[n], every, room, at, levels - 1);
      at = mark(ELEMENT_END, place.list, room, at);
    } else if (items.has(n)) {
      at = value(given[n], items.get(n), room, at, levels - 1);
    } else if (!isPlain(given[n], levels - 1)) return NOT_WRITTEN;
    if (at === NOT_WRITTEN) return NOT_WRITTEN;
  }
  return at;
}

/** How many more bytes may be passed over in this call. */
let bytesLeft = 0;
/** What a value has at most without its text: a number of 24 digits and signs, and what separates. */
const AROUND = 26;

/** Whether a value that is passed over is one that JSON has, all of it. */
function isPlain(given, levels) {
  if (typeof given === "string") return isPlainText(given);
  bytesLeft -= AROUND;
  if (bytesLeft < 0) return false;
  if (typeof given === "number") return Number.isFinite(given);
  if (typeof given === "boolean" || given === null) return true;
  if (typeof given !== "object" || levels === 0) return false;
  if (Array.isArray(given)) {
    for (let n = 0; n < given.length; n += 1) if (!isPlain(given[n], levels - 1)) return false;
    return true;
  }
  if (Object.getPrototypeOf(given) !== Object.prototype) return false;
  for (const key in given) {
    const below = given[key];
    if (below !== undefined && !(isPlainText(key) && isPlain(below, levels - 1))) return false;
  }
  return true;
}

function isPlainText(text) {
  // A unit of UTF-16 is an escape of six bytes at most.
  bytesLeft -= text.length * 6 + 4;
  return bytesLeft >= 0 && text.isWellFormed();
}

/** All of a list or an object. If something in it is looked at for itself, the engine finds that in the text. */
function whole(given, { at: place, keys, items, every }, room, at, levels) {
  if (keys.size > 0 || items.size > 0 || every !== undefined) return NOT_WRITTEN;
  try {
    return text(WHOLE, place, jsonOf(given, room.length, levels), room, at);
  } catch {
    return NOT_WRITTEN;
  }
}

function text(kind, place, given, room, at) {
  const { length } = given;
  // With so much room no character is left out, and two bytes say how long the text is.
  if (at === NOT_WRITTEN || at + HEAD + length * 3 > room.length || at + HEAD + length * 3 > ROOM) return NOT_WRITTEN;
  room[at] = kind;
  room[at + 1] = place;
  room[at + 2] = place >> 8;
  const from = at + HEAD;
  let written = 0;
  for (; written < length; written += 1) {
    const unit = given.charCodeAt(written);
    if (unit > 0x7f) break;
    room[from + written] = unit;
  }
  if (written < length) {
    if (!given.isWellFormed()) return NOT_WRITTEN;
    written = encoder.encodeInto(given, room.subarray(from)).written;
  }
  room[at + 3] = written;
  room[at + 4] = written >> 8;
  return from + written;
}

const [ZERO, MINUS] = encoder.encode("0-");

function number(given, place, room, at) {
  const whole = given | 0;
  if (whole !== given || at === NOT_WRITTEN || at + 32 > room.length) {
    return Number.isFinite(given) ? text(NUMBER, place, String(given), room, at) : NOT_WRITTEN;
  }
  room[at] = NUMBER;
  room[at + 1] = place;
  room[at + 2] = place >> 8;
  const from = at + HEAD;
  let end = from + 1;
  if (whole < 0) {
    room[from] = MINUS;
    end += 1;
  }
  for (let rest = (whole / 10) | 0; rest !== 0; rest = (rest / 10) | 0) end += 1;
  let rest = whole;
  for (let n = end - 1; ; n -= 1) {
    const digit = rest % 10;
    room[n] = ZERO + (digit < 0 ? -digit : digit);
    rest = (rest / 10) | 0;
    if (rest === 0) break;
  }
  room[at + 3] = end - from;
  room[at + 4] = 0;
  return end;
}
