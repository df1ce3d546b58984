// The rule editor: every kind of rule and limit, the input that fits each operator, and the text beside it, of which a
// change of the form changes no more than what was asked for.
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { arrive } from "./person.mjs";
import { start } from "./site.mjs";

const BOOK = {
  name: "book",
  description: "Books a room.",
  inputSchema: {
    type: "object",
    properties: {
      room: { type: "string", enum: ["small", "large", "attic"], description: "Which one." },
      guests: { type: "integer", minimum: 1, maximum: 12 },
      price: { type: "number" },
      day: { type: "string", format: "date" },
      quiet: { type: "boolean" },
      mail: { type: "string" },
      tags: { type: "array", items: { type: "string" } },
      lines: {
        type: "array",
        items: {
          type: "object",
          properties: { what: { type: "string" }, cost: { type: "number" } },
          required: ["cost"],
        },
      },
      who: { type: "object", properties: { name: { type: "string" }, "home.land": { type: "string" } } },
      free: {},
    },
    required: ["room", "guests", "price"],
  },
};
const OTHER = { name: "cancel", inputSchema: { type: "object", properties: { id: { type: "string" } } } };

const POLICY = { version: "1", default: "deny", tools: { book: {} } };

let site, me, page;
// One page for all: each test begins with a text of its own.
before(async () => {
  site = await start();
  me = await arrive(site);
  page = me.page;
  await me.settled();
  await me.button("New…").click();
  await me
    .dialog()
    .getByLabel(/^A server's answer to tools\/list/)
    .fill(JSON.stringify([BOOK, OTHER]));
  await me.dialog().getByRole("button", { name: "Use this list" }).click();
});
after(async () => {
  try {
    await me?.leave();
  } finally {
    await site?.stop();
  }
});
beforeEach(async () => {
  await me.write(POLICY);
  await me.button("book").click();
  await page.getByRole("heading", { name: "book", level: 2 }).waitFor();
  await page.getByText("No rule looks at the calls of this tool yet.").waitFor();
});

const list = (name) => page.getByRole("region", { name, exact: true }).filter({ has: page.locator(".card") });
const card = (name, at = 0) => list(name).locator(".card").nth(at);
const add = (name) =>
  page.getByRole("group", { name: "Add", exact: true }).getByRole("button", { name, exact: true }).click();
const condition = (within, at = 0) => ({
  path: within.getByRole("combobox", { name: "Argument", exact: true }).nth(at),
  op: within.getByRole("combobox", { name: "Comparison" }).nth(at),
  value: within.getByLabel("Value", { exact: true }).nth(at),
});
const choice = (within, name) => within.getByRole("combobox", { name, exact: true });
const book = (policy) => policy.tools?.book ?? {};
const rule = (policy, kind, at = 0) => book(policy)[kind]?.[at];

/** Writes a text and waits until the form is of it: what the text says to the first condition, limit or state. */
async function having(policy, shown) {
  await me.write(policy);
  await page
    .getByRole("status")
    .getByText(/No problems|error|warning/)
    .first()
    .waitFor();
  await shown?.waitFor();
  const path = rule(policy, "deny_if")?.conditions[0].path;
  if (path) await holds(condition(card("Deny if")).path, path);
}

/** Waits until a field holds this text: the one of the policy before may be there for a moment, and has the same name. */
async function holds(field, text) {
  for (const end = Date.now() + 10_000; Date.now() < end && (await field.inputValue()) !== text;) {
    await new Promise((again) => setTimeout(again, 30));
  }
  assert.equal(await field.inputValue(), text);
}

const one = (path, op, value) => ({
  ...POLICY,
  tools: { book: { deny_if: [{ conditions: [{ path, op, value }] }] } },
});

describe("rules", () => {
  test("each kind of rule is added, says what it does, and gets the focus", async () => {
    for (const [name, kind, says] of [
      ["Require", "require", /^Denied unless/],
      ["Deny if", "deny_if", /^Denied when/],
      ["Approve if", "require_approval_if", /^Waits for|^Held|approv|person/i],
    ]) {
      await add(name);
      await me.until((policy) => rule(policy, kind), kind);
      await card(name).waitFor();
      assert.match(await card(name).locator(".sentence").innerText(), says);
      await page.waitForFunction((label) => document.activeElement?.closest(`section[aria-label="${label}"]`), name);
    }
    await add("Limit");
    await me.until((policy) => book(policy).limits?.length === 1);
    assert.match(await card("Limits").locator(".sentence").innerText(), /10 calls a minute/);
    await me.shot("rules-each-kind");
  });

  test("paths are completed from the schema, nested ones and those of every element too", async () => {
    await add("Deny if");
    const { path } = condition(card("Deny if"));
    const offered = await path.evaluate((input) =>
      [...input.list.options].map((option) => `${option.value}: ${option.textContent}`),
    );
    for (const one of [
      "args.room: string · Which one.",
      "args.tags[*]: string",
      "args.lines[*].cost: number",
      'args.who["home.land"]: string · optional',
    ]) {
      assert.ok(
        offered.some((text) => text.startsWith(one)),
        `${one} in ${offered.join("\n")}`,
      );
    }
  });

  // What stands there, the operator that is picked, how the value is put in, and what stands there then.
  const FITTING = [
    [
      "a list of choices for one of an enum",
      ["args.room", "neq", "small"],
      "equals",
      async (value) => value.selectOption({ label: "attic" }),
      ["args.room", "eq", "attic"],
    ],
    [
      "boxes for some of an enum",
      ["args.room", "eq", "small"],
      "is one of",
      async (value) => value.getByRole("checkbox", { name: "attic" }).check(),
      ["args.room", "in", ["small", "attic"]],
    ],
    [
      "boxes for none of an enum",
      ["args.room", "in", ["small", "attic"]],
      "is none of",
      async (value) => value.getByRole("checkbox", { name: "small" }).uncheck(),
      ["args.room", "not_in", ["attic"]],
    ],
    [
      "numbers",
      ["args.guests", "gt", 5],
      "is at most",
      async (value) => me.fill(value, "8"),
      ["args.guests", "lte", 8],
    ],
    ["numbers", ["args.guests", "gt", 5], "is under", async (value) => me.fill(value, "3"), ["args.guests", "lt", 3]],
    ["numbers", ["args.guests", "lt", 5], "is over", async (value) => me.fill(value, "7"), ["args.guests", "gt", 7]],
    [
      "numbers",
      ["args.guests", "lt", 5],
      "is at least",
      async (value) => me.fill(value, "2"),
      ["args.guests", "gte", 2],
    ],
    [
      "true and false",
      ["args.quiet", "eq", true],
      "differs from",
      async (value) => value.selectOption("false"),
      ["args.quiet", "neq", false],
    ],
    [
      "presence",
      ["args.mail", "eq", "x"],
      "is",
      async (value) => value.selectOption({ label: "is missing" }),
      ["args.mail", "exists", false],
    ],
    [
      "text",
      ["args.mail", "eq", "x"],
      "contains",
      async (value) => me.fill(value, "@example.org"),
      ["args.mail", "contains", "@example.org"],
    ],
    [
      "a pattern",
      ["args.mail", "eq", "x"],
      "matches",
      async (value) => me.fill(value, "^\\w+@"),
      ["args.mail", "regex", "^\\w+@"],
    ],
  ];
  test("every operator has the input that fits", async () => {
    for (const [what, [path, op, value], label, put, [, op2, value2]] of FITTING) {
      await having(one(path, op, value));
      const at = condition(card("Deny if"));
      await me.show("Rules");
      await page.waitForFunction((op) => document.querySelector("select[aria-label=Comparison]")?.value === op, op);
      await at.op.selectOption({ label });
      await me.until((policy) => rule(policy, "deny_if").conditions[0].op === op2, `${what}: ${label}`);
      await page.waitForFunction((op) => document.querySelector("select[aria-label=Comparison]")?.value === op, op2);
      await put(at.value);
      const policy = await me.until(
        (policy) => JSON.stringify(rule(policy, "deny_if").conditions[0].value) === JSON.stringify(value2),
        `${what}: the value`,
      );
      assert.deepEqual(rule(policy, "deny_if").conditions, [{ path, op: op2, value: value2 }], what);
    }
  });

  test("a day is picked, a list is typed, anything else is JSON; numbers keep every digit", async () => {
    await having(one("args.day", "eq", "2026-01-02"));
    const { value } = condition(card("Deny if"));
    await page.locator('input[type="date"]').waitFor();
    await value.fill("2026-03-04");
    await value.press("Enter");
    await me.until((policy) => rule(policy, "deny_if").conditions[0].value === "2026-03-04");

    await having(one("args.mail", "in", ["a"]));
    const more = card("Deny if").getByRole("textbox", { name: "Value: add one" });
    await more.fill("b, c c");
    await more.press("Enter");
    await me.until((policy) => rule(policy, "deny_if").conditions[0].value.join() === "a,b,c c");
    await card("Deny if").getByRole("button", { name: "Remove b" }).click();
    await me.until((policy) => rule(policy, "deny_if").conditions[0].value.join() === "a,c c");

    await having(one("args.guests", "in", [1]));
    const number = card("Deny if").getByRole("textbox", { name: "Value: add one" });
    await number.fill("2,x");
    await number.press("Enter");
    await me.until(
      (policy) => JSON.stringify(rule(policy, "deny_if").conditions[0].value) === '[1,2,"x"]',
      "what is no number stays what it is",
    );

    await having(one("args.free", "eq", { a: [1] }));
    await me.fill(condition(card("Deny if")).value, '{"a": [1, 2.50]}');
    const free = await me.until((_, text) => text.includes("2.50"));
    assert.deepEqual(rule(free, "deny_if").conditions[0].value, { a: [1, 2.5] });

    await having(one("args.price", "gt", 1));
    await me.fill(condition(card("Deny if")).value, "12345678901234567890.10");
    await me.until((_, text) => text.includes("12345678901234567890.10"));
  });

  test("a pattern is tried while it is typed, and a bad one says why", async () => {
    await having(one("args.mail", "regex", "^a+$"));
    const rule = card("Deny if");
    const answer = rule.getByRole("status");
    await rule.getByRole("textbox", { name: "Try a text" }).fill("aaa");
    await answer.getByText("matches", { exact: true }).waitFor();
    const { value } = condition(rule);
    await value.fill("^b");
    await answer.getByText("does not match").waitFor();
    await value.fill("^(b");
    await answer.locator(".bad").waitFor();
    assert.match(await answer.innerText(), /missing closing \)/);
    assert.ok((await me.text()).includes('"^a+$"'), "nothing is in the policy before the field is left");
    await value.press("Escape");
    assert.equal(await value.inputValue(), "^a+$");
    await answer.getByText("matches", { exact: true }).waitFor();
  });

  test("another argument brings an operator that fits it", async () => {
    await having(one("args.guests", "gt", 3));
    const { path, op } = condition(card("Deny if"));
    await me.fill(path, "args.quiet");
    const policy = await me.until((policy) => rule(policy, "deny_if").conditions[0].path === "args.quiet");
    assert.deepEqual(rule(policy, "deny_if").conditions[0], { path: "args.quiet", op: "eq", value: true });
    // The form follows the text a moment later.
    await op.locator('option[value="eq"]:checked').waitFor({ state: "attached" });
    await me.fill(path, 'args.who["home.land"]');
    await me.until((policy) => rule(policy, "deny_if").conditions[0].path === 'args.who["home.land"]');
    await me.fill(path, "args.nobody");
    await card("Deny if")
      .getByText(/nobody/)
      .first()
      .waitFor();
    await page.getByRole("status").getByText("1 warning").waitFor();
  });

  test("what is done before the form has followed the text is kept", async () => {
    // All in one go: the engine has answered nothing yet.
    const hurry = (does) =>
      page.evaluate((does) => {
        for (const [label, value, key] of does) {
          const field = document.querySelector(`[aria-label="${label}"]`);
          field.focus();
          field.value = value;
          field.dispatchEvent(new Event(field.tagName === "SELECT" ? "change" : "input", { bubbles: true }));
          if (key) field.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
        }
      }, does);
    const first = (policy) => rule(policy, "deny_if").conditions[0];
    const { value } = condition(card("Deny if"));

    // A field that gives way to another while something is typed in it.
    await having(one("args.mail", "eq", "x"));
    await value.and(page.locator('[data-settled=""]')).waitFor();
    await hurry([
      ["Comparison", "regex"],
      ["Value", "typed"],
    ]);
    await me.until((policy) => first(policy).op === "regex" && first(policy).value === "typed");

    await having(one("args.guests", "gt", 5));
    await page.waitForFunction(() => document.querySelector("[aria-label=Value]")?.value === "5");
    await hurry([
      ["Value", "7", "Enter"],
      ["Comparison", "lte"],
    ]);
    await me.until((policy) => first(policy).op === "lte");
    assert.equal(first(await me.parsed()).value, 7, "another operator does not bring the old value back");

    await having(one("args.mail", "in", ["a"]));
    await card("Deny if").getByRole("button", { name: "Remove a" }).waitFor();
    await hurry([
      ["Value: add one", "b", "Enter"],
      ["Value: add one", "c", "Enter"],
    ]);
    await me.until((policy) => first(policy).value.join() === "a,b,c");
  });

  test("several conditions, a message, and a note with a fix", async () => {
    await having(one("args.mail", "eq", "x"));
    const within = card("Deny if");
    assert.ok(
      await within.getByRole("button", { name: "Remove this condition" }).isDisabled(),
      "a rule has one at least",
    );
    await within.getByRole("button", { name: "and another condition…" }).click();
    await me.until((policy) => rule(policy, "deny_if").conditions.length === 2);
    const sentence = within.locator(".sentence");
    await sentence.getByText(/ and /).waitFor();
    await me.fill(within.getByLabel("What the caller is told"), 'Not you, "x"');
    await me.until((policy) => rule(policy, "deny_if").on_deny === 'Not you, "x"');
    await within.getByRole("button", { name: "Remove this condition" }).nth(1).click();
    await me.until((policy) => rule(policy, "deny_if").conditions.length === 1);
    await me.fill(within.getByLabel("What the caller is told"), "");
    await me.until((policy) => !("on_deny" in rule(policy, "deny_if")));

    assert.match(await within.locator(".note").first().innerText(), /Not checked when mail is missing/);
    await within.getByRole("button", { name: /require/i }).click();
    await me.until((policy) => book(policy).require?.[0].conditions[0].op === "exists", "it is required now");
    await card("Require").waitFor();
    await page.waitForFunction(() => !document.body.innerText.includes("Not checked when mail"));
    await me.shot("rules-required");
  });

  test("rules are moved and removed, as small edits", async () => {
    const rules = ["a", "b", "c"].map((mail) => ({ conditions: [{ path: "args.mail", op: "eq", value: mail }] }));
    await having({ ...POLICY, tools: { book: { deny_if: rules } } });
    const before = await me.text();
    const order = (policy) => (book(policy).deny_if ?? []).map((rule) => rule.conditions[0].value).join("");
    await me.button("Move Deny if 1 down").click();
    await me.until((policy) => order(policy) === "bac");
    await me.button("Move Deny if 3 up").click();
    await me.until((policy) => order(policy) === "bca");
    assert.ok(await me.button("Move Deny if 1 up").isDisabled());
    assert.ok(await me.button("Move Deny if 3 down").isDisabled());
    await me.button("Remove Deny if 2").click();
    await me.until((policy) => order(policy) === "ba");
    await me.button("Remove Deny if 2").click();
    await me.until((policy) => order(policy) === "b");
    await me.button("Remove Deny if 1").click();
    await me.until((policy) => !book(policy).deny_if, "an empty list goes too");
    await page.getByText("No rule looks at the calls of this tool yet.").waitFor();
    for (let step = 0; step < 5; step += 1) await me.button("Undo").click();
    await me.textIs(before);
  });
});

describe("limits and actions", () => {
  test("a limit in words: how many, of what, per what, for whom, and what is said", async () => {
    await add("Limit");
    const limit = card("Limits");
    const said = limit.locator(".sentence");
    await me.fill(limit.getByLabel("At most"), "25");
    await said.getByText(/25 calls a minute/).waitFor();
    for (const window of ["hour", "day"]) {
      await choice(limit, "per").selectOption(window);
      await said.getByText(new RegExp(`25 calls an? ${window}`)).waitFor();
    }
    await choice(limit, "per").selectOption("seconds");
    await me.fill(limit.getByRole("textbox", { name: "Seconds" }), "90");
    await me.until((policy) => book(policy).limits[0].window === 90);
    await said.getByText(/90 seconds/).waitFor();
    for (const [label, scope, says] of [
      ["each session", "session", /each session/],
      ["everybody", "all", /everybody|all callers|together/],
      ["each grant", "grant", /each grant/],
    ]) {
      await choice(limit, "for").selectOption({ label });
      await me.until((policy) => book(policy).limits[0].scope === scope);
      await said.getByText(says).waitFor();
    }
    await choice(limit, "of").selectOption({ label: "a sum of" });
    await me.until((policy) => book(policy).limits[0].increment_from === "args.guests", "the first number there is");
    await me.fill(limit.getByRole("combobox", { name: "Argument that is added up" }), "args.price");
    await me.until((policy) => book(policy).limits[0].increment_from === "args.price");
    await said.getByText(/price/).waitFor();
    await me.fill(limit.getByLabel("Name of the counter"), "spent");
    await me.fill(limit.getByLabel("What the caller is told"), "Enough for now.");
    const policy = await me.until((policy) => book(policy).limits[0].on_deny);
    assert.deepEqual(book(policy).limits, [
      {
        counter: "spent",
        window: 90,
        max: 25,
        scope: "grant",
        increment_from: "args.price",
        on_deny: "Enough for now.",
      },
    ]);
    await me.shot("rules-limit");
    await choice(limit, "of").selectOption({ label: "calls" });
    await me.until((policy) => !("increment_from" in book(policy).limits[0]));
    await add("Limit");
    const two = await me.until((policy) => book(policy).limits.length === 2);
    assert.notEqual(book(two).limits[0].counter, book(two).limits[1].counter);
  });

  test("what is no number is kept, and said to be wrong", async () => {
    await add("Limit");
    const limit = card("Limits");
    await me.fill(limit.getByLabel("At most"), "a few");
    await me.until((policy) => book(policy).limits[0].max === "a few");
    await limit.locator(".error").first().waitFor();
    assert.equal(
      await limit
        .getByLabel("At most")
        .inputValue()
        .then((text) => text.replaceAll('"', "")),
      "a few",
    );
    await me.fill(limit.getByLabel("At most"), "3");
    await me.until((policy) => book(policy).limits[0].max === 3);
    await limit.locator(".error").first().waitFor({ state: "detached" });
  });

  test("limits that hold for all tools, in the same words, of calls only", async () => {
    await me.button("Rules for all tools").click();
    await page.getByRole("heading", { name: "All tools", level: 2 }).waitFor();
    await add("Limit");
    await me.until((policy) => policy.all_tools?.limits?.[0].counter === "calls");
    const limit = card("Limits");
    assert.equal(await choice(limit, "of").count(), 0, "they cannot add up an argument");
    await choice(limit, "per").selectOption("day");
    await me.fill(limit.getByLabel("At most"), "1000");
    const policy = await me.until((policy) => policy.all_tools.limits[0].max === 1000);
    assert.deepEqual(policy.all_tools, { limits: [{ counter: "calls", window: "day", max: 1000, scope: "grant" }] });
    await me.button("Remove Limit 1").click();
    await me.until((policy) => !policy.all_tools, "what is empty and means nothing goes");
  });

  test("an action has a reason for the caller", async () => {
    await having({ version: "1", default: "allow", tools: { book: {} } });
    await me.state("book").selectOption("deny");
    await me.until((policy) => book(policy).action === "deny");
    const reason = page.getByLabel("Reason, for the caller");
    await me.fill(reason, "Ask the desk.");
    await me.until((policy) => book(policy).reason === "Ask the desk.");
    assert.match(await page.locator("#pane-rules .whole").innerText(), /denied|No call/i);
    await me.state("book").selectOption("approve");
    await me.until((policy) => book(policy).action === "require_approval");
    await me.fill(reason, "");
    await me.until((policy) => !("reason" in book(policy)));
  });
});

/** Tabs, no spaces, spaces everywhere, keys in no order: somebody's own way. */
const ODD = `{ "x-by" :"me",
\t"default":"deny" ,   "version": "1",
"tools" : {
  "book":{"x-note":{"b":1,  "a":[ 1,2 ]}, "deny_if":[
      {"on_deny" : "No." , "x-ticket":7, "conditions":[ {"value":1e1,"op":"gt","path":"args.guests", "x-c":null} ]},
      { "conditions": [{"path":"args.mail","op":"eq","value":"caf\\u00e9"}]   }
   ] ,"limits":[{"max":10.0,"counter":"n","window":"hour","x-why":"\\/"}]},
      "cancel"  :  {}
}, "x-end":[]}
`;

describe("text and form", () => {
  test("a form edit changes its own place and not a byte beside it", async () => {
    await having(ODD, card("Deny if", 1));
    let text = ODD;
    const swap = async (from, to, what) => {
      assert.equal(text.split(from).length, 2, `${from} is there once`);
      text = text.replace(from, () => to);
      await me.textIs(text, what);
    };
    const first = card("Deny if", 0);
    await me.fill(condition(first).value, "12.50");
    await swap("1e1", "12.50", "a number");
    await condition(first).op.selectOption("gte");
    await swap(
      '{"value":12.50,"op":"gt"',
      '{"value":12.50,"op":"gte"',
      "an operator: the condition keeps its other keys and their order",
    );
    await me.fill(first.getByLabel("What the caller is told"), "Too many.");
    await swap('"on_deny" : "No."', '"on_deny" : "Too many."', "a message");
    await me.fill(condition(card("Deny if", 1)).value, "tea");
    await swap('"caf\\u00e9"', '"tea"', "a text");
    const limit = card("Limits");
    await me.fill(limit.getByLabel("At most"), "11");
    await swap("10.0", "11", "a limit");
    await choice(limit, "per").selectOption("minute");
    await swap('"hour"', '"minute"', "a window");
    await me.fill(limit.getByLabel("Name of the counter"), "m");
    await swap('"counter":"n"', '"counter":"m"', "a counter");
    await me.fill(condition(first).path, "args.price");
    await swap('"path":"args.guests"', '"path":"args.price"', "a path");
    for (let step = 0; step < 8; step += 1) await me.button("Undo").click();
    await me.textIs(ODD, "and all of it can be taken back");
  });

  test("what is added, moved and removed leaves all other bytes alone", async () => {
    await having(ODD, card("Deny if", 1));
    const kept = (text) =>
      [
        '{ "x-by" :"me",\n\t"default":"deny" ,   "version": "1",\n"tools" : {\n',
        '"x-note":{"b":1,  "a":[ 1,2 ]}',
        '"cancel"  :  {}\n}, "x-end":[]}\n',
      ].every((part) => text.includes(part));
    const steps = [
      [() => add("Require"), (policy) => rule(policy, "require")],
      [() => add("Limit"), (policy) => book(policy).limits.length === 2],
      [() => me.button("Move Deny if 2 up").click(), (policy) => rule(policy, "deny_if", 1).on_deny === "No."],
      [() => me.button("Remove Deny if 1").click(), (policy) => book(policy).deny_if.length === 1],
      [
        () => card("Deny if").getByRole("button", { name: "and another condition…" }).click(),
        (policy) => rule(policy, "deny_if").conditions.length === 2,
      ],
      [() => me.state("cancel").selectOption("approve"), (policy) => policy.tools.cancel.action === "require_approval"],
    ];
    for (const [act, is] of steps) {
      await act();
      await me.until(is);
      const text = await me.text();
      assert.ok(text.includes('"x-note":{"b":1,  "a":[ 1,2 ]}'), text);
      assert.ok(text.startsWith('{ "x-by" :"me",\n\t"default":"deny" ,   "version": "1",\n"tools" : {\n'), text);
    }
    assert.ok(
      (await me.text()).includes('"conditions":[ {"value":1e1,"op":"gt","path":"args.guests", "x-c":null}'),
      "a moved rule keeps its bytes",
    );
    for (const _ of steps) await me.button("Undo").click();
    await me.textIs(ODD);
    assert.ok(kept(await me.text()));
  });

  test("what the form does not know is shown with its problem, and nothing is lost", async () => {
    const text = JSON.stringify({
      ...POLICY,
      tools: {
        book: {
          deny_if: [
            { conditions: [{ path: "args.guests", op: "greater", value: 3 }] },
            { conditions: [{ path: "args.guests", op: "gt", value: "many" }] },
            { conditions: [{ path: "args.mail", op: "in", value: "a" }] },
            { conditions: [{ path: "args.mail", op: "regex", value: "(" }] },
            { conditions: [{ path: 7, op: ["gt"] }] },
            { conditions: "none", on_deny: 5 },
            {},
            "nothing",
          ],
          limits: [{ counter: "c", window: "fortnight", max: "x" }, 3],
        },
      },
    });
    await having(text, card("Deny if", 7));
    await me.shot("rules-broken");
    const operator = condition(card("Deny if", 0)).op;
    assert.equal(await operator.inputValue(), "greater");
    for (const at of [0, 1, 2, 3, 4, 5])
      assert.ok((await card("Deny if", at).locator(".error").count()) > 0, `rule ${at} says what is wrong`);
    assert.match(await card("Deny if", 0).locator(".error").first().innerText(), /greater/);
    assert.equal(await condition(card("Deny if", 1)).value.inputValue(), "many");
    assert.match(await condition(card("Deny if", 2)).value.inputValue(), /a/);
    const window = choice(card("Limits"), "per");
    assert.equal(
      await window.evaluate((select) => select.selectedOptions[0]?.textContent),
      "fortnight",
      "it is shown as it is",
    );
    assert.ok((await card("Limits").locator(".error").count()) > 0);
    assert.equal(await me.text(), text, "to look at it changes nothing");
    // Each is mended in the form, one by one.
    await operator.selectOption("gt");
    await me.until((policy) => rule(policy, "deny_if").conditions[0].op === "gt");
    assert.equal(rule(await me.parsed(), "deny_if").conditions[0].value, 3);
    await me.fill(condition(card("Deny if", 1)).value, "4");
    await me.until((policy) => rule(policy, "deny_if", 1).conditions[0].value === 4);
    await window.selectOption("hour");
    await me.until((policy) => book(policy).limits[0].window === "hour");
    const now = await me.parsed();
    const was = JSON.parse(text);
    was.tools.book.deny_if[0].conditions[0].op = "gt";
    was.tools.book.deny_if[1].conditions[0].value = 4;
    was.tools.book.limits[0].window = "hour";
    assert.deepEqual(now, was, "all else is as it was");
  });

  test("an edit of the text shows in the form, and of the form in the text, and the cursor stays", async () => {
    await having(JSON.stringify(one("args.guests", "gt", 3), null, 2), card("Deny if"));
    // The cursor in front of the last brace; what is typed in the form must not move it.
    await me.policy().click();
    await page.keyboard.press("Control+End");
    await page.keyboard.press("ArrowLeft");
    const { value } = condition(card("Deny if"));
    await me.fill(value, "1234");
    await me.until((policy) => rule(policy, "deny_if").conditions[0].value === 1234);
    await me.policy().focus();
    await page.keyboard.type(" ");
    assert.ok((await me.text()).endsWith(" }"), "the cursor is where it was");
    // The other way round: the field that has the focus keeps it, and its place.
    const message = card("Deny if").getByLabel("What the caller is told");
    await message.focus();
    await page.keyboard.type("half");
    await page.evaluate(() => {
      const content = document.querySelector(".cm-content");
      const view = (content.cmTile ?? content.cmView).view;
      const text = view.state.doc.toString();
      const at = text.indexOf("1234");
      view.dispatch({ changes: { from: at, to: at + 4, insert: "77" } });
    });
    await page.waitForFunction(() => document.querySelector("[aria-label=Value]")?.value === "77");
    await page.keyboard.type("way");
    assert.equal(await message.inputValue(), "halfway", "what is being typed is not taken away");
    await message.press("Enter");
    const policy = await me.until((policy) => rule(policy, "deny_if").on_deny);
    assert.equal(rule(policy, "deny_if").on_deny, "halfway");
    assert.equal(rule(policy, "deny_if").conditions[0].value, 77);
    assert.ok(await message.evaluate((field) => field === document.activeElement));
    // A text in the middle of an edit shows as far as it is understood.
    await me.write((await me.text()).replace('"default": "deny",', '"default": "de'));
    await page.getByRole("status").getByText(/error/).waitFor();
    await card("Deny if")
      .getByText(/Denied when/)
      .waitFor();
  });

  test("a change that is made before the form has followed the text changes no other rule", async () => {
    const names = ["one", "two", "three"];
    const policy = {
      version: "1",
      default: "deny",
      tools: { book: { deny_if: names.map((value) => ({ conditions: [{ path: "args.room", op: "eq", value }] })) } },
    };
    const rooms = (policy) => book(policy).deny_if.map(({ conditions }) => conditions[0].value);
    const remove = (number = 1) => page.getByRole("button", { name: `Remove Deny if ${number}` });
    await having(JSON.stringify(policy, null, 2), remove());
    // A second click, where the next rule will be.
    await remove().evaluate((button) => {
      button.click();
      button.click();
    });
    await page.getByRole("alert").getByText("Nothing was changed").waitFor();
    assert.deepEqual(rooms(await me.parsed()), ["two", "three"]);
    // What the form shows by then can be removed, and nothing is said any more.
    await remove(3).waitFor({ state: "detached" });
    await remove().click();
    await me.until((policy) => rooms(policy).length === 1);
    assert.deepEqual(rooms(await me.parsed()), ["three"]);
    assert.equal(await page.getByRole("alert").count(), 0);
    await remove(2).waitFor({ state: "detached" });
    // A rule that is written in front of the one that the form shows.
    await remove().evaluate((button) => {
      const content = document.querySelector(".cm-content");
      const view = (content.cmTile ?? content.cmView).view;
      const at = view.state.doc.toString().indexOf("[") + 1;
      const insert = '{ "conditions": [{ "path": "args.room", "op": "eq", "value": "zero" }] },';
      view.dispatch({ changes: { from: at, insert }, userEvent: "input.paste" });
      button.click();
    });
    await page.getByRole("alert").getByText("Nothing was changed").waitFor();
    assert.deepEqual(rooms(await me.parsed()), ["zero", "three"]);
    // Where nothing is any more, it is said in the same words.
    await remove(2).waitFor();
    await remove(2).click();
    await remove(2).waitFor({ state: "detached" });
    await remove().evaluate((button) => {
      button.click();
      button.click();
    });
    await page.getByRole("alert").getByText("Nothing was changed").waitFor();
  });
});

describe("undo", () => {
  test("runs across form and text, in the order in which things were done", async () => {
    await having(one("args.guests", "gt", 3), card("Deny if"));
    const texts = [await me.text()];
    const done = async (act, is) => {
      await act();
      await me.until(is);
      texts.push(await me.text());
    };
    const { value, op } = condition(card("Deny if"));
    await done(
      () => me.fill(value, "4"),
      (policy) => rule(policy, "deny_if").conditions[0].value === 4,
    );
    await done(
      async () => {
        await me.policy().click();
        await page.keyboard.press("Control+Home");
        await page.keyboard.press("ArrowRight");
        await page.keyboard.insertText('"x-a": 1,');
      },
      (policy) => policy["x-a"] === 1,
    );
    await done(
      () => op.selectOption("gte"),
      (policy) => rule(policy, "deny_if").conditions[0].op === "gte",
    );
    await done(
      () => me.state("cancel").selectOption("hide"),
      (policy) => policy.hide,
    );
    await done(
      () => me.button("Format").click(),
      (_, text) => text.endsWith('"x-a": 1\n}'),
    );
    await done(
      () => add("Limit"),
      (policy) => book(policy).limits,
    );
    await done(
      () => me.fill(card("Limits").getByLabel("At most"), "9"),
      (policy) => book(policy).limits[0].max === 9,
    );
    await done(
      () => me.button("Remove Deny if 1").click(),
      (policy) => !book(policy).deny_if,
    );
    const last = texts.length - 1;
    // Back by the buttons, forth by the keys in the text, and a few to and fro.
    for (let at = last - 1; at >= 0; at -= 1) {
      await me.button("Undo").click();
      await me.textIs(texts[at], `back to ${at}`);
    }
    assert.ok(await me.button("Redo").isEnabled());
    await me.policy().focus();
    for (let at = 1; at <= last; at += 1) {
      await page.keyboard.press(at % 2 ? "Control+y" : "Control+Shift+Z");
      await me.textIs(texts[at], `forth to ${at}`);
    }
    assert.ok(await me.button("Redo").isDisabled());
    for (const at of [last - 1, last - 2, last - 3]) {
      await page.keyboard.press("Control+z");
      await me.textIs(texts[at]);
    }
    await me.button("Redo").click();
    await me.textIs(texts[last - 2]);
    // Something new takes the place of what was undone.
    await me.state("cancel").selectOption("allow");
    await me.until((policy) => policy.tools.cancel && !policy.hide?.length);
    await page.waitForFunction(() => document.querySelector('button[aria-label="Redo"]').disabled);
    await page.keyboard.press("Control+z");
    await me.textIs(texts[last - 2]);
  });

  test("works by keys wherever the focus is, and a field that is being typed in has its own way back", async () => {
    await having(one("args.guests", "gt", 3), card("Deny if"));
    const before = await me.text();
    const { value, op } = condition(card("Deny if"));
    // In a select.
    await op.selectOption("lt");
    await me.until((policy) => rule(policy, "deny_if").conditions[0].op === "lt");
    const changed = await me.text();
    await op.focus();
    await page.keyboard.press("Control+z");
    await me.textIs(before, "in a list of choices");
    await page.waitForFunction(() => document.querySelector("select[aria-label=Comparison]").value === "gt");
    await page.keyboard.press("Control+Shift+Z");
    await me.textIs(changed);
    await page.keyboard.press("Control+z");
    // In a field that holds what the policy holds.
    await me.fill(value, "5");
    await me.until((policy) => rule(policy, "deny_if").conditions[0].value === 5);
    const five = await me.text();
    await page.keyboard.press("Control+z");
    await me.textIs(before, "in a clean field");
    await page.waitForFunction(() => document.querySelector("[aria-label=Value]").value === "3");
    assert.ok(await value.evaluate((field) => field === document.activeElement), "the focus stays");
    await page.keyboard.press("Control+y");
    await me.textIs(five);
    // In one that is being typed in.
    await value.focus();
    await page.keyboard.press("End");
    await page.keyboard.type("67");
    await page.keyboard.press("Control+z");
    assert.equal(await me.text(), five, "the policy is not touched");
    assert.notEqual(await value.inputValue(), "567", "what was typed is taken back");
    await page.keyboard.press("Escape");
    assert.equal(await value.inputValue(), "5");
    await page.keyboard.press("Control+z");
    await me.textIs(before, "and then the policy's turn comes again");
    // On a button, and on nothing at all.
    await me.button("Redo").focus();
    await page.keyboard.press("Control+Shift+z");
    await me.textIs(five);
    await page.evaluate(() => document.activeElement.blur());
    await page.keyboard.press("Control+z");
    await me.textIs(before, "with the focus nowhere");
  });
});

// The last, for it brings other tools.
test("another draft is not taken for a text that the form has not followed to", async () => {
  await having(one("args.guests", "gt", 3), card("Deny if"));
  await me.template("One tool, ten calls a minute");
  await me.fill(page.getByLabel("At most"), "11");
  await me.until((policy) => policy.tools.policy_generation_start.limits[0].max === 11);
  assert.equal(await page.getByRole("alert").count(), 0);
});
