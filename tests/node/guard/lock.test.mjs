// `cattlegrid guard --lock`: a server whose tools become others after somebody has looked at them.

import assert from "node:assert/strict";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Guarded, POLICY, cliOf, folder } from "./guarded.mjs";

const { cli, project } = cliOf("guard-lock");
const own = (path) => join(project, "node_modules/cattlegrid", path);
const { init, pin } = await import(own("js/classify.js"));
await init(readFileSync(own("wasm/classify_bg.wasm")));

const HOSTILE = { SERVER_IS: "hostile" };

/** What the server says of its tools when it is asked the first time, or for the second. */
async function listed(times) {
  const guarded = new Guarded(cli, { policy: { version: "1", default: "allow" }, env: HOSTILE });
  try {
    await guarded.initialize();
    let tools;
    for (let n = 0; n < times; n += 1) ({ tools } = (await guarded.request("tools/list")).result);
    // One of them stands there twice.
    return { tools: tools.filter(({ name }, at) => tools.findIndex((other) => other.name === name) === at) };
  } finally {
    await guarded.kill();
  }
}
const [before, later] = [await listed(1), await listed(2)];

/** A guard around a server that turns hostile after the first list, with what that shows pinned. */
async function with_({ options = [], lock = pin(before), ...more }, work) {
  const at = folder();
  const path = join(at, "tools.lock.json");
  writeFileSync(path, lock);
  const guarded = new Guarded(cli, { at, env: HOSTILE, options: ["--lock", path, ...options], ...more });
  try {
    await work(guarded, path);
  } finally {
    await guarded.kill();
  }
}

const names = async (guarded) => (await guarded.request("tools/list")).result.tools.map(({ name }) => name);
const rule = async (guarded, tool) => (await guarded.call(tool)).result._meta?.["cattlegrid/decision"]?.rule;
const told = (guarded) => guarded.stderr.split("are not what is pinned").length - 1;

/** Puts another file in the place of one, as editors do. */
function replace(path, text) {
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}

test("a tool that changes, or is new, leaves the lists, and its calls are denied", () =>
  with_({}, async (guarded) => {
    await guarded.initialize();
    assert.ok((await names(guarded)).includes("echo"));
    assert.match(await guarded.said("echo"), /^echo/);
    assert.equal(await rule(guarded, "fresh"), "(changed tool)");
    assert.equal(told(guarded), 0);
    for (const times of [1, 2]) {
      const shown = await names(guarded);
      assert.ok(shown.includes("pay") && !shown.includes("echo") && !shown.includes("fresh"));
      await guarded.until(() => told(guarded) === times, "what has changed");
    }
    assert.match(guarded.stderr, /\(changed "echo"; new "fresh"\): they are hidden, and their calls are denied/);
    for (const tool of ["echo", "fresh"]) assert.equal(await rule(guarded, tool), "(changed tool)");
    // The policy decides about the others.
    assert.match(await guarded.said("pay"), /^pay/);
    assert.equal(await guarded.said("wipe"), "[POLICY DENIED] nothing is wiped");
    assert.equal(guarded.got.filter((line) => line.includes('"echo"')).length, 1);
    assert.ok(!guarded.got.some((line) => line.includes('"fresh"')));
  }));

test("with `report` it is only told, and in shadow too", async () => {
  for (const options of [["--changed-tools", "report"], ["--shadow"]])
    await with_({ options }, async (guarded) => {
      await guarded.initialize();
      await names(guarded);
      const shown = await names(guarded);
      assert.ok(shown.includes("echo") && shown.includes("fresh"));
      assert.match(await guarded.said("echo"), /^echo/);
      await guarded.until(() => told(guarded) === 1, "what has changed");
      assert.match(guarded.stderr, /\(changed "echo"; new "fresh"\): they pass all the same/);
    });
});

test("what was seen to change is not forgotten with a new policy or a new lock", () =>
  with_({}, async (guarded, lock) => {
    await guarded.initialize();
    await names(guarded);
    await names(guarded);
    guarded.send({ id: 90, method: "tools/call", params: { name: "hang" } });
    replace(guarded.policy, JSON.stringify({ ...POLICY, hide: ["vault", "ask"] }));
    await guarded.until(() => guarded.stderr.includes("the policy has changed, and the new one decides"));
    assert.equal(await rule(guarded, "echo"), "(changed tool)");
    assert.match(await guarded.said("ask"), /hidden/);
    // A lock that says nothing else of the tool.
    replace(lock, pin({ tools: before.tools.filter(({ name }) => name !== "big") }));
    await guarded.until(() => guarded.stderr.includes("the lock has changed, and the new one decides"));
    for (const tool of ["echo", "big"]) assert.equal(await rule(guarded, tool), "(changed tool)");
    // The policy is still the one that came last, and a bad lock changes nothing.
    assert.match(await guarded.said("ask"), /hidden/);
    for (const [at, bad] of [
      "{}",
      `${pin(before)}, "mode": "shadow"`,
      pin(later).replace("passwords", "names"),
    ].entries()) {
      replace(lock, bad);
      await guarded.until(() => guarded.stderr.split("the lock has changed and cannot be used").length === at + 2, bad);
      assert.equal(await rule(guarded, "echo"), "(changed tool)");
    }
    assert.match(guarded.stderr, /tools\.lock\.json:1:1: error: /);
    // One that pins what was seen lets it pass.
    replace(lock, pin(later));
    await guarded.until(() => guarded.stderr.split("the lock has changed, and the new one decides").length === 3);
    assert.match(await guarded.said("echo"), /^echo/);
    assert.match(await guarded.said("fresh"), /^fresh/);
    assert.match(await guarded.said("ask"), /hidden/);
  }));

test("with a bad lock, or words that make no sense, nothing is started", async () => {
  await with_({ lock: '{\n  "version": "2",\n  "tools": {}\n}' }, async (guarded) => {
    assert.deepEqual(await guarded.closed, { code: 2, signal: null });
    assert.match(guarded.stderr, /tools\.lock\.json:2:15: error: /);
    assert.equal(guarded.got.length, 0);
  });
  for (const [options, what] of [
    [["--changed-tools", "hide"], /`quarantine` or `report`/],
    [["--lock", "/no/such/file"], /said twice/],
  ])
    await with_({ options }, async (guarded) => {
      assert.deepEqual(await guarded.closed, { code: 2, signal: null });
      assert.match(guarded.stderr, what);
    });
});
