// A person who has never seen the JSON: from an empty page to a policy that the command line accepts and Envoy enforces.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { arrive } from "./person.mjs";
import { start } from "./site.mjs";
import { callTool, stand } from "./stand.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const command = join(root, "target/debug/cattlegrid");

let site, server, folder;
before(async () => {
  site = await start();
  server = await stand("server");
  folder = mkdtempSync(join(tmpdir(), "cattlegrid-story-"));
});
after(async () => {
  rmSync(folder, { recursive: true, force: true });
  await server?.stop();
  await site?.stop();
});

test("from an empty page to a policy in front of a real server", async () => {
  const me = await arrive(site);
  const { page } = me;

  // The server's tools: server-everything lets every page ask.
  await me.button("New…").click();
  await me.dialog().getByLabel("Address of the MCP server").fill(server.url);
  await me.dialog().getByRole("button", { name: "Read its tools" }).click();
  await me.row("echo").waitFor();
  await me.settled();
  assert.equal(await me.state("echo").inputValue(), "deny");

  // Two tools are allowed, one is hidden, one waits for a person.
  await me.state("echo").selectOption("allow");
  await me.state("get-sum").selectOption("allow");
  await me.state("get-env").selectOption("hide");
  await me.state("get-tiny-image").selectOption("approve");

  // A rule: no echo of passwords.
  await me.button("echo").click();
  await page.getByRole("heading", { name: "echo", level: 2 }).waitFor();
  await page.getByRole("group", { name: "Add" }).getByRole("button", { name: "Deny if" }).click();
  const rules = page.getByRole("region", { name: "Deny if" });
  await rules.getByLabel("Comparison").selectOption("regex");
  await rules.getByText("Denied when message matches").waitFor();
  await rules.getByLabel("Value").fill("(?i)password");
  await rules.getByLabel("Try a text").fill("my PASSWORD is");
  await rules.getByRole("status").getByText("matches", { exact: true }).waitFor();
  await rules.getByLabel("Value").press("Enter");
  await me.fill(rules.getByLabel("What the caller is told"), "No passwords, please.");
  await rules.getByText(/^Denied when message matches \(\?i\)password/).waitFor();

  // A limit: three sums a minute.
  await me.button("get-sum").click();
  await page.getByRole("heading", { name: "get-sum", level: 2 }).waitFor();
  await page.getByRole("group", { name: "Add" }).getByRole("button", { name: "Limit", exact: true }).click();
  const limits = page.getByRole("region", { name: "Limits" });
  await me.fill(limits.getByLabel("At most"), "3");
  await limits.getByText("At most 3 calls a minute, for each grant.").waitFor();
  await me.shot("story-rules");

  // It is tried before it meets traffic.
  await me.button("echo").click();
  await me.arguments('{"message": "my Password is swordfish"}');
  assert.match(await me.callAndRead(1), /^Denied[^]*No passwords, please\./);
  await me.button("Keep as a case").click();
  await me.arguments('{"message": "hello"}');
  assert.match(await me.callAndRead(2), /^Allowed/);
  await me.button("Keep as a case").click();
  await me.shot("story-call");

  // Out: the policy, the cases, Envoy's whole configuration.
  await me.button("Export…").click();
  await me.fill(me.dialog().getByLabel("The MCP server"), server.url);
  await me.fill(me.dialog().getByLabel("The filter's file on the proxy"), join(root, "target/cattlegrid_envoy.wasm"));
  const files = {};
  for (const name of [/policy\.json$/, /scenario\.json$/, /envoy\.yaml$/]) {
    const { name: called, bytes } = await me.saved(() => me.dialog().getByRole("button", { name }).click());
    files[called] = join(folder, called);
    writeFileSync(files[called], bytes);
  }
  await page.keyboard.press("Escape");
  await me.leave((fault) => /asked elsewhere/.test(fault));

  const [policy, scenario, envoy] = Object.values(files);
  for (const words of [
    ["check", policy],
    ["test", scenario],
  ]) {
    const ran = spawnSync(command, words, { encoding: "utf8" });
    assert.equal(ran.status, 0, `${words[0]}: ${ran.stdout}${ran.stderr}`);
  }
  const behind = await stand("envoy", envoy);
  try {
    const text = async (...call) => (await callTool(behind.url, ...call)).content[0].text;
    assert.equal(await text("echo", { message: "hello" }), "Echo: hello");
    assert.equal(await text("echo", { message: "my Password" }), "[POLICY DENIED] No passwords, please.");
    assert.match(await text("get-env", {}), /^\[POLICY DENIED\] Tool "get-env" is hidden by policy/);
    assert.match(await text("get-tiny-image", {}), /^\[(APPROVAL REQUIRED|POLICY DENIED)\]/);
    const sums = [];
    for (let turn = 0; turn < 7; turn += 1) sums.push(await text("get-sum", { a: 1, b: 2 }));
    // A minute may have begun anew between the calls, once.
    const allowed = sums.filter((sum) => sum.startsWith("The sum"));
    assert.ok(allowed.length === 3 || (allowed.length > 3 && allowed.length <= 6), sums.join("\n"));
    assert.ok(sums.some((sum) => sum.startsWith("[POLICY DENIED] Limit of 3 per minute reached")));
  } finally {
    await behind.stop();
  }
});
