// Ports for servers of tests that cannot be told to take any.

import { createServer } from "node:net";

/** Those that were given to somebody here, who may not listen yet. */
const given = new Set();

/**
 * A port of 127.0.0.1 that was free a moment ago, and another one each time. None of those that the kernel gives to
 * connections (from 32768 on, on Linux): one of them could be taken before somebody listens on it.
 */
export async function freePort() {
  for (;;) {
    const port = 15_000 + Math.floor(Math.random() * 17_000);
    if (given.has(port)) continue;
    given.add(port);
    if (await isFree(port)) return port;
  }
}

const isFree = (port) =>
  new Promise((resolve) => {
    const probe = createServer().once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
