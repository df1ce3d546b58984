// The entry that writes what other programs run, over a module of its own.

import * as glue from "../wasm/export.js";
import { functionsOf } from "./functions.js";

const { assertStarted, init } = functionsOf(glue, "cattlegrid/export", "envoyConfiguration");

export { init };

export function envoyConfiguration(policy, options) {
  assertStarted();
  const { hosts = ["127.0.0.1", "localhost"], upstream, wasm } = options;
  return glue.envoyConfiguration(String(policy), String(upstream), hosts.map(String), String(wasm));
}

export function compile(policy) {
  assertStarted();
  // Half a surrogate pair would become another character on its way.
  if (typeof policy !== "string" || !policy.isWellFormed()) throw new TypeError("a policy is a string of JSON text");
  return glue.compile(policy);
}
