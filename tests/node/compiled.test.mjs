// The module that decides by compiled policies: what it can do it does as the whole one does it of the text.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { install } from "./package.mjs";
import { run } from "./scenario.mjs";
import { vectors } from "./vectors.mjs";

const installed = install("compiled");
const whole = await installed.import();
const compiled = await installed.import("js/compiled.js");
const exporting = await installed.import("js/export.js");
const wasm = (entry) => readFileSync(installed.require.resolve(`cattlegrid/${entry}`));
const bytes = wasm("compiled/wasm");
const POLICY = '{"version":"1","default":"deny","tools":{"a":{"limits":[{"counter":"c","window":"day","max":1}]}}}';

test("it is loaded by hand, and only from its own wasm", async () => {
  assert.throws(() => new compiled.Policy(new Uint8Array()), /call `init` of cattlegrid\/compiled/);
  assert.throws(() => exporting.compile(POLICY), /await its init first/);
  for (const other of ["wasm", "decide/wasm", "export/wasm"])
    await assert.rejects(compiled.init(wasm(other)), /not the wasm/, other);
  const decide = await installed.import("js/decide.js");
  const slim = await installed.import("js/slim.js");
  for (const { init } of [decide, slim]) await assert.rejects(init(bytes), /not the wasm/);
  await compiled.init(bytes);
  await exporting.init(wasm("export/wasm"));
});

test("it decides, evaluates and gives back", () => {
  const policy = new compiled.Policy(exporting.compile(POLICY));
  assert.equal(policy.hash, new whole.Policy(POLICY).hash);
  const now = 1_767_268_800_000;
  const decision = policy.evaluate({ tool: "a" }, { now });
  const limit = { counter: "c", scope: "grant", window: "day", max: 1, remaining: 0, reset_after: 43_200 };
  assert.deepEqual(decision, { decision: "allow", tool: "a", limits: [limit] });
  assert.equal(policy.decideText('{"tool":"a"}', { now }), "deny");
  policy.giveBack(decision);
  assert.equal(policy.decide({ tool: "a" }, { now }), "allow");
  assert.equal(policy.decide({ tool: "a" }, { now }), "deny");
  policy.free();
  assert.throws(() => policy.decide({ tool: "a" }), /freed/);
});

test("it says that it checks no approvals", () => {
  assert.throws(() => new compiled.Policy(exporting.compile(POLICY), { approvalKeys: [] }), /cattlegrid\/slim/);
});

test("what is no compiled policy is refused, and said so", () => {
  const policy = exporting.compile(POLICY);
  const refused = (source, message) => assert.throws(() => new compiled.Policy(source), { name: "TypeError", message });
  for (const source of [POLICY, undefined, null, {}, [...policy], policy.buffer]) refused(source, /is a Uint8Array/);
  refused(new TextEncoder().encode(POLICY), /no compiled policy/);
  refused(new Uint8Array(), /no compiled policy/);
  const version = "\0cattlegrid".length;
  refused(
    policy.map((byte, at) => (at === version ? byte + 1 : byte)),
    /another version of cattlegrid: compile it again/,
  );
  for (let at = 0; at < policy.length; at += 1) {
    refused(policy.subarray(0, at), at < version ? /no compiled policy/ : /damaged/);
    const changed = policy.slice();
    changed[at] ^= 1;
    assert.throws(() => new compiled.Policy(changed), TypeError, `byte ${at}`);
  }
  refused(new Uint8Array([...policy, 0]), /damaged/);
  // A part of a larger buffer is what it shows, and no more.
  const within = new Uint8Array([1, 2, ...policy, 3]).subarray(2, policy.length + 2);
  assert.equal(new compiled.Policy(within).decide({ tool: "a" }), "allow");
});

test("what is no policy is not compiled", () => {
  assert.throws(() => exporting.compile('{"version":"1"}'), { name: "Error", message: /default/ });
  assert.throws(() => exporting.compile('{"version":"1","default":"deny","x\ud800":1}'), TypeError);
  assert.throws(() => exporting.compile(new Uint8Array()), TypeError);
});

/** The policy of a text, compiled and read again. */
class OfText extends compiled.Policy {
  constructor(text, options) {
    const document = typeof text === "string" ? text : new TextDecoder().decode(text);
    super(exporting.compile(document), options);
  }
}

for (const { name, text, policy } of vectors) {
  if (JSON.parse(text).approval_keys !== undefined) continue;
  const deciding = { Policy: OfText, locate: whole.locate };
  test(name, () => assert.deepEqual(run(deciding, text, policy), []));
}
