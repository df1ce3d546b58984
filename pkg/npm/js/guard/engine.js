// What decides, made of a policy's text and the options of the command line.

import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { check } from "../node.js";
import { Guard, PolicyError, start } from "../guard.js";

/** The longest message, in bytes, in either direction. */
export const LONGEST = 32 << 20;

/** Starts the engine; before anything else here. */
export const load = () => start(readFileSync(new URL("../../wasm/guard_bg.wasm", import.meta.url)));

/** A policy or a lock that is none: the message is what is wrong with it, for a terminal. */
export class BadPolicy extends Error {}

/** Where a lock stands in the configuration, on lines of its own. */
const BEFORE_LOCK = '{"tools_lock":\n';

/** What belongs to one run of the guard: who calls, and by whom what is held can be approved. */
export function identityOf(options) {
  const token = randomBytes(32).toString("hex");
  const keys = options["approval-key"].map(keyOf);
  return {
    name: options.name ?? "default",
    grant: options.grant ?? "local",
    authorization: `Bearer ${token}`,
    hash: createHash("sha256").update(token).digest("hex"),
    keys,
    // With it this process signs what a person at the client said yes to.
    secret: options["no-ask"] ? undefined : randomBytes(32).toString("hex"),
  };
}

/**
 * What decides by these texts, `{ policy, lock }`, no lock if there is none. `former` is what decided before: of tools
 * that have changed nothing is forgotten. Throws `BadPolicy`.
 */
export function engineOf(texts, identity, options, former) {
  const faults = check(texts.policy);
  const errors = faults.filter(({ severity }) => severity === "error");
  if (errors.length > 0) throw new BadPolicy(errors.map((fault) => inWords(options.policy, fault)).join("\n"));
  const { name, grant, hash, keys, secret } = identity;
  const settings = {
    policies: { [name]: { policy: 0, mode: options.shadow ? "shadow" : "enforce" } },
    grants: [{ label: grant, token_sha256: hash, policy: name }],
    limits: { request_bytes: LONGEST, answer_bytes: LONGEST },
    list: options.list ?? "hidden",
    unknown_methods: options["unknown-methods"] ?? "deny",
    approval_keys: secret === undefined ? keys : [...keys, { hs256: secret }],
    store: { on_failure: options["on-store-failure"] ?? "deny" },
    changed_tools: options["changed-tools"],
  };
  // The policy's own text: numbers in it may have more digits than JavaScript knows.
  const json = JSON.stringify(settings).replace('"policy":0', () => `"policy":${texts.policy}`);
  const whole = texts.lock === undefined ? json : `${BEFORE_LOCK}${oneValue(texts.lock, options)}\n,${json.slice(1)}`;
  let guard;
  try {
    guard = new Guard(Buffer.from(whole), (name) => process.env[name], former?.guard);
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    throw new BadPolicy(error.diagnostics.map((fault) => ofLock(fault, options)).join("\n"));
  }
  if (options.record === undefined) guard.quiet();
  return { guard, pipe: guard.pipe(identity.authorization) };
}

/** The text of a lock, if it is one value: what is behind it would be read as a part of the configuration. */
function oneValue(text, options) {
  try {
    JSON.parse(text);
  } catch (error) {
    throw new BadPolicy(`${options.lock}: error: it is not JSON: ${error.message}`);
  }
  return text;
}

/** A fault of the configuration, which the policy is not to blame for, in the lock's own lines if it is there. */
function ofLock(fault, options) {
  if (!fault.pointer.startsWith("/tools_lock") || fault.span.start < BEFORE_LOCK.length)
    return `error: ${fault.message ?? fault.code}`;
  const { line, column } = fault.span.from;
  return inWords(options.lock, { ...fault, span: { from: { line: line - 1, column } } });
}

function keyOf(file) {
  const text = readFileSync(file, "utf8");
  return text.includes("-----BEGIN PUBLIC KEY-----") ? { ed25519: text } : { hs256: text.replace(/\r?\n$/, "") };
}

/** A fault as compilers say it. */
export function inWords(path, { code, severity, message, span, help }) {
  const { line, column } = span.from;
  const said = `${path}:${line}:${column}: ${severity}: ${message} [${code}]`;
  return help === undefined ? said : `${said}\n  help: ${help}`;
}
