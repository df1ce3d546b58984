// Every vector through the packed package in Node. tests/page does the same in Chromium.

import assert from "node:assert/strict";
import { test } from "node:test";
import { install } from "./package.mjs";
import { run } from "./scenario.mjs";
import { vectors } from "./vectors.mjs";

const cattlegrid = await install("vectors").import();

for (const { name, text, policy } of vectors) {
  test(`${name}, calls as text`, () => assert.deepEqual(run(cattlegrid, text, policy), []));

  // JSON.parse keeps these numbers as they are, and says nothing of keys that stand twice.
  const exact = !/\d{16}|\d[eE]|\d\.\d{16}/.test(text);
  if (exact) test(`${name}, calls as objects`, () => assert.deepEqual(run(cattlegrid, text, policy, "object"), []));
}

test("a scenario that does not hold says where", () => {
  const text = JSON.stringify({
    policy: { version: "1", default: "allow" },
    steps: [{ call: { tool: "a" } }, { call: { tool: "a" }, times: 2, every: "1s", expect: { decision: "deny" } }],
  });
  assert.deepEqual(run(cattlegrid, text), [
    'step 1, time 1: decision is "allow", not "deny"',
    'step 1, time 2: decision is "allow", not "deny"',
  ]);
});
