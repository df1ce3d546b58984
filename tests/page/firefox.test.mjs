// A smoke run in Debian's Firefox, over WebDriver BiDi: the page loads, decides, is edited on both sides, and is shared.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import puppeteer from "puppeteer-core";
import { screens, serveBuilder } from "./site.mjs";

const SLOW = 30_000;

let site, browser, profile;
before(async () => {
  site = await serveBuilder();
  profile = mkdtempSync(join(tmpdir(), "cattlegrid-firefox-"));
  browser = await puppeteer.launch({
    browser: "firefox",
    protocol: "webDriverBiDi",
    executablePath: "/usr/bin/firefox-esr",
    userDataDir: profile,
    defaultViewport: { width: 1440, height: 900 },
    timeout: SLOW * 2,
    extraPrefsFirefox: {
      // Nothing is asked of anybody, as far as a browser can be told.
      "app.update.enabled": false,
      "browser.safebrowsing.downloads.enabled": false,
      "browser.safebrowsing.malware.enabled": false,
      "browser.safebrowsing.phishing.enabled": false,
      "datareporting.policy.dataSubmissionEnabled": false,
      "network.captive-portal-service.enabled": false,
      "network.connectivity-service.enabled": false,
      "services.settings.server": "data:,",
    },
  });
});
after(async () => {
  await browser?.close();
  await site?.stop();
  if (profile) rmSync(profile, { recursive: true, force: true });
});

/** A page at an address, and all that went wrong on it. */
async function open(url, browsing = browser) {
  const page = await browsing.newPage();
  page.setDefaultTimeout(SLOW);
  const faults = [];
  page.on("console", (message) => {
    if (["error", "warn"].includes(message.type())) faults.push(message.text());
  });
  page.on("pageerror", (error) => faults.push(String(error)));
  await page.goto(url);
  return { page, faults };
}

/** The text of the policy. */
const textOf = (page) =>
  page.evaluate(() => {
    const content = document.querySelector('.cm-content[aria-label="Policy text, JSON"]');
    return (content.cmTile ?? content.cmView).view.state.doc.toString();
  });

async function until(page, is, what) {
  for (const end = Date.now() + SLOW; Date.now() < end;) {
    const text = await textOf(page);
    try {
      if (is(JSON.parse(text))) return text;
    } catch {
      // In the middle of an edit.
    }
    await new Promise((again) => setTimeout(again, 50));
  }
  return assert.fail(`${what}: ${await textOf(page)}`);
}

/** The field of the form that has this label. */
const labelled = (page, text) =>
  page.waitForFunction(
    (text) =>
      [...document.querySelectorAll("#pane-rules label")].find(
        (label) => label.querySelector(".label")?.textContent === text,
      )?.control,
    {},
    text,
  );

const click = (page, role, name) => page.locator(`aria/${name}[role="${role}"]`).click();

test("loads, decides, is edited in form and text, and is shared", async () => {
  const { page, faults } = await open(site.url);
  await page.locator("aria/Policy text, JSON").wait();
  await page.waitForFunction(() =>
    [...document.querySelectorAll("[role=status]")].some((one) => /No problems/.test(one.textContent)),
  );
  assert.match(await browser.version(), /firefox/i);

  // A call is decided, by the wasm in the worker.
  await click(page, "tab", "Call");
  await page.locator(".pane:not([hidden]) form button[type=submit]").click();
  await page.waitForFunction(() => /^Allowed/.test(document.querySelector('[aria-label="Decision"]').innerText));
  await page.waitForFunction(() => /9 of 10 left/.test(document.querySelector('[aria-label="Decision"]').innerText));

  // The form changes the text.
  await page.select('select[aria-label="State of agent_delete"]', "hide");
  await until(page, (policy) => policy.hide?.includes("agent_delete"), "hidden in the text");
  const most = await labelled(page, "At most");
  await most.click({ count: 3 });
  await page.keyboard.type("3");
  await page.keyboard.press("Enter");
  await until(page, (policy) => policy.tools.policy_generation_start.limits[0].max === 3, "the limit");
  await page.waitForFunction(() => /At most 3 calls a minute/.test(document.querySelector("#pane-rules").innerText));

  // The text changes the form.
  await click(page, "tab", "JSON");
  await page.locator("aria/Policy text, JSON").click();
  await page.keyboard.down("Control");
  await page.keyboard.press("Home");
  await page.keyboard.up("Control");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.type('"x-a": 1,');
  const edited = await until(page, (policy) => policy["x-a"] === 1, "typed");
  // And all of it can be taken back and done again.
  await page.locator('button[aria-label="Undo"]').click();
  await until(page, (policy) => !("x-a" in policy), "undone");
  await page.locator('button[aria-label="Redo"]').click();
  await until(page, (policy) => policy["x-a"] === 1, "done again");
  await page.screenshot({ path: join(screens, "firefox.png") });

  // The link carries it to another browser.
  await click(page, "button", "Share…");
  const field = await page.locator("dialog textarea, dialog input").waitHandle();
  await page.waitForFunction(() => /#draft=/.test(document.querySelector("dialog textarea, dialog input").value));
  const link = await field.evaluate((input) => input.value);
  await page.keyboard.press("Escape");
  // One with nothing kept, as of somebody else.
  const other = await open(link, await browser.createBrowserContext());
  await other.page.locator("aria/Policy text, JSON").wait();
  assert.equal(await textOf(other.page), edited);
  assert.deepEqual([...faults, ...other.faults], []);
});
