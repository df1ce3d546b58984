// Every example of the documentation is what the documentation shows, and runs from the packed package by the very
// commands that it gives: built, started, and asked for an allowed and a denied call.

import assert from "node:assert/strict";
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { after, before, test } from "node:test";
import { install, root } from "../node/package.mjs";
import { expected } from "../node/sample.mjs";
import { launch, titleOf } from "../page/chromium.mjs";
import { FOLDERS, calls, examples, place, policy, titles } from "./page.mjs";
import { freePort } from "../node/port.mjs";
import { environment, run, serving, withNewerNode } from "./processes.mjs";
import { registryOf } from "./registry.mjs";

const installed = install("places", "target/examples");
const manifest = JSON.parse(readFileSync(join(installed.project, "node_modules/cattlegrid/package.json"), "utf8"));
const pinned = JSON.parse(readFileSync(join(root, "tests/examples/package.json"), "utf8")).dependencies;

let home;
let registry;
let browser;
before(async () => {
  // Away from the project's own folders, in which installers look for a package.json.
  home = mkdtempSync(join(tmpdir(), "cattlegrid-examples-"));
  registry = await registryOf(manifest, readFileSync(installed.tarball));
  browser = await launch();
});
after(async () => {
  await browser?.close();
  registry?.close();
  rmSync(home, { recursive: true, force: true });
});

test("the page shows all places, and all of their files as they are", () => {
  assert.deepEqual(titles, Object.keys(FOLDERS));
  assert.deepEqual(
    [...Object.values(FOLDERS), "README.md"].sort(),
    readdirSync(examples)
      .filter((name) => name !== "node_modules")
      .sort(),
  );
  for (const [title, name] of Object.entries(FOLDERS)) {
    const folder = join(examples, name);
    const files = Object.fromEntries(
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .map((file) => [relative(folder, file), readFileSync(file, "utf8")]),
    );
    const [path] = Object.keys(files).filter((file) => file.endsWith("policy.json"));
    assert.equal(files[path], policy, `${name}: ${path}`);
    delete files[path];
    assert.deepEqual(place(title).files, files, title);
  }
  assert.equal(calls.length, 3);
});

/** Installs with the client that the example is for: in a folder of its own, by the package's name. */
async function installedByName(title) {
  const folder = join(home, FOLDERS[title]);
  cpSync(join(examples, FOLDERS[title]), folder, { recursive: true });
  const env = environment(home, { npm_config_registry: registry.address, NPM_CONFIG_REGISTRY: registry.address });
  // Else npm and Bun look for one above.
  if (title !== "Deno") writeFileSync(join(folder, "package.json"), "{}");
  for (const line of place(title).installs) await run(`example-${FOLDERS[title]}`, line, folder, env);
  return { folder, env: environment(home) };
}

/** Those that need more than the package find it pinned, in a folder above. */
function installedAbove(title, more) {
  const folder = join(installed.project, FOLDERS[title]);
  cpSync(join(examples, FOLDERS[title]), folder, { recursive: true });
  const names = place(title).installs.flatMap((line) => line.split(" ").slice(2));
  for (const name of names.filter((name) => name !== "--save-dev" && name !== "cattlegrid"))
    assert.ok(name in pinned, `tests/examples/package.json pins ${name}`);
  assert.ok(names.includes("cattlegrid"));
  return { folder, env: environment(home, more) };
}

/** Builds and starts an example as the page says, with words behind the last line that say the port. */
async function started(title, { folder, env }, words) {
  // What npx would find, for it looks no further than the next package.json.
  const local = (line) => line.replace(/^npx /, "");
  const name = `example-${FOLDERS[title]}`;
  const port = await freePort();
  const { builds, start } = place(title);
  for (const line of builds) await run(name, local(line), folder, env);
  const more = { ...env, PORT: String(port) };
  const stop = await serving(name, `${local(start)} ${words(port)}`, port, folder, more);
  return { address: `http://127.0.0.1:${port}`, stop };
}

const ask = (address, body) =>
  fetch(`${address}/call`, { method: "POST", body, signal: AbortSignal.timeout(60_000) }).then(async (response) => [
    response.status,
    await response.text(),
  ]);

/** What the page says that servers answer, and what it says of them all. */
async function answers(address) {
  for (const [at, { call, answer }] of calls.entries())
    assert.deepEqual(await ask(address, call), [at === 0 ? 200 : 403, answer]);
  for (const malformed of ["", "x", "null", "[]", '"refund"', '{"tool":7}', '{"tool":"refund","arguments":[]}']) {
    const [status, body] = await ask(address, malformed);
    assert.deepEqual([status, JSON.parse(body).rule], [403, "(malformed call)"], malformed);
  }
  // Ten a minute, of which at most two begin here; and no caller takes another grant for it.
  const rules = [];
  for (let at = 0; at < 21; at += 1) {
    const [status, body] = await ask(address, JSON.stringify({ ...JSON.parse(calls[0].call), grant: String(at) }));
    rules.push(status === 200 ? "allowed" : JSON.parse(body).rule);
  }
  assert.ok(rules.includes("/tools/refund/limits/0"), rules.join());
}

/** Next, with a page in which the browser decides as well. */
function next(title) {
  const prepared = installedAbove(title);
  const app = join(prepared.folder, "app");
  mkdirSync(join(app, "sample"));
  copyFileSync(join(root, "tests/node/sample.mjs"), join(app, "sample/sample.mjs"));
  writeFileSync(
    join(app, "layout.jsx"),
    'export default ({ children }) => <html><head><link rel="icon" href="data:," /></head><body>{children}</body></html>;',
  );
  writeFileSync(
    join(app, "sample/page.jsx"),
    `"use client";
    import { useEffect } from "react";
    import * as cattlegrid from "cattlegrid";
    import { sample } from "./sample.mjs";
    export default function Page() {
      useEffect(() => { document.title = sample(cattlegrid); });
    }`,
  );
  return prepared;
}

const servers = {
  Next: {
    prepare: next,
    words: () => "--hostname 127.0.0.1",
    also: async (address) => assert.equal(await titleOf(browser, `${address}/sample`), expected),
  },
  "Cloudflare Workers": {
    prepare: (title) => installedAbove(title, withNewerNode()),
    words: (port) => `--ip 127.0.0.1 --port ${port}`,
  },
  Deno: { prepare: installedByName, words: () => "" },
  Bun: { prepare: installedByName, words: () => "" },
  "Node server": { prepare: installedByName, words: () => "" },
};
for (const [title, { prepare, words, also }] of Object.entries(servers)) {
  test(title, async () => {
    const { address, stop } = await started(title, await prepare(title), words);
    try {
      await answers(address);
      await also?.(address);
    } finally {
      await stop();
    }
  });
}

const pages = {
  "Plain page": { prepare: installedByName, words: (port) => port },
  "Vite + React": {
    prepare: (title) => installedAbove(title),
    words: (port) => `--host 127.0.0.1 --strictPort --port ${port}`,
  },
};
for (const [title, { prepare, words }] of Object.entries(pages)) {
  test(title, async () => {
    const { address, stop } = await started(title, await prepare(title), words);
    const page = await browser.newPage();
    const faults = [];
    page.on("pageerror", (error) => faults.push(error.message));
    try {
      await page.goto(`${address}/`, { waitUntil: "networkidle" });
      for (const { call, answer } of calls.slice(0, 2)) {
        const { result, message } = JSON.parse(answer);
        await page.getByLabel("Amount").fill(String(JSON.parse(call).arguments.amount));
        await page.getByRole("button", { name: "Refund" }).click();
        await page.waitForFunction(() => document.querySelector("output").textContent !== "");
        assert.equal(await page.locator("output").textContent(), result ?? message);
      }
      await page.getByLabel("Amount").fill("");
      await page.getByRole("button", { name: "Refund" }).click();
      assert.match(await page.locator("output").textContent(), /malformed/);
      assert.deepEqual(faults, []);
    } finally {
      await page.close();
      await stop();
    }
  });
}
