// Calls over time: cases with an expectation, loops, and what is drawn of them.
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { arrive } from "./person.mjs";
import { start } from "./site.mjs";

let site, me, page;
before(async () => (site = await start()));
after(() => site?.stop());
beforeEach(async () => {
  me = await arrive(site);
  page = me.page;
  await me.template(/Support agent/);
});
afterEach(() => me.leave());

const group = (name) => page.getByRole("region", { name });

test("a case is kept, runs on every edit, and shows green and red", async () => {
  await me.callAndRead(1);
  await me.button("Keep as a case").click();
  await page.getByText("Kept under Scenario").waitFor();
  await me.show("Scenario");
  await group("create_charge is allowed").getByText("1 as expected").waitFor();
  await me.shot("scenario-green");
  const policy = await me.parsed();
  policy.tools.create_charge.require[1].conditions[0].value = 10;
  await me.write(policy);
  await me.show("Scenario");
  await group("create_charge is allowed").getByText("1 not as expected").waitFor();
  assert.match(await group("create_charge is allowed").innerText(), /expected decision allow, got deny/);
  await me.shot("scenario-red");
  await group("create_charge is allowed").getByRole("button", { name: "/tools/create_charge/require/1" }).click();
  assert.match(await me.policy().locator(".cm-shown").first().innerText(), /\{|conditions/);
});

test("an agent that loops: what a limit lets through, and when it starts again", async () => {
  await me.show("Scenario");
  await me.button("Add a loop: 60 calls in 90 s").click();
  const loop = group("the agent loops: create_charge");
  // 200,000 a day at 4,200 a charge.
  await loop.getByText("47 allowed, 13 denied").first().waitFor();
  await loop.getByRole("img", { name: /How charged fills over time/ }).waitFor();
  await loop.getByRole("img", { name: "How calls fills over time; it starts again 1 time" }).waitFor();
  await loop.getByRole("img", { name: "47 calls allowed, 13 denied, 0 held, in the order of time" }).waitFor();
  const clock = loop.getByRole("slider", { name: "Clock (UTC)" });
  assert.match(await loop.innerText(), /197,400 \/ 200,000/);
  await clock.focus();
  await page.keyboard.press("Home");
  assert.match(await loop.innerText(), /4,200 \/ 200,000/);
  await me.shot("scenario-loop");
});

test("steps are changed in place: how often, when, who, and what the server does", async () => {
  await me.show("Scenario");
  await me.button("Add a loop: 60 calls in 90 s").click();
  const loop = group("the agent loops: create_charge");
  await loop.getByText("47 allowed, 13 denied").first().waitFor();
  await loop.locator("summary").click();
  await loop.getByRole("combobox", { name: "Upstream" }).selectOption({ label: "fails" });
  // What fails is given back: nothing is ever used up.
  await loop.getByText("60 allowed").first().waitFor();
  await me.fill(loop.getByRole("textbox", { name: "Times" }), "3");
  await loop.getByText("3 allowed").first().waitFor();
  await loop.getByRole("combobox", { name: "Expect" }).selectOption({ label: "Denied" });
  await loop.getByText("3 not as expected").first().waitFor();
  await me.fill(loop.getByRole("textbox", { name: "At", exact: true }), "soon");
  await page.getByRole("alert").first().waitFor();
  assert.match(await page.getByRole("alert").first().innerText(), /\/groups\/0\/steps\/0\/at/);
  await me.fill(loop.getByRole("textbox", { name: "At" }), "+5s");
  await loop.getByText("3 not as expected").first().waitFor();
  await me.button("then the call under Call…").click();
  await loop.getByText("4 allowed").first().waitFor();
  await loop
    .getByRole("button", { name: /^Remove the step/ })
    .first()
    .click();
  await loop.getByText("1 allowed").first().waitFor();
  await me.fill(loop.getByLabel("Name of this part"), "one charge");
  await group("one charge").waitFor();
  await me.button("As JSON").click();
  const editor = page.getByRole("textbox", { name: "Scenario, JSON" });
  assert.match(await editor.innerText(), /"name": "one charge"/);
  await me.type(editor, '{"policy": "policy.json", "groups": [');
  await page.getByRole("alert").first().waitFor();
  const wrong = Array(1_234).fill({ call: { tool: "t" }, times: -1 });
  await me.type(editor, JSON.stringify({ policy: "policy.json", steps: wrong }));
  await page.getByText("and 995 more; 234 more faults are not listed").waitFor();
  await me.type(
    editor,
    '{"policy":"policy.json","groups":[{"name":"mine","steps":[{"call":{"tool":"delete_customer"},"expect":{"decision":"deny"}}]}]}',
  );
  await page.getByText("1 as expected").first().waitFor();
  await me.button("As fields").click();
  await group("mine").getByRole("button", { name: 'Remove "mine"' }).click();
  await page.getByText("Calls over time, and what you expect of them").waitFor();
});

test("what a scenario has not exercised is named, and marked in the text", async () => {
  await me.callAndRead(1);
  await me.button("Keep as a case").click();
  await me.show("Scenario");
  const coverage = page.getByRole("region", { name: "Coverage" });
  await coverage.getByText(/^\d+ of \d+ outcomes of this policy seen$/).waitFor();
  const seen = async () => Number((await coverage.getByRole("status").innerText()).split(" ")[0]);
  const before = await seen();
  await coverage.locator("summary").click();
  await coverage.getByRole("button", { name: "/hide/0" }).waitFor();
  await me.shot("coverage");
  await coverage.getByRole("button", { name: "Mark it in the text" }).click();
  await me.policy().locator(".cm-covered-none").first().waitFor();
  await me.policy().locator(".cm-covered-part, .cm-covered-all").first().waitFor();
  await me.shot("coverage-text");
  // A case more has seen more, and it shows in the text too.
  const none = await me.policy().locator(".cm-covered-none").count();
  await me.show("Call");
  await page.getByLabel("Tool", { exact: true }).selectOption({ label: "create_payout" });
  await me.callAndRead(2);
  await me.button("Keep as a case").click();
  await me.show("Scenario");
  await page.waitForFunction(
    (count) =>
      Number(document.querySelector("[aria-labelledby=coverage-title] [role=status]").textContent.split(" ")[0]) >
      count,
    before,
  );
  await me.show("JSON");
  await page.waitForFunction((count) => document.querySelectorAll(".cm-covered-none").length < count, none);
  // A text that is being edited has no marks of the one before.
  await me.type(me.policy(), "{");
  await me.policy().locator(".cm-covered-none").first().waitFor({ state: "detached" });
});

test("questions about all calls are kept with the scenario, and answered on every edit", async () => {
  await me.show("Scenario");
  const add = async (sentence) => {
    await page.getByRole("textbox", { name: "A sentence" }).fill(sentence);
    await me.button("Ask").click();
  };
  const asked = (sentence) => page.getByRole("listitem").filter({ hasText: sentence });
  await add('never allow tool == "create_payout"');
  await asked("create_payout").getByText("Proved").waitFor();
  await add('never allow tool == "create_charge" where args.amount > 40000');
  await asked("create_charge").getByText("Refuted").waitFor();
  assert.match(await asked("create_charge").locator("pre").innerText(), /"tool":"create_charge"/);
  await add("never say no");
  await asked("never say no").getByText("Not understood").waitFor();
  await me.shot("questions");
  // The witness is a call that one can make.
  await asked("create_charge").getByRole("button", { name: "Try this call" }).click();
  assert.match(await me.callAndRead(1), /^Allowed/);
  const policy = await me.parsed();
  policy.tools.create_charge.require[1].conditions[0].value = 40000;
  await me.write(policy);
  await me.show("Scenario");
  await asked("create_charge").getByText("Proved").waitFor();
  await page.getByRole("button", { name: 'Remove "never say no"' }).click();
  await me.button("As JSON").click();
  const text = await page.getByRole("textbox", { name: "Scenario, JSON" }).innerText();
  assert.deepEqual(JSON.parse(text).assert, [
    'never allow tool == "create_payout"',
    'never allow tool == "create_charge" where args.amount > 40000',
  ]);
});
