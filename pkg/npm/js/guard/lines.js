// Bytes to lines, as the stdio transport of MCP separates its messages.

const NEWLINE = 10;

/** Lines of a stream, none longer than `most` bytes: of those that are, nothing is kept. */
export class Lines {
  #most;
  /** The beginning of a line whose end has not come: its pieces, and how long they are together. */
  #pieces = [];
  #length = 0;

  constructor(most) {
    this.#most = most;
  }

  /** The lines that end in a chunk, without their ends; `undefined` stands for one that is too long. */
  *push(chunk) {
    let from = 0;
    for (let to = chunk.indexOf(NEWLINE); to !== -1; to = chunk.indexOf(NEWLINE, from)) {
      yield this.#whole(chunk.subarray(from, to));
      from = to + 1;
    }
    if (from === chunk.length) return;
    this.#length += chunk.length - from;
    if (this.#length <= this.#most) this.#pieces.push(chunk.subarray(from));
    else this.#pieces = [];
  }

  /** What is left when the stream has ended: a last line without an end. */
  *end() {
    if (this.#length > 0) yield this.#whole(new Uint8Array(0));
  }

  #whole(last) {
    const [pieces, length] = [this.#pieces, this.#length + last.length];
    if (this.#length > 0) {
      this.#pieces = [];
      this.#length = 0;
    }
    if (length > this.#most) return undefined;
    return pieces.length === 0 ? last : Buffer.concat([...pieces, last], length);
  }
}
