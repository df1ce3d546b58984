// Ports for servers that cannot look for one themselves. tests/e2e/envoy.py gives them in the same way.
import { createServer } from "node:net";

// Below 32768, where those begin that the kernel gives to connections, on Linux.
const [FIRST, LAST, BLOCK] = [15_000, 32_000, 200];
// What is left of a block that is this program's own: it listens on its first port until it ends.
let left = [];

/** Whether one can listen on a port; the server that does. */
const listening = (port) =>
  new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve());
    server.listen(port, "127.0.0.1", () => resolve(server));
  });

/** A port of 127.0.0.1 that nobody listens on, and that nobody else is given: another one each time. */
export async function freePort() {
  for (;;) {
    const port = left.shift();
    const server = port && (await listening(port));
    if (server) return new Promise((resolve) => server.close(() => resolve(port)));
    if (left.length) continue;
    const first = FIRST + BLOCK * Math.floor((Math.random() * (LAST - FIRST)) / BLOCK);
    const held = await listening(first);
    if (!held) continue;
    held.unref();
    left = Array.from({ length: BLOCK - 1 }, (_, at) => first + 1 + at);
  }
}
