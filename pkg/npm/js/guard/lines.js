// Bytes to lines, as the stdio transport of MCP separates its messages.

import { Buffer } from "node:buffer";

const NEWLINE = 10;
/** So many bytes are kept of each end of a line that is too long. */
const KEPT = 4096;

/** Lines of a stream, none longer than `most` bytes: of those that are, only the ends are kept. */
export class Lines {
  #most;
  /** The beginning of a line whose end has not come: its pieces, and how long they are together. */
  #pieces = [];
  #length = 0;
  /** In the place of the pieces, if the line is too long already. */
  #tooLong;

  constructor(most) {
    this.#most = most;
  }

  /** The lines that end in a chunk, without their ends; a `TooLong` stands for one that is too long. */
  *push(chunk) {
    let from = 0;
    for (let to = chunk.indexOf(NEWLINE); to !== -1; to = chunk.indexOf(NEWLINE, from)) {
      yield this.#whole(chunk.subarray(from, to));
      from = to + 1;
    }
    if (from < chunk.length) this.#add(chunk.subarray(from));
  }

  /** What is left when the stream has ended: a last line without an end. */
  *end() {
    if (this.#length > 0) yield this.#whole(new Uint8Array(0));
  }

  #add(piece) {
    this.#length += piece.length;
    if (this.#tooLong) this.#tooLong.add(piece);
    else if (this.#length <= this.#most) this.#pieces.push(piece);
    else {
      this.#tooLong = new TooLong();
      for (const one of [...this.#pieces, piece]) this.#tooLong.add(one);
      this.#pieces = [];
    }
  }

  #whole(last) {
    if (this.#length === 0 && last.length <= this.#most) return last;
    this.#add(last);
    const [pieces, length, tooLong] = [this.#pieces, this.#length, this.#tooLong];
    this.#pieces = [];
    this.#length = 0;
    this.#tooLong = undefined;
    return tooLong ?? Buffer.concat(pieces, length);
  }
}

const TEXT = String.raw`"(?:[^"\\]|\\.)*"`;
const SPACE = String.raw`[ \t\r]*`;
/** A member of an object, and its value if that is neither list nor object and the whole of it is there. */
const MEMBER = new RegExp(
  `${SPACE}[{,]${SPACE}(${TEXT})${SPACE}:${SPACE}(?:(${TEXT}|[-+.\\w]+)(?=${SPACE}[,}]))?`,
  "y",
);
/** The id as the last member of a message, or before the version. */
const LAST_ID = new RegExp(
  `,${SPACE}"id"${SPACE}:${SPACE}(${TEXT}|-?\\d+)${SPACE}(?:,${SPACE}"jsonrpc"${SPACE}:${SPACE}"2\\.0"${SPACE})?}${SPACE}$`,
);

/** What is known of a line that is too long to be read: its two ends. */
export class TooLong {
  #beginning = Buffer.alloc(0);
  #end = Buffer.alloc(0);

  add(bytes) {
    const missing = KEPT - this.#beginning.length;
    if (missing > 0) this.#beginning = Buffer.concat([this.#beginning, bytes.subarray(0, missing)]);
    this.#end = Buffer.concat([this.#end, bytes.subarray(-KEPT)].map((part) => part.subarray(-KEPT))).subarray(-KEPT);
  }

  /**
   * What it seems to be: `isAnswer` is whether it is an answer, nothing if that is not to be seen; `id` is the JSON
   * text of its id, if it stands before or behind all that is long. Good enough to say that it does not go on.
   */
  seen() {
    const text = this.#beginning.toString("latin1");
    const members = new Map();
    MEMBER.lastIndex = 0;
    for (let found = MEMBER.exec(text); found; found = MEMBER.exec(text)) {
      const [, key, value] = found;
      members.set(key, value);
      if (value === undefined) break;
    }
    const id = members.get('"id"') ?? LAST_ID.exec(this.#end.toString("latin1"))?.[1];
    const has = (names) => names.some((name) => members.has(name));
    const isAnswer = has(ASKS) ? false : has(ANSWERS) || undefined;
    return { id: idOf(id), isAnswer };
  }
}

const ASKS = ['"method"', '"params"'];
const ANSWERS = ['"result"', '"error"'];

/** An id as the engine writes it; none that is not plain. */
function idOf(text) {
  if (text === undefined) return undefined;
  return /^(-?\d+|"[ !#-[\]-~]*")$/.test(text) ? text : undefined;
}
