// The module that decides and does nothing else: what it can do it does as the whole one.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { install } from "./package.mjs";
import { run } from "./scenario.mjs";
import { vectors } from "./vectors.mjs";

const installed = install("decide");
const whole = await installed.import();
const decide = await installed.import("js/decide.js");
const bytes = readFileSync(installed.require.resolve("cattlegrid/decide/wasm"));
const POLICY = '{"version":"1","default":"deny","tools":{"a":{"limits":[{"counter":"c","window":"day","max":1}]}}}';

test("it is loaded by hand, and only from its own wasm", async () => {
  assert.throws(() => new decide.Policy(POLICY), { name: "Error", message: /call `init` of cattlegrid\/decide/ });
  const other = readFileSync(installed.require.resolve("cattlegrid/wasm"));
  await assert.rejects(decide.init(other), /not the wasm/);
  const slim = await installed.import("js/slim.js");
  await assert.rejects(slim.init(bytes), /not the wasm/);
  await decide.init(bytes);
  await decide.init(undefined);
});

test("it decides, evaluates and gives back", () => {
  const policy = new decide.Policy(POLICY);
  assert.equal(policy.hash, new whole.Policy(POLICY).hash);
  const now = 1_767_268_800_000;
  const decision = policy.evaluate({ tool: "a" }, { now });
  const limit = { counter: "c", scope: "grant", window: "day", max: 1, remaining: 0, reset_after: 43_200 };
  assert.deepEqual(decision, { decision: "allow", tool: "a", limits: [limit] });
  assert.equal(policy.decideText('{"tool":"a"}', { now }), "deny");
  policy.giveBack(decision);
  policy.giveBack(decision);
  assert.equal(policy.decide({ tool: "a" }, { now }), "allow");
  assert.equal(policy.decide({ tool: "a" }, { now }), "deny");
  assert.throws(() => policy.giveBack({ ...decision }), TypeError);
  assert.equal(policy.evaluate({ tool: "a", arguments: { b: new Map() } }).rule, "(malformed call)");
  policy.free();
  assert.throws(() => policy.decide({ tool: "a" }), /freed/);
});

test("it says that it checks no approvals", () => {
  for (const approvalKeys of [[], [{ hs256: "0".repeat(32) }]]) {
    assert.throws(() => new decide.Policy(POLICY, { approvalKeys }), {
      name: "TypeError",
      message: /cattlegrid\/slim/,
    });
  }
  new decide.Policy(POLICY, { approvalKeys: undefined }).free();
});

for (const { name, text, policy } of vectors) {
  if (JSON.parse(text).approval_keys !== undefined) continue;
  const deciding = { Policy: decide.Policy, locate: whole.locate };
  test(`${name}, calls as text`, () => assert.deepEqual(run(deciding, text, policy), []));
}

/** What is wrong with a text, without words; null if nothing is. */
function faults({ Policy, PolicyError }, text) {
  try {
    new Policy(text).free();
    return null;
  } catch (error) {
    assert.ok(error instanceof PolicyError);
    return error.diagnostics.map(({ code, severity, pointer, span }) => ({ code, severity, pointer, span }));
  }
}

/** A text with small faults, one at a time. */
function* broken(text) {
  yield text;
  for (let at = 0; at < text.length; at += 1 + Math.floor(text.length / 40)) {
    yield text.slice(0, at) + text.slice(at + 1);
    yield `${text.slice(0, at)}"${text.slice(at)}`;
    yield text.slice(0, at) + text.slice(at + 7);
  }
  // Words with a letter too few, and values of other types.
  for (const [word] of text.matchAll(/"[a-z_]{4,}"/g)) yield text.replace(word, word.replace(/.(?=.{2}$)/, ""));
  for (const [value] of text.matchAll(/(?<=: ?)("[^"]*"|\d+)/g)) {
    for (const other of ["null", "[]", "{}", "-1.5", '"week"', '"(["']) yield text.replace(value, other);
  }
}

test("a policy that is none has the same faults in both modules", () => {
  const found = new Set();
  let texts = 0;
  for (const { text, policy } of vectors) {
    const { start, end } = whole.locate(text, "/policy");
    for (const document of broken(policy ?? text.slice(start, end))) {
      const expected = faults(whole, document);
      assert.deepEqual(faults(decide, document), expected, document);
      expected?.forEach(({ code }) => found.add(code));
      texts += 1;
    }
  }
  // What never happens says nothing of both.
  assert.ok(texts > 3_000 && found.size > 15, `${texts} texts, ${[...found]}`);
});

test("a PolicyError without words names the code", () => {
  assert.throws(() => new decide.Policy('{\n "version": "2", "default": "deny"}'), {
    name: "PolicyError",
    message: "line 2, column 14: unknown-version",
  });
});
