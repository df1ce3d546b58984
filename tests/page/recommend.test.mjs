// What tools can do at worst, in the table and beside the rules, and a policy for them: for one tool, for some, for all.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { arrive } from "./person.mjs";
import { start } from "./site.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const TOOLS = [
  { name: "list_orders", description: "Lists orders." },
  {
    name: "get_page",
    description: "Gets a web page.",
    inputSchema: { type: "object", required: ["url"], properties: { url: { type: "string" } } },
  },
  { name: "add_note", description: "Adds a note." },
  { name: "send_email", description: "Sends an email." },
  { name: "delete_order", description: "Deletes an order. <img src=x onerror=alert(1)>\u202e" },
  { name: "refund_payment", description: "Refunds a payment." },
  { name: "a/b~c", description: "Starts a job." },
  { name: "__proto__", description: "Lists things." },
];
const POLICY = `{
    "version": "1", "default":   "deny",
  "x-mine": "stays",
  "tools": { "add_note": { "limits": [{"counter": "mine", "window": "day", "max": 3}] } }
}`;

let site, me, page;
before(async () => (site = await start()));
after(() => site?.stop());
beforeEach(async () => {
  me = await arrive(site);
  page = me.page;
  await me.settled();
  await me.button("Change…").click();
  await me
    .dialog()
    .getByLabel(/^A server's answer to tools\/list/)
    .fill(JSON.stringify(TOOLS));
  await me.dialog().getByRole("button", { name: "Use this list" }).click();
  await me.dialog().waitFor({ state: "detached" });
  await me.write(POLICY);
  await me.settled();
  await me.show("Tools");
  await risk("delete_order").waitFor();
});
afterEach(() => me.leave());

const risk = (name) => page.getByRole("button", { name: new RegExp(`^Risk of ${name}:`) });
const all = () => page.getByRole("group", { name: /chosen: set to/ });
const open = async (name = "Recommend…") => {
  await page.getByRole("button", { name, exact: true }).first().click();
  await me.dialog().getByRole("heading", { name: "What will change" }).waitFor();
};
const apply = async () => {
  await me.button("Change the policy").click();
  await me.dialog().waitFor({ state: "detached" });
};
const line = (name) => me.dialog().getByRole("listitem").filter({ hasText: name });

describe("why", () => {
  test("is told where the risk is pointed at, and where it has the focus", async () => {
    const why = page.getByRole("tooltip");
    assert.equal(await why.count(), 0);
    await risk("delete_order").hover();
    await why.waitFor();
    assert.match(await why.innerText(), /Destructive, high 95 % sure[\s\S]*name “?delete”? → Destructive/);
    assert.match(await why.innerText(), /Open to: Data destroyed\./);
    // One may go on into it, and Escape takes it away.
    await why.hover();
    assert.equal(await why.isVisible(), true);
    await page.mouse.move(0, 0);
    await why.waitFor({ state: "detached" });
    await risk("get_page").focus();
    await why.waitFor();
    assert.match(await why.innerText(), /says which address is reached/);
    assert.equal(await risk("get_page").getAttribute("aria-describedby"), await why.getAttribute("id"));
    const box = await why.boundingBox();
    assert.ok(box.x >= 0 && box.x + box.width <= 1440 && box.y >= 0 && box.y + box.height <= 900);
    await me.shot("risk-why");
    await page.keyboard.press("Escape");
    await why.waitFor({ state: "detached" });
    await page.keyboard.press("ArrowDown");
    await page.getByText("Adds a note").nth(1).waitFor();
  });

  test("is all told beside the tool's rules, with the attacks and their reasons", async () => {
    await me.button("get_page").click();
    await page.getByText(/^Read\s*medium risk/).click();
    const attacks = page.getByRole("listitem").filter({ hasText: "Requests from within" });
    await attacks.waitFor();
    assert.match(await attacks.innerText(), /because an argument says which address is reached \(url\)/);
    await me.shot("risk-attacks");
  });
});

describe("a recommendation", () => {
  test("for all tools shows what will change, is small edits, and one undo takes it back", async () => {
    const before = await me.text();
    await open();
    assert.match(await line("delete_order").innerText(), /Deny\s*→[\s\S]*Hide/);
    assert.match(await line("add_note").innerText(), /stays as it is/);
    assert.match(await line("get_page").innerText(), /1 rule on arguments/);
    assert.match(await line("a/b~c").innerText(), /10 a minute/);
    await me.shot("recommend");
    await apply();
    const policy = await me.until((policy) => policy.hide?.includes("delete_order"));
    assert.deepEqual(Object.keys(policy.tools).toSorted(), [
      "__proto__",
      "a/b~c",
      "add_note",
      "get_page",
      "list_orders",
      "refund_payment",
      "send_email",
    ]);
    assert.equal(policy.tools.send_email.action, "require_approval");
    assert.deepEqual(policy.tools.add_note.limits, [{ counter: "mine", window: "day", max: 3 }]);
    assert.equal(JSON.stringify(policy.tools).includes("x-reason"), false);
    // What the person wrote stands as it stood.
    const text = await me.text();
    assert.ok(text.includes('"default":   "deny"') && text.includes('"limits": [{"counter": "mine"'), text);
    await me.settled();
    assert.equal(await page.getByRole("status").getByText("No problems").count(), 1);
    await me.button("Undo").click();
    await me.textIs(before, "one undo");
  });

  test("for one tool replaces its rules, with the reasons if they are wanted", async () => {
    await me.button("add_note").click();
    await page.getByRole("heading", { name: "add_note", level: 2 }).waitFor();
    await page
      .locator("section", { has: page.locator("#rules-title") })
      .getByRole("button", { name: "Recommend…" })
      .click();
    await me.dialog().getByRole("heading", { name: "Recommend rules for add_note" }).waitFor();
    await me
      .dialog()
      .getByLabel(/Write the reasons/)
      .check();
    await apply();
    const policy = await me.until((policy) => policy.tools.add_note.limits[0].max === 30);
    assert.deepEqual(Object.keys(policy.tools), ["add_note"]);
    assert.match(policy.tools.add_note["x-reason"], /^Write, medium/);
    assert.equal(policy.hide, undefined);
  });

  test("for those that are chosen, by profile", async () => {
    for (const name of ["list_orders", "send_email"]) {
      await page.getByRole("checkbox", { name: `Choose ${name}` }).check();
    }
    await all().getByRole("button", { name: "Recommend…" }).click();
    await me.dialog().getByText("For the 2 tools that you chose").waitFor();
    await me.dialog().getByRole("radio", { name: /^Look/ }).check();
    await line("send_email").getByText("Hide").waitFor();
    await apply();
    const looks = await me.until((policy) => policy.hide);
    assert.deepEqual([looks.hide, Object.keys(looks.tools)], [["send_email"], ["add_note", "list_orders"]]);
    await all().getByRole("button", { name: "Recommend…" }).click();
    await me
      .dialog()
      .getByRole("radio", { name: /^Work A person for money/ })
      .check();
    await me
      .dialog()
      .getByLabel(/Leave tools alone/)
      .uncheck();
    await line("send_email").getByText("30 a minute").waitFor();
    await apply();
    const works = await me.until((policy) => policy.tools.send_email);
    assert.deepEqual([works.hide ?? [], works.tools.send_email.limits[0].max], [[], 30]);
  });

  test("denies what is not listed, and says so before", async () => {
    await me.write(POLICY.replace('"default":   "deny"', '"default": "allow"'));
    await me.settled();
    await me.show("Tools");
    await open();
    await me
      .dialog()
      .getByText(/its default becomes deny/)
      .waitFor();
    await apply();
    await me.until((policy) => policy.default === "deny");
  });

  test("asks for a policy that can be read", async () => {
    await me.write("{");
    await me.show("Tools");
    await page.waitForFunction(() =>
      [...document.querySelectorAll("button")]
        .filter((one) => one.textContent === "Recommend…")
        .every((one) => one.disabled),
    );
  });
});

test("what brings the change about is in sight, however long the list of what it changes", async () => {
  await page.setViewportSize({ width: 1440, height: 480 });
  await open();
  const seen = () =>
    me.button("Change the policy").evaluate((button) => {
      const { x, y, width, height } = button.getBoundingClientRect();
      return document.elementFromPoint(x + width / 2, y + height / 2) === button;
    });
  assert.ok(await seen(), "at the beginning");
  const content = me.dialog().locator(".content");
  assert.ok(await content.evaluate((box) => box.scrollHeight > box.clientHeight), "it is long");
  await content.evaluate((box) => box.scrollTo(0, box.scrollHeight));
  assert.ok(await seen(), "at the end");
});

for (const colorScheme of ["light", "dark"]) {
  for (const width of [1440, 320]) {
    test(`axe finds nothing, ${colorScheme}, ${width} pixels wide`, async () => {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      if (width < 600) await page.getByRole("tab", { name: /^Tools/ }).waitFor();
      const violations = async () => {
        await page.evaluate(axe);
        const { violations } = await page.evaluate(() => globalThis.axe.run({ resultTypes: ["violations"] }));
        return violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ html }) => html) }));
      };
      await me.show("Tools");
      await risk("delete_order").focus();
      await page.getByRole("tooltip").waitFor();
      assert.deepEqual(await violations(), [], "why");
      await page.keyboard.press("Escape");
      await open();
      await me.shot(`recommend-${colorScheme}-${width}`);
      assert.deepEqual(await violations(), [], "recommend");
      await page.keyboard.press("Escape");
      await me.button("get_page").click();
      await page.getByText(/^Read\s*medium risk/).click();
      await me.shot(`risk-${colorScheme}-${width}`);
      assert.deepEqual(await violations(), [], "attacks");
    });
  }
}
