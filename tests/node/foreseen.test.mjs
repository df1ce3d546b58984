// Questions about all calls at once, asked as a page asks them.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { install } from "./package.mjs";

const installed = install("foreseen");
const { Policy } = await installed.import();
const analyze = await installed.import("js/analyze.js");
const bytes = readFileSync(installed.require.resolve("cattlegrid/analyze/wasm"));

const policy = (tools, more = {}) => JSON.stringify({ version: "1", default: "deny", ...more, tools });
const rule = (path, op, value) => ({ conditions: [{ path: `args.${path}`, op, value }] });
const OLD = policy({ pay: { deny_if: [rule("amount", "gt", 100)] }, read: {} });
const NEW = policy({
  pay: { deny_if: [rule("amount", "gt", 200)], limits: [{ counter: "n", window: "day", max: 5 }] },
  read: {},
});

test("it is loaded by hand, and only from its own wasm", async () => {
  assert.throws(() => analyze.diff(OLD, NEW), /cattlegrid\/analyze is not started/);
  const other = readFileSync(installed.require.resolve("cattlegrid/classify/wasm"));
  await assert.rejects(analyze.init(other), /not the wasm/);
  await analyze.init(bytes);
});

test("a change is shown by a call that the engine decides so", () => {
  const diff = analyze.diff(OLD, NEW);
  assert.deepEqual([diff.same, diff.loosened, diff.tightened, diff.may_be_loosened], [false, true, true, false]);
  const [pay, read, others] = diff.tools;
  assert.deepEqual([pay.tool, read.tool, others.tool], ["pay", "read", null]);
  assert.ok(read.same && others.same);
  const [change] = pay.changes;
  assert.equal(pay.changes.length, 1);
  assert.deepEqual([change.change, change.from, change.to, change.loosens], ["newly allowed", "deny", "allow", true]);
  assert.deepEqual(change.call, { tool: "pay", arguments: { amount: 101 } });
  assert.equal(change.old.rule, "/tools/pay/deny_if/0");
  assert.equal(new Policy(OLD).evaluate(change.call).decision, "deny");
  assert.equal(new Policy(NEW).evaluate(change.call).decision, "allow");
  assert.deepEqual(pay.limits, [{ counter: "n", change: "tighter", new: "5 per day" }]);
  assert.ok(analyze.diff(new TextEncoder().encode(OLD), OLD).same);
});

test("numbers are exact in the text of a call", () => {
  const exact = (value) => OLD.replace("100", value);
  const { tools } = analyze.diff(exact("9007199254740992"), exact("9007199254740993"));
  assert.equal(tools[0].changes[0].json, '{"tool":"pay","arguments":{"amount":9007199254740993}}');
});

test("a catalog leaves out what its schemas do not let through", () => {
  const amount = { type: "integer", maximum: 100 };
  const tools = [{ name: "pay", inputSchema: { type: "object", properties: { amount } } }];
  assert.equal(analyze.diff(OLD, NEW, { catalog: { tools } }).loosened, false);
  assert.throws(() => analyze.diff(OLD, NEW, { catalog: 5 }), { name: "TypeError", message: /no catalog/ });
});

test("a text that is no policy is thrown, with its faults", () => {
  const wrong = (document) => (error) => {
    assert.ok(error instanceof analyze.PolicyError);
    return error.document === document && error.diagnostics[0].code === "missing-key";
  };
  assert.throws(() => analyze.diff("{}", NEW), wrong("old"));
  assert.throws(() => analyze.diff(OLD, "{}"), wrong("new"));
  assert.throws(() => analyze.lint("{}"), wrong("policy"));
  assert.throws(() => analyze.ask("{}", "never allow any tool"), wrong("policy"));
  assert.throws(() => analyze.diff(OLD, undefined), TypeError);
});

test("rules that do nothing are found where they stand", () => {
  const text = policy({ pay: { require: [rule("amount", "lte", 5), rule("amount", "lte", 9)] }, delete_all: {} });
  const { diagnostics, unknown } = analyze.lint(text);
  assert.deepEqual(
    diagnostics.map(({ code, pointer }) => [code, pointer]),
    [
      ["rule-adds-nothing", "/tools/pay/require/1"],
      ["deletion-allowed", "/tools/delete_all"],
    ],
  );
  assert.deepEqual(unknown, []);
  const { start, end } = diagnostics[0].span;
  assert.equal(text.slice(start, end), JSON.stringify(rule("amount", "lte", 9)));
});

test("questions are answered", () => {
  const ask = (question) => analyze.ask(OLD, question);
  assert.deepEqual(ask('never allow tool == "pay" where args.amount > 100'), { answer: "proved" });
  const refuted = ask('never allow tool ~ "^p" where args.amount > 99');
  assert.deepEqual([refuted.answer, refuted.json], ["refuted", '{"tool":"pay","arguments":{"amount":100}}']);
  assert.equal(refuted.decision.decision, "allow");
  const invalid = ask("né");
  assert.deepEqual(invalid, { answer: "invalid", message: "expected one of `never`, `always`", start: 0, end: 2 });
});
