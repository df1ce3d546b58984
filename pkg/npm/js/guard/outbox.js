// Messages to a stream, a line each. Those of one turn are written together.

import { Buffer } from "node:buffer";

const NEWLINE = 10;
/** What is longer is not copied to be written at once. */
const TOGETHER = 65_536;

export class Outbox {
  #stream;
  #messages = [];
  #length = 0;
  /** So many wait to send more before anything is written. */
  #holding = 0;

  constructor(stream) {
    this.#stream = stream;
  }

  send(message) {
    this.#messages.push(message);
    this.#length += message.length + 1;
    if (this.#holding === 0) this.#write();
  }

  /** Does what may send; then all of it is written. */
  together(work) {
    this.#holding += 1;
    try {
      return work();
    } finally {
      this.#holding -= 1;
      if (this.#holding === 0 && this.#length > 0) this.#write();
    }
  }

  #write() {
    const [stream, messages, length] = [this.#stream, this.#messages, this.#length];
    this.#messages = [];
    this.#length = 0;
    if (stream.destroyed || stream.writableEnded) return;
    if (length <= TOGETHER) return void stream.write(lines(messages, length));
    stream.cork();
    for (const message of messages) {
      stream.write(message);
      stream.write("\n");
    }
    stream.uncork();
  }
}

function lines(messages, length) {
  const bytes = Buffer.allocUnsafe(length);
  let at = 0;
  for (const message of messages) {
    bytes.set(message, at);
    at += message.length;
    bytes[at] = NEWLINE;
    at += 1;
  }
  return bytes;
}
