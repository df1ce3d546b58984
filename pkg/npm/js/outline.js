// A call's object as text for the engine, and of its arguments no more than the policy looks at. It
// reads calls of the plain form that hold nothing but plain values, everywhere; of all else it says
// that it cannot, and then json.js reads all of it and the engine says what is wrong with it.

import { jsonOf } from "./json.js";

/** No text was written: the call is to be read whole. */
export const NOT_WRITTEN = -1;

/** So much room for text is enough for what is written here; what needs more is read whole. */
export const ROOM = 1 << 16;

/** What is passed over may have as many bytes of JSON, reckoned high: with the rest less than a call may have. */
const MOST_PASSED = 900_000;

/** Lists and objects within each other, as json.js has it; the call is one itself. */
const LEVELS = 127;

/** Of so many tools the outlines are kept. Names that a policy does not list may be any. */
const MOST_TOOLS = 4096;

const encoder = new TextEncoder();

/** Writes the calls for one policy. */
export class CallWriter {
  #outlineOf;
  #tools = new Map();

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
    const { begin, place } = this.#tools.get(tool) ?? this.#open(tool);
    if (place === undefined) return NOT_WRITTEN;
    let at = copy(begin, room, 0);
    if (given !== undefined) {
      if (typeof given !== "object" || given === null || Array.isArray(given)) return NOT_WRITTEN;
      at = copy(ARGUMENTS, room, at);
      at = object(given, place.keys, room, at, LEVELS);
    }
    if (grant !== undefined) at = label(GRANT, grant, room, at);
    if (session !== undefined) at = label(SESSION, session, room, at);
    if (at === NOT_WRITTEN) return NOT_WRITTEN;
    room[at] = CLOSE_OBJECT;
    return at + 1;
  }

  #open(tool) {
    const outline = tool.isWellFormed() && tool.length < 1024 ? this.#outlineOf(tool) : undefined;
    const place = outline === undefined ? undefined : placeOf(JSON.parse(outline));
    const opened = { begin: encoder.encode(`{"tool":${JSON.stringify(tool)}`), place };
    if (this.#tools.size >= MOST_TOOLS) this.#tools.clear();
    this.#tools.set(tool, opened);
    return opened;
  }
}

const ARGUMENTS = encoder.encode(',"arguments":');
const GRANT = encoder.encode(',"grant":');
const SESSION = encoder.encode(',"session":');
const TRUE = encoder.encode("true");
const FALSE = encoder.encode("false");
const NULL = encoder.encode("null");
const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_LIST, CLOSE_LIST, COMMA, QUOTE, MINUS, ZERO] = encoder.encode('{}[],"-0');

/** The outline of a place, made ready: each key with its text before the value. */
function placeOf({ keys = {}, items = {}, every, whole = false }) {
  return {
    keys: new Map(
      Object.entries(keys).map(([key, below]) => [
        key,
        { text: encoder.encode(`${JSON.stringify(key)}:`), place: placeOf(below) },
      ]),
    ),
    items: new Map(Object.entries(items).map(([index, below]) => [Number(index), placeOf(below)])),
    every: every && placeOf(every),
    whole,
  };
}

// Each writer below writes to the room from a place on, and returns the place behind what it wrote or
// NOT_WRITTEN, which each also takes for a place.

function copy(bytes, room, at) {
  const { length } = bytes;
  if (at === NOT_WRITTEN || at + length + 1 > room.length) return NOT_WRITTEN;
  room.set(bytes, at);
  return at + length;
}

function label(key, value, room, at) {
  return typeof value === "string" ? string(value, room, copy(key, room, at)) : NOT_WRITTEN;
}

function value(given, place, room, at, levels) {
  if (typeof given === "string") return string(given, room, at);
  if (typeof given === "number") return number(given, room, at);
  if (typeof given === "boolean") return copy(given ? TRUE : FALSE, room, at);
  if (given === null) return copy(NULL, room, at);
  if (typeof given !== "object") return NOT_WRITTEN;
  if (place.whole) return whole(given, room, at);
  return Array.isArray(given) ? list(given, place, room, at, levels) : object(given, place.keys, room, at, levels);
}

function object(given, keys, room, at, levels) {
  // Nothing of it may be other than it looks, as the fields of classes are.
  if (Object.getPrototypeOf(given) !== Object.prototype || at === NOT_WRITTEN || levels === 0) return NOT_WRITTEN;
  let separator = OPEN_OBJECT;
  for (const key in given) {
    const known = keys.get(key);
    const below = given[key];
    if (below === undefined) continue;
    if (known === undefined) {
      if (!isPlainText(key) || !isPlain(below, levels - 1)) return NOT_WRITTEN;
      continue;
    }
    if (at >= room.length) return NOT_WRITTEN;
    room[at] = separator;
    separator = COMMA;
    at = value(below, known.place, room, copy(known.text, room, at + 1), levels - 1);
    if (at === NOT_WRITTEN) return NOT_WRITTEN;
  }
  return close(separator === OPEN_OBJECT ? OPEN_OBJECT : 0, CLOSE_OBJECT, room, at);
}

/** Whether every object seems to have members that JSON text would not have. */
function isPolluted() {
  for (const key in Object.prototype) return key !== undefined;
  return false;
}

function list(given, place, room, at, levels) {
  const { every, items } = place;
  const looksInside = every !== undefined || items.size > 0;
  if (!looksInside && !isPlain(given, levels)) return NOT_WRITTEN;
  if (at === NOT_WRITTEN || levels === 0) return NOT_WRITTEN;
  if (!looksInside) return close(OPEN_LIST, CLOSE_LIST, room, at);
  let separator = OPEN_LIST;
  for (let n = 0; n < given.length; n += 1) {
    if (at >= room.length) return NOT_WRITTEN;
    room[at] = separator;
    separator = COMMA;
    const below = every ?? items.get(n);
    if (below === undefined) {
      if (!isPlain(given[n], levels - 1)) return NOT_WRITTEN;
      at = copy(NULL, room, at + 1);
    } else {
      at = value(given[n], below, room, at + 1, levels - 1);
    }
    if (at === NOT_WRITTEN) return NOT_WRITTEN;
  }
  return close(separator === OPEN_LIST ? OPEN_LIST : 0, CLOSE_LIST, room, at);
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

/** Ends a list or an object; `open` is its bracket if it is still to be written, else 0. */
function close(open, bracket, room, at) {
  if (at === NOT_WRITTEN || at + 3 > room.length) return NOT_WRITTEN;
  if (open !== 0) room[at++] = open;
  room[at] = bracket;
  return at + 1;
}

function whole(given, room, at) {
  if (at === NOT_WRITTEN) return NOT_WRITTEN;
  try {
    return encoded(jsonOf(given, room.length - at), room, at);
  } catch {
    return NOT_WRITTEN;
  }
}

function string(given, room, at) {
  const { length } = given;
  // A text with an escape may have six bytes for a unit.
  if (at === NOT_WRITTEN || at + length + 3 > room.length) return NOT_WRITTEN;
  room[at] = QUOTE;
  for (let n = 0; n < length; n += 1) {
    const unit = given.charCodeAt(n);
    if (unit < 0x20 || unit > 0x7e || unit === 0x22 || unit === 0x5c) return encoded(JSON.stringify(given), room, at);
    room[at + 1 + n] = unit;
  }
  room[at + 1 + length] = QUOTE;
  return at + length + 2;
}

function number(given, room, at) {
  if (at === NOT_WRITTEN || at + 32 > room.length) return NOT_WRITTEN;
  if ((given | 0) !== given) {
    return Number.isFinite(given) ? encoded(String(given), room, at) : NOT_WRITTEN;
  }
  if (given < 0) {
    room[at++] = MINUS;
    given = -given;
  }
  let end = at + 1;
  for (let power = 10; power <= given; power *= 10) end += 1;
  for (let n = end - 1; n >= at; n -= 1) {
    room[n] = ZERO + (given % 10);
    given = Math.floor(given / 10);
  }
  return end;
}

/** JSON text of any length. */
function encoded(text, room, at) {
  // With so much room no character is left out.
  if (at + text.length * 3 + 1 > room.length) return NOT_WRITTEN;
  return at + encoder.encodeInto(text, room.subarray(at)).written;
}
