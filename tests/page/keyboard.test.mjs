// The builder by keyboard alone: a whole story, the order of what the Tab key reaches, and that the focus is always
// somewhere, seen and named.
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { arrive } from "./person.mjs";
import { PATIENCE, start } from "./site.mjs";

let site, me, page, devtools;
before(async () => (site = await start()));
after(() => site?.stop());
const begin = async (options) => {
  me = await arrive(site, options);
  page = me.page;
  devtools = await page.context().newCDPSession(page);
  await me.settled();
};
afterEach(() => me.leave());

const press = (...keys) => keys.reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve());
const has = (locator) =>
  locator.evaluate((element) => element === document.activeElement || element.contains(document.activeElement));
const hasFocus = async (locator, what) => {
  await locator.waitFor();
  for (const end = Date.now() + PATIENCE; Date.now() < end && !(await has(locator));) await page.waitForTimeout(30);
  assert.ok(await has(locator), `${what ?? locator} has the focus, not ${JSON.stringify(await focused())}`);
};

/** What has the focus, as it is announced, and whether it can be seen. */
async function focused() {
  const { result } = await devtools.send("Runtime.evaluate", { expression: "document.activeElement" });
  const { nodes } = await devtools.send("Accessibility.getPartialAXTree", {
    objectId: result.objectId,
    fetchRelatives: false,
  });
  const { role, name } = nodes[0];
  const seen = await page.evaluate(() => {
    const outlined = (element) => {
      const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(element);
      return outlineStyle !== "none" && parseFloat(outlineWidth) >= 2 && outlineColor !== "rgba(0, 0, 0, 0)";
    };
    // Some are drawn around what they are in: an editor, a list that is typed into.
    for (let element = document.activeElement; element && element !== document.body; element = element.parentElement) {
      if (element.matches(":focus-within") && outlined(element)) return true;
    }
    return false;
  });
  return { role: role?.value, name: name?.value, seen };
}

/** Presses the Tab key until something has the focus. */
async function tabTo(locator, key = "Tab") {
  await locator.first().waitFor();
  for (let turn = 0; turn < 90; turn += 1) {
    if (await has(locator.first())) return;
    await page.keyboard.press(key);
  }
  assert.fail(`${locator} is not reached with ${key}`);
}

/** All that the Tab key reaches from here, until `last` (which is included) or the end of the page. */
async function stops(last) {
  const found = [];
  for (let turn = 0; turn < 90; turn += 1) {
    await page.keyboard.press("Tab");
    const stop = await focused();
    if (stop.role === "none" || stop.role === "RootWebArea") break;
    found.push(stop);
    if (last && stop.name === last) break;
  }
  for (const { role, name, seen } of found) {
    assert.ok(name, `${role} after ${found[found.findIndex((one) => !one.name) - 1]?.name} has a name`);
    assert.ok(seen, `it is seen that ${role} ${name} has the focus`);
  }
  return found.map(({ role, name }) => `${role} ${name}`);
}

const fromTheTop = () =>
  page.evaluate(() => (document.activeElement.blur(), document.querySelector("h1").scrollIntoView()));
const add = (name) => page.getByRole("group", { name: "Add", exact: true }).getByRole("button", { name, exact: true });
const rules = (name) => page.getByRole("region", { name, exact: true }).filter({ has: page.locator(".card") });

const TOOLS = [
  { name: "look", inputSchema: { type: "object", properties: { where: { type: "string" } } } },
  {
    name: "pay",
    inputSchema: {
      type: "object",
      properties: { amount: { type: "integer" }, to: { type: "string" } },
      required: ["amount"],
    },
  },
  { name: "erase", inputSchema: { type: "object", properties: {} } },
];

test("a whole story, without a mouse", async () => {
  await begin();
  // The tools come from a list that is pasted.
  await tabTo(me.button("New…"));
  await press("Enter");
  await me.dialog().waitFor();
  await tabTo(me.dialog().getByLabel(/^A server's answer to tools\/list/));
  await page.keyboard.insertText(JSON.stringify(TOOLS));
  await tabTo(me.button("Use this list"));
  await press("Enter");
  await me.row("pay").waitFor();
  await hasFocus(me.button("New…"), "what opened the dialog");

  // One tool is allowed; arrows go from row to row.
  await tabTo(page.getByRole("table").getByRole("button", { name: "look", exact: true }));
  await press("ArrowDown");
  await hasFocus(me.button("pay"));
  await press("Enter");
  await page.getByRole("heading", { name: "pay", level: 2 }).waitFor();
  await press("Tab");
  await hasFocus(page.getByRole("button", { name: /^Risk of pay:/ }));
  await press("Tab");
  await hasFocus(me.state("pay"));
  await press("ArrowUp");
  await me.until((policy) => policy.tools.pay, "it is allowed");

  // A rule: nothing over 100.
  await tabTo(add("Deny if"));
  await press("Enter");
  const rule = rules("Deny if");
  await hasFocus(rule.getByRole("combobox", { name: "Argument", exact: true }), "the new rule");
  await press("Control+a");
  await page.keyboard.type("args.amount");
  await press("Tab");
  await me.until((policy) => policy.tools.pay.deny_if[0].conditions[0].path === "args.amount");
  await tabTo(rule.getByRole("combobox", { name: "Comparison" }));
  await page.keyboard.type("is over");
  await me.until((policy) => policy.tools.pay.deny_if[0].conditions[0].op === "gt");
  await tabTo(rule.getByLabel("Value", { exact: true }));
  await press("Control+a");
  await page.keyboard.type("100");
  await press("Enter");
  await me.until((policy) => policy.tools.pay.deny_if[0].conditions[0].value === 100);
  await tabTo(rule.getByLabel("What the caller is told"));
  await page.keyboard.type("Too much.");
  await press("Tab");
  await rule.getByText("Denied when amount is over 100.").waitFor();

  // A limit: three an hour.
  await tabTo(add("Limit"));
  await press("Space");
  const limit = rules("Limits");
  await hasFocus(limit.getByLabel("At most"));
  await press("Control+a");
  await page.keyboard.type("3");
  await press("Enter");
  await tabTo(limit.getByRole("combobox", { name: "per", exact: true }));
  await page.keyboard.type("h");
  await limit.getByText("At most 3 calls an hour, for each grant.").waitFor();
  await me.shot("keyboard-rules");

  // It is tried.
  await tabTo(page.getByRole("tab", { name: "JSON" }));
  await press("ArrowRight");
  await hasFocus(page.getByRole("tab", { name: "Call" }));
  await tabTo(page.getByRole("textbox", { name: /^amount/ }));
  await press("Control+a");
  await page.keyboard.type("101");
  await tabTo(page.getByRole("button", { name: "Call", exact: true }));
  await press("Enter");
  await me.decision().getByText("Denied", { exact: true }).waitFor();
  assert.match(await me.decision().innerText(), /Too much\./);
  await hasFocus(page.getByRole("button", { name: "Call again" }));
  await tabTo(me.button("Keep as a case"));
  await press("Enter");
  await page.getByText("Kept under Scenario").waitFor();
  await tabTo(page.getByRole("tab", { name: "Call" }), "Shift+Tab");
  await press("ArrowRight");
  await page.getByText("1 as expected").first().waitFor();

  // Out.
  await tabTo(me.button("Export…"), "Shift+Tab");
  await press("Enter");
  await me.dialog().waitFor();
  await tabTo(me.button("Save policy.json"));
  const saved = JSON.parse((await me.saved(() => press("Enter"))).bytes);
  assert.deepEqual(saved, {
    version: "1",
    default: "deny",
    tools: {
      pay: {
        deny_if: [{ conditions: [{ path: "args.amount", op: "gt", value: 100 }], on_deny: "Too much." }],
        limits: [{ counter: "pay_rate", window: "hour", max: 3, scope: "grant" }],
      },
    },
  });
  await press("Escape");
  await me.dialog().waitFor({ state: "detached" });
  await hasFocus(me.button("Export…"));
  // And one thing less.
  await press("Control+z");
  await me.until((policy) => policy.tools.pay.limits[0].window === "minute");
});

describe("the focus", () => {
  beforeEach(() => begin());

  test("goes through the page in its order, and every stop is seen and has a name", async () => {
    await fromTheTop();
    const head = ["textbox Name of this draft", "button New…", "button Share…", "button Export…"];
    const table = [
      "button Recommend…",
      "button Change…",
      "searchbox Search tools",
      "combobox Only tools in this state",
      "combobox Only tools of this risk",
      "combobox Only tools with this argument",
      "combobox All other tools",
      "button Rules for all tools",
      "button Pins…",
      "checkbox Choose all that are shown",
      "button Tool",
      "button Risk",
      "button State",
      // One row only: arrows go to the others.
      "checkbox Choose policy_generation_start",
      "button policy_generation_start",
      "button Risk of policy_generation_start: High",
      "combobox State of policy_generation_start",
      "button /tools/policy_generation_start",
    ];
    const form = [
      "combobox State of policy_generation_start",
      "button Recommend…",
      "DisclosureTriangle Execute high risk 3 reasons, 2 attacks",
      "button in the text",
      "textbox At most",
      "combobox of",
      "combobox per",
      "combobox for",
      "textbox Name of the counter",
      "textbox What the caller is told",
      "button Remove Limit 1",
      "button Require",
      "button Deny if",
      "button Approve if",
      "button Limit",
    ];
    const text = ["tab JSON", "button Format", "textbox Policy text, JSON"];
    await page.getByLabel("Only tools of this risk").waitFor();
    assert.deepEqual(await stops(), [...head, ...table, ...form, ...text]);
  });

  test("is seen and named in the other views too", async () => {
    await me.template(/Support agent/);
    await me.callAndRead(1);
    await me.button("Keep as a case").click();
    await page.getByRole("tab", { name: "Call" }).focus();
    const call = await stops();
    assert.ok(call.length >= 10, call.join("\n"));
    await me.show("Scenario");
    await page.getByText("1 as expected").first().waitFor();
    await page.getByRole("tab", { name: "Scenario" }).focus();
    assert.ok((await stops()).length >= 5);
    for (const [name, most] of [
      ["New…", "Close"],
      ["Export…", "Close"],
      ["Share…", "Close"],
    ]) {
      await me.button(name).press("Enter");
      await me.dialog().waitFor();
      await me.dialog().getByRole("button", { name: most }).focus();
      const inside = [];
      for (let turn = 0; turn < 40; turn += 1) {
        await press("Tab");
        const stop = await focused();
        // Behind the last there is the browser's own.
        if (!(await has(me.dialog())) || stop.name === "Close") break;
        assert.ok(stop.name && stop.seen, `${name}: ${JSON.stringify(stop)}`);
        inside.push(stop.name);
      }
      assert.ok(inside.length >= 2, `${name}: ${inside}`);
      await press("Escape");
      await hasFocus(me.button(name));
    }
  });

  test("comes back from a dialog, however it is closed", async () => {
    const open = async () => {
      await me.button("New…").focus();
      await press("Enter");
      await me.dialog().waitFor();
    };
    await open();
    await press("Escape");
    await hasFocus(me.button("New…"));
    await open();
    await tabTo(me.button("Close"));
    await press("Enter");
    await hasFocus(me.button("New…"));
    await open();
    await tabTo(me.dialog().getByRole("button", { name: /^An empty policy/ }));
    await press("Enter");
    await me.dialog().waitFor({ state: "detached" });
    await hasFocus(me.button("New…"));
    // What opened this one goes away with it.
    await tabTo(me.button("Bring a list of tools…"));
    await press("Enter");
    await tabTo(me.dialog().getByLabel(/^A server's answer to tools\/list/));
    await page.keyboard.insertText(JSON.stringify(TOOLS));
    await tabTo(me.button("Use this list"));
    await press("Enter");
    await me.dialog().waitFor({ state: "detached" });
    await hasFocus(page.getByRole("region", { name: "Tools", exact: true }), "the list that came");
  });

  test("stays where one works when a rule, a condition or a limit goes", async () => {
    const deny = (value) => ({ conditions: [{ path: "args.name", op: "eq", value }] });
    await me.write({
      version: "1",
      default: "deny",
      tools: {
        policy_generation_start: {
          deny_if: ["a", "b", "c"].map(deny),
          limits: [{ counter: "x", window: "day", max: 1 }],
        },
      },
    });
    const order = (policy) =>
      (policy.tools.policy_generation_start.deny_if ?? []).map((rule) => rule.conditions[0].value).join("");
    await rules("Deny if").locator(".card").nth(2).waitFor();
    // It goes along with what is moved.
    await me.button("Move Deny if 1 down").focus();
    await press("Enter");
    await me.until((policy) => order(policy) === "bac");
    await hasFocus(me.button("Move Deny if 2 down"));
    await press("Enter");
    await me.until((policy) => order(policy) === "bca");
    await hasFocus(me.button("Move Deny if 3 up"), "the other way is left");
    await me.button("Remove Deny if 3").focus();
    for (const [left, next] of [
      ["bc", "Remove Deny if 2"],
      ["b", "Remove Deny if 1"],
    ]) {
      await press("Enter");
      await me.until((policy) => order(policy) === left);
      await hasFocus(me.button(next));
    }
    const condition = rules("Deny if").getByRole("button", { name: "Remove this condition" });
    await me.button("and another condition…").focus();
    await press("Enter");
    await condition.nth(1).waitFor();
    await condition.nth(1).focus();
    await press("Enter");
    await condition.nth(1).waitFor({ state: "detached" });
    await hasFocus(rules("Deny if"));
    await me.button("Remove Deny if 1").focus();
    await press("Enter");
    await me.until((policy) => order(policy) === "");
    await hasFocus(page.getByRole("region", { name: "policy_generation_start" }), "what is next in the panel");
    await me.button("Remove Limit 1").focus();
    await press("Enter");
    await me.until((policy) => !policy.tools.policy_generation_start.limits);
    await hasFocus(page.getByRole("group", { name: "Add", exact: true }));
  });

  test("stays when a fix is done, and when there is nothing left to undo", async () => {
    await me.write('{"version": "1", "defualt": "deny", "tols": {}}');
    const fix = me.problems().getByRole("button", { name: /^Fix/ });
    await fix.nth(1).waitFor();
    await fix.first().focus();
    await press("Enter");
    await me.until((policy) => policy.default);
    await page.waitForFunction(() => document.querySelectorAll('ul[aria-label="Problems"] button.button').length === 1);
    await hasFocus(me.problems());
    await fix.first().focus();
    await press("Enter");
    await me.until((policy) => policy.tools);
    await page
      .getByRole("status")
      .getByText(/No problems|warning/)
      .first()
      .waitFor();
    await hasFocus(page.getByRole("region", { name: "Policy", exact: true }));
    await me.button("Undo").focus();
    while (await me.button("Undo").isEnabled()) await press("Enter");
    await hasFocus(me.button("Redo"));
    await press("Enter");
    await me.until((_, text) => text.includes("defualt"));
  });

  test("a field that changes its kind keeps it", async () => {
    await me.write({
      version: "1",
      default: "deny",
      tools: {
        policy_generation_start: { deny_if: [{ conditions: [{ path: "args.free", op: "eq", value: { a: 1 } }] }] },
      },
    });
    const value = rules("Deny if").getByLabel("Value", { exact: true });
    await value.focus();
    await press("Control+a");
    await page.keyboard.type("12");
    await press("Enter");
    await me.until((policy) => policy.tools.policy_generation_start.deny_if[0].conditions[0].value === 12);
    await page.locator('[aria-label="Value"][inputmode="decimal"]').waitFor();
    await hasFocus(value);
  });
});

test("on a narrow screen it goes along to the part that is shown", async () => {
  await begin({ viewport: { width: 320, height: 740 } });
  await me.show("Tools");
  await me.button("agent_list").focus();
  await press("Enter");
  await page.getByRole("heading", { name: "agent_list", level: 2 }).waitFor();
  await hasFocus(page.getByRole("tab", { name: "Rules" }));
  await press("End");
  await hasFocus(page.getByRole("tab", { name: "Replay" }));
  await press("Home", "ArrowLeft");
  await hasFocus(page.getByRole("tab", { name: "Replay" }), "around the end");
});
