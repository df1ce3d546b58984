// The visual builder in Chromium: the text of the policy, and calls.
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { arrive, SEED_TOOL } from "./person.mjs";
import { start } from "./site.mjs";

let site, me, page;

before(async () => (site = await start()));
after(() => site?.stop());

describe("the builder", () => {
  beforeEach(async () => {
    me = await arrive(site);
    page = me.page;
    await me.settled();
  });
  afterEach(() => me.leave());

  test("loads with a policy, its tools, the rules of one and an empty decision", async () => {
    await page.getByRole("heading", { name: "Cattlegrid", level: 1 }).waitFor();
    assert.match(await me.policy().innerText(), /policy_generation_start_rate/);
    assert.equal(await page.getByRole("rowheader").count(), 6);
    await page.getByRole("heading", { name: SEED_TOOL, level: 2 }).waitFor();
    await me.show("Call");
    assert.match(await me.decision().innerText(), /Make a call/);
  });

  test("a misspelt key is underlined exactly, explained, and fixed at a click", async () => {
    await me.write('{\n  "version": "1",\n  "defualt": "deny"\n}');
    await me.problems().getByText("defualt", { exact: true }).first().waitFor();
    assert.ok((await me.underlined("error")).some((text) => text.replaceAll('"', "") === "defualt"));
    assert.match(await me.problems().innerText(), /default/);
    await me.policy().locator(".cm-lintRange-error", { hasText: "defualt" }).first().hover();
    const tooltip = page.locator(".cm-tooltip-lint");
    await tooltip.waitFor();
    assert.match(await tooltip.innerText(), /`default`/);
    await me.shot("problem");

    await page.mouse.move(0, 0);
    await me.problems().getByRole("button", { name: /^Fix/ }).first().click();
    await me.policy().getByText('"default"').waitFor();
    assert.doesNotMatch(await me.policy().innerText(), /defualt/);
    await page.waitForFunction(() => !document.querySelector(".cm-lintRange-error"));
  });

  test("ten calls pass, the eleventh says how long to wait, and a reset starts again", async () => {
    await me.atNoon();
    for (let number = 1; number <= 10; number += 1) {
      const text = await me.callAndRead(number);
      assert.match(text, /^Allowed/, `call ${number}`);
      assert.match(text, new RegExp(`${10 - number} of 10 left`), `call ${number}`);
    }
    const text = await me.callAndRead(11);
    assert.match(text, /^Denied/);
    assert.match(text, /Limit of 10 per minute reached for "policy_generation_start"\. Try again in 34 seconds\./);
    assert.match(text, new RegExp(`/tools/${SEED_TOOL}/limits/0`));
    assert.match(await page.getByText("11 calls since").innerText(), /10 allowed, 1 denied/);
    await me.shot("limit-full");

    const rule = `/tools/${SEED_TOOL}/limits/0`;
    await me.decision().getByRole("button", { name: rule }).click();
    assert.match(await me.policy().locator(".cm-shown").first().innerText(), /\{|counter/);
    assert.ok(await me.policy().evaluate((element) => element.contains(document.activeElement)));

    await me.show("Call");
    await me.button("Reset counters").click();
    assert.match(await me.callAndRead(1), /^Allowed[^]*9 of 10 left/);
  });

  test("another grant and another minute have counters of their own", async () => {
    await me.atNoon();
    for (let number = 1; number <= 3; number += 1) await me.callAndRead(number);
    await page.getByLabel(/^Grant/).fill("somebody else");
    assert.match(await me.callAndRead(4), /9 of 10 left/);
    await page.getByLabel(/^Grant/).fill("demo");
    await page.getByLabel("Time of the call (UTC)").fill("2026-01-01T12:01:00");
    assert.match(await me.callAndRead(5), /9 of 10 left/);
  });

  test("an edit that means something else starts the counters again, white space does not", async () => {
    await me.atNoon();
    await me.callAndRead(1);
    await me.show("JSON");
    await me.policy().click();
    await page.keyboard.press("Control+End");
    await page.keyboard.type("\n");
    assert.match(await me.callAndRead(2), /8 of 10 left/);
    const policy = await me.parsed();
    policy.tools[SEED_TOOL].limits[0].max = 5;
    await me.write(policy);
    await me.settled();
    assert.match(await me.callAndRead(1), /4 of 5 left/);
  });

  test("a tool that is not listed is denied by default", async () => {
    await me.button("agent_delete").click();
    const text = await me.callAndRead(1);
    assert.match(text, /^Denied/);
    assert.match(text, /Tool "agent_delete" is not permitted by policy/);
    assert.match(text, /\(default deny\)/);
    await page.getByLabel("Tool", { exact: true }).selectOption({ label: "Another name…" });
    await page.getByLabel("Name of the tool").fill("nobody_has_this");
    assert.match(await me.callAndRead(2), /^Denied[^]*\(default deny\)/);
  });

  test("a decision explains each rule with the value that it saw, and marks it in the text", async () => {
    await me.template(/Support agent/);
    await me.arguments('{ "customer": "cus_1", "amount": "4200", "currency": "eur" }');
    const text = await me.callAndRead(1);
    assert.match(text, /^Denied[^]*A charge can be 500\.00 at most\.[^]*\/tools\/create_charge\/require\/1/);
    const explained = page.getByRole("region", { name: "How it was decided" });
    assert.match(await explained.innerText(), /args\.amount lte[^]*errored, saw "4200"/);
    assert.match(await explained.innerText(), /args\.currency in[^]*satisfied, saw "eur"/);
    await me.shot("explained");
    await me.show("JSON");
    assert.match((await me.policy().locator(".cm-came-pass").allInnerTexts()).join(""), /args\.currency/);
    assert.match((await me.policy().locator(".cm-came-deny").allInnerTexts()).join(""), /args\.amount/);
    await me.shot("explained-in-text");

    await me.show("Call");
    await page.getByLabel("Tool", { exact: true }).selectOption("create_refund");
    await me.arguments('{ "charge": "ch_1", "amount": 9000 }');
    assert.match(await me.callAndRead(2), /^Held for approval/);
  });

  test("the form of the arguments is made of the tool's schema, and keeps every digit", async () => {
    await me.template(/Support agent/);
    await me.show("Call");
    await page.getByLabel("amount", { exact: false }).first().fill("12345678901234567890.10");
    await page.getByLabel("currency").selectOption("gbp");
    await me.button("As JSON").click();
    assert.match(await me.args().innerText(), /"amount": 12345678901234567890\.10,[^]*"currency": "gbp"/);
    assert.match(await me.callAndRead(1), /^Denied[^]*Only euros and dollars/);
    await me.button("As fields").click();
    await page.getByLabel("amount", { exact: false }).first().fill("lots");
    await me.button("As JSON").click();
    assert.match(await me.args().innerText(), /"amount": "lots"/);
    await me.button("Fill in a sample").click();
    assert.match(await me.args().innerText(), /"amount": 4200/);
  });

  test("arguments that are not JSON, and a policy that does not load, are not decided", async () => {
    await me.arguments('{ "name": "draft", oops }');
    await page
      .getByText(/The arguments are not JSON: look at line 1, column \d+/)
      .first()
      .waitFor();
    await me.call();
    await page
      .getByRole("alert")
      .getByText(/Nothing was called/)
      .waitFor();
    assert.match(await me.decision().innerText(), /Make a call/);
    await me.shot("bad-arguments");

    await me.arguments("[1]");
    assert.match(await me.callAndRead(1), /^Denied[^]*\(malformed call\)/);

    await me.arguments("{}");
    await me.write('{ "version": "1", ');
    await page.getByRole("status").getByText(/error/).waitFor();
    await me.call();
    await page
      .getByRole("alert")
      .getByText(/The policy has errors/)
      .waitFor();
  });

  test("typing does not wait for the engine, and only the newest text is judged", async () => {
    const tools = Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`tool_${i}`, {}]));
    await me.write({ version: "1", default: "deny", tools });
    await me.problems().getByRole("button", { name: "Go to line 5, column 6" }).waitFor();
    await page.keyboard.press("Control+Home");
    await page.keyboard.type("\n".repeat(20) + " ".repeat(20));
    // The places are those of the text with all of it in.
    await me.problems().getByRole("button", { name: "Go to line 25, column 6" }).waitFor();
  });
});

test("when the engine cannot be loaded, the page says so", async () => {
  me = await arrive(site, { prepare: (page) => page.route("**/*.wasm", (route) => route.abort()) });
  await me.page
    .getByRole("alert")
    .getByText(/The engine stopped/)
    .waitFor();
  await me.shot("failed");
  await me.page.context().close();
});
