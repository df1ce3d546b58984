// What is decided: the cases, their calls and the right answers, written by hand and the same for every contestant.

import { mkdirSync, writeFileSync } from "node:fs";
import { LANGUAGES } from "./policies.mjs";

/** Calls that are decided in turn, so that no contestant is shown one call until it knows it by heart. */
const VARIANTS = 16;
/** Of the large ones fewer, which is enough to leave the first cache. */
const LARGE_VARIANTS = 4;
/** Bytes of an ordinary call, and of a large one, as text. */
const ORDINARY = 318;
const LARGE = 20_000;

const CURRENCIES = ["usd", "eur", "gbp", "chf"];
const PATTERN = "^[a-z0-9._-]{1,64}@example\\.com$";
/** Counters that no run exhausts: what is measured is an allowed call. */
const NEVER = 1_000_000_000_000;

const toolName = (index) => `tool_${String(index).padStart(4, "0")}`;

/** The bound of each tool is its own, so that no engine can take the tools for one. */
const bound = (index) => 50_000 + index;

// What the tools of a case want. An engine needs a word for each kind of condition, or it has no policy for the case.
const RULES = {
  plain: (index) => [
    { kind: "atMost", key: "amount", max: bound(index) },
    { kind: "oneOf", key: "currency", values: CURRENCIES },
    { kind: "exists", key: "customer" },
  ],
  each: (index) => [{ kind: "eachAtMost", list: "lines", key: "quantity", max: 100 + index }],
  regex: () => [{ kind: "matches", key: "email", pattern: PATTERN }],
  limits: (index) => [
    ...RULES.plain(index),
    { kind: "limit", counter: "calls", window: "minute", max: NEVER },
    { kind: "limit", counter: "spent", window: "day", max: NEVER * 10_000, of: "amount" },
  ],
};

function toolsOf(rules, count) {
  return Array.from({ length: count }, (_, index) => ({ name: toolName(index), conditions: RULES[rules](index) }));
}

function message(tool, args, id = 1) {
  return { jsonrpc: "2.0", id, method: "tools/call", params: { name: tool, arguments: args } };
}

/** The arguments of an ordinary call. Whole numbers only: Cedar refuses a context with others. */
function ordinary(variant = 0) {
  return {
    amount: 1000 + variant * 523,
    currency: CURRENCIES[variant % CURRENCIES.length],
    customer: `cus_9s6XKzkNRiz8${String(10 + variant)}`,
    description: "",
    metadata: { order: String(6735 + variant), source: "agent", retry: false },
    lines: [12, 700, 3488],
  };
}

/** So that the text has exactly so many bytes: `line` again and again, and what is missing then, under `key`. */
function filled(call, bytes, line, key = "description") {
  const { arguments: args } = call.params;
  const missing = () => bytes - JSON.stringify(call).length;
  args[key] = line.repeat(Math.floor(missing() / (JSON.stringify(line).length - 2)));
  args[key] += "x".repeat(missing());
  return call;
}

const SENTENCE = "Renewal of the yearly subscription, as agreed. ";
const PARAGRAPH =
  'The customer asked for a "proper" invoice, with the order\'s number and the address of the company.\n';

const plainCall = (tool, variant, args) =>
  filled(message(tool, { ...ordinary(variant), ...args }, 1 + (variant % 9)), ORDINARY, SENTENCE);

const CALLS = {
  plain: plainCall,
  long: (tool, variant) => filled(message(tool, ordinary(variant)), LARGE, PARAGRAPH),
  rows: (tool, variant) => {
    const row = (at) => ({
      sku: `SKU-${10_000 + at}`,
      quantity: 1 + ((at + variant) % 9),
      price: 1000 + at,
      gift: false,
    });
    // A row has 59 bytes with its comma.
    const lines = Array.from({ length: Math.floor((LARGE - 300) / 59) }, (_, at) => row(at));
    return filled(message(tool, { ...ordinary(variant), lines }), LARGE, SENTENCE);
  },
  each: (tool, variant) => {
    const lines = Array.from({ length: 50 }, (_, at) => ({
      sku: `SKU-${at + 10}`,
      quantity: 1 + ((at * 7 + variant) % 100),
    }));
    return message(tool, { lines });
  },
  regex: (tool, variant) =>
    filled(message(tool, { email: `first.last-${10 + variant}@example.com`, subject: "Invoice" }), ORDINARY, SENTENCE),
};

/** A call with one argument in another way; `undefined` takes it away. */
const but = (call, change) => ({
  ...call,
  params: { ...call.params, arguments: { ...call.params.arguments, ...change } },
});

// What every contestant must answer, beside the calls that are timed. Left out is where peers rightly differ: the
// number 4200.5, which Cedar has no type for.
function plainChecks(count) {
  const last = count - 1;
  const call = (change, index = last) => but(plainCall(toolName(index), 0), change);
  return [
    ["an ordinary call", call({}), true],
    ["the amount at the bound", call({ amount: bound(last) }), true],
    ["one above it", call({ amount: bound(last) + 1 }), false],
    ["one above the bound of the first tool", call({ amount: bound(0) + 1 }, 0), false],
    ["a fraction above it", call({ amount: bound(last) + 0.5 }), false],
    ["an amount of a billion", call({ amount: 1e9 }), false],
    ["a negative amount", call({ amount: -1 }), true],
    ["the amount as text", call({ amount: "4200" }), false],
    ["the amount null", call({ amount: null }), false],
    ["the amount true", call({ amount: true }), false],
    ["the amount in a list", call({ amount: [1] }), false],
    ["no amount", call({ amount: undefined }), false],
    ["another currency", call({ currency: "sek" }), false],
    ["a currency in capitals", call({ currency: "USD" }), false],
    ["the currency a number", call({ currency: 1 }), false],
    ["no currency", call({ currency: undefined }), false],
    ["no customer", call({ customer: undefined }), false],
    ["the customer null", call({ customer: null }), false],
    ["a customer that is an object", call({ customer: { id: 1 } }), true],
    ["an empty customer", call({ customer: "" }), true],
    ["no arguments", message(toolName(last), {}), false],
    ["a tool that is not listed", plainCall("tool_none", 0), false],
    ["a tool in capitals", plainCall(toolName(last).toUpperCase(), 0), false],
    ["a tool without a name", plainCall("", 0), false],
    ["a tool with the name of a method", plainCall("constructor", 0), false],
  ];
}

/** A limit adds the amount up, and nothing below zero. */
const limitsChecks = (count) =>
  plainChecks(count).map(([name, call, allowed]) => [name, call, allowed && name !== "a negative amount"]);

const eachChecks = (count) => {
  const call = CALLS.each(toolName(count - 1), 0);
  const { lines } = call.params.arguments;
  const changed = (at, line) => but(call, { lines: lines.with(at, line) });
  return [
    ["all within the bound", call, true],
    ["the last at the bound", changed(49, { quantity: 99 + count }), true],
    ["the last one above it", changed(49, { quantity: 100 + count }), false],
    ["the first one above it", changed(0, { quantity: 100 + count }), false],
    ["a quantity as text", changed(20, { quantity: "5" }), false],
    ["a quantity missing", changed(20, { sku: "SKU-1" }), false],
    ["no element", but(call, { lines: [] }), false],
    ["no list", but(call, { lines: undefined }), false],
  ];
};

const regexChecks = (count) => {
  const call = CALLS.regex(toolName(count - 1), 0);
  const email = (email) => but(call, { email });
  return [
    ["an address of ours", call, true],
    ["another domain", email("first.last@example.org"), false],
    ["our domain within another", email("first.last@example.com.org"), false],
    ["a dot that is none", email("first.last@example-com"), false],
    ["capitals", email("First@example.com"), false],
    ["nobody", email("@example.com"), false],
    ["a name that is too long", email(`${"a".repeat(65)}@example.com`), false],
    ["a number", email(5), false],
    ["null", email(null), false],
    ["missing", email(undefined), false],
  ];
};

const CASES = [
  ...[1, 100, 10_000].map((tools) => ({
    id: `allowed-${tools}`,
    title: `allowed, three conditions, ${tools.toLocaleString("en")} tool${tools === 1 ? "" : "s"}`,
    tools,
    checks: plainChecks,
  })),
  {
    id: "denied-name",
    title: "denied by name",
    call: (_, variant) => plainCall(`xool_${1000 + variant}`, variant),
    allowed: false,
  },
  {
    id: "denied-argument",
    title: "denied by argument",
    call: (tool, variant) => plainCall(tool, variant, { amount: 90_000 + variant }),
    allowed: false,
  },
  { id: "limits", title: "three conditions and two limits", rules: "limits", checks: limitsChecks },
  { id: "each", title: "`[*]` over 50 elements", rules: "each", call: CALLS.each, checks: eachChecks },
  { id: "regex", title: "a regex", rules: "regex", call: CALLS.regex, checks: regexChecks },
  { id: "long", title: "20 KB, one long text", call: CALLS.long, variants: LARGE_VARIANTS },
  { id: "rows", title: "20 KB, many rows", call: CALLS.rows, variants: LARGE_VARIANTS },
];

/** Case by case, with all that a contestant needs; made when it is asked for, as the large ones are large. */
export function* cases() {
  for (const each of CASES) {
    const { id, title, tools: count = 100, rules = "plain", call = CALLS.plain } = each;
    const { allowed = true, variants = VARIANTS, checks = () => [] } = each;
    const tools = toolsOf(rules, count);
    // Spread over the policy.
    const name = (variant) => toolName((variant * 617 + 5) % count);
    const timed = Array.from({ length: variants }, (_, variant) => JSON.stringify(call(name(variant), variant)));
    yield {
      id,
      title,
      count,
      tools,
      bytes: timed[0].length,
      timed: timed.map((text) => ({ text, allowed })),
      checks: [
        ...timed.map((text, at) => ({ name: `timed call ${at}`, text, allowed })),
        ...checks(count).map(([name, call, allowed]) => ({ name, text: JSON.stringify(call), allowed })),
      ],
      policies: Object.fromEntries(Object.entries(LANGUAGES).map(([language, write]) => [language, write(tools)])),
    };
  }
}

/** The files that the native contestants read; the names in order. */
export function writeCases(folder) {
  mkdirSync(folder, { recursive: true });
  const names = [];
  for (const { tools: _, ...each } of cases()) {
    names.push(`${each.id}.json`);
    writeFileSync(`${folder}/${each.id}.json`, JSON.stringify(each));
  }
  return names;
}
