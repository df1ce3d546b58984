// What axe finds in the builder: nothing, in each of its states, in both themes and on a narrow screen.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { start } from "./site.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

let site;
before(async () => (site = await start()));
after(() => site?.stop());

/** The states that a person meets, each after the one before. */
const STATES = {
  "the beginning": async () => {},
  "a decision": async (page) => {
    await page.getByRole("button", { name: /^Call( again)?$/ }).click();
    await page.getByRole("region", { name: "Decision" }).getByText("call 1", { exact: true }).waitFor();
  },
  "a decision explained": async (page) => {
    await page.getByLabel("Start from an example").selectOption({ index: 2 });
    await page.getByRole("button", { name: "create_charge", exact: true }).waitFor();
    await page.getByRole("button", { name: /^Call( again)?$/ }).click();
    await page.getByRole("region", { name: "How it was decided" }).waitFor();
  },
  "a list to be pasted": async (page) => {
    await page.getByRole("button", { name: "Paste a list" }).click();
    await page.getByLabel("A server's answer to tools/list").waitFor();
  },
  problems: async (page) => {
    const policy = page.getByRole("textbox", { name: "Policy text, JSON" });
    await policy.click();
    await page.keyboard.press("Control+A");
    await page.keyboard.insertText('{"version": "1", "defualt": "deny", "tools": {"nobody_has_this": {}}}');
    await page.getByRole("list", { name: "Problems" }).getByText("`defualt`").first().waitFor();
  },
};

async function violations(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  return violations.map(({ id, help, nodes }) => ({ id, help, where: nodes.map(({ target }) => target.join(" ")) }));
}

for (const colorScheme of ["light", "dark"]) {
  for (const width of [1440, 320]) {
    test(`${colorScheme}, ${width} pixels wide`, async () => {
      const { page, faults } = await site.open({ colorScheme, viewport: { width, height: 900 } });
      await page.getByRole("status").getByText("No problems").waitFor();
      for (const [name, reach] of Object.entries(STATES)) {
        await reach(page);
        assert.deepEqual(await violations(page), [], name);
      }
      await page.context().close();
      assert.deepEqual(faults, []);
    });
  }
}

test("it would be found", async () => {
  const { page } = await site.open();
  await page.getByRole("status").getByText("No problems").waitFor();
  await page.evaluate(() => document.querySelector("main")?.append(document.createElement("img")));
  assert.deepEqual(
    (await violations(page)).map(({ id }) => id),
    ["image-alt"],
  );
  await page.context().close();
});
