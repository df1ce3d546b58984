// Starts the module with the wasm that stands in the package as text: nothing to fetch, to await or to configure.

import { start } from "./guard.js";
import inlined from "../wasm/guard-inlined.js";

const binary = atob(inlined);
const bytes = new Uint8Array(binary.length);
for (let at = 0; at < bytes.length; at += 1) bytes[at] = binary.charCodeAt(at);
start(bytes);
