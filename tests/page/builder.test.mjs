// The visual builder in Chromium, driven as a person does: by names and roles.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { screens, start } from "./site.mjs";

const SEED_TOOL = "policy_generation_start";
let site, page, faults;

before(async () => (site = await start()));
after(() => site?.stop());

async function open(options) {
  ({ page, faults } = await site.open(options));
  await page.getByRole("status").getByText("No problems").waitFor();
}
async function close() {
  const found = faults;
  await page.context().close();
  assert.deepEqual(found, [], "the console and the Content-Security-Policy are silent");
}

const policy = () => page.getByRole("textbox", { name: "Policy text, JSON" });
const args = () => page.getByRole("textbox", { name: "Arguments, JSON" });
const decision = () => page.getByRole("region", { name: "Decision" });
const row = (name) => page.getByRole("row").filter({ has: page.getByRole("button", { name, exact: true }) });
const call = () => page.getByRole("button", { name: /^Call( again)?$/ }).click();
const shot = (name) => page.screenshot({ path: join(screens, `${name}.png`) });

/** Replaces what an editor holds. Inserted in one go: keys would be completed with closing brackets. */
async function type(editor, text) {
  await editor.click();
  await page.keyboard.press("Control+A");
  await page.keyboard.insertText(text);
}

/** Pastes over what an editor holds: a long text is put in at once, where the browser itself would put it in by lines. */
async function paste(editor, text) {
  await editor.click();
  await page.keyboard.press("Control+A");
  await editor.evaluate((element, pasted) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", pasted);
    element.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
  }, text);
}

/** Calls once and waits for that call's answer. */
async function callAndRead(number) {
  await call();
  await decision().getByText(`call ${number}`, { exact: true }).waitFor();
  return decision().innerText();
}

/** The text under each underline of the policy's editor. */
const underlined = (kind) => policy().locator(`.cm-lintRange-${kind}`).allInnerTexts();

/** A moment near the start of a minute, so that eleven calls cannot straddle two of them. */
async function atNoon() {
  await page.getByRole("radio", { name: "At a chosen time" }).check();
  await page.getByLabel("Time of the call (UTC)").fill("2026-01-01T12:00:26");
}

describe("the builder", () => {
  beforeEach(() => open());
  afterEach(() => close());

  test("loads with a policy, its tools and an empty decision", async () => {
    await page.getByRole("heading", { name: "Cattlegrid", level: 1 }).waitFor();
    assert.match(await policy().innerText(), /policy_generation_start_rate/);
    assert.equal(await page.getByRole("rowheader").count(), 6);
    assert.match(await decision().innerText(), /Make a call/);
  });

  test("a misspelt key is underlined exactly, explained, and fixed at a click", async () => {
    await type(policy(), '{\n  "version": "1",\n  "defualt": "deny"\n}');
    const problems = page.getByRole("list", { name: "Problems" });
    await problems.getByText("`defualt`").first().waitFor();
    assert.ok((await underlined("error")).some((text) => text.replaceAll('"', "") === "defualt"));
    assert.match(await problems.innerText(), /`default`/);
    await policy().locator(".cm-lintRange-error", { hasText: "defualt" }).first().hover();
    const tooltip = page.locator(".cm-tooltip-lint");
    await tooltip.waitFor();
    assert.match(await tooltip.innerText(), /`default`/);
    await shot("problem");

    await page.mouse.move(0, 0);
    await problems.getByRole("button", { name: /^Fix/ }).first().click();
    await policy().getByText('"default"').waitFor();
    assert.doesNotMatch(await policy().innerText(), /defualt/);
    await page.waitForFunction(() => !document.querySelector(".cm-lintRange-error"));
  });

  test("ten calls pass, the eleventh says how long to wait, and a reset starts again", async () => {
    await atNoon();
    for (let number = 1; number <= 10; number += 1) {
      const text = await callAndRead(number);
      assert.match(text, /^Allowed/, `call ${number}`);
      assert.match(text, new RegExp(`${10 - number} of 10 left`), `call ${number}`);
    }
    const text = await callAndRead(11);
    assert.match(text, /^Denied/);
    assert.match(text, /Limit of 10 per minute reached for "policy_generation_start"\. Try again in 34 seconds\./);
    assert.match(text, new RegExp(`/tools/${SEED_TOOL}/limits/0`));
    assert.match(await page.getByText("11 calls since").innerText(), /10 allowed, 1 denied/);
    await shot("limit-full");

    await decision()
      .getByRole("button", { name: `/tools/${SEED_TOOL}/limits/0` })
      .click();
    assert.match(await policy().locator(".cm-shown").first().innerText(), /\{|counter/);
    assert.ok(await policy().evaluate((element) => element.contains(document.activeElement)));

    await page.getByRole("button", { name: "Reset counters" }).click();
    assert.match(await callAndRead(1), /^Allowed[^]*9 of 10 left/);
  });

  test("another grant and another minute have counters of their own", async () => {
    await atNoon();
    for (let number = 1; number <= 3; number += 1) await callAndRead(number);
    await page.getByLabel(/^Grant/).fill("somebody else");
    assert.match(await callAndRead(4), /9 of 10 left/);
    await page.getByLabel(/^Grant/).fill("demo");
    await page.getByLabel("Time of the call (UTC)").fill("2026-01-01T12:01:00");
    assert.match(await callAndRead(5), /9 of 10 left/);
  });

  test("a tool that is not listed is denied by default", async () => {
    await row("agent_delete").getByRole("button", { name: "agent_delete", exact: true }).click();
    const text = await callAndRead(1);
    assert.match(text, /^Denied/);
    assert.match(text, /Tool "agent_delete" is not permitted by policy/);
    assert.match(text, /\(default deny\)/);
    await page.getByLabel("Tool", { exact: true }).selectOption({ label: "Another name…" });
    await page.getByLabel("Name of the tool").fill("nobody_has_this");
    assert.match(await callAndRead(2), /^Denied[^]*\(default deny\)/);
  });

  test("the table shows every state and what decides it", async () => {
    const state = async (name) => (await row(name).getByRole("cell").first().innerText()).trim();
    assert.equal(await state(SEED_TOOL), "Custom");
    assert.equal(await state("agent_list"), "Deny");
    assert.match(await row("agent_list").innerText(), /\(default deny\)/);

    await page.getByLabel("Start from an example").selectOption({ index: 3 });
    await page
      .getByRole("status")
      .getByText(/No problems|warning/)
      .waitFor();
    await row("read_secret").getByText("Hide", { exact: true }).waitFor();
    assert.equal(await state("list_workloads"), "Allow");
    assert.equal(await state("delete_object"), "Approve");
    assert.equal(await state("scale_workload"), "Custom");
    await row("read_secret").getByRole("button", { name: "(hidden)" }).click();
    await policy().locator(".cm-shown").first().waitFor();
    await shot("states");
  });

  test("a decision explains each rule with the value that it saw", async () => {
    await page.getByLabel("Start from an example").selectOption({ index: 2 });
    await row("create_charge").getByText("Custom", { exact: true }).waitFor();
    await type(args(), '{ "customer": "cus_1", "amount": "4200", "currency": "eur" }');
    const text = await callAndRead(1);
    assert.match(text, /^Denied[^]*A charge can be 500\.00 at most\.[^]*\/tools\/create_charge\/require\/1/);
    const explained = page.getByRole("region", { name: "How it was decided" });
    assert.match(await explained.innerText(), /args\.amount lte[^]*errored, saw "4200"/);
    assert.match(await explained.innerText(), /args\.currency in[^]*satisfied, saw "eur"/);
    await shot("explained");

    await page.getByLabel("Tool", { exact: true }).selectOption("create_refund");
    await type(args(), '{ "charge": "ch_1", "amount": 9000 }');
    assert.match(await callAndRead(2), /^Held for approval/);
  });

  test("a pasted list is read, and an entry that no tool answers to is said", async () => {
    await page.getByRole("button", { name: "Paste a list" }).click();
    const response = {
      jsonrpc: "2.0",
      id: 2,
      result: {
        tools: [
          {
            name: "policy_generation_begin",
            description: "<img src=x onerror=alert(1)>",
            inputSchema: {},
          },
          {
            name: "__proto__",
            description: "only a name",
            inputSchema: { type: "object" },
          },
        ],
      },
    };
    await page.getByLabel("A server's answer to tools/list").fill(JSON.stringify(response));
    await page.getByRole("button", { name: "Use this list" }).click();
    await row("policy_generation_begin").getByText("Deny", { exact: true }).waitFor();
    await row("__proto__").getByText("Deny", { exact: true }).waitFor();
    assert.equal(await page.getByText("<img src=x onerror=alert(1)>").count(), 1);
    const problems = page.getByRole("list", { name: "Problems" });
    await problems.getByText(`\`${SEED_TOOL}\``).first().waitFor();
    assert.ok((await underlined("warning")).some((text) => text.replaceAll('"', "") === SEED_TOOL));
    await shot("pasted");
  });

  test("what is not a list of tools is answered with what to do", async () => {
    await page.getByRole("button", { name: "Paste a list" }).click();
    const box = page.getByLabel("A server's answer to tools/list");
    const said = async (text) => {
      await box.fill(text);
      await page.getByRole("button", { name: "Use this list" }).click();
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
    await shot("bad-catalog");
  });

  test("arguments that are not JSON, and a policy that does not load, are not decided", async () => {
    await type(args(), '{ "name": "draft", oops }');
    await page
      .getByText(/The arguments are not JSON: look at line 1, column \d+/)
      .first()
      .waitFor();
    await call();
    await page
      .getByRole("alert")
      .getByText(/Nothing was called/)
      .waitFor();
    assert.match(await decision().innerText(), /Make a call/);
    await shot("bad-arguments");

    await type(args(), "[1]");
    assert.match(await callAndRead(1), /^Denied[^]*\(malformed call\)/);

    await type(args(), "{}");
    await type(policy(), '{ "version": "1", ');
    await page.getByRole("status").getByText(/error/).waitFor();
    await call();
    await page
      .getByRole("alert")
      .getByText(/The policy has errors/)
      .waitFor();
  });

  test("an edit keeps its cursor, a fix and an example can be undone", async () => {
    const original = await policy().innerText();
    await policy().click();
    await page.keyboard.press("Control+Home");
    await page.keyboard.type("one two");
    assert.ok((await policy().innerText()).startsWith("one two{"));
    await page.getByRole("status").getByText(/error/).waitFor();
    await page.getByLabel("Start from an example").selectOption({ index: 2 });
    await row("create_charge").getByText("Custom", { exact: true }).waitFor();
    await policy().click();
    await page.keyboard.press("Control+Z");
    assert.ok((await policy().innerText()).startsWith("one two{"));
    await page.keyboard.press("Control+Z");
    assert.equal(await policy().innerText(), original);

    await args().click();
    await page.keyboard.press("Control+Home");
    await page.keyboard.type("   ");
    assert.ok((await args().innerText()).startsWith("   {"));
  });

  test("typing does not wait for the engine, and only the newest text is judged", async () => {
    const tools = Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`tool_${i}`, {}]));
    await paste(policy(), JSON.stringify({ version: "1", default: "deny", tools }, null, 2));
    const problems = page.getByRole("list", { name: "Problems" });
    await problems.getByRole("button", { name: "Go to line 5, column 6" }).waitFor();
    await page.keyboard.press("Control+Home");
    const started = Date.now();
    await page.keyboard.type("\n".repeat(20) + " ".repeat(20));
    assert.ok(Date.now() - started < 4_000, `40 keys took ${Date.now() - started} ms`);
    // The places are those of the text with all of it in.
    await problems.getByRole("button", { name: "Go to line 25, column 6" }).waitFor();
  });
});

test("when the engine cannot be loaded, the page says so", async () => {
  ({ page } = await site.open({
    prepare: (page) => page.route("**/*.wasm", (route) => route.abort()),
  }));
  await page
    .getByRole("alert")
    .getByText(/The engine stopped/)
    .waitFor();
  await shot("failed");
  await page.context().close();
});

describe("in other lights and widths", () => {
  for (const [name, options] of Object.entries({
    light: { colorScheme: "light" },
    dark: { colorScheme: "dark" },
    middle: { viewport: { width: 900, height: 1200 } },
    narrow: { viewport: { width: 360, height: 740 } },
    "narrow-dark": {
      viewport: { width: 360, height: 740 },
      colorScheme: "dark",
    },
  })) {
    test(name, async () => {
      await open(options);
      await page.getByLabel("Start from an example").selectOption({ index: 2 });
      await row("create_charge").getByText("Custom", { exact: true }).waitFor();
      await callAndRead(1);
      const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(wider <= 0, "nothing is cut off at the side");
      await page.evaluate(() => scrollTo(0, 0));
      await page.screenshot({
        path: join(screens, `${name}.png`),
        fullPage: true,
      });
      await close();
    });
  }
});
