// What the policy changes: every change shown by a call that can be tried.
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { arrive } from "./person.mjs";
import { start } from "./site.mjs";

let site, me, page, panel;
before(async () => (site = await start()));
after(() => site?.stop());
beforeEach(async () => {
  me = await arrive(site);
  page = me.page;
  await me.template(/Support agent/);
  panel = page.getByRole("tabpanel", { name: "Compare" });
});
afterEach(() => me.leave());

const summary = () => panel.getByRole("status");

test("what is loosened and tightened, each with a call that is decided otherwise", async () => {
  await me.show("Compare");
  await summary().getByText("Every call is decided as before: proved.").waitFor();
  const policy = await me.parsed();
  policy.tools.create_charge.require[1].conditions[0].value = 50001;
  delete policy.tools.get_balance;
  policy.all_tools.limits[0].max = 600;
  await me.write(policy);
  await me.show("Compare");
  await summary().getByText("2 loosened, 1 tightened").waitFor();
  await me.shot("compare");
  const charge = panel.getByRole("region", { name: "create_charge" });
  assert.match(await charge.innerText(), /Newly allowed\s+was denied, is allowed/);
  assert.match(await charge.locator("pre").innerText(), /"amount":5000[01]\b|"amount":50000\.\d/);
  assert.match(await charge.innerText(), /before\s+denied\s+\/tools\/create_charge\/require\/1/);
  assert.match(await panel.innerText(), /Limit calls: looser\s+60 per minute → 600 per minute/);
  await charge.getByRole("button", { name: "Try this call" }).click();
  assert.match(await me.callAndRead(1), /^Allowed/);
  // What denies now is a link into the text.
  await me.show("Compare");
  const balance = panel.getByRole("region", { name: "get_balance" });
  assert.match(await balance.innerText(), /Newly denied/);
});

test("another baseline: a file, and what is written now", async () => {
  await me.show("Compare");
  await panel.locator("input[type=file]").setInputFiles({
    name: "deny.json",
    mimeType: "application/json",
    buffer: Buffer.from('{"version":"1","default":"deny"}'),
  });
  await panel.getByText("Compared with deny.json").waitFor();
  await summary()
    .getByText(/loosened/)
    .waitFor();
  await panel.locator("input[type=file]").setInputFiles({
    name: "broken.json",
    mimeType: "application/json",
    buffer: Buffer.from("{"),
  });
  await panel.getByRole("alert").waitFor();
  await me.shot("compare-broken");
  await panel.getByRole("button", { name: "Compare with what is written now" }).click();
  await summary().getByText("Every call is decided as before: proved.").waitFor();
  // It is kept with the draft.
  const policy = await me.parsed();
  policy.default = "allow";
  await me.write(policy);
  await me.show("Compare");
  await summary()
    .getByText(/loosened/)
    .waitFor();
  await page.reload();
  await me.settled();
  await me.show("Compare");
  await summary()
    .getByText(/loosened/)
    .waitFor();
});
