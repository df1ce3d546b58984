// The handler for servers of Node: `http.createServer(toNode(handler))`, or `app.all("/mcp", toNode(handler))` in Express.

/**
 * A listener for requests of Node's own servers.
 *
 * @param handler from a Request to a Response
 */
export function toNode(handler) {
  return function listen(incoming, outgoing) {
    answer(handler, incoming, outgoing).catch(() => outgoing.destroy());
  };
}

async function answer(handler, incoming, outgoing) {
  const gone = new AbortController();
  outgoing.on("close", () => {
    if (!outgoing.writableFinished) gone.abort();
  });
  let request;
  try {
    request = requestOf(incoming, gone.signal);
  } catch (error) {
    outgoing.writeHead(error instanceof AlreadyRead ? 500 : 400, { "content-type": "text/plain" });
    outgoing.end(`${error.message}\n`);
    return;
  }
  const response = await handler(request);
  await send(response, outgoing, gone.signal);
}

class AlreadyRead extends Error {}

function requestOf(incoming, signal) {
  const { method } = incoming;
  if (incoming.readableDidRead)
    throw new AlreadyRead("the body was read before the guard saw it: put the guard before the program's body parser");
  const headers = new Headers();
  const { rawHeaders } = incoming;
  for (let at = 0; at < rawHeaders.length; at += 2) headers.append(rawHeaders[at], rawHeaders[at + 1]);
  // In Express, `url` is only what is left of the path below a mount.
  const path = incoming.originalUrl ?? incoming.url;
  if (!path.startsWith("/")) throw new Error("the target of a request is a path");
  const url = `http://guarded${path}`;
  const init = { method, headers, signal };
  if (method !== "GET" && method !== "HEAD") {
    init.body = bodyOf(incoming);
    init.duplex = "half";
  }
  return new Request(url, init);
}

/** The body as a stream that asks for no more than is read. */
function bodyOf(incoming) {
  const { "content-length": length, "transfer-encoding": encoding } = incoming.headers;
  if (encoding === undefined && (length === undefined || length === "0")) return null;
  let listens = false;
  const listen = (controller) => {
    listens = true;
    incoming.on("data", (piece) => {
      if (!listens) return;
      controller.enqueue(new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength));
      incoming.pause();
    });
    const end = (how) => {
      if (listens) how();
      listens = false;
    };
    incoming.on("end", () => end(() => controller.close()));
    incoming.on("error", (error) => end(() => controller.error(error)));
    incoming.on("close", () => end(() => controller.error(new Error("the client went away"))));
  };
  return new ReadableStream(
    {
      pull(controller) {
        // Not before somebody reads: of what nobody does, Node itself gets rid.
        if (!listens) listen(controller);
        incoming.resume();
      },
      cancel() {
        // The client may go on sending; nobody listens.
        listens = false;
        incoming.resume();
      },
    },
    { highWaterMark: 0 },
  );
}

async function send(response, outgoing, signal) {
  outgoing.statusCode = response.status;
  for (const [name, value] of response.headers) {
    if (name === "set-cookie") outgoing.appendHeader(name, value);
    else outgoing.setHeader(name, value);
  }
  if (!response.body) {
    outgoing.end();
    return;
  }
  // A stream may be silent for long.
  outgoing.flushHeaders();
  const reader = response.body.getReader();
  const leave = () => reader.cancel().catch(() => {});
  if (signal.aborted) leave();
  signal.addEventListener("abort", leave, { once: true });
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done || signal.aborted) break;
      if (!outgoing.write(value)) await drained(outgoing, signal);
    }
    outgoing.end();
  } catch {
    // The answer broke off, and the client is to see that it did.
    outgoing.destroy();
  } finally {
    signal.removeEventListener("abort", leave);
  }
}

function drained(outgoing, signal) {
  if (signal.aborted) return undefined;
  return new Promise((resolve) => {
    outgoing.once("drain", resolve);
    signal.addEventListener("abort", resolve, { once: true });
  });
}
