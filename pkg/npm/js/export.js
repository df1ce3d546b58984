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
