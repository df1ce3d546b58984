// The default entry: the wasm stands in the package as text and is compiled at once, so that there
// is nothing to fetch, to await or to configure.

import { approvalsFrom } from "./approvals.js";
import { host } from "./policy.js";
import approvals from "../wasm/approvals-inlined.js";
import inlined from "../wasm/inlined.js";

function bytesOf(text) {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = binary.charCodeAt(at);
  return bytes;
}

host.start(bytesOf(inlined));
approvalsFrom(() => bytesOf(approvals));

export { Policy, PolicyError, check, format, locate } from "./policy.js";
