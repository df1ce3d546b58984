// After the first visit the page loads and decides without a network; and what the first visit costs.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { arrive } from "./person.mjs";
import { start } from "./site.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));

let site;
before(async () => (site = await start()));
after(() => site?.stop());

test("loads and decides offline after the first visit", async () => {
  const me = await arrive(site);
  await me.settled();
  await me.page.evaluate(async () => {
    await navigator.serviceWorker.ready;
  });
  await site.vanish();
  try {
    await me.page.reload();
    await me.settled();
    assert.match(await me.callAndRead(1), /^Allowed/);
    // What is loaded only when it is used is there too.
    await me.show("Scenario");
    await me.page.getByText("Calls over time").waitFor();
    await me.row("agent_delete").getByText("Critical").waitFor();
    await me.button("New…").click();
    await me.dialog().waitFor();
  } finally {
    await site.comeBack();
  }
  await me.leave((fault) => /ERR_CONNECTION_REFUSED|failed: /.test(fault));
});

test("the first load is under 400 KB over the wire", async () => {
  // The server of `make run`, which sends what the build has compressed, as hosts of static files do.
  const server = spawn("python3", [`${root}.ci/serve.py`, "0"], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    const [url] = await once(createInterface(server.stdout), "line");
    const me = await arrive({ ...site, open: (options) => site.open({ ...options, url }) });
    await me.settled();
    const sent = await me.page.evaluate(() =>
      [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")].map(
        ({ name, transferSize }) => [name, transferSize],
      ),
    );
    const inWorker = await me.page
      .workers()[0]
      .evaluate(() => performance.getEntriesByType("resource").map(({ name, transferSize }) => [name, transferSize]));
    // What the engine's second part takes comes when the page works already.
    const first = [...sent, ...inWorker].filter(([name]) => !/classify|export/.test(name));
    const total = first.reduce((sum, [, size]) => sum + size, 0);
    assert.ok(
      first.some(([name, size]) => name.endsWith(".wasm") && size > 50_000),
      JSON.stringify(first),
    );
    assert.ok(first.some(([name, size]) => name.endsWith(".js") && size > 50_000));
    assert.ok(total < 400_000, `${total} bytes: ${JSON.stringify(first)}`);
    console.log(`# the first load: ${total} bytes over the wire`);
    await me.leave();
  } finally {
    server.kill();
    await once(server, "exit");
  }
});
