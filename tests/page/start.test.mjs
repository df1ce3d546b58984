// Where a policy comes from: templates, links, lists of tools, files; and where it goes: drafts, links, exports.
import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync, mkdtempSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { arrive, SEED_TOOL } from "./person.mjs";
import { start } from "./site.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const command = join(root, "target/debug/cattlegrid");

let site, me, page, folder;
before(async () => {
  site = await start();
  folder = mkdtempSync(join(tmpdir(), "cattlegrid-page-"));
});
after(async () => {
  rmSync(folder, { recursive: true, force: true });
  await site?.stop();
});
beforeEach(async () => {
  me = await arrive(site);
  page = me.page;
  await me.settled();
});
afterEach(() => me.leave());

/** Opens the page at a fragment, in the same browser profile. */
async function goTo(fragment) {
  // Another fragment alone would not load the page again.
  await page.goto("about:blank");
  await page.goto(site.url + fragment);
  await me.settled();
}

describe("in", () => {
  test("every template loads without a problem, has a link of its own, and shows its tools' states", async () => {
    await me.button("New…").click();
    await me.dialog().waitFor();
    const links = await me
      .dialog()
      .getByRole("link", { name: /^Link to the template/ })
      .evaluateAll((all) => all.map((one) => one.href));
    assert.equal(links.length, 6);
    await me.shot("start");
    for (const link of links) {
      await goTo(new URL(link).hash);
      assert.match(await page.getByRole("status").first().innerText(), /No problems|warning/, link);
      assert.equal(new URL(page.url()).hash, "", "the link has done its work");
      assert.ok((await page.getByRole("combobox", { name: /^State of/ }).count()) >= 6, link);
    }
  });

  test("a list that was pasted begins a policy that allows nothing", async () => {
    await me.button("New…").click();
    const response = {
      jsonrpc: "2.0",
      id: 2,
      result: {
        tools: [
          { name: "weather", description: "What it is like outside." },
          { name: "umbrella", inputSchema: {} },
        ],
      },
    };
    await me
      .dialog()
      .getByLabel(/^A server's answer to tools\/list/)
      .fill(JSON.stringify(response));
    await me.dialog().getByRole("button", { name: "Use this list" }).click();
    await me.row("weather").waitFor();
    assert.equal(await me.state("weather").inputValue(), "deny");
    assert.deepEqual(await me.parsed(), { version: "1", default: "deny", tools: {} });
  });

  test("a list that is dropped, and one in a file, are taken too", async () => {
    await me.button("New…").click();
    await me
      .dialog()
      .locator("form.drop")
      .evaluate((form) => {
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File(['[{"name":"dropped"}]'], "tools.json", { type: "application/json" }));
        form.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
      });
    await me.row("dropped").waitFor();
    const file = join(folder, "tools.json");
    writeFileSync(file, '{"tools":[{"name":"from_a_file"}]}');
    await me.button("Change…").click();
    await me.dialog().locator('input[type="file"]').setInputFiles(file);
    await me.row("from_a_file").waitFor();
  });

  test("what is not a list of tools is answered with what to do", async () => {
    await me.button("Change…").click();
    const box = me.dialog().getByLabel(/^A server's answer to tools\/list/);
    const said = async (text) => {
      await box.fill(text);
      await me.dialog().getByRole("button", { name: "Use this list" }).click();
      return page.getByRole("alert").innerText();
    };
    assert.match(await said(""), /Paste the server's answer/);
    assert.match(await said("{ tools: }"), /^This is not JSON/);
    assert.match(await said('{"jsonrpc":"2.0","id":1,"method":"tools/list"}'), /This is the request/);
    assert.match(
      await said('{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"no such method"}}'),
      /error from the server.*no such method/,
    );
    assert.match(await said('{"resources":[]}'), /There is no list of tools/);
    assert.match(await said('[{"title":"nameless"}]'), /Tool number 1 has no name/);
    await me.shot("bad-catalog");
    await page.keyboard.press("Escape");
    assert.equal(await me.dialog().count(), 0);
    assert.equal(await me.row(SEED_TOOL).count(), 1, "the tools are those of before");
  });

  test("a policy file is opened as it is, with its faults", async () => {
    const file = join(folder, "mine.json");
    const text = '{\n\t"version": "1",\n\t"default": "deny",\n\t"x-note": "kept",\n\t"tool": {}\n}\n';
    writeFileSync(file, text);
    await me.button("New…").click();
    await me.dialog().getByLabel("Open a policy file…").setInputFiles(file);
    await me.problems().getByText("tools", { exact: true }).first().waitFor();
    assert.equal(await me.text(), text);
    assert.equal(await page.getByLabel("Name of this draft").inputValue(), "mine");
  });
});

describe("out", () => {
  test("work in progress survives a reload, and drafts are kept side by side", async () => {
    await me.template(/Support agent/);
    await page.getByLabel("Name of this draft").fill("Shop");
    await me.show("JSON");
    await me.policy().click();
    await page.keyboard.press("Control+End");
    await page.keyboard.type(" ");
    const text = await me.text();
    await page.reload();
    await me.settled();
    assert.equal(await me.text(), text);
    assert.equal(await page.getByLabel("Name of this draft").inputValue(), "Shop");
    assert.equal(await me.row("create_charge").count(), 1);

    await me.template("Read only");
    await me.button("New…").click();
    await me.dialog().getByRole("button", { name: "Shop", exact: true }).click();
    await me.row("create_charge").waitFor();
    assert.equal(await me.text(), text);
    await me.button("New…").click();
    await me.dialog().getByRole("button", { name: 'Delete the draft "Read only"' }).click();
    assert.equal(await me.dialog().getByRole("button", { name: 'Delete the draft "Read only"' }).count(), 0);
    await page.keyboard.press("Escape");
  });

  test("a link carries everything, to another browser, and to no server", async () => {
    await me.template(/Support agent/);
    await me.callAndRead(1);
    await me.button("Keep as a case").click();
    await me.button("Share…").click();
    const link = await me.dialog().getByLabel("Link").inputValue();
    await me.shot("share");
    await page.keyboard.press("Escape");
    const text = await me.text();
    assert.match(link, /#draft=[A-Za-z0-9_-]+$/);
    const other = await arrive(site);
    const asked = [];
    other.page.on("request", (request) => asked.push(request.url()));
    await other.page.goto("about:blank");
    await other.page.goto(link);
    await other.settled();
    assert.equal(await other.text(), text);
    assert.equal(await other.row("create_charge").count(), 1);
    await other.show("Scenario");
    await other.page.getByText("1 as expected").first().waitFor();
    assert.ok(asked.every((url) => !url.includes("draft=")));
    await other.leave();
  });

  test("a broken link says so, and nothing is lost", async () => {
    const text = await me.text();
    for (const fragment of ["#draft=%%%", "#draft=AAAA", "#template=nobody-has-this"]) {
      await goTo(fragment);
      assert.match(await page.getByText(/The link is broken/).innerText(), /open last/);
      assert.equal(await me.text(), text);
    }
  });

  test("what looks like a secret is said before it is shared", async () => {
    await me.arguments('{"name": "draft", "login": {"api_key": "sk-1234"}}');
    await me.button("Share…").click();
    assert.match(await me.dialog().getByRole("alert").innerText(), /login\.api_key may hold a secret/);
    await page.keyboard.press("Escape");
  });

  test("the exported policy and scenario are what the command line takes", async () => {
    await me.template(/Support agent/);
    await me.callAndRead(1);
    await me.button("Keep as a case").click();
    await me.arguments('{"customer": "cus_1", "amount": 90000, "currency": "eur"}');
    assert.match(await me.callAndRead(2), /^Denied/);
    await me.button("Keep as a case").click();
    await me.button("Export…").click();
    await me.shot("export");
    const policy = await me.saved(() => me.button("Save policy.json").click());
    const scenario = await me.saved(() => me.button(/^Save .*\.scenario\.json$/).click());
    await page.keyboard.press("Escape");
    writeFileSync(join(folder, policy.name), policy.bytes);
    writeFileSync(join(folder, scenario.name), scenario.bytes);
    assert.equal(policy.bytes.toString().trimEnd(), await me.text());
    const checked = spawnSync(command, ["check", join(folder, policy.name)], { encoding: "utf8" });
    assert.equal(checked.status, 0, checked.stdout + checked.stderr);
    const tested = spawnSync(command, ["test", join(folder, scenario.name)], { encoding: "utf8" });
    assert.equal(tested.status, 0, tested.stdout + tested.stderr);
    assert.match(scenario.name, /^support-agent-on-a-payments-server\.scenario\.json$/);
    // It is the page's own answers that hold: a stricter policy fails them.
    const stricter = JSON.parse(policy.bytes);
    stricter.tools.create_charge = { action: "deny" };
    writeFileSync(join(folder, policy.name), JSON.stringify(stricter));
    assert.equal(spawnSync(command, ["test", join(folder, scenario.name)]).status, 1);
  });

  test("a file goes out with the ends of lines that it came with, but for the edit", async () => {
    const text = '{\n  "version": "1",\n  "default": "deny",\n  "tools": {\n    "get_balance": {}\n  }\n}\n';
    const windows = text.replaceAll("\n", "\r\n");
    const file = join(folder, "windows.json");
    writeFileSync(file, windows);
    await me.button("New…").click();
    await me.dialog().getByLabel("Open a policy file…").setInputFiles(file);
    await page.getByLabel("Name of this draft").and(page.locator("input")).waitFor();
    await me.textIs(text);
    const exported = async () => {
      await me.button("Export…").click();
      const { bytes } = await me.saved(() => me.button("Save policy.json").click());
      await page.keyboard.press("Escape");
      return bytes.toString();
    };
    assert.equal(await exported(), windows);
    await me.policy().click();
    await page.keyboard.press("Control+Home");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Enter");
    const edited = `{\r\n${(await me.text()).split("\n")[1]}${windows.slice(1)}`;
    assert.equal(await exported(), edited);
    // Also when it was kept, and when it was shared.
    await page.waitForTimeout(500);
    await page.reload();
    await me.settled();
    assert.equal(await exported(), edited);
    await me.button("Share…").click();
    const link = await me.dialog().getByLabel("Link", { exact: true }).inputValue();
    await goTo(new URL(link).hash);
    assert.equal(await exported(), edited);
  });

  test("an explanation is saved as a picture", async () => {
    await me.callAndRead(1);
    const image = await me.saved(() => me.button("Save as an image").click());
    assert.match(image.name, /\.png$/);
    assert.deepEqual([...image.bytes.subarray(0, 8)], [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
    assert.equal(image.bytes.readUInt32BE(16), 1800, "twice 900 pixels wide");
    writeFileSync(join(root, "target/screens/decision.png"), image.bytes);
  });
});

test("the files that tests look at are there", () => {
  assert.ok(readFileSync(command).length > 0, "the command line is built: make command");
});
