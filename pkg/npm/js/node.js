// `import` in Node. It takes what `require` takes, so that a program that does both has one engine
// and one class PolicyError.

import cattlegrid from "../wasm/index.cjs";

export const { Policy, PolicyError, check, format, locate } = cattlegrid;
