// Decisions written down, a line each, as `cattlegrid replay` and `cattlegrid learn` read them.

import { Buffer } from "node:buffer";
import { closeSync, openSync, writeSync } from "node:fs";
import { child, locate } from "./install/jsonc.js";

/** In a key without its separators: what stands under it is a secret. */
const SECRET =
  /passw|passphrase|secret|token|credential|authorization|apikey|privatekey|accesskey|signingkey|bearer|cookie|connectionstring|^(auth|pin|pwd|otp|ssn|cvv|cvc)$/;
const MASK = '"[masked]"';

/** Writes to the end of a file; each entry is one line, written at once. */
export function recorder(path) {
  // Arguments are nobody else's business.
  const file = openSync(path, "a", 0o600);
  return {
    write(entry) {
      if (entry !== undefined) writeSync(file, `${entry}\n`);
    },
    close() {
      closeSync(file);
    },
  };
}

/**
 * The entry for a decision: the engine's own line of log with the time, and with the call's arguments if they are
 * wanted; nothing for what was no call. All is copied as text: numbers keep their digits.
 */
export function entryOf(line, message, withArguments, now = new Date()) {
  const root = locate(line);
  if (!child(root, "tool")) return undefined;
  const members = [`"at":${JSON.stringify(now)}`];
  for (const { key, node } of root.members) {
    const said = line.slice(node.start, node.end);
    // In a line of log they are the names of the arguments.
    const value = key === "arguments" && withArguments ? argumentsOf(message) : said;
    members.push(`${JSON.stringify(key)}:${value}`);
  }
  return `{${members.join(",")}}`;
}

function argumentsOf(message) {
  const text = Buffer.from(message.buffer, message.byteOffset, message.byteLength).toString("utf8");
  const node = child(child(locate(text), "params"), "arguments");
  return node ? masked(node, text) : "{}";
}

function masked(node, text) {
  if (node.items) return `[${node.items.map((item) => masked(item, text)).join(",")}]`;
  if (!node.members) return text.slice(node.start, node.end);
  const member = ({ key, node }) => `${JSON.stringify(key)}:${isSecret(key) ? MASK : masked(node, text)}`;
  return `{${node.members.map(member).join(",")}}`;
}

export const isSecret = (key) => SECRET.test(key.toLowerCase().replace(/[^a-z0-9]/g, ""));
