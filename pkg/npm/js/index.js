// The default entry: the wasm stands in the package as text and is compiled at once, so that there
// is nothing to fetch, to await or to configure.

import { start } from "./policy.js";
import inlined from "../wasm/inlined.js";

const binary = atob(inlined);
const bytes = new Uint8Array(binary.length);
for (let at = 0; at < bytes.length; at += 1) bytes[at] = binary.charCodeAt(at);
start(bytes);

export { Policy, PolicyError, check, format, locate } from "./policy.js";
