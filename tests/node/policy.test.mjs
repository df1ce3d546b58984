// What the package's API does, on the packed package.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { install } from "./package.mjs";

const { project, ...installed } = install("policy");
const { Policy, PolicyError, check, format, locate } = await installed.import();

const NOON = Date.parse("2026-01-01T12:00:00Z");
const open = () => new Policy('{"version":"1","default":"allow"}');
const three = () =>
  new Policy(
    '{"version":"1","default":"deny","tools":{"search":{"limits":[{"counter":"n","window":"minute","max":3}]}}}',
  );

describe("a policy's text", () => {
  test("that is no policy throws its diagnostics", () => {
    const text = '{"version":"1",\n "defualt":"deny"}';
    assert.throws(
      () => new Policy(text),
      (error) => {
        assert.ok(error instanceof PolicyError && error instanceof Error);
        assert.equal(error.name, "PolicyError");
        assert.match(error.message, /^line \d+, column \d+: .*/);
        const unknown = error.diagnostics.find((diagnostic) => diagnostic.code === "unknown-key");
        assert.equal(text.slice(unknown.span.start, unknown.span.end), "defualt");
        assert.deepEqual(unknown.span.from, { line: 2, column: 3 });
        assert.equal(unknown.severity, "error");
        assert.equal(unknown.pointer, "/defualt");
        assert.deepEqual(unknown.labels, []);
        assert.ok(error.diagnostics.every((diagnostic) => diagnostic.severity === "error"));
        return true;
      },
    );
  });

  test("can be bytes, in any kind of array", () => {
    const text = '{"version":"1","default":"allow"}';
    const bytes = new TextEncoder().encode(`xx${text}yy`);
    for (const given of [bytes.subarray(2, -2), Buffer.from(text), new DataView(bytes.buffer, 2, text.length)]) {
      assert.equal(new Policy(given).decide({ tool: "a" }), "allow");
    }
  });

  test("that is no text at all is a TypeError", () => {
    for (const given of [undefined, null, 1, {}, [], new ArrayBuffer(2)]) {
      assert.throws(() => new Policy(given), TypeError);
      assert.throws(() => check(given), TypeError);
    }
  });

  test("is located in utf-16 units and in code points", () => {
    const text = '{"x-\u{1F600}":"\u{1F600}", "version":2, "default":"deny"}';
    const [diagnostic] = check(text).filter((found) => found.pointer === "/version");
    assert.equal(text.slice(diagnostic.span.start, diagnostic.span.end), "2");
    assert.equal(diagnostic.span.start - (diagnostic.span.from.column - 1), 2);
  });

  test("with half a surrogate pair is refused in that place", () => {
    const text = '{"version":"1",\n"default":"\ud800"}';
    const [diagnostic] = check(text);
    assert.equal(diagnostic.severity, "error");
    assert.equal(diagnostic.span.start, text.indexOf("\ud800"));
    assert.deepEqual(diagnostic.span.from, { line: 2, column: 12 });
    assert.throws(() => new Policy(text), PolicyError);
  });

  test("of many megabytes is refused, not copied", () => {
    const [diagnostic] = check(" ".repeat(64 << 20));
    assert.equal(diagnostic.code, "too-large");
    assert.equal(check(new Uint8Array(64 << 20))[0].code, "too-large");
    assert.equal(check("\ud800".repeat(8 << 20))[0].severity, "error");
  });

  test("has a hash that white space and the order of keys do not change", () => {
    const a = new Policy('{"version":"1","default":"deny"}');
    const b = new Policy('{ "default" : "deny", "version" : "1" }');
    assert.match(a.hash, /^[0-9a-f]{64}$/);
    assert.equal(a.hash, b.hash);
    assert.notEqual(a.hash, open().hash);
  });

  test("has one canonical form", () => {
    const text = '{"tools":{"b":{}},"x-n":1.50,"default":"deny","version":"1"}';
    const canonical = format(text);
    assert.equal(
      canonical,
      '{\n  "version": "1",\n  "default": "deny",\n  "tools": {\n    "b": {}\n  },\n  "x-n": 1.50\n}\n',
    );
    assert.equal(format(canonical), canonical);
    assert.equal(new Policy(text).hash, new Policy(canonical).hash);
    assert.throws(() => format("{}"), PolicyError);
    assert.throws(() => format(undefined), TypeError);
  });

  test("locates the rules of decisions", () => {
    const text = '{"version":"1", "default":"deny",\n "tools":{"a/b":{"action":"deny","reason":"no"}}}';
    const { rule } = new Policy(text).evaluate({ tool: "a/b" });
    assert.equal(rule, "/tools/a~1b/action");
    const range = locate(text, rule);
    assert.equal(text.slice(range.start, range.end), '"deny"');
    assert.equal(range.from.line, 2);
    assert.equal(locate(text, "/tools/none"), undefined);
    assert.equal(locate(text, "(default deny)"), undefined);
    assert.equal(locate(text, "").end, text.length);
  });
});

describe("check", () => {
  test("says nothing of a policy that restricts something, and warns of one that does not", () => {
    assert.deepEqual(check('{"version":"1","default":"deny","tools":{"a":{}}}'), []);
    const warnings = check('{"version":"1","default":"allow"}');
    assert.ok(warnings.length > 0 && warnings.every((diagnostic) => diagnostic.severity === "warning"));
  });

  test("compares with a catalog in any of its forms", () => {
    const text = '{"version":"1","default":"deny","tools":{"serach":{}}}';
    const tools = [{ name: "search", inputSchema: { type: "object" } }];
    for (const catalog of [tools, { tools }, { jsonrpc: "2.0", id: 1, result: { tools } }]) {
      const diagnostics = check(text, catalog);
      assert.ok(
        diagnostics.some((diagnostic) => JSON.stringify(diagnostic).includes("`search`")),
        JSON.stringify(diagnostics),
      );
    }
    for (const catalog of [1, "tools", {}, null, [{}]]) assert.throws(() => check(text, catalog), TypeError);
  });
});

describe("deciding", () => {
  test("counts by instance, in the time that is passed in", () => {
    const [one, other] = [three(), three()];
    const call = { tool: "search" };
    const options = { now: NOON };
    assert.deepEqual(
      Array.from({ length: 4 }, () => one.decide(call, options)),
      ["allow", "allow", "allow", "deny"],
    );
    assert.equal(other.decide(call, options), "allow");
    assert.equal(one.decide(call, { now: new Date(NOON + 59_999) }), "deny");
    assert.equal(one.decide(call, { now: new Date(NOON + 60_000) }), "allow");
    assert.equal(one.decideText('{"tool":"search"}', { now: NOON + 60_000.5 }), "allow");
  });

  test("counts in the time it is, when none is passed in", () => {
    const policy = three();
    const answers = Array.from({ length: 3 }, () => policy.decide({ tool: "search" }));
    assert.deepEqual(answers, ["allow", "allow", "allow"]);
    const { limits } = policy.evaluate({ tool: "search" });
    assert.ok(limits[0].reset_after >= 1 && limits[0].reset_after <= 60);
  });

  test("looks at the clock for each call that counts", (t) => {
    const { now } = Date;
    t.after(() => Object.assign(Date, { now }));
    let clock = NOON;
    Date.now = () => clock;
    const limits = [{ counter: "n", window: "minute", max: 1 }];
    for (const rules of [{ all_tools: { limits } }, { tools: { search: { limits } } }]) {
      const policy = new Policy(JSON.stringify({ version: "1", default: "allow", ...rules }));
      const ask = () => policy.decide({ tool: "search" });
      const first = [ask(), ask()];
      clock += 60_000;
      assert.deepEqual([...first, ask(), ask()], ["allow", "deny", "allow", "deny"]);
    }
  });

  test("at no time, or before 1970, is a TypeError", () => {
    for (const now of [NaN, Infinity, "12", null, new Date("no"), 12n, {}, -1]) {
      for (const ask of ["decide", "decideText", "evaluate", "explain"]) {
        assert.throws(() => open()[ask]({ tool: "a" }, { now }), TypeError, `${ask} at ${String(now)}`);
      }
    }
  });

  test("says why, and how long to wait", () => {
    const policy = three();
    for (const remaining of [2, 1, 0]) {
      assert.deepEqual(policy.evaluate({ tool: "search" }, { now: NOON + 15_000 }), {
        decision: "allow",
        tool: "search",
        limits: [{ counter: "n", scope: "grant", window: "minute", max: 3, remaining, reset_after: 45 }],
      });
    }
    const denied = policy.evaluate({ tool: "search" }, { now: NOON + 15_000 });
    assert.equal(denied.decision, "deny");
    assert.equal(denied.rule, "/tools/search/limits/0");
    assert.equal(denied.label, "/tools/search/limits/n-per-minute");
    assert.match(denied.message, /45 seconds/);
    assert.equal(denied.limits[0].remaining, 0);
    const unlisted = policy.evaluate({ tool: "other" }, { now: NOON });
    assert.deepEqual([unlisted.decision, unlisted.tool, unlisted.rule], ["deny", "other", "(default deny)"]);
  });

  test("holds what needs a person", () => {
    const policy = new Policy('{"version":"1","default":"allow","tools":{"pay":{"action":"require_approval"}}}');
    const call = { tool: "pay", arguments: { to: "b", amount: 1 } };
    assert.equal(policy.decide(call), "hold");
    const { decision, approval } = policy.evaluate(call);
    assert.equal(decision, "hold");
    assert.match(approval.digest, /^[0-9a-f]{64}$/);
    assert.deepEqual(policy.evaluate({ arguments: { amount: 1n, to: "b" }, tool: "pay" }).approval, approval);
  });

  test("takes grants and sessions apart", () => {
    const policy = three();
    for (const grant of ["a", "b"]) {
      const answers = Array.from({ length: 4 }, () => policy.decide({ tool: "search", grant }, { now: NOON }));
      assert.deepEqual(answers, ["allow", "allow", "allow", "deny"]);
    }
  });

  test("takes messages as well, as objects and as text", () => {
    const message = { jsonrpc: "2.0", id: 7, method: "tools/call", params: { name: "search", arguments: {} } };
    const policy = three();
    assert.equal(policy.decide(message, { now: NOON }), "allow");
    assert.equal(policy.decideText(JSON.stringify(message), { now: NOON }), "allow");
    assert.equal(policy.evaluate(Buffer.from(JSON.stringify(message)), { now: NOON }).tool, "search");
    assert.equal(policy.decide(message, { now: NOON }), "deny");
  });

  test("explains without counting", () => {
    const policy = new Policy(
      '{"version":"1","default":"deny","tools":{"pay":{"deny_if":[{"conditions":[{"path":"args.amount","op":"gt","value":5}]}],"limits":[{"counter":"n","window":"day","max":1}]}}}',
    );
    for (const call of [{ tool: "pay", arguments: { amount: 9 } }, '{"tool":"pay","arguments":{"amount":9}}']) {
      const explanation = policy.explain(call, { now: NOON });
      assert.equal(explanation.decision, "deny");
      assert.equal(explanation.rule, "/tools/pay/deny_if/0");
      const [rule] = explanation.rules;
      assert.deepEqual([rule.kind, rule.outcome, rule.effect], ["deny_if", "satisfied", "deny"]);
      assert.deepEqual(rule.conditions, [
        { pointer: "/tools/pay/deny_if/0/conditions/0", path: "args.amount", op: "gt", outcome: "satisfied", saw: "9" },
      ]);
      assert.equal(explanation.limit_outcomes[0].outcome, "room");
    }
    const missing = policy.explain({ tool: "pay" }, { now: NOON });
    assert.equal(missing.decision, "allow");
    assert.equal("saw" in missing.rules[0].conditions[0], false);
    assert.equal(policy.decide({ tool: "pay" }, { now: NOON }), "allow");
    assert.equal(policy.explain({ tool: "pay" }, { now: NOON }).limit_outcomes[0].outcome, "full");
  });

  test("gives back what a failed call took, once", () => {
    const policy = three();
    const decisions = Array.from({ length: 3 }, () => policy.evaluate({ tool: "search" }, { now: NOON }));
    assert.equal(policy.decide({ tool: "search" }, { now: NOON }), "deny");
    policy.giveBack(decisions[1]);
    policy.giveBack(decisions[1]);
    assert.equal(policy.decide({ tool: "search" }, { now: NOON }), "allow");
    const denied = policy.evaluate({ tool: "search" }, { now: NOON });
    assert.equal(denied.decision, "deny");
    policy.giveBack(denied);
    assert.equal(policy.decide({ tool: "search" }, { now: NOON }), "deny");
    for (const strange of [{ ...decisions[0] }, three().evaluate({ tool: "search" }), null, undefined, "x"]) {
      assert.throws(() => policy.giveBack(strange), TypeError);
    }
  });

  test("tells the state of a catalog's tools", () => {
    const policy = new Policy(
      '{"version":"1","default":"deny","hide":["h"],"tools":{"a":{},"d":{"action":"deny"},"p":{"action":"require_approval"},"c":{"require":[{"conditions":[{"path":"args.x","op":"exists","value":true}]}]}}}',
    );
    const tools = ["a", "d", "p", "c", "h", "u"].map((name) => ({ name, title: name.toUpperCase(), inputSchema: {} }));
    const states = policy.tools({ tools });
    assert.deepEqual(
      states.map(({ name, state }) => `${name} ${state}`),
      ["a allow", "d deny", "p approve", "c custom", "h hide", "u deny"],
    );
    assert.equal(states[0].title, "A");
    assert.equal(states[5].rule, "(default deny)");
    assert.throws(() => policy.tools(7), TypeError);
  });

  test("ends when the policy is freed", () => {
    const policy = open();
    const decision = policy.evaluate({ tool: "a" });
    policy.free();
    policy.free();
    assert.throws(() => policy.decide({ tool: "a" }), /freed/);
    assert.throws(() => policy.evaluate("{}"), /freed/);
    assert.throws(() => policy.hash, /freed/);
    assert.doesNotThrow(() => policy.giveBack(decision));
  });
});

describe("what a call may hold", () => {
  // Nothing but the shape of the call decides.
  const malformed = (call, why) => {
    const policy = open();
    assert.equal(policy.decide(call), "deny", why);
    const decision = policy.evaluate(typeof call === "string" ? { tool: call } : call);
    assert.equal(decision.rule, "(malformed call)", why);
    assert.equal(policy.explain(call).decision, "deny", why);
  };
  const wellFormed = (call, why) => assert.deepEqual(open().evaluate(call).rule, undefined, why);
  const holding = (value) => ({ tool: "a", arguments: { value } });

  test("is a call at all", () => {
    for (const call of [
      undefined,
      null,
      1,
      true,
      [],
      {},
      () => {},
      new Map(),
      { tool: 1 },
      { tool: "a", arguments: 1 },
    ])
      malformed(call, String(call));
    for (const call of [
      { tool: "a", arguments: null },
      { tool: "a", arguments: [] },
      { tool: "a", args: {} },
      { tool: "a", grant: 1 },
    ])
      malformed(call);
    for (const text of [
      "",
      "{}",
      "[]",
      "1",
      '{"tool":"a","tool":"b"}',
      '{"tool":"a"} x',
      '\ufeff{"tool":"a"}',
      '{"tool":"\ud800"}',
    ]) {
      assert.equal(open().decideText(text), "deny", text);
      assert.equal(open().evaluate(text).rule, "(malformed call)", text);
    }
    for (const text of [undefined, null, 1, {}, [], { tool: "a" }]) assert.equal(open().decideText(text), "deny");
    assert.equal(open().decideText(new Uint8Array([0xff])), "deny");
    assert.equal(open().decideText(" ".repeat(32 << 20)), "deny");
  });

  test("is what JSON can say", () => {
    for (const value of [
      null,
      true,
      "",
      "é\u{1F600}\0",
      0,
      -0,
      1.5,
      1e308,
      5e-324,
      [],
      {},
      [[1]],
      { a: { b: [] } },
      Object.create(null),
    ])
      wellFormed(holding(value));
    for (const value of [10n ** 399n, -1n]) wellFormed(holding(value));
    for (const value of [10n ** 400n, NaN, Infinity, () => {}, Symbol("s"), Symbol.iterator])
      malformed(holding(value), typeof value);
    for (const value of [
      new Map(),
      new Set(),
      new Date(),
      /r/,
      new Error("e"),
      new Uint8Array(2),
      new (class Odd {})(),
      Object(1),
      Object("s"),
      Object(1n),
      Promise.resolve(),
      new Proxy(() => {}, {}),
    ]) {
      malformed(holding(value), value.constructor?.name);
    }
    for (const value of ["\ud800", "a\udc00b", { "\ud800": 1 }, ["\udfff"]]) malformed(holding(value));
    for (const value of [[undefined], [, 1], new Array(3), Object.assign([], { length: 4294967295 })])
      malformed(holding(value));
  });

  test("the message says what is wrong", () => {
    const messageOf = (call) => open().evaluate(call).message;
    assert.match(messageOf(holding(() => {})), /json has no function/);
    assert.match(messageOf(holding(NaN)), /json has no NaN/);
    assert.match(messageOf(holding(new Date())), /instances of classes/);
    assert.match(messageOf({ tool: "a", argumens: {} }), /unknown key `argumens`/);
    assert.match(open().explain(holding(Symbol.iterator)).message, /json has no symbol/);
  });

  test("numbers are exact", () => {
    const policy = new Policy(
      '{"version":"1","default":"allow","tools":{"a":{"require":[{"conditions":[{"path":"args.value","op":"in","value":[9007199254740993,0.1,1e21,-5]}]}]}}}',
    );
    for (const value of [9007199254740993n, 0.1, 1e21, 10n ** 21n, -5, -5n])
      assert.equal(policy.decide(holding(value)), "allow", String(value));
    for (const value of [9007199254740992, 9007199254740992n, 0.1 + Number.EPSILON / 8, 1e21 + 2e5])
      assert.equal(policy.decide(holding(value)), "deny", String(value));
  });

  test("undefined members are absent", () => {
    wellFormed({ tool: "a", arguments: undefined, grant: undefined });
    const policy = new Policy(
      '{"version":"1","default":"allow","tools":{"a":{"deny_if":[{"conditions":[{"path":"args.value","op":"exists","value":false}]}]}}}',
    );
    assert.equal(policy.decide(holding(undefined)), "deny");
    assert.equal(policy.decide(holding(0)), "allow");
  });

  test("only own enumerable members with string keys are members", () => {
    const policy = new Policy(
      '{"version":"1","default":"allow","tools":{"a":{"deny_if":[{"conditions":[{"path":"args.value","op":"exists","value":true}]}]}}}',
    );
    const inherited = Object.create(Object.assign(Object.create(null), { value: 1 }));
    const hidden = Object.defineProperty({}, "value", { value: 1 });
    for (const args of [inherited, hidden, { [Symbol("value")]: 1 }])
      assert.equal(policy.decide({ tool: "a", arguments: args }), "allow");
    assert.equal(policy.decide({ tool: "a", arguments: { value: 1 } }), "deny");
  });

  test("__proto__ is a key like any other", () => {
    const policy = new Policy(
      '{"version":"1","default":"allow","tools":{"a":{"deny_if":[{"conditions":[{"path":"args.__proto__.x","op":"eq","value":1}]}]}}}',
    );
    const own = JSON.parse('{"tool":"a","arguments":{"__proto__":{"x":1}}}');
    assert.equal(policy.decide(own), "deny");
    assert.equal(policy.decideText(JSON.stringify(own)), "deny");
    assert.equal(policy.decide({ tool: "a", arguments: {} }), "allow");
    // As a prototype it is none of the object's members, but the object is no plain one.
    malformed({ tool: "a", arguments: { __proto__: { x: 1 } } });
  });

  // An object is not read whole where the policy looks at little of it; what comes of it is the same.
  test("the quick answer is the one that has reasons", () => {
    const condition = (path, op, value) => ({ conditions: [{ path: `args.${path}`, op, value }] });
    const tool = {
      require: [condition("a", "not_in", [1, "b", "é\n", null])],
      deny_if: [
        condition("a.b", "eq", { a: [1, "1"] }),
        condition("l[*].a", "gt", 1.5),
        condition("l[*][0]", "exists", true),
        condition("m[1].a", "eq", "x"),
        condition("c", "contains", 1),
      ],
    };
    // Of most of what these look at, it matters only that it is there.
    const there = {
      require: [condition("a", "exists", true)],
      deny_if: [condition("l[*].a", "exists", true), condition("m.b", "exists", true), condition("c.b.a", "gt", 1)],
    };
    const policies = [tool, there].map(
      (t) => new Policy(JSON.stringify({ version: "1", default: "allow", tools: { t } })),
    );
    const leaves = [
      ...[0, -0, 1, -5, 1.5, 1e21, 1e-7, 4294967296, -2147483648, 2147483648, NaN, Infinity, 1n, true, false, null],
      ...["", "b", "x", "é\n", "\ud83d\ude00", "\ud800", 'a"b\\', "y".repeat(70_000), undefined, () => {}, Symbol("s")],
      ...[[], {}, [1], [[0]], [{ a: 2 }], [{ a: 1 }], { a: "x" }, { a: [1, "1"] }, { b: { a: [1, "1"] } }, new Date(0)],
      ...[new Map(), Object.create(null), Object.create({ a: 1 }), Object.defineProperty({}, "a", { value: 1 }), [, 1]],
    ];
    const effects = { deny: 0, allow: 0 };
    const ask = (args, what) => {
      const call = { tool: "t", arguments: args };
      for (const policy of policies) {
        const { decision } = policy.evaluate(call);
        effects[decision] += 1;
        assert.equal(policy.decide(call), decision, what);
      }
    };
    for (const key of ["a", "c", "l", "m", "z"]) {
      for (const [n, leaf] of leaves.entries()) {
        const what = `${key} ${n}`;
        ask({ a: 2, [key]: leaf }, what);
        ask({ [key]: [leaf], a: 2 }, what);
        ask({ a: 2, [key]: [0, { a: leaf, b: 1 }, leaf] }, what);
        ask({ a: 2, [key]: { b: leaf, z: [leaf] } }, what);
      }
    }
    let deep = [];
    for (let level = 0; level < 200; level += 1) {
      deep = [deep];
      if (level > 120 && level < 130) for (const key of ["a", "l", "m", "z"]) ask({ a: 2, [key]: deep }, `${level}`);
    }
    ask({ a: 2, z: Array(200_000).fill("12345") }, "too large");
    ask({ a: 2, z: Array(100_000).fill(1) }, "large");
    ask({ a: 2, "\ud800": 1 }, "key");
    ask(undefined, "nothing");
    const long = "\u0001".repeat(100_000);
    for (const [call, effect] of [
      [{ tool: "u", server: long }, "allow"],
      [{ tool: "u", arguments: { z: long } }, "allow"],
      [{ tool: "u", server: long, arguments: { z: long } }, "deny"],
    ]) {
      const [policy] = policies;
      assert.deepEqual([policy.decide(call), policy.evaluate(call).decision], [effect, effect], "too large together");
    }
    for (const name of ["server", "grant", "session"]) {
      for (const [label, effect] of [
        ["s", "allow"],
        ["\ud800", "deny"],
        [1, "deny"],
        ["s".repeat(2 << 20), "deny"],
      ]) {
        const call = { tool: "u", [name]: label };
        const [policy] = policies;
        assert.deepEqual([policy.decide(call), policy.evaluate(call).decision], [effect, effect], name);
      }
    }
    assert.ok(effects.deny > 100 && effects.allow > 100, JSON.stringify(effects));
  });

  // What is learned of the keys of one call is for the next, and must never decide it.
  test("keys in any order and number are looked at all the same", () => {
    const rule = (path, op, value) => ({ conditions: [{ path: `args.${path}`, op, value }] });
    const tool = { deny_if: [rule("a", "eq", 1), rule("b.c", "eq", 1), rule("l[*].a", "gt", 5)] };
    const policy = new Policy(JSON.stringify({ version: "1", default: "allow", tools: { t: tool, u: {} } }));
    let state = 7;
    const below = (bound) => (state = (state * 48271) % 2147483647) % bound;
    const names = ["a", "b", "c", "l", "m", "", "0", "__proto__", "é", "\ud800", "k".repeat(100)];
    const name = () => names[below(20)] ?? `key ${below(50)}`;
    const value = (depth) => {
      const kind = below(depth > 0 ? 10 : 6);
      if (kind < 3) return below(8);
      if (kind < 6) return [true, "text", null, undefined, "\udc00", 0.5][below(60)] ?? "b";
      if (kind < 8) return Array.from({ length: below(3) }, () => value(depth - 1));
      return object(below(5), depth - 1);
    };
    const object = (size, depth) => {
      const made = {};
      for (let at = 0; at < size; at += 1) {
        // Assigned, `__proto__` would be none of its members.
        Object.defineProperty(made, name(), { value: value(depth), ...{ enumerable: true, configurable: true } });
      }
      return made;
    };
    const effects = { deny: 0, allow: 0 };
    for (let round = 0; round < 4_000; round += 1) {
      const call = { tool: round % 7 ? "t" : "u", arguments: object(below(round % 50 ? 6 : 40), 3) };
      const { decision } = policy.evaluate(call);
      effects[decision] += 1;
      assert.equal(policy.decide(call), decision, JSON.stringify(call));
      // Once more, when all of its keys came last.
      assert.equal(policy.decide(call), decision, JSON.stringify(call));
    }
    assert.ok(effects.deny > 500 && effects.allow > 500, JSON.stringify(effects));
  });

  test("numbers of all lengths are written as they are", () => {
    for (let length = 1; length < 17; length += 1) {
      for (const number of [10 ** (length - 1), 10 ** length - 1, Number("1203405607080900".slice(0, length))]) {
        const rule = { conditions: [{ path: "args.value", op: "eq", value: number }] };
        const policy = new Policy(
          JSON.stringify({ version: "1", default: "allow", tools: { a: { deny_if: [rule] }, b: { require: [rule] } } }),
        );
        for (const other of [number, number + 1, number - 1, -number, number * 10, number / 10]) {
          assert.equal(policy.decide(holding(other)), other === number ? "deny" : "allow", `${other} for ${number}`);
          const call = { ...holding(other), tool: "b" };
          assert.equal(policy.decide(call), other === number ? "allow" : "deny", `${other} for ${number}`);
        }
      }
    }
  });

  test("every member is read once, and toJSON never", () => {
    let reads = 0;
    const call = {
      get tool() {
        reads += 1;
        return reads === 1 ? "a" : "b";
      },
    };
    assert.equal(open().evaluate(call).tool, "a");
    assert.equal(reads, 1);
    const traps = [];
    const proxy = new Proxy({ x: 1 }, { get: (target, key) => (traps.push(key), target[key]) });
    wellFormed(holding(proxy));
    assert.deepEqual(traps, ["x"]);
    malformed({ tool: "a", arguments: { toJSON: () => ({}) } });
  });

  test("what throws while it is read is malformed", () => {
    malformed({
      tool: "a",
      get arguments() {
        throw new Error("no");
      },
    });
    malformed(
      holding(
        new Proxy(
          {},
          {
            ownKeys() {
              throw new Error("no");
            },
          },
        ),
      ),
    );
    malformed(
      holding(
        new Proxy(
          {},
          {
            getPrototypeOf() {
              throw new Error("no");
            },
          },
        ),
      ),
    );
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    malformed(holding(proxy));
    malformed(proxy);
  });

  test("what uses the policy while it is read does it no harm", () => {
    const policy = open();
    let inner;
    policy.decide({
      tool: "a",
      get arguments() {
        inner = policy.decideText('{"tool":"b"}');
        return {};
      },
    });
    assert.ok(inner === undefined || inner === "allow");
    assert.equal(policy.decide({ tool: "a" }), "allow");
    // The inner call is written where the outer one stands half written.
    const strict = new Policy(
      '{"version":"1","default":"allow","tools":{"a":{"deny_if":[{"conditions":[{"path":"args.value","op":"eq","value":1}]}]}}}',
    );
    const nested = (value, others) => ({
      tool: "a",
      arguments: {
        value,
        get other() {
          inner = strict.decide({ tool: "a", arguments: { value: others } });
          return 0;
        },
      },
    });
    assert.deepEqual([strict.decide(nested(1, 2)), inner], ["deny", "allow"]);
    assert.deepEqual([strict.decide(nested(2, 1)), inner], ["allow", "deny"]);
    const freed = open();
    try {
      freed.decide({
        tool: "a",
        get arguments() {
          freed.free();
          return {};
        },
      });
    } catch {
      /* may be told */
    }
    assert.equal(open().decide({ tool: "a" }), "allow");
  });

  test("depth and size are bounded, as in text", () => {
    const nested = (levels) => {
      let value = 0;
      for (let level = 0; level < levels; level += 1) value = level % 2 ? [value] : { value };
      return value;
    };
    // The call and its arguments are two of the 128 levels.
    for (const [levels, effect] of [
      [126, "allow"],
      [127, "deny"],
      [5_000, "deny"],
    ]) {
      assert.equal(open().decide(holding(nested(levels))), effect, String(levels));
      if (levels < 1_000) assert.equal(open().decideText(JSON.stringify(holding(nested(levels)))), effect);
    }
    const circle = {};
    circle.circle = circle;
    malformed(holding(circle));
    // Eighty levels that share what they hold: 2^80 values to walk.
    let shared = {};
    for (let level = 0; level < 80; level += 1) shared = { a: shared, b: shared };
    malformed(holding(shared));
    malformed(holding("x".repeat(2 << 20)));
    malformed(holding(Array(2 << 20).fill(0)));
    malformed(holding(new Proxy([], { get: (_, key) => (key === "length" ? 4294967295 : 0) })));
  });
});

test("a value that one tool's rule only wants to be there is seen by the next tool's", async () => {
  const rule = (op, value) => [{ conditions: [{ path: "args.a", op, value }] }];
  const tools = {
    first: { deny_if: rule("exists", false) },
    second: { deny_if: rule("gt", 5) },
    third: { deny_if: rule("exists", false) },
  };
  const policy = new Policy(JSON.stringify({ version: "1", default: "deny", tools }));
  for (const [tool, a, expected] of [
    ["first", 9, "allow"],
    ["second", 9, "deny"],
    ["second", 1, "allow"],
    ["third", 9, "allow"],
    ["third", undefined, "deny"],
  ]) {
    const call = { tool, arguments: { a } };
    assert.equal(policy.decide(call), expected, `${tool} of ${a}`);
    assert.equal(policy.evaluate(call).decision, expected, `${tool} of ${a}`);
  }
});

test("a call as an object is the same text that JSON.stringify makes of it", async () => {
  const { jsonOf } = await installed.import("js/json.js");
  // Numbers without a pattern that are the same in every run.
  let state = 1;
  const below = (bound) => (state = (state * 48271) % 2147483647) % bound;
  const leaves = [
    null,
    true,
    false,
    0,
    -0,
    -1,
    1.5,
    1e21,
    1e-7,
    5e-324,
    2 ** 53,
    "",
    'a"\\\n\u0000\u2028',
    "\u{1F600}",
    "\ud800",
  ];
  const value = (depth) => {
    const kind = depth > 0 ? below(4) : 2;
    if (kind === 0) return Array.from({ length: below(4) }, () => value(depth - 1));
    if (kind === 1)
      return Object.fromEntries(
        Array.from({ length: below(4) }, () => [leaves.at(-below(5)) ?? "k", value(depth - 1)]),
      );
    return leaves[below(leaves.length)];
  };
  for (let round = 0; round < 2_000; round += 1) {
    const made = value(5);
    assert.equal(jsonOf(made, 1 << 20), JSON.stringify(made));
  }
});

test("a hundred thousand decisions do not grow the wasm's memory", async () => {
  // The same glue that the slim entry uses tells the size.
  const slim = await installed.import("js/slim.js");
  await slim.init(readFileSync(join(project, "node_modules/cattlegrid/wasm/cattlegrid_bg.wasm")));
  const { initSync } = await installed.import("wasm/cattlegrid.js");
  const { memory } = initSync();
  const policy = new slim.Policy(
    '{"version":"1","default":"deny","tools":{"a":{"require":[{"conditions":[{"path":"args.s","op":"regex","value":"^x+$"}]}],"limits":[{"counter":"n","window":1,"max":1000000,"scope":"session"}]}}}',
  );
  const round = (count) => {
    for (let at = 0; at < count; at += 1) {
      const call = { tool: "a", arguments: { s: "xxx", list: [1, { at }] }, session: "s" };
      policy.decide(call, { now: NOON + at * 100 });
      policy.decideText(JSON.stringify(call), { now: NOON + at * 100 });
      policy.decide({ tool: "a", arguments: { s: Symbol.iterator } }, { now: NOON });
      if (at % 10 === 0) {
        policy.giveBack(policy.evaluate(call, { now: NOON + at * 100 }));
        policy.explain(call, { now: NOON });
        try {
          new slim.Policy("{");
        } catch {
          /* as it should */
        }
      }
    }
  };
  round(2_000);
  const before = memory.buffer.byteLength;
  round(100_000);
  assert.equal(memory.buffer.byteLength, before);
});
