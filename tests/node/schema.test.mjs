// The JSON Schema of the language, against the parser: both take the same documents.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import { install } from "./package.mjs";
import { vectors } from "./vectors.mjs";

const Ajv = createRequire(import.meta.url)("ajv/dist/2020").default;

const packed = install("schema");
const { check } = await packed.import();
const schema = JSON.parse(readFileSync(packed.require.resolve("cattlegrid/policy.schema.json"), "utf8"));
// Strict: a misspelt keyword of JSON Schema would be ignored in silence. Of the types of what stands
// under `if` and `else` the schema around them speaks; a number that is too large for JavaScript is one.
const validate = new Ajv({ strict: true, strictTypes: false, strictRequired: false, strictNumbers: false }).compile(
  schema,
);

const isPolicy = (text) => !check(text).some((one) => one.severity === "error");
const fits = (text) => validate(JSON.parse(text));

/** A policy with this in its place. */
const policy = (members) => JSON.stringify({ version: "1", default: "deny", ...members });
const tool = (rules) => policy({ tools: { pay: rules } });
const condition = (members) =>
  tool({ require: [{ conditions: [{ path: "args.a", op: "eq", value: 1, ...members }] }] });
const limit = (members) => tool({ limits: [{ counter: "calls", window: "day", max: 1, ...members }] });
const ofAll = (members) => policy({ all_tools: { limits: [{ counter: "calls", window: "day", max: 1, ...members }] } });

const precondition = (members) =>
  tool({
    limits: [{ counter: "calls", window: "day", max: 1 }],
    preconditions: [{ tool: "pay", counter: "calls", op: "gte", value: 1, ...members }],
  });

test("the policies of all vectors fit", () => {
  for (const { name, text, policy } of vectors) {
    assert.ok(
      validate(policy ? JSON.parse(policy) : JSON.parse(text).policy),
      `${name}: ${JSON.stringify(validate.errors)}`,
    );
  }
});

test("everything that the language knows fits", () => {
  const values = { exists: true, in: [], not_in: [1], lt: 1.5, lte: 0, gt: -1, gte: 1e3, regex: "^a", contains: "a" };
  for (const text of [
    policy({}),
    policy({ $schema: "s", description: "d", hide: ["*"], all_tools: {}, tools: {}, "x-": 1, "x-a": {} }),
    ...Object.entries(values).map(([op, value]) => condition({ op, value })),
    ...[null, 1, "a", true, [], {}].flatMap((value) => [condition({ value }), condition({ op: "neq", value })]),
    ...[1, false].map((value) => condition({ op: "contains", value })),
    ...[
      "args.a.b",
      'args["a.b"].c',
      "args.a[0]",
      "args.a[*].b[*]",
      "args.é ü",
      'args["\\u0041\\n"]',
      "args. ",
      'args[""]',
    ].map((path) => condition({ path })),
    ...["minute", "hour", "day", 1, 60.0, 4294967295].map((window) => limit({ window })),
    ...["grant", "session", "all"].map((scope) => limit({ scope, on_deny: "" })),
    limit({ max: 0 }),
    limit({ max: 1.5, increment_from: "args.a" }),
    limit({ increment_from: "args.a[0].b" }),
    ofAll({ scope: "all" }),
    policy({
      all_tools: {
        require: [{ conditions: [] }],
        deny_if: [{ conditions: [], on_deny: "m" }],
        preconditions: [{ counter: "calls", op: "lt", value: 5, on_deny: "m" }],
        limits: [{ counter: "calls", window: "day", max: 1 }],
      },
    }),
    tool({
      preconditions: [{ tool: "pay", counter: "rate_limit", op: "in", value: [0] }],
      rate_limit: { max: 10, window: 60 },
    }),
    ...["allow", "deny", "require_approval"].map((action) => tool({ action, reason: "r" })),
    tool({ require: [{ conditions: [] }], deny_if: [], require_approval_if: [{ conditions: [], on_deny: "m" }] }),
    tool({ rate_limit: { max: 10, window: 60 }, "x-note": null }),
    policy({ all_tools: { require: [{ conditions: [] }], deny_if: [], preconditions: [], limits: [] } }),
    precondition({}),
    precondition({ on_deny: "m", value: 0.5, op: "lt" }),
  ]) {
    assert.ok(isPolicy(text), text);
    assert.ok(fits(text), `${text} ${JSON.stringify(validate.errors)}`);
  }
});

test("what is wrong for the parser is wrong for the schema", () => {
  for (const text of [
    "null",
    "[]",
    "{}",
    '{ "version": "1" }',
    '{ "default": "deny" }',
    policy({ version: 1 }),
    policy({ version: "2" }),
    policy({ default: "Deny" }),
    policy({ default: null }),
    policy({ defualt: "deny" }),
    policy({ description: 1 }),
    policy({ $schema: {} }),
    policy({ hide: "a" }),
    policy({ hide: [1] }),
    policy({ hide: [" "] }),
    policy({ hide: ["a", "a"] }),
    policy({ tools: [] }),
    policy({ tools: { a: null } }),
    policy({ tools: { "": {} } }),
    policy({ all_tools: [] }),
    policy({ all_tools: { limit: [] } }),
    tool({ action: "hide" }),
    tool({ reason: 1 }),
    tool({ rule: [] }),
    tool({ require: {} }),
    tool({ require: [[]] }),
    tool({ deny_if: [{}] }),
    tool({ deny_if: [{ conditions: {} }] }),
    tool({ deny_if: [{ conditions: [], onDeny: "" }] }),
    tool({ require_approval_if: [{ conditions: [1] }] }),
    tool({ rate_limit: { max: 1 } }),
    tool({ rate_limit: { max: 1.5, window: 1 } }),
    tool({ rate_limit: { max: 1, window: 1, scope: "all" } }),
    ...["path", "op", "value"].map((key) => condition({ [key]: undefined })),
    ...[
      "a",
      "args",
      "args.",
      "args..a",
      "args.a.",
      "args[0]",
      "args[*]",
      "args.a[01]",
      "args.a[-1]",
      "args.a['b']",
      "args.a[0]b",
    ].map((path) => condition({ path })),
    ...["==", "EQ", "matches", 1].map((op) => condition({ op })),
    ...Object.entries({ exists: 1, in: "a", not_in: {}, lt: "1", lte: null, gt: [], gte: true, regex: 1 }).map(
      ([op, value]) => condition({ op, value }),
    ),
    ...[null, [], {}].map((value) => condition({ op: "contains", value })),
    condition({ not: true }),
    ...["counter", "window", "max"].map((key) => limit({ [key]: undefined })),
    ...["", " ", 1].map((counter) => limit({ counter })),
    ...["week", "60", 0, 1.5, -1, 4294967296, null].map((window) => limit({ window })),
    ...[-1, 1.5, "1", null, 2e24].map((max) => limit({ max })),
    limit({ max: -0.5, increment_from: "args.a" }),
    limit({ increment_from: "a" }),
    limit({ increment_from: "args.a[*].b" }),
    limit({ increment_from: 1 }),
    limit({ scope: "user" }),
    limit({ on_deny: 1 }),
    ofAll({ increment_from: "args.a" }),
    ofAll({ max: 1.5 }),
    policy({ all_tools: { action: "deny" } }),
    policy({ all_tools: { require_approval_if: [] } }),
    ...["counter", "op", "value"].map((key) => precondition({ [key]: undefined })),
    precondition({ tool: 1 }),
    precondition({ path: "args.a" }),
    precondition({ value: "1" }),
  ]) {
    assert.ok(!isPolicy(text), text);
    assert.ok(!fits(text), text);
  }
});

/** What a JSON Schema cannot say: why, and a document that fits it and is no policy. */
const beyond = {
  "it sees values, and of equal keys only the last": '{ "version": "1", "default": "deny", "default": "allow" }',
  "no keyword compares members of a list's elements": tool({
    limits: [
      { counter: "calls", window: "day", max: 9 },
      { counter: "calls", window: "hour", max: 1 },
    ],
  }),
  "no keyword follows a name to where it is defined": precondition({ counter: "others" }),
  "the counter of `rate_limit` has its name from nowhere in the document": tool({
    limits: [{ counter: "rate_limit", window: "day", max: 9 }],
    rate_limit: { max: 1, window: 1 },
  }),
  "it has no keyword for a text that is a regular expression, and its own dialect is another": condition({
    op: "regex",
    value: "(?=a)",
  }),
  "the largest amount, just below 10^24, is 10^24 to it": limit({ max: 1e24 }),
  "numbers that readers round are rounded before it sees them": `{ "version": "1", "default": "deny", "x-n": 1${"0".repeat(400)} }`,
  "it does not count levels": `{ "version": "1", "default": "deny", "x-n": ${"[".repeat(64)}${"]".repeat(64)} }`,
  "it knows nothing of half a surrogate pair": '{ "version": "1", "default": "deny", "description": "\\ud800" }',
};

for (const [why, text] of Object.entries(beyond)) {
  test(`what the schema cannot say: ${why}`, () => {
    assert.ok(!isPolicy(text));
    assert.ok(fits(text), JSON.stringify(validate.errors));
  });
}

/** Every schema of a key, wherever it stands, with its pointer. */
function* keys(part, pointer = "") {
  if (typeof part !== "object" || part === null) return;
  for (const [key, inner] of Object.entries(part)) {
    if (key === "if" || key === "then" || key === "else" || key === "examples") continue;
    if (key === "properties") {
      for (const [name, one] of Object.entries(inner)) yield [`${pointer}/properties/${name}`, one];
    }
    yield* keys(inner, `${pointer}/${key}`);
  }
}

test("every key is explained where an editor looks", () => {
  for (const [pointer, one] of keys(schema)) {
    const shown = one.$ref ? schema.$defs[one.$ref.split("/").pop()] : one;
    assert.ok(shown.title && shown.description, pointer);
  }
});

test("the examples of the schema are what they explain", () => {
  const all = [];
  const collect = (part) => {
    if (typeof part !== "object" || part === null) return;
    if (Array.isArray(part.examples)) all.push(part);
    Object.values(part).forEach(collect);
  };
  collect(schema);
  assert.ok(all.length > 5);
  const ajv = new Ajv({ strict: false });
  for (const { examples, ...part } of all) {
    const one = ajv.compile({ ...part, $defs: schema.$defs });
    for (const example of examples) assert.ok(one(example), JSON.stringify(example));
  }
});
