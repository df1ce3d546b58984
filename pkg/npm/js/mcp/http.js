// Headers and bodies, as they are seen and as they go on.

/** What belongs to one connection, or is written anew (RFC 9110, section 7.6.1). */
const OF_A_CONNECTION = [
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];
const OF_A_REQUEST = [...OF_A_CONNECTION, "accept-encoding", "cattlegrid-approval", "content-length", "expect", "host"];

const utf8 = new TextDecoder();

/** Pairs of a name in lower case and a value: of a header that came several times, all values joined by `, `. */
export function seenHeaders(headers) {
  return [...headers].map(([name, value]) => [name.toLowerCase(), textOf(value)]);
}

/** The text that a value stands for. What is beyond ASCII came as bytes, each as a character. */
function textOf(value) {
  if (!/[^\0-\x7f]/.test(value)) return value;
  return utf8.decode(Uint8Array.from(value, (character) => character.charCodeAt(0)));
}

/** The headers that a request goes on with. */
export function requestHeaders(headers, { ownsToken, replaced }) {
  const sent = new Headers(headers);
  for (const name of OF_A_REQUEST) sent.delete(name);
  if (ownsToken) sent.delete("authorization");
  // An encoded answer could not be filtered.
  sent.set("accept-encoding", "identity");
  for (const [name, value] of replaced) sent.set(name, value);
  return sent;
}

/** The headers that an answer goes on with. */
export function answerHeaders(headers) {
  const sent = new Headers(headers);
  for (const name of OF_A_CONNECTION) sent.delete(name);
  if (sent.has("content-encoding")) {
    // What fetches it has decoded it.
    sent.delete("content-encoding");
    sent.delete("content-length");
  }
  return sent;
}

/** There is more than may be read: `stream` is all of it. */
export class TooMuch extends Error {
  constructor(pieces, reader) {
    super("there is more than is read");
    this.stream = new ReadableStream({
      async pull(controller) {
        const { done, value } = pieces.length > 0 ? { value: pieces.shift() } : await reader.read();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: (reason) => reader.cancel(reason),
    });
  }
}

/** All of a stream of bytes, if that is not more than `most`. */
export async function readWhole(stream, most) {
  const pieces = [];
  let size = 0;
  if (stream !== null) {
    const reader = stream.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      size += value.byteLength;
      pieces.push(value);
      if (size > most) throw new TooMuch(pieces, reader);
    }
  }
  if (pieces.length === 1) return pieces[0];
  const whole = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.byteLength;
  }
  return whole;
}
