// What axe finds in the builder: nothing, in each of its views, in both themes, on a wide and on a narrow screen. Each
// view is kept as a picture, to be looked at.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { arrive } from "./person.mjs";
import { start } from "./site.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

let site;
before(async () => (site = await start()));
after(() => site?.stop());

/** The views that a person meets, each after the one before. */
const VIEWS = {
  beginning: async () => {},
  start: async (me) => {
    await me.button("New…").click();
    await me.dialog().waitFor();
  },
  "bad-list": async (me) => {
    await me.dialog().getByRole("button", { name: "Use this list" }).click();
    await me.page.getByRole("alert").waitFor();
  },
  "bad-server": async (me) => {
    await me.dialog().getByLabel("Address of the MCP server").fill("ftp://example.org");
    await me.dialog().getByRole("button", { name: "Read its tools" }).click();
    await me.page.getByRole("alert").filter({ hasText: "This is no address" }).waitFor();
  },
  tools: async (me) => {
    await me
      .dialog()
      .getByRole("button", { name: /Support agent/ })
      .first()
      .click();
    await me.dialog().waitFor({ state: "detached" });
    await me.settled();
    await me.show("Tools");
    await me.page.getByRole("checkbox", { name: "Choose create_charge" }).check();
  },
  rules: async (me) => {
    await me.button("create_charge").click();
    await me.show("Rules");
    await me.page.getByRole("region", { name: "Require" }).waitFor();
  },
  "rules-of-all": async (me) => {
    await me.show("Tools");
    await me.page.getByRole("checkbox", { name: "Choose create_charge" }).uncheck();
    await me.button("Rules for all tools").click();
    await me.page.getByRole("region", { name: "Limits" }).waitFor();
  },
  call: async (me) => {
    await me.show("Call");
    await me.call();
    await me.page.getByRole("region", { name: "How it was decided" }).waitFor();
    await me.button("Keep as a case").click();
  },
  scenario: async (me) => {
    await me.show("Scenario");
    await me.button("Add a loop: 60 calls in 90 s").click();
    await me.page.getByRole("slider", { name: "Clock (UTC)" }).waitFor();
  },
  text: async (me) => {
    await me.show("JSON");
  },
  problems: async (me) => {
    await me.write('{"version": "1", "defualt": "deny", "tools": {"nobody_has_this": {}}}');
    await me.problems().getByText("defualt", { exact: true }).first().waitFor();
  },
  share: async (me) => {
    await me.button("Share…").click();
    await me.dialog().getByLabel("Link").waitFor();
  },
  export: async (me) => {
    await me.page.keyboard.press("Escape");
    await me.button("Export…").click();
    await me.dialog().getByRole("button", { name: "Save policy.json" }).waitFor();
  },
  "no-tools": async (me) => {
    await me.page.keyboard.press("Escape");
    await me.button("New…").click();
    await me
      .dialog()
      .getByRole("button", { name: /An empty policy/ })
      .click();
    await me.show("Tools");
    await me.button("Bring a list of tools…").waitFor();
  },
};

async function violations(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  return violations.map(({ id, help, nodes }) => ({ id, help, where: nodes.map(({ target }) => target.join(" ")) }));
}

for (const colorScheme of ["light", "dark"]) {
  for (const [width, height] of [
    [1440, 900],
    [320, 740],
  ]) {
    test(`${colorScheme}, ${width} pixels wide`, async () => {
      const me = await arrive(site, { colorScheme, viewport: { width, height } });
      await me.settled();
      await me.show("Tools");
      for (const [name, reach] of Object.entries(VIEWS)) {
        await reach(me);
        await me.shot(`${name}-${colorScheme}-${width}`);
        assert.deepEqual(await violations(me.page), [], name);
        const wider = await me.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(wider <= 0, `${name}: nothing is cut off at the side`);
      }
      await me.leave();
    });
  }
}

for (const [width, height] of [
  [900, 1100],
  [2560, 1440],
  [3840, 2160],
]) {
  test(`${width} pixels wide`, async () => {
    const me = await arrive(site, { viewport: { width, height } });
    await me.template(/Support agent/);
    await me.call();
    await me.page.getByRole("region", { name: "How it was decided" }).waitFor();
    await me.shot(`whole-${width}`);
    assert.deepEqual(await violations(me.page), []);
    await me.leave();
  });
}

test("nothing moves for who wants that", async () => {
  const me = await arrive(site, { reducedMotion: "reduce" });
  await me.callAndRead(1);
  const moving = await me.page.evaluate(
    () =>
      [...document.querySelectorAll("*")].filter((element) =>
        getComputedStyle(element)
          .transitionDuration.split(", ")
          .some((time) => parseFloat(time) > 0),
      ).length,
  );
  assert.equal(moving, 0);
  await me.leave();
});

test("it would be found", async () => {
  const me = await arrive(site);
  await me.settled();
  await me.page.evaluate(() => document.querySelector("main")?.append(document.createElement("img")));
  assert.deepEqual(
    (await violations(me.page)).map(({ id }) => id),
    ["image-alt"],
  );
  await me.page.context().close();
});
