// A log of recorded calls, dropped on the page: what this policy would decide otherwise.
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
  await me.show("Replay");
  panel = page.getByRole("tabpanel", { name: "Replay" });
});
afterEach(() => me.leave());

/** A call a minute of the same tool, with what was decided then. */
const line = (minute, tool, args, decision) =>
  JSON.stringify({
    at: new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString(),
    grant: "demo",
    tool,
    arguments: args,
    ...(decision && { decision }),
  });
const log = (name, lines) => ({ name, mimeType: "application/jsonl", buffer: Buffer.from(lines.join("\n")) });
const charge = (amount) => ({ customer: "cus_1", amount, currency: "eur" });

test("what would be decided otherwise, by tool and rule, with the first calls", async () => {
  await panel
    .locator("input[type=file]")
    .setInputFiles(
      log("calls.jsonl", [
        line(0, "create_charge", charge(4200), "allow"),
        line(1, "create_charge", charge(60000), "allow"),
        line(2, "create_charge", charge(70000), "allow"),
        "this is no call",
        line(3, "create_payout", {}, "deny"),
      ]),
    );
  await panel.getByRole("status").getByText("4 calls, 2 decided otherwise").waitFor();
  await panel.getByText("Newly denied").waitFor();
  await panel.getByText("The first of them").first().click();
  assert.match(await panel.innerText(), /line 2, 2026-01-01 00:01:00 UTC/);
  assert.match(await panel.innerText(), /1 line could not be understood/);
  await me.shot("replay");
  // The rule leads to its place in the text.
  await panel.getByRole("button", { name: "/tools/create_charge/require/1" }).click();
  assert.match(await me.policy().locator(".cm-shown").first().innerText(), /\{|conditions/);
  // A policy that is changed is not what was replayed.
  const policy = await me.parsed();
  policy.tools.create_charge.require[1].conditions[0].value = 65000;
  await me.write(policy);
  await me.show("Replay");
  await panel.getByText("The policy has changed since.").waitFor();
  await panel.getByRole("button", { name: "Run again" }).click();
  await panel.getByRole("status").getByText("4 calls, 1 decided otherwise").waitFor();
});

test("beside the policy under Compare, and of a log of many lines without a hitch", async () => {
  const lines = Array.from({ length: 100_000 }, (_, n) => line(n, "create_charge", charge(n % 2 ? 100 : 60000)));
  await panel.locator("input[type=file]").setInputFiles(log("many.jsonl", lines));
  await panel.getByRole("status").getByText("100000 calls, 50,000 denied or held").waitFor({ timeout: 60_000 });
  await panel.getByLabel("Compare with").selectOption({ label: "the policy under Compare" });
  await panel.getByRole("status").getByText("100000 calls, none decided otherwise").waitFor({ timeout: 60_000 });
  const policy = await me.parsed();
  policy.tools.create_charge.require[1].conditions[0].value = 60000;
  await me.write(policy);
  await me.show("Replay");
  await panel.getByRole("button", { name: "Run again" }).click();
  await panel.getByText("Newly allowed").waitFor({ timeout: 60_000 });
});

test("what is no log is said", async () => {
  await panel.locator("input[type=file]").setInputFiles(log("notes.txt", ["", "nothing", "to see"]));
  await panel.getByText("2 lines could not be understood").waitFor();
  await me.write("{");
  await me.show("Replay");
  await panel.locator("input[type=file]").setInputFiles(log("calls.jsonl", [line(0, "create_charge", charge(1))]));
  await panel.getByRole("alert").waitFor();
});
