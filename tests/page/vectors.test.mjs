// Every vector through the packed package in Chromium, by the runner that Node uses.

import assert from "node:assert/strict";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { install, root } from "../node/package.mjs";
import { vectors } from "../node/vectors.mjs";
import { launch, serve } from "./chromium.mjs";

const { project, write } = install("page-vectors");
copyFileSync(join(root, "tests/node/scenario.mjs"), join(project, "scenario.mjs"));
write(
  "main.js",
  `
  import * as cattlegrid from "./node_modules/cattlegrid/js/index.js";
  import { run } from "./scenario.mjs";
  globalThis.run = (text, policy) => run(cattlegrid, text, policy);`,
);
write("index.html", '<!doctype html><title>vectors</title><script type="module" src="/main.js"></script>');

let browser;
let site;
let page;
before(async () => {
  [browser, site] = await Promise.all([launch(), serve(project)]);
  page = await browser.newPage();
  await page.goto(`${site.address}/index.html`);
  await page.waitForFunction(() => "run" in globalThis);
});
after(async () => {
  await browser.close();
  site.close();
});

for (const { name, text, policy } of vectors) {
  test(name, async () =>
    assert.deepEqual(await page.evaluate(([text, policy]) => globalThis.run(text, policy), [text, policy]), []),
  );
}
