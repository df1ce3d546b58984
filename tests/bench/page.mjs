// How quick the builder is, in Chromium: how soon it can be worked with, and how soon an edit of a policy of 2,000 tools
// has its diagnostics on the screen. Prints medians, and the best of all rounds beside them, which is what is left when
// nothing else runs. A slow processor is Chromium's own throttling (CDP's Emulation.setCPUThrottlingRate), which slows
// the page's thread; the worker with the engine goes on at full speed.
//
//     node tests/bench/page.mjs [ROUNDS]

import { start } from "../page/site.mjs";

const rounds = Number(process.argv[2] ?? 11);
const TOOLS = 2_000;
const SLOWER = 4;

// Not the browser without windows, in which the tests run: what people have.
const site = await start("/usr/bin/chromium");

/** Fresh pages, as of a first visit, or ones that were here before. */
async function load(rate, again) {
  const times = [];
  for (let round = 0; round < rounds; round += 1) {
    const { page } = await site.open({
      async prepare(page) {
        await page.addInitScript(() => {
          const done = () => document.querySelector("[role=row] select[data-control=state]");
          globalThis.whenUsable = new Promise((resolve) => {
            const look = () => done() && requestAnimationFrame(() => setTimeout(() => resolve(performance.now())));
            new MutationObserver(look).observe(document, { childList: true, subtree: true });
          });
        });
        const devtools = await page.context().newCDPSession(page);
        await devtools.send("Emulation.setCPUThrottlingRate", { rate });
      },
    });
    const usable = () => page.evaluate(() => globalThis.whenUsable);
    let time = await usable();
    if (again) {
      await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
      await page.reload();
      time = await usable();
    }
    times.push(time);
    await page.context().close();
  }
  return times;
}

const names = [...Array(TOOLS).keys()].map((n) => `service_${n % 40}_operation_${n}`);
const rule = (path, op, value) => ({ conditions: [{ path: `args.${path}`, op, value }] });

/** Two rules for each tool; with `optional` arguments each is warned of. */
function work(optional) {
  const properties = {
    amount: { type: "integer", minimum: 0, description: "How much, in cents" },
    region: { type: "string", enum: ["eu", "us", "ap"] },
    customer: { type: "object", properties: { id: { type: "string" }, email: { type: "string" } } },
  };
  const required = optional ? ["amount"] : ["amount", "region"];
  const entry = (n) => ({ require: [rule("amount", "lte", 50_000 + n)], deny_if: [rule("region", "eq", "us")] });
  return {
    list: names.map((name) => ({
      name,
      description: "Does what its name says.",
      inputSchema: { type: "object", required, properties },
    })),
    policy: JSON.stringify(
      { version: "1", default: "deny", tools: Object.fromEntries(names.map((name, n) => [name, entry(n)])) },
      null,
      2,
    ),
  };
}

/** From a key that is pressed to what is said of it, on the screen. */
async function edit(rate, optional) {
  const { list, policy } = work(optional);
  const { page } = await site.open();
  await page.getByRole("button", { name: "New…" }).click();
  await page.getByLabel(/^A server's answer to tools\/list/).fill(JSON.stringify(list));
  await page.getByRole("button", { name: "Use this list" }).click();
  const editor = page.getByRole("textbox", { name: "Policy text, JSON" });
  await editor.click();
  await page.keyboard.press("Control+A");
  await editor.evaluate((element, text) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", text);
    element.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
  }, policy);
  const said = page.getByRole("status").filter({ hasText: optional ? "warnings" : "No problems" });
  await said.waitFor();
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Emulation.setCPUThrottlingRate", { rate });

  const times = [];
  // In the key `default`, near the top: a letter is an error, to take it back is none.
  await page.keyboard.press("Control+Home");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  for (let step = 0; step < 5; step += 1) await page.keyboard.press("ArrowRight");
  for (let round = 0; round < rounds * 2; round += 1) {
    await page.evaluate(() => {
      globalThis.shown = new Promise((resolve) => {
        let pressed;
        addEventListener("keydown", (event) => (pressed = event.timeStamp), { capture: true, once: true });
        const summary = [...document.querySelectorAll("[role=status]")].find((one) =>
          /problem|warning|error/i.test(one.textContent),
        );
        const observer = new MutationObserver(() => {
          observer.disconnect();
          requestAnimationFrame(() => {
            // Behind the frame that shows it.
            const { port1, port2 } = new MessageChannel();
            port1.onmessage = () => resolve(performance.now() - pressed);
            port2.postMessage(undefined);
          });
        });
        observer.observe(summary, { childList: true, characterData: true, subtree: true });
      });
    });
    // As quick as people type, and hold a key: Chromium keeps back what a worker sends from a key until the next frame,
    // and once more from its release.
    await page.waitForTimeout(70);
    await page.keyboard.press(round % 2 ? "Backspace" : "x", { delay: 80 });
    times.push(await page.evaluate(() => globalThis.shown));
  }
  await page.context().close();
  return times;
}

const WORK = {
  "first visit, until the tools can be given states": { run: (rate) => load(rate, false), rates: [1, SLOWER] },
  "another visit, from what the browser keeps": { run: (rate) => load(rate, true), rates: [1, SLOWER] },
  "a key in 2,000 tools, until it is judged on the screen": { run: (rate) => edit(rate, false), rates: [1, SLOWER] },
  "the same with 2,000 warnings": { run: (rate) => edit(rate, true), rates: [1, SLOWER] },
};

const ms = (value) => `${value.toFixed(value < 10 ? 1 : 0)} ms`;
const lines = [];
try {
  for (const [what, { run, rates }] of Object.entries(WORK)) {
    const cells = [what];
    for (const rate of rates) {
      const times = (await run(rate)).toSorted((a, b) => a - b);
      cells.push(`${ms(times[Math.floor(times.length / 2)])} (${ms(times[0])})`);
    }
    lines.push(cells);
  }
} finally {
  await site.stop();
}
console.log(`Medians of ${rounds} rounds, of keys of ${2 * rounds}; the best in parentheses.\n`);
const table = [["", "full speed", `${SLOWER} × slower`], ["---", "---:", "---:"], ...lines];
for (const cells of table) console.log(`| ${cells.join(" | ")} |`);
