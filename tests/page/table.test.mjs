// The table of tools: states, what decides them, finding, sorting, changing many at once.
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { arrive, SEED_TOOL } from "./person.mjs";
import { start } from "./site.mjs";

let site, me, page;
before(async () => (site = await start()));
after(() => site?.stop());
beforeEach(async () => {
  me = await arrive(site);
  page = me.page;
  await me.settled();
});
afterEach(() => me.leave());

const names = () => page.getByRole("rowheader").getByRole("button").allInnerTexts();

/** Brings a list of tools to the draft that is open. */
async function bring(tools) {
  await me.button("Change…").click();
  await me
    .dialog()
    .getByLabel(/^A server's answer to tools\/list/)
    .fill(JSON.stringify(tools));
  await me.dialog().getByRole("button", { name: "Use this list" }).click();
  await me.dialog().waitFor({ state: "detached" });
}

describe("the table of tools", () => {
  test("shows every state, what decides it, and leads there", async () => {
    await me.template(/On-call agent/);
    const states = { list_workloads: "allow", read_secret: "hide", delete_object: "approve", scale_workload: "custom" };
    for (const [name, state] of Object.entries(states)) assert.equal(await me.state(name).inputValue(), state, name);
    await me.row("read_secret").getByRole("button", { name: "(hidden)" }).click();
    assert.match(await me.policy().locator(".cm-shown").first().innerText(), /\[|read_secret/);
    await me.shot("states");
  });

  test("every state can be given with one control, as a small edit of the text", async () => {
    const before = await me.text();
    await me.state("agent_list").selectOption("allow");
    const allowed = await me.until((policy) => policy.tools.agent_list, "the tool is listed");
    assert.deepEqual(allowed.tools.agent_list, {});
    await me.state("agent_delete").selectOption("hide");
    await me.until((policy) => policy.hide?.includes("agent_delete"));
    await me.state("agent_deploy").selectOption("approve");
    await me.until((policy) => policy.tools.agent_deploy?.action === "require_approval");
    await me.settled();
    for (const [name, state] of Object.entries({
      agent_list: "allow",
      agent_delete: "hide",
      agent_deploy: "approve",
      memory_search: "deny",
    })) {
      assert.equal(await me.state(name).inputValue(), state, name);
    }
    await me.state("agent_deploy").selectOption("deny");
    await me.until((policy) => policy.tools.agent_deploy?.action !== "require_approval");
    // What was there before stands as it stood.
    const limits = before.slice(before.indexOf('"limits"'), before.lastIndexOf("]") + 1);
    assert.ok((await me.text()).includes(limits));
    for (let step = 0; step < 4; step += 1) await me.button("Undo").click();
    assert.equal(await me.text(), before);
    assert.ok(await me.button("Undo").isDisabled());
    await me.button("Redo").click();
    await me.until((policy) => policy.tools.agent_list);
  });

  test("a state that takes rules away says so, and can be undone", async () => {
    const before = await me.text();
    await me.state(SEED_TOOL).selectOption("allow");
    await me.until((policy) => !policy.tools[SEED_TOOL].limits);
    const said = page.getByRole("status").filter({ hasText: "removed" });
    assert.match(await said.innerText(), /1 limit of policy_generation_start/);
    await said.getByRole("button", { name: "Undo" }).click();
    assert.equal(await me.text(), before);
  });

  test("many are changed at once", async () => {
    const before = await me.text();
    await page.getByRole("checkbox", { name: "Choose agent_list" }).check();
    await page.getByRole("checkbox", { name: "Choose agent_deploy" }).check();
    await page.getByRole("checkbox", { name: "Choose agent_delete" }).check();
    const bulk = page.getByRole("group", { name: "3 tools chosen: set to" });
    await bulk.getByRole("button", { name: "Hide" }).click();
    await me.until((policy) => policy.hide?.length === 3);
    await me.shot("bulk");
    await bulk.getByRole("button", { name: "Approve" }).click();
    await me.until((policy) => !policy.hide?.length && policy.tools.agent_delete?.action === "require_approval");
    await bulk.getByRole("button", { name: "Choose none" }).click();
    await me.button("Undo").click();
    await me.button("Undo").click();
    assert.equal(await me.text(), before);
    await page.getByRole("checkbox", { name: "Choose all that are shown" }).check();
    await page.getByRole("group", { name: "6 tools chosen: set to" }).waitFor();
  });

  test("is searched, filtered and sorted", async () => {
    await page.getByRole("searchbox", { name: "Search tools" }).fill("agent_de");
    assert.deepEqual(await names(), ["agent_deploy", "agent_delete"]);
    await page.getByText("2 of 6").waitFor();
    await page.getByRole("searchbox", { name: "Search tools" }).fill("");
    await page.getByLabel("Only tools in this state").selectOption("custom");
    assert.deepEqual(await names(), [SEED_TOOL]);
    await page.getByLabel("Only tools in this state").selectOption("");
    await page.getByLabel("Only tools with this argument").selectOption("environment");
    assert.deepEqual(await names(), ["agent_deploy"]);
    await page.getByLabel("Only tools with this argument").selectOption("");
    await page.getByRole("searchbox", { name: "Search tools" }).fill("nothing is like this");
    await page.getByText("No tool is like that.").waitFor();
    await me.button("Clear the filters").click();
    const server = await names();
    const byName = [...server].sort();
    await me.button("Tool").click();
    assert.deepEqual(await names(), byName);
    await me.button("Tool").click();
    assert.deepEqual(await names(), byName.toReversed());
    await me.button("Tool").click();
    assert.deepEqual(await names(), server);
    await me.button("State").click();
    assert.equal((await names())[0], SEED_TOOL);
  });

  test("says what a tool can do at worst, and why; it is filtered by that too", async () => {
    await me
      .row("agent_delete")
      .getByText(/High|Critical/)
      .waitFor();
    await me.row("agent_list").getByText("Low", { exact: true }).waitFor();
    await me
      .row("agent_delete")
      .getByText(/High|Critical/)
      .hover();
    assert.match(await page.getByRole("tooltip").innerText(), /^Destructive[^]*name “?delete”? → Destructive/);
    await page.getByLabel("Only tools of this risk").selectOption("low");
    assert.ok(!(await names()).includes("agent_delete"));
    assert.ok((await names()).includes("agent_list"));
  });

  test("an entry that no tool answers to is shown as such, with the nearest name", async () => {
    await bring([{ name: "policy_generation_begin" }, { name: "other" }]);
    await me.row(SEED_TOOL).getByText("not a tool of the server; near: policy_generation_begin").waitFor();
    await me.settled();
    await me.problems().getByText(SEED_TOOL, { exact: true }).first().waitFor();
    assert.ok((await me.underlined("warning")).some((text) => text.replaceAll('"', "") === SEED_TOOL));
    await me.shot("unknown-entry");
  });

  test("thousands of rows: only what is seen is there, and every row can be reached", async () => {
    await bring(
      Array.from({ length: 10_000 }, (_, at) => ({ name: `tool_${at}`, description: `The tool number ${at}.` })),
    );
    await me.row("tool_0").waitFor();
    assert.ok((await page.getByRole("row").count()) < 80);
    // The server's tools are there at once, the policy's entry that is none of them when it is judged.
    await page.locator('[role=table][aria-rowcount="10002"]').waitFor();
    await me.button("tool_0").focus();
    await page.keyboard.press("End");
    await page.waitForFunction(() => document.activeElement?.textContent === "policy_generation_start");
    await page.keyboard.press("ArrowUp");
    await page.waitForFunction(() => document.activeElement?.textContent === "tool_9999");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "tool_9999", level: 2 }).waitFor();
    await me.state("tool_9999").selectOption("allow");
    await me.until((policy) => policy.tools.tool_9999);
    await page.getByRole("searchbox", { name: "Search tools" }).fill("tool_77");
    await page.getByText(/^111 of 10001/).waitFor();
    await me.shot("thousands");
  });
});
