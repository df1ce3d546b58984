// The module for who writes policies: one reading of a text, every question about it.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { install } from "./package.mjs";
import { expected, sample } from "./sample.mjs";
import { run } from "./scenario.mjs";
import { vectors } from "./vectors.mjs";

const installed = install("author");
const whole = await installed.import();
const author = await installed.import("js/author.js");
const bytes = readFileSync(installed.require.resolve("cattlegrid/author/wasm"));

const NOON = 1_767_268_800_000;
const CATALOG = {
  tools: [
    {
      name: "pay",
      title: "Pay",
      description: "Pays 💸",
      inputSchema: {
        type: "object",
        required: ["amount"],
        properties: {
          amount: { type: "integer", minimum: 1, description: "in cents" },
          region: { enum: ["eu", "us"] },
          items: { type: "array", items: { type: "object", properties: { price: { type: "number", default: 0 } } } },
        },
      },
    },
    { name: "search" },
    { name: "__proto__" },
  ],
};
const TEXT = `{
  "version": "1",
  "description": "é 💸",
  "default": "deny",
  "tools": {
    "pay": {
      "deny_if": [
        { "conditions": [{ "path": "args.region", "op": "eq", "value": "us" }], "on_deny": "no" }
      ],
      "limits": [{ "counter": "n", "window": "day", "max": 2 }]
    },
    "searhc": {}
  }
}
`;

/** The text with edits in it, as an editor makes them: all places are those of the text before. */
function edited(text, edits) {
  let out = "";
  let at = 0;
  for (const { span, text: put } of edits) {
    assert.ok(span.start >= at, "edits overlap");
    out += text.slice(at, span.start) + put;
    at = span.end;
  }
  return out + text.slice(at);
}

test("it is loaded by hand, and only from its own wasm", async () => {
  const notLoaded = { name: "Error", message: /call `init` of cattlegrid\/author/ };
  assert.throws(() => new author.Workbench(), notLoaded);
  assert.throws(() => new author.Policy(TEXT), notLoaded);
  for (const other of ["cattlegrid/wasm", "cattlegrid/decide/wasm"]) {
    await assert.rejects(author.init(readFileSync(installed.require.resolve(other))), /not the wasm/);
  }
  for (const entry of ["js/slim.js", "js/decide.js"]) {
    await assert.rejects((await installed.import(entry)).init(bytes), /not the wasm/);
  }
  await author.init(bytes);
  await author.init(undefined);
});

test("it has all that the main module has", () => {
  assert.equal(sample(author), expected);
  for (const name of Object.keys(whole)) assert.equal(typeof author[name], "function", name);
  assert.equal(author.format(TEXT), whole.format(TEXT));
  assert.deepEqual(author.check(TEXT, CATALOG), whole.check(TEXT, CATALOG));
  assert.deepEqual(new author.Policy(TEXT).tools(CATALOG), new whole.Policy(TEXT).tools(CATALOG));
});

for (const { name, text, policy } of vectors) {
  test(`${name}, calls as text`, () => assert.deepEqual(run(author, text, policy), []));
}

test("an analysis is what `check` says", () => {
  const bench = new author.Workbench();
  const empty = bench.setText("");
  assert.deepEqual(empty, { diagnostics: whole.check(""), omitted: 0, loads: false });
  assert.deepEqual(bench.setText(TEXT), { diagnostics: whole.check(TEXT), omitted: 0, loads: true });
  // Another catalog, another analysis of the same text.
  const known = bench.setCatalog(CATALOG);
  assert.deepEqual(known.diagnostics, whole.check(TEXT, CATALOG));
  assert.deepEqual(known.diagnostics.map(({ code }) => code).sort(), ["silent-when-missing", "unknown-tool"]);
  assert.deepEqual(bench.setText(new TextEncoder().encode(TEXT)).diagnostics, known.diagnostics);
  assert.deepEqual(bench.setCatalog(undefined).diagnostics, whole.check(TEXT));
  for (const broken of ["{", '{"version":"2"}', "[", '"\ud800"', new Uint8Array([0xff])]) {
    const { diagnostics, loads } = bench.setText(broken);
    assert.deepEqual(diagnostics, whole.check(broken));
    assert.equal(loads, false);
  }
});

test("what is left out of a long list of diagnostics is counted", () => {
  const bench = new author.Workbench();
  const names = [...Array(1500).keys()].map((n) => `t${n}`);
  const tools = (entry) => Object.fromEntries(names.map((name) => [name, entry]));
  const faults = bench.setText(JSON.stringify({ version: "1", default: "deny", tools: tools({ limit: [] }) }));
  assert.deepEqual([faults.diagnostics.length, faults.omitted], [1000, 500]);
  bench.setCatalog([{ name: "other" }]);
  const warnings = bench.setText(JSON.stringify({ version: "1", default: "deny", tools: tools({}) }));
  assert.deepEqual([warnings.diagnostics.length, warnings.omitted, warnings.loads], [1000, 501, true]);
});

test("the first diagnostics can be had before the others", () => {
  const bench = new author.Workbench();
  bench.setCatalog(CATALOG);
  const whole = bench.setText(TEXT);
  const { diagnostics } = whole;
  assert.equal(diagnostics.length, 2);
  assert.deepEqual(bench.analysis(), whole);
  assert.deepEqual(bench.analysis({ most: 1 }), { diagnostics: [diagnostics[0]], omitted: 1, loads: true });
  assert.deepEqual(bench.setText(TEXT, { most: 0 }), { diagnostics: [], omitted: 2, loads: true });
  assert.deepEqual(bench.analysis({ most: 2 }), whole);
  assert.deepEqual(bench.analysis({ most: 3 }), whole);
  assert.deepEqual(bench.analysis({}), whole);
});

test("the table has the tools of the server, and those that only the policy names", () => {
  const bench = new author.Workbench();
  bench.setText(TEXT);
  bench.setCatalog(CATALOG);
  const none = { listed: false, hidden: false, rules: 0, limits: 0 };
  assert.deepEqual(bench.tools(), [
    {
      name: "pay",
      title: "Pay",
      description: "Pays 💸",
      state: "custom",
      rule: "/tools/pay",
      listed: true,
      hidden: false,
      rules: 1,
      limits: 1,
    },
    { name: "search", state: "deny", rule: "(default deny)", ...none },
    { name: "__proto__", state: "deny", rule: "(default deny)", ...none },
    { ...none, name: "searhc", state: "allow", rule: "/tools/searhc", listed: true, unknown: true, nearest: "search" },
  ]);
  const short = bench.tools({ short: true });
  assert.deepEqual(
    short,
    bench.tools().map(({ title, description, ...row }) => row),
  );
  // A text that is no policy has no states; what is written in it is there.
  bench.setText(TEXT.replace('"deny",', '"denny",'));
  const [pay] = bench.tools();
  assert.deepEqual([pay.state, pay.listed, pay.rules], [undefined, true, 1]);
  bench.setCatalog(undefined);
  assert.deepEqual(
    bench.tools().map(({ name, unknown }) => [name, unknown]),
    [
      ["pay", undefined],
      ["searhc", undefined],
    ],
  );
});

test("counters belong to the policy, and not to its text", () => {
  const bench = new author.Workbench();
  const call = { tool: "pay", arguments: { amount: 1 } };
  const decide = () => bench.evaluate(call, { now: NOON }).decision;
  assert.equal(bench.evaluate(call).rule, "(no policy)");
  assert.equal(bench.hash, undefined);
  bench.setText(TEXT);
  assert.equal(bench.hash, new whole.Policy(TEXT).hash);
  assert.deepEqual([decide(), decide(), decide()], ["allow", "allow", "deny"]);
  // Laid out otherwise, broken and mended: the same policy.
  bench.setText(JSON.stringify(JSON.parse(TEXT)));
  assert.equal(decide(), "deny");
  bench.setText(TEXT.slice(1));
  assert.equal(decide(), "deny");
  assert.equal(bench.explain(call).rule, "(no policy)");
  bench.setText(TEXT);
  assert.equal(decide(), "deny");
  assert.equal(bench.explain(call, { now: NOON }).limit_outcomes[0].remaining, 0);
  bench.setText(TEXT.replace('"max": 2', '"max": 1'));
  assert.deepEqual([decide(), decide()], ["allow", "deny"]);
  bench.reset();
  assert.deepEqual([decide(), decide()], ["allow", "deny"]);
  assert.equal(bench.evaluate({ tool: "pay", arguments: { a: new Map() } }).rule, "(malformed call)");
  assert.deepEqual(bench.explain("{").rules, []);
  assert.throws(() => bench.evaluate(call, { now: "soon" }), TypeError);
});

test("changes are small edits", () => {
  const bench = new author.Workbench();
  bench.setCatalog(CATALOG);
  let text = TEXT;
  const change = (change) => {
    bench.setText(text);
    const { edits, reveal, notes } = bench.edit(change);
    text = edited(text, edits);
    const { loads } = bench.setText(text);
    assert.ok(loads, text);
    return { count: edits.length, reveal, notes, place: reveal && bench.locate(reveal) };
  };
  const value = { conditions: [{ path: "args.amount", op: "gt", value: 9 }] };
  const put = change({ kind: "put", pointer: "/tools/pay/deny_if/-", value });
  assert.deepEqual([put.count, put.reveal], [1, "/tools/pay/deny_if/1"]);
  assert.equal(
    text.slice(put.place.start, put.place.end),
    '{ "conditions": [{ "path": "args.amount", "op": "gt", "value": 9 }] }',
  );
  // A number as somebody typed it, which JavaScript would round.
  const json = "12345678901234567890.10";
  change({ kind: "put", pointer: "/tools/pay/deny_if/1/conditions/0/value", json });
  assert.ok(text.includes(`"value": ${json} }`));
  change({ kind: "move", pointer: "/tools/pay/deny_if/1", to: 0 });
  change({ kind: "rename", pointer: "/tools/searhc", to: "search" });
  change({ kind: "remove", pointer: "/tools/pay/deny_if/1" });
  assert.equal(
    text,
    TEXT.replace("searhc", "search").replace(
      '{ "path": "args.region", "op": "eq", "value": "us" }], "on_deny": "no" }',
      `{ "path": "args.amount", "op": "gt", "value": ${json} }] }`,
    ),
  );
  const allowed = change({ kind: "state", tools: ["pay", "search"], state: "allow" });
  assert.deepEqual(allowed.notes, ["1 rule and 1 limit of `pay` are removed"]);
  assert.deepEqual(
    bench.tools().map(({ state }) => state),
    ["allow", "allow", "deny"],
  );
  assert.equal(change({ kind: "state", tools: ["pay", "search"], state: "allow" }).count, 0);
  change({ kind: "state", tools: ["__proto__", "search"], state: "hide" });
  assert.ok(text.includes('"hide": ["__proto__", "search"],'));
});

test("a change that cannot be made says why", () => {
  const bench = new author.Workbench();
  const change = { kind: "put", pointer: "/tools/a", value: {} };
  const why = (text, given, message) => {
    bench.setText(text);
    assert.throws(() => bench.edit(given), { name: "Error", message });
  };
  why("", change, /text is empty/);
  why(TEXT.slice(0, -5), change, /not valid json/);
  why(new Uint8Array([0x22, 0xff, 0x22]), change, /not valid json/);
  why(TEXT, { kind: "remove", pointer: "/tools/nothing" }, /nothing at `\/tools\/nothing`/);
  why('{"default":"deny","hide":["*"]}', { kind: "state", tools: ["a"], state: "deny" }, /hides every tool/);
  for (const none of [
    undefined,
    null,
    {},
    { kind: "put", pointer: "/a", value: undefined },
    { ...change, value: NaN },
  ]) {
    assert.throws(() => bench.edit(none), { name: "TypeError", message: /this is no change/ });
  }
});

test("a form has the rules in words", () => {
  const bench = new author.Workbench();
  bench.setCatalog(CATALOG);
  const { diagnostics } = bench.setText(TEXT);
  const form = bench.form("pay");
  const [rule] = form.deny_if;
  const [{ fix, ...note }] = rule.notes;
  assert.deepEqual(
    { ...form, deny_if: [{ ...rule, notes: [note] }] },
    {
      tool: "pay",
      state: "custom",
      rule: "/tools/pay",
      default: "deny",
      sentence: "Calls are allowed, within its rule and limit.",
      listed: true,
      hidden: false,
      pointer: "/tools/pay",
      require: [],
      deny_if: [
        {
          pointer: "/tools/pay/deny_if/0",
          label: "/tools/pay/deny_if/args.region-eq",
          sentence: 'Denied when `region` is "us".',
          on_deny: "no",
          conditions: [
            {
              pointer: "/tools/pay/deny_if/0/conditions/0",
              path: "args.region",
              op: "eq",
              value: '"us"',
              sentence: '`region` is "us".',
            },
          ],
          notes: [{ text: "Not checked when `region` is missing." }],
          problems: [diagnostics.findIndex(({ code }) => code === "silent-when-missing")],
        },
      ],
      require_approval_if: [],
      preconditions: [],
      limits: [
        {
          pointer: "/tools/pay/limits/0",
          sentence: "At most 2 calls a day, for each grant.",
          counter: "n",
          window: '"day"',
          max: "2",
          notes: [],
          problems: [],
        },
      ],
      other: [],
      problems: [],
    },
  );
  // The fix mends what the note, and the diagnostic, is about.
  assert.equal(fix.title, "make it required");
  const mended = bench.setText(edited(TEXT, fix.edits));
  assert.deepEqual([mended.loads, mended.diagnostics.length], [true, diagnostics.length - 1]);
  const required = bench.form("pay");
  assert.equal(required.require[0].sentence, "Denied unless `region` is given.");
  assert.deepEqual(required.deny_if[0].notes, []);
  assert.equal(bench.form("other").sentence, "Not listed, so every call is denied.");
  assert.deepEqual([bench.form().tool, bench.form().pointer, bench.form().listed], [undefined, "/all_tools", false]);
  assert.equal(bench.form("__proto__").listed, false);
  bench.setText(TEXT.replace('"eq"', '"eqq"'));
  const broken = bench.form("pay");
  assert.deepEqual([broken.state, broken.deny_if[0].sentence], [undefined, undefined]);
  assert.equal(broken.limits[0].sentence, "At most 2 calls a day, for each grant.");
  bench.setText("");
  assert.equal(bench.form("pay"), undefined);
});

test("arguments come from the schema", () => {
  const bench = new author.Workbench();
  assert.deepEqual(bench.arguments("pay"), []);
  bench.setCatalog(CATALOG);
  const numbers = ["lte", "gte", "lt", "gt", "eq", "neq", "in", "not_in", "exists"];
  assert.deepEqual(bench.arguments("pay"), [
    {
      path: "args.amount",
      types: ["integer"],
      optional: false,
      description: "in cents",
      minimum: "1",
      operators: numbers,
    },
    {
      path: "args.region",
      types: ["string"],
      optional: true,
      enum: ['"eu"', '"us"'],
      operators: ["in", "not_in", "eq", "neq", "regex", "contains", "exists"],
    },
    { path: "args.items", types: ["array"], optional: true, operators: ["contains", "eq", "neq", "exists"] },
    { path: "args.items[*]", types: ["object"], optional: true, operators: ["exists", "eq", "neq"] },
    { path: "args.items[*].price", types: ["number"], optional: true, default: "0", operators: numbers },
  ]);
  assert.deepEqual(bench.arguments("__proto__"), []);
});

test("a catalog is refused if it is none, and the one before stays", () => {
  const bench = new author.Workbench();
  bench.setCatalog(CATALOG);
  for (const none of [null, 5, {}, { tools: {} }, [{}], { error: {} }, () => 0]) {
    assert.throws(() => bench.setCatalog(none), { name: "TypeError", message: /this is no catalog/ });
  }
  assert.equal(bench.arguments("pay").length, 5);
});

test("a catalog that means no good is shown as it is", () => {
  const bench = new author.Workbench();
  const names = ["constructor", "toString", "*", "", "a/b~c", "\u202eevil", "<img src=x>", "\u0000", "x".repeat(5000)];
  const properties = { ["__proto__"]: {}, "a.b": {}, '"': {} };
  const tools = [...Array(10_000).keys()].map((n) => ({
    name: names[n] ?? `tool_${n}`,
    description: n === 3 ? "<b>".repeat(300_000) : "d",
    inputSchema: { type: "object", properties },
  }));
  bench.setCatalog({ tools });
  bench.setText('{"version":"1","default":"deny"}');
  const rows = bench.tools();
  assert.deepEqual(
    rows.map(({ name, description }) => [name, description]),
    tools.map(({ name, description }) => [name, description]),
  );
  for (const name of names) {
    assert.equal(bench.form(name).state, "deny");
    assert.deepEqual(
      bench.arguments(name).map(({ path }) => path),
      ["args.__proto__", 'args["a.b"]', 'args."'],
    );
  }
  const hidden = tools.map(({ name }) => name).filter((name) => name !== "*" && name.trim() !== "");
  const { edits } = bench.edit({ kind: "state", tools: hidden, state: "hide" });
  bench.setText(edited('{"version":"1","default":"deny"}', edits));
  assert.deepEqual(
    bench
      .tools({ short: true })
      .filter(({ state }) => state !== "hide")
      .map(({ name }) => name),
    ["*", ""],
  );
});

test("a scenario says what it has exercised of the policy", () => {
  const bench = new author.Workbench();
  const text = `{"version":"1","default":"deny","description":"é 💸","tools":{
    "pay":{"deny_if":[{"conditions":[{"path":"args.amount","op":"gt","value":10}]}],
           "limits":[{"counter":"n","window":"day","max":2}]},
    "look":{}}}`;
  bench.setText(text);
  const pay = (amount, times = 1) => ({ call: { tool: "pay", arguments: { amount } }, times });
  const scenario = JSON.stringify({ policy: "policy.json", steps: [pay(1, 3), pay("1")] });
  assert.equal(bench.simulate(scenario).coverage, undefined);
  const { calls, coverage } = bench.simulate(scenario, { coverage: true });
  assert.equal(calls, 4);
  assert.deepEqual([coverage.reached, coverage.of], [5, 8]);
  const at = ({ span }) => text.slice(span.start, span.end);
  assert.deepEqual(
    coverage.parts.map(({ part, pointer, asked, missing }) => [part, pointer, asked, missing]),
    [
      ["tool", "/tools/pay", 4, []],
      ["rule", "/tools/pay/deny_if/0", 4, ["satisfied"]],
      ["condition", "/tools/pay/deny_if/0/conditions/0", 4, ["satisfied"]],
      ["limit", "/tools/pay/limits/0", 3, []],
      ["tool", "/tools/look", 0, ["asked"]],
    ],
  );
  const [tool, rule, condition, limit] = coverage.parts;
  assert.equal(at(tool), '"pay"');
  assert.equal(at(condition), '{"path":"args.amount","op":"gt","value":10}');
  assert.deepEqual([rule.satisfied, rule.not_satisfied, rule.errored], [0, 3, 1]);
  assert.deepEqual([limit.room, limit.full, limit.errored], [2, 1, 0]);
  assert.equal(tool.satisfied, undefined);
});

test("questions that a scenario keeps are nothing to its steps", () => {
  const bench = new author.Workbench();
  bench.setText(TEXT);
  const kept = { policy: "policy.json", assert: ["never allow any tool", "what is this?"] };
  assert.equal(bench.simulate(JSON.stringify(kept)).calls, 0);
  const steps = [{ call: { tool: "pay" } }];
  const whole = bench.simulate(JSON.stringify({ ...kept, steps }));
  assert.deepEqual(whole, bench.simulate(JSON.stringify({ policy: "policy.json", steps })));
  assert.throws(() => bench.simulate(JSON.stringify({ ...kept, assert: [" "] })));
});

test("a workbench that was freed says so", () => {
  const bench = new author.Workbench();
  bench.free();
  bench.free();
  assert.throws(() => bench.setText(TEXT), /freed/);
  assert.throws(() => bench.hash, /freed/);
});
