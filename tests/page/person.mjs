// A person at the builder: what they see and do, by names and roles. Tests say what they do, this says how.
import assert from "node:assert/strict";
import { join } from "node:path";
import { PATIENCE, screens } from "./site.mjs";

export const SEED_TOOL = "policy_generation_start";

/** Opens the builder of a site; all of its helpers work on that page. */
export async function arrive(site, options) {
  const { page, faults } = await site.open(options);
  return new Person(page, faults, site);
}

export class Person {
  constructor(page, faults, site) {
    Object.assign(this, { page, faults, site });
  }

  /** Waits until the engine has judged what is in the text now. */
  async settled() {
    await this.show("JSON");
    await this.page
      .getByRole("status")
      .getByText(/No problems|error|warning/)
      .first()
      .waitFor();
    await this.page.waitForFunction(() => !document.querySelector('[role="table"][aria-busy="true"]'));
  }

  /** Leaves; nothing may have gone wrong. */
  async leave(allowed = () => false) {
    await this.page.context().close();
    assert.deepEqual(
      this.faults.filter((fault) => !allowed(fault)),
      [],
      "the console and the Content-Security-Policy are silent",
    );
  }

  /** Brings a part of the page to the front, where it shares its place. */
  async show(tab) {
    const found = this.page.getByRole("tab", { name: new RegExp(`^${tab}`) });
    if (await found.count()) await found.click();
  }

  policy = () => this.page.getByRole("textbox", { name: "Policy text, JSON" });
  args = () => this.page.getByRole("textbox", { name: "Arguments, JSON" });
  decision = () => this.page.getByRole("region", { name: "Decision" });
  problems = () => this.page.getByRole("list", { name: "Problems" });
  dialog = () => this.page.getByRole("dialog");
  button = (name, options) => this.page.getByRole("button", { name, exact: typeof name === "string", ...options });
  row = (name) => this.page.getByRole("row").filter({ has: this.page.getByRole("button", { name, exact: true }) });
  state = (name) => this.page.getByRole("combobox", { name: `State of ${name}` }).first();

  /** The policy's whole text, also what is scrolled away. */
  async text() {
    // The editor comes after the states, and stays when another part of the page is in its place.
    await this.page.locator('.cm-content[aria-label="Policy text, JSON"]').waitFor({ state: "attached" });
    return this.page.evaluate(() => {
      const content = [...document.querySelectorAll(".cm-content")].find(
        (one) => one.getAttribute("aria-label") === "Policy text, JSON",
      );
      return (
        content.cmTile?.view?.state.doc.toString() ?? content.cmView?.view?.state.doc.toString() ?? content.innerText
      );
    });
  }

  async parsed() {
    return JSON.parse(await this.text());
  }

  /** Waits until the policy is so. `is` is called with its value and its text. */
  async until(is, what) {
    for (const end = Date.now() + PATIENCE; Date.now() < end;) {
      const text = await this.text();
      let value;
      try {
        value = JSON.parse(text);
      } catch {
        // In the middle of an edit.
      }
      if (value !== undefined && is(value, text)) return value;
      await new Promise((again) => setTimeout(again, 50));
    }
    assert.fail(`${what ?? is}: ${await this.text()}`);
  }

  /** Waits until the policy's text is exactly so. */
  async textIs(expected, what) {
    for (const end = Date.now() + PATIENCE; Date.now() < end && (await this.text()) !== expected;) {
      await new Promise((again) => setTimeout(again, 30));
    }
    assert.equal(await this.text(), expected, what);
  }

  async template(name) {
    await this.button("New…").click();
    await this.dialog().getByRole("button", { name }).first().click();
    await this.dialog().waitFor({ state: "detached" });
    await this.settled();
  }

  /** Replaces what an editor holds, as by pasting: keys would be completed with closing brackets. */
  async type(editor, text) {
    await editor.click();
    await this.page.keyboard.press("Control+A");
    await editor.evaluate((element, pasted) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData("text/plain", pasted);
      element.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
    }, text);
  }

  async write(policy) {
    await this.show("JSON");
    await this.type(this.policy(), typeof policy === "string" ? policy : JSON.stringify(policy, null, 2));
  }

  /** Puts a value into a field and leaves it, as the form's fields want it. */
  async fill(field, text) {
    await field.fill(text);
    await field.press("Enter");
  }

  /** Writes the call's arguments as JSON. */
  async arguments(text) {
    await this.show("Call");
    if (!(await this.args().count())) await this.button("As JSON").click();
    await this.type(this.args(), text);
  }

  async call() {
    await this.show("Call");
    await this.button(/^Call( again)?$/).click();
  }

  /** Calls once and waits for that call's answer. */
  async callAndRead(number) {
    await this.call();
    await this.decision().getByText(`call ${number}`, { exact: true }).waitFor();
    return this.decision().innerText();
  }

  /** A moment near the start of a minute, so that eleven calls cannot straddle two of them. */
  async atNoon() {
    await this.show("Call");
    await this.page.getByRole("radio", { name: "At a chosen time" }).check();
    await this.page.getByLabel("Time of the call (UTC)").fill("2026-01-01T12:00:26");
  }

  /** The text under each underline of the policy's editor. */
  underlined = (kind) => this.policy().locator(`.cm-lintRange-${kind}`).allInnerTexts();

  shot = (name, options) => this.page.screenshot({ path: join(screens, `${name}.png`), ...options });

  /** What a click lets the person save: its name and its text. */
  async saved(click) {
    const [download] = await Promise.all([this.page.waitForEvent("download"), click()]);
    const stream = await download.createReadStream();
    const parts = [];
    for await (const part of stream) parts.push(part);
    return { name: download.suggestedFilename(), bytes: Buffer.concat(parts) };
  }
}
