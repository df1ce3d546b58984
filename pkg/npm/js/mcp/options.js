// What a program says to a guard: a configuration as the filter reads it, in JavaScript's spelling, and what is the
// program's own.

import { jsonOf } from "../json.js";
import { Guard, PolicyError } from "../guard.js";
import { memoryStore } from "../stores/memory.js";

/** How the configuration writes what programs write in camel case. */
const NAMES = {
  approvalKeys: "approval_keys",
  changedTools: "changed_tools",
  toolsLock: "tools_lock",
  unknownMethods: "unknown_methods",
};

/** No configuration is longer, in bytes. */
const LARGEST = 4 << 20;

/**
 * The guard of a program, where its counters are, and what else it said.
 *
 * @param options what the program wrote
 * @param own the names of the options that are not the configuration's
 */
export function guardOf(options, own) {
  if (options === null || typeof options !== "object") throw new TypeError("a guard wants its options in an object");
  const { configuration, policy, store = memoryStore(), log, secret, onStoreFailure, ...rest } = options;
  const others = {};
  for (const name of own) {
    others[name] = rest[name];
    delete rest[name];
  }
  if (typeof store?.reserve !== "function" || typeof store.giveBack !== "function")
    throw new TypeError("`store` is an object with `reserve` and `giveBack`: see cattlegrid/stores");
  if (onStoreFailure !== undefined) rest.store = { on_failure: onStoreFailure };
  const members = [];
  for (const [name, value] of Object.entries(rest)) {
    if (value !== undefined)
      members.push(
        `${JSON.stringify(NAMES[name] ?? name)}:${name === "toolsLock" && typeof value === "string" ? lockOf(value) : textOf(value, name)}`,
      );
  }
  if (policy !== undefined) members.unshift(`"policy":${isText(policy) ? linesOf(policy) : textOf(policy, "policy")}`);
  if (configuration !== undefined && members.length > 0)
    throw new TypeError("`configuration` is all of it: policies and settings stand in there");
  const whole = isText(configuration) ? configuration : configuration && textOf(configuration, "configuration");
  const read = () => new Guard(bytesOf(whole ?? `{${members.join(",")}}`), secret);
  const guard = isText(policy) ? inPolicy(read) : read();
  if (log === undefined) guard.quiet();
  return { guard, store, log: log ?? (() => {}), ...others };
}

const isText = (value) => typeof value === "string" || ArrayBuffer.isView(value);

const bytesOf = (text) =>
  typeof text === "string"
    ? new TextEncoder().encode(text)
    : new Uint8Array(text.buffer, text.byteOffset, text.byteLength);

function textOf(value, name) {
  try {
    return jsonOf(value, LARGEST);
  } catch (error) {
    throw new TypeError(`\`${name}\` is not JSON: ${error.message}`);
  }
}

/** The text of a lock, which is one value: nothing behind it may become a part of the configuration. */
function lockOf(text) {
  try {
    JSON.parse(text);
  } catch (error) {
    throw new TypeError(`\`toolsLock\` is not JSON: ${error.message}`);
  }
  return text;
}

/** The text of a policy, on lines of its own: what is wrong with it is told where it stands. */
function linesOf(policy) {
  const text = typeof policy === "string" ? policy : new TextDecoder("utf-8", { fatal: true }).decode(policy);
  // What is more than one value would be read as a part of the configuration around it.
  JSON.parse(text);
  return `\n${text}\n`;
}

const BEFORE = '{"policy":\n'.length;

/** Reads, and tells of faults with the places that they have in the policy's own text. */
function inPolicy(read) {
  try {
    return read();
  } catch (error) {
    throw error instanceof PolicyError ? new PolicyError(error.diagnostics.map(moved)) : error;
  }
}

function moved({ span, pointer, ...more }) {
  if (span.start < BEFORE) return { ...more, pointer, span };
  const place = ({ line, column }) => ({ line: line - 1, column });
  const inside = { start: span.start - BEFORE, end: span.end - BEFORE, from: place(span.from), to: place(span.to) };
  return { ...more, pointer: pointer.replace(/^\/policy(?=\/|$)/, ""), span: inside };
}
