// The editor of the policy's text: what it completes and explains, what it underlines and mends, and that it stays quick.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { arrive } from "./person.mjs";
import { start } from "./site.mjs";

let site, me, page;
// One page for all: each test begins with a text of its own.
before(async () => {
  site = await start();
  me = await arrive(site);
  page = me.page;
  await me.template(/Support agent/);
});
after(async () => {
  try {
    await me?.leave();
  } finally {
    await site?.stop();
  }
});

const options = () => page.locator(".cm-tooltip-autocomplete li");

/** Writes a text and puts the cursor where `|` stands in it. */
async function at(text) {
  const where = text.indexOf("|");
  await me.write(text.replace("|", ""));
  await page.keyboard.press("Control+Home");
  await page.evaluate((where) => {
    const content = document.querySelector(".cm-content");
    const { view } = content.cmTile ?? content.cmView;
    view.dispatch({ selection: { anchor: where } });
  }, where);
}

/** What is offered at `|`, as labels. */
async function offered(text) {
  await at(text);
  await page.keyboard.press("Control+Space");
  await options().first().waitFor();
  const labels = await page.locator(".cm-tooltip-autocomplete .cm-completionLabel").allInnerTexts();
  await page.keyboard.press("Escape");
  return labels;
}

/** Takes the first that is offered, once it is the one that is meant. */
async function pick(label) {
  await options().first().filter({ hasText: label }).waitFor();
  // The editor takes no answer to a list that has just come: nobody can have read it.
  await page.waitForTimeout(100);
  await page.keyboard.press("Enter");
}

/** Points at a word of the text. */
async function pointAt(word) {
  await page.mouse.move(5, 5);
  await page.locator(".cm-tooltip-hover").waitFor({ state: "detached" });
  const place = await page.evaluate((word) => {
    const content = document.querySelector(".cm-content");
    const { view } = content.cmTile ?? content.cmView;
    const { left, top, bottom } = view.coordsAtPos(view.state.doc.toString().indexOf(word) + 1);
    return { x: left + 2, y: (top + bottom) / 2 };
  }, word);
  await page.mouse.move(place.x, place.y, { steps: 3 });
  const shown = page.locator(".cm-tooltip-hover");
  await shown.waitFor();
  return shown.innerText();
}

const inTool = (rule) => `{"version": "1", "default": "deny", "tools": {"create_charge": ${rule}`;

describe("completion", () => {
  test("knows keys, values, tools, arguments, operators and choices, in whole texts and in broken ones", async () => {
    for (const [text, some, none = []] of [
      ["{|", ["version", "default", "tools", "all_tools"], ["conditions"]],
      ['{"version": "1", "default": "|", "tools": {}}', ["deny", "allow"], ["version"]],
      ['{"version": "1", "default": "deny", "tools": {"|"}}', ["create_charge", "get_balance"]],
      ['{"version": "1", "default": "deny", "hide": ["|"], "tools"', ["create_payout", "*"]],
      [inTool('{"|'), ["require", "deny_if", "limits", "action"], ["tools"]],
      [inTool('{"action": "|"'), ["deny", "require_approval"]],
      [inTool('{"deny_if": [{"conditions": [{"path": "|"}]}]}}}'), ["args.customer", "args.amount"], ["args.lines"]],
      [inTool('{"deny_if": [{"conditions": [{"path": "args.amount", "op": "|"'), ["gt", "lte"]],
      [inTool('{"deny_if": [{"conditions": [{"path": "args.currency", "op": "eq", "value": |}]}]}}}'), ["eur", "jpy"]],
      [inTool('{"require": [{"conditions": [{"path": "args.currency", "op": "in", "value": ["|'), ["eur", "jpy"]],
      [inTool('{"limits": [{"counter": "a", "window": "|"}]}}}'), ["minute", "hour", "day"]],
      [
        '{"version": "1", "tools": {"create_invoice": {"deny_if": [{"conditions": [{"path": "args.li|',
        ["args.lines[*].price"],
      ],
      ['{"version": "1", "default": "deny",,, "to|', ["tools"]],
    ]) {
      const labels = await offered(text);
      for (const label of some) assert.ok(labels.includes(label), `${label} at ${text}: ${labels}`);
      for (const label of none) assert.ok(!labels.includes(label), `no ${label} at ${text}`);
    }
    assert.equal(
      (await offered(inTool('{"deny_if": [{"conditions": [{"path": "args.amount", "op": "|"')))[0].length <= 3,
      true,
    );
  });

  test("what is picked while typing stands there as JSON, and one goes on behind it", async () => {
    await at("|");
    await page.keyboard.type('{"ver');
    await pick("version");
    assert.equal(await me.text(), '{"version": "1"}', "there is only one value");
    await page.keyboard.type(', "de');
    await pick("default");
    await page.keyboard.press("Control+Space");
    await pick("deny");
    await page.keyboard.type(', "tools": {"get_b');
    const option = options().filter({ hasText: "get_balance" });
    await option.waitFor();
    // What has opened less than 75 ms ago takes no click, lest one picks what one did not see.
    await page.waitForTimeout(150);
    await option.click();
    const policy = await me.until((policy) => policy.tools?.get_balance);
    assert.deepEqual(policy, { version: "1", default: "deny", tools: { get_balance: {} } });
    await me.settled();
    assert.equal(await me.state("get_balance").inputValue(), "allow", "and the table has it");
  });

  test("Escape shuts it, and the Tab key is for leaving", async () => {
    await at('{"|"}');
    await page.keyboard.press("Control+Space");
    await options().first().waitFor();
    await page.keyboard.press("Escape");
    await options().first().waitFor({ state: "detached" });
    await page.keyboard.press("Tab");
    assert.ok(!(await me.policy().evaluate((editor) => editor.contains(document.activeElement))));
  });
});

describe("hover", () => {
  test("explains keys, operators, tools and arguments, as text", async () => {
    await me.write(inTool('{"deny_if": [{"conditions": [{"path": "args.amount", "op": "gt", "value": 5}]}]}}}'));
    await me.settled();
    assert.match(await pointAt("default"), /only the tools under tools can be called/);
    assert.match(await pointAt("create_charge"), /Charge a customer/);
    assert.match(await pointAt("args.amount"), /integer[^]*smallest unit/);
    assert.match(await pointAt('gt"'), /over/);
    await me.shot("hover");
  });

  test("works in a broken text too", async () => {
    await me.write(inTool('{"deny_if": [{"conditions": [{"path": "args.amount", "op": "gt", '));
    await page.getByRole("status").getByText(/error/).waitFor();
    assert.match(await pointAt("args.amount"), /integer/);
    assert.match(await pointAt("deny_if"), /denied/);
  });
});

describe("problems", () => {
  const BROKEN =
    '{\n  "version": "1",\n  "defualt": "deny",\n  "tols": {\n    "create_chrge": { "deny_iff": [] }\n  }\n}';

  test("are underlined where they are, and mended one after the other", async () => {
    await me.write(BROKEN);
    await me.problems().getByText("defualt").first().waitFor();
    const marks = (await me.underlined("error")).map((text) => text.replaceAll('"', ""));
    assert.ok(marks.includes("defualt") && marks.includes("tols"), marks.join());
    await me.shot("several-problems");
    const fix = me.problems().getByRole("button", { name: /^Fix/ });
    // A fix can bring to light what it hid: `tols` was not looked into.
    for (const is of [
      (text) => text.includes('"default"'),
      (text) => text.includes('"tools"'),
      (text) => text.includes('"deny_if"'),
      (text) => text.includes('"create_charge"'),
    ]) {
      await fix.first().click();
      await me.until((_, text) => is(text), "a fix");
    }
    assert.equal(
      await me.text(),
      BROKEN.replace("defualt", "default")
        .replace("tols", "tools")
        .replace("deny_iff", "deny_if")
        .replace("create_chrge", "create_charge"),
    );
    for (let step = 0; step < 4; step += 1) await me.button("Undo").click();
    await me.textIs(BROKEN);
  });

  test("two fixes in a row, as quick as one can click, both hold", async () => {
    await me.write(BROKEN);
    await me.problems().getByText("tols").first().waitFor();
    const button = (title) => me.problems().getByRole("button", { name: new RegExp(`^Fix.*${title}`) });
    await button("default").evaluate((first) => {
      const second = [...document.querySelectorAll('ul[aria-label="Problems"] button')].find((one) =>
        /^\s*Fix.*tools/.test(one.textContent),
      );
      first.click();
      second.click();
    });
    await me.until((policy) => policy.default, "the first");
    await page
      .getByRole("status")
      .getByText(/error|warning|No problems/)
      .first()
      .waitFor();
    // The second was made for the text of before; if it was not taken, it is still offered.
    if (!(await me.text()).includes('"tools"')) await button("tools").click();
    const policy = await me.until((policy) => policy.tools);
    assert.deepEqual(Object.keys(policy), ["version", "default", "tools"]);
  });

  test("a fix is at hand at the underlined word too, also by keyboard", async () => {
    await me.write(BROKEN);
    await me.problems().getByText("defualt").first().waitFor();
    await me.policy().locator(".cm-lintRange-error", { hasText: "defualt" }).first().hover();
    await page
      .locator(".cm-tooltip-lint")
      .getByRole("button", { name: /Fix.*default/ })
      .click();
    await me.until((policy) => policy.default === "deny");
    await me.policy().focus();
    await page.keyboard.press("Control+Home");
    await page.keyboard.press("F8");
    const place = await page.evaluate(() => {
      const content = document.querySelector(".cm-content");
      const { view } = content.cmTile ?? content.cmView;
      const { from, to } = view.state.selection.main;
      return view.state.doc.sliceString(from, to);
    });
    assert.equal(place.replaceAll('"', ""), "tols", "F8 goes to the next problem");
  });

  test("are all counted and marked, though only the first are listed", async () => {
    const names = Array.from({ length: 59 }, (_, at) => [`nobody_has_${at}`, {}]);
    const last = { deny_if: [{ conditions: [{ path: "args.amuont", op: "gt", value: 1 }] }] };
    const tools = { ...Object.fromEntries(names), create_charge: last };
    await me.write({ version: "1", default: "deny", tools });
    await page.getByRole("status").getByText("60 warnings").waitFor();
    assert.equal(await me.problems().getByText("nobody_has_").count(), 25);
    await me.problems().getByText("and 35 more").waitFor();
    const mark = me.policy().locator(".cm-lintRange-warning", { hasText: "amuont" });
    await me.policy().click();
    await page.keyboard.press("Control+End");
    await mark.waitFor();
    // An edit at the end, which changes nothing of what is said, takes none of the marks away.
    await page.keyboard.type(" ");
    await me.settled();
    assert.equal(await mark.count(), 1);
    // A fault hides them; when it is gone they are back, the last too.
    await me.policy().focus();
    await page.keyboard.type("x");
    await page
      .getByRole("status")
      .getByText(/^\d+ errors?$/)
      .waitFor();
    await mark.waitFor({ state: "detached" });
    await page.keyboard.press("Backspace");
    await mark.waitFor();
    // The form of a tool that is far down says what there is to say of it.
    await me.row("create_charge").getByRole("button", { name: "create_charge", exact: true }).click();
    await page.getByRole("region", { name: "Deny if" }).getByText("has no argument").waitFor();
  });

  test("lead to their place", async () => {
    await me.write(`{\n${"\n".repeat(80)}  "version": 1\n}`);
    await me
      .problems()
      .getByRole("button", { name: /go to line 82/i })
      .first()
      .click();
    await me.policy().locator(".cm-activeLine").getByText('"version": 1').waitFor();
    assert.ok(await me.policy().evaluate((editor) => editor.contains(document.activeElement)));
  });
});

describe("the text", () => {
  test("is formatted as one step, with every digit and x- key", async () => {
    const ugly = '{"x-b":1.50,"version":"1","default":"deny","tools":{"get_balance":{"x-a":[1,\n2]}}}';
    await me.write(ugly);
    await me.settled();
    await me.button("Format").click();
    const formatted = await me.until((_, text) => text.includes('\n  "default": "deny"'));
    assert.deepEqual(formatted, JSON.parse(ugly));
    assert.ok((await me.text()).includes("1.50"));
    const text = await me.text();
    await me.button("Undo").click();
    await me.textIs(ugly);
    await me.button("Redo").click();
    await me.textIs(text);
    await me.write("{");
    await page.getByRole("status").getByText(/error/).waitFor();
    assert.ok(await me.button("Format").isDisabled());
  });

  test("keeps the cursor where it is in the document when it is formatted", async () => {
    const text =
      '{"tools":{"get_balance":{"limits":[{"max":1,"counter":"n","window":"day"},\n{"max":22,"window":"hour","counter":"m"}]},"create_charge":{}},\n"default":"deny","version":"1"}';
    for (const [before, after] of [
      ['"window":"ho|ur"', '"window": "ho|ur"'],
      ['"max":2|2', '"max": 2|2'],
      ['"create_|charge":{}', '"create_|charge": {}'],
      ['"version":"1"|}', '"version": "1"|,'],
      ['"default":|"deny"', '"default": |"deny"'],
      ['{|"max":22', '|"max": 22'],
    ]) {
      await at(text.replace(before.replace("|", ""), before));
      await me.settled();
      await me.button("Format").click();
      await me.until((_, now) => now.includes('\n  "default": "deny"'), "it is formatted");
      const around = await page.evaluate(() => {
        const content = document.querySelector(".cm-content");
        const { view } = content.cmTile ?? content.cmView;
        const { head } = view.state.selection.main;
        return [view.state.sliceDoc(head - 20, head), view.state.sliceDoc(head, head + 20)];
      });
      const [front, back] = after.split("|");
      assert.ok(around[0].endsWith(front) && around[1].startsWith(back), `${before}: ${around.join("|")}`);
    }
    // In a long text, what is looked at stays in sight.
    const tools = Array.from(
      { length: 300 },
      (_, n) => `"tool_${n}":{"limits":[{"max":1,\n"counter":"n","window":"day"}]}`,
    );
    await at(`{"tools":{${tools.join(",\n")}},"default":"deny","version":"1"}`.replace('"tool_200"', '"tool|_200"'));
    await me.policy().press("ArrowRight");
    await me.settled();
    await me.button("Format").click();
    await me.until((_, now) => now.includes('\n  "default": "deny"'), "it is formatted");
    await me.policy().locator(".cm-activeLine", { hasText: "tool_200" }).waitFor();
    const seen = await me
      .policy()
      .locator(".cm-activeLine")
      .evaluate((line) => {
        const { top } = line.closest(".cm-scroller").getBoundingClientRect();
        return line.getBoundingClientRect().top >= top;
      });
    assert.ok(seen);
  });

  test("is searched with Ctrl+F, and Escape goes back to it", async () => {
    await me.template(/Support agent/);
    await me.policy().click();
    await page.keyboard.press("Control+f");
    const find = page.getByRole("textbox", { name: "Find" });
    await find.waitFor();
    assert.ok(await find.evaluate((field) => field === document.activeElement));
    await page.keyboard.type("args.amount");
    await page.keyboard.press("Enter");
    await page.locator(".cm-searchMatch-selected", { hasText: "args.amount" }).waitFor();
    assert.ok((await page.locator(".cm-searchMatch").count()) > 1);
    await me.shot("search");
    await page.keyboard.press("Escape");
    await find.waitFor({ state: "detached" });
    assert.ok(await me.policy().evaluate((editor) => editor.contains(document.activeElement)));
    await page.keyboard.press("Control+f");
    await find.waitFor();
    assert.equal(await page.locator(".cm-search").count(), 1);
    await page.keyboard.press("Escape");
  });

  test("of 2,000 tools is typed in, completed, judged and searched as any other", async () => {
    const tools = Object.fromEntries(
      Array.from({ length: 2000 }, (_, at) => [
        `tool_${at}`,
        { deny_if: [{ conditions: [{ path: "args.n", op: "gt", value: at }] }] },
      ]),
    );
    await me.write({ version: "1", default: "deny", tools });
    await me.problems().getByText("tool_0", { exact: true }).first().waitFor();
    // Nothing waits for the engine: the keys are in the text when they are pressed.
    await page.keyboard.press("Control+Home");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.type('"x-a": "quick", ');
    assert.ok((await me.text()).startsWith('{"x-a": "quick", '));
    await page.keyboard.type('"descr');
    await options().filter({ hasText: "description" }).waitFor();
    await page.keyboard.press("Escape");
    for (let press = 0; press < 7; press += 1) await page.keyboard.press("Backspace");
    await page.keyboard.press("Control+f");
    await page.getByRole("textbox", { name: "Find" }).waitFor();
    await page.keyboard.type("tool_1999");
    await page.keyboard.press("Enter");
    await me.policy().locator(".cm-searchMatch-selected", { hasText: "tool_1999" }).waitFor();
    await page.keyboard.press("Escape");
    await me.row("tool_0").waitFor();
  });
});
