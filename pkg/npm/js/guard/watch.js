// A file that may change, or be replaced, while it is in use.

import { readFileSync, statSync } from "node:fs";

/** Milliseconds between two looks. Asking is cheap, and knows of no file system on which it does not work. */
const LOOK_EVERY = 250;

/**
 * Calls `changed(text)` with the text of a file whenever it has become another, and `failed(error)` when it
 * cannot be read any more. A file that is being written is left alone until it keeps still. `text` is what it
 * was when it was read last. Returns what ends the watch.
 */
export function watchFile(path, text, changed, failed) {
  let known;
  let before = signature(path);
  const timer = setInterval(() => {
    const now = signature(path);
    const isStill = now === before;
    before = now;
    if (!isStill || now === known) return;
    known = now;
    let next;
    try {
      next = readFileSync(path, "utf8");
    } catch (error) {
      failed(error);
      return;
    }
    if (next === text) return;
    text = next;
    changed(next);
  }, LOOK_EVERY);
  timer.unref();
  return () => clearInterval(timer);
}

/** What differs when a file has changed or was replaced. */
function signature(path) {
  try {
    const { ino, size, mtimeNs } = statSync(path, { bigint: true });
    return `${ino} ${size} ${mtimeNs}`;
  } catch (error) {
    return error.code;
  }
}
