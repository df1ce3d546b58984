// Questions about many calls at once, from the packed package.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { install } from "./package.mjs";

const installed = install("analyze");
const { PolicyError, init, learn, replay } = await installed.import("js/analyze.js");
const bytes = readFileSync(installed.require.resolve("cattlegrid/analyze/wasm"));

const POLICY = JSON.stringify({
  version: "1",
  default: "deny",
  tools: { pay: { deny_if: [{ conditions: [{ path: "args.amount", op: "gt", value: 10 }] }] } },
});
const line = (tool, amount, more = {}) => JSON.stringify({ tool, arguments: { amount, to: "é💸" }, ...more });
const LOG = [line("pay", 1), line("pay", 11), "oops", line("drop", 1, { decision: "deny" })].join("\n");

test("nothing is asked before it is started", async () => {
  await assert.rejects(() => replay(POLICY, LOG), /cattlegrid\/analyze is not started/);
  await init(bytes);
});

test("a replay says what would change", async () => {
  const report = await replay(POLICY, LOG);
  assert.deepEqual([report.calls, report.lines, report.allowed, report.changed, report.unchanged], [3, 4, 1, 1, 1]);
  assert.deepEqual(report.groups, [
    {
      tool: "pay",
      kind: "denied",
      by: "/tools/pay/deny_if/0",
      calls: 1,
      examples: [{ line: 2, arguments: '{"amount":11,"to":"é💸"}' }],
    },
  ]);
  assert.deepEqual(report.malformed, {
    lines: 1,
    first: [{ line: 3, why: "there is no json in this line" }],
    reasons: { "there is no json in this line": 1 },
  });
  const against = await replay(POLICY, LOG, { against: '{"version":"1","default":"allow"}' });
  assert.deepEqual(
    against.groups.map(({ tool, kind }) => [tool, kind]),
    [
      ["drop", "newly denied"],
      ["pay", "newly denied"],
    ],
  );
});

test("a log comes in any form and any pieces", async () => {
  const expected = await replay(POLICY, LOG);
  const text = new TextEncoder().encode(LOG);
  async function* pieces() {
    for (let at = 0; at < text.length; at += 7) yield text.subarray(at, at + 7);
  }
  for (const log of [text, text.buffer, new Blob([LOG]), new Blob([LOG]).stream(), pieces(), [LOG]]) {
    assert.deepEqual(await replay(POLICY, log), expected);
  }
  await assert.rejects(() => replay(POLICY, 7), TypeError);
});

test("what is learnt passes, with its progress", async () => {
  const log = Array.from({ length: 20_000 }, (_, n) =>
    line("pay", n % 90, { at: 1_767_225_600_000 + n * 1000, grant: "ada" }),
  ).join("\n");
  const seen = [];
  const learnt = await learn(log, {
    catalog: { tools: [{ name: "pay" }, { name: "never" }] },
    onProgress: (done) => seen.push(done),
  });
  assert.deepEqual([learnt.calls, learnt.lines, learnt.malformed.lines], [20_000, 20_000, 0]);
  assert.deepEqual(JSON.parse(learnt.policy)["x-never-called"], ["never"]);
  assert.ok(seen.every(({ bytes, lines }) => bytes > 0 && lines > 0));
  const report = await replay(learnt.policy, log);
  assert.deepEqual([report.allowed, report.changed, report.unknown], [20_000, 0, 0]);
});

test("what is wrong is said", async () => {
  await assert.rejects(
    () => replay('{"version":"1","defualt":"deny"}', LOG),
    (error) => error instanceof PolicyError && error.diagnostics[0].code === "unknown-key",
  );
  await assert.rejects(() => replay(POLICY, LOG, { against: "{" }), PolicyError);
  await assert.rejects(() => learn(LOG, { catalog: 7 }), /this is no catalog/);
  await assert.rejects(() => replay(POLICY, LOG, { signal: AbortSignal.abort(new Error("enough")) }), /enough/);
});
