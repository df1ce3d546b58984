// Loading by hand: cattlegrid/slim.

import assert from "node:assert/strict";
import { cpSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { install } from "./package.mjs";
import { expected, sample } from "./sample.mjs";

const installed = install("slim");
const bytes = readFileSync(installed.require.resolve("cattlegrid/wasm"));
const checking = readFileSync(installed.require.resolve("cattlegrid/approvals/wasm"));

/** The entry in a copy of the package of its own, and so not loaded yet. */
function fresh(name, entry = "js/slim.js") {
  const copy = join(installed.project, name);
  cpSync(join(installed.project, "node_modules/cattlegrid"), copy, { recursive: true });
  return import(pathToFileURL(join(copy, entry)).href);
}

test("loads once, however often and in whatever way it is asked", async (t) => {
  const slim = await installed.import("js/slim.js");
  const policy = '{"version":"1","default":"deny"}';
  const notLoaded = { name: "Error", message: /call `init` of cattlegrid\/slim/ };
  assert.throws(() => new slim.Policy(policy), notLoaded);
  assert.throws(() => slim.check(policy), notLoaded);
  assert.throws(() => slim.locate(policy, ""), notLoaded);

  // What fails can be tried again.
  await assert.rejects(slim.init(), TypeError);
  await assert.rejects(slim.init({}), TypeError);
  await assert.rejects(slim.init(Promise.reject(new Error("away"))), /away/);
  await assert.rejects(slim.init(new Uint8Array([1, 2, 3])), WebAssembly.CompileError);
  await assert.rejects(slim.init(new Response("no", { status: 404 })), /HTTP 404/);
  await assert.rejects(
    slim.init(await WebAssembly.compile(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]))),
    /not the wasm/,
  );
  assert.throws(() => new slim.Policy(policy), notLoaded);

  let asked = 0;
  const server = createServer((_, response) => {
    asked += 1;
    response.end(bytes);
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  t.after(() => server.close());
  const url = new URL(`http://127.0.0.1:${server.address().port}/cattlegrid_bg.wasm`);

  const first = slim.init(url);
  assert.equal(slim.init(fetch(url)), first);
  assert.equal(slim.init(bytes), first);
  assert.equal(await first, undefined);
  assert.equal(sample(slim), expected);
  for (const again of [undefined, url, bytes, new Uint8Array(3)]) assert.equal(slim.init(again), first);
  assert.ok(asked <= 2);
  assert.equal(sample(slim), expected);
});

for (const [what, source] of Object.entries({
  "a typed array": () => new Uint8Array(bytes),
  "a buffer": () => new Uint8Array(bytes).buffer,
  "a module": () => new WebAssembly.Module(bytes),
  "a response": () => new Response(bytes),
  "a promise": () => Promise.resolve(bytes),
})) {
  test(`loads from ${what}`, async () => {
    const slim = await fresh(what);
    await slim.init(source());
    assert.equal(sample(slim), expected);
  });
}

test("the default entry and the slim one share an engine in a page's graph", async () => {
  const whole = await fresh("shared", "js/index.js");
  const slim = await import(pathToFileURL(join(installed.project, "shared/js/slim.js")).href);
  assert.equal(slim.Policy, whole.Policy);
  assert.equal(sample(slim), expected);
  await slim.init(bytes);
  assert.equal(sample(slim), expected);
});

const HELD = '{"version":"1","default":"deny","tools":{"pay":{"action":"require_approval"}}}';
const SECRET = "a secret that is only in this test";
const KEYS = { approvalKeys: [{ hs256: SECRET }] };

test("keys want what checks approvals, which is loaded by hand, too", async () => {
  const slim = await fresh("approvals");
  const { approve } = await installed.import("js/approve.js");
  await slim.init(bytes);
  for (const approvalKeys of [KEYS.approvalKeys, [], [{ rs256: "x" }]])
    assert.throws(() => new slim.Policy(HELD, { approvalKeys }), {
      name: "Error",
      message: /call `initApprovals` of cattlegrid\/slim with the file cattlegrid\/approvals\/wasm/,
    });
  for (const wrong of [bytes, readFileSync(installed.require.resolve("cattlegrid/decide/wasm"))])
    await assert.rejects(slim.initApprovals(wrong), /not the wasm of cattlegrid/);
  await assert.rejects(slim.initApprovals(), TypeError);
  await slim.initApprovals(checking);
  const policy = new slim.Policy(HELD, KEYS);
  const call = { tool: "pay" };
  const approval = await approve({ hs256: SECRET }, policy.evaluate(call).approval.digest, { subject: "ada" });
  assert.equal(policy.evaluate({ ...call, approval }).decision, "allow");
  assert.equal(policy.decide({ ...call, approval }), "hold");
});

test("a module of its own is not taken for another", async () => {
  const slim = await fresh("other");
  await assert.rejects(slim.init(checking), /not the wasm of cattlegrid/);
});

// What checks tokens breaks down, or answers what nobody understands: nothing is approved then.
const BREAKS = {
  "a trap": () => {
    throw new WebAssembly.RuntimeError("unreachable");
  },
  "no answer": () => undefined,
  nothing: () => new Uint8Array(),
  "a text": () => "approved",
  yes: () => true,
  "too few bytes": () => new Uint8Array(21),
  "a window of no time": () => Uint8Array.of(...new Uint8Array(21), 97),
  "no text for who": () => Uint8Array.of(0, ...new Uint8Array(20).fill(1), 0xff),
};

test("what goes wrong with a token is no approval", async () => {
  const slim = await fresh("broken");
  const copy = pathToFileURL(join(installed.project, "broken/wasm/approvals.js")).href;
  const { Keys } = await import(copy);
  await slim.init(bytes);
  await slim.initApprovals(checking);
  const call = { tool: "pay", approval: "a.b.c" };
  const { check } = Keys.prototype;
  for (const [how, broken] of Object.entries(BREAKS)) {
    const policy = new slim.Policy(HELD, KEYS);
    Keys.prototype.check = broken;
    const { decision, message } = policy.evaluate(call);
    assert.deepEqual([decision, policy.decide(call), policy.explain(call).decision], ["hold", "hold", "hold"], how);
    assert.match(message, /the approval was not accepted: it could not be checked/, how);
    Keys.prototype.check = check;
    assert.match(policy.evaluate(call).message, /it is not a token/);
  }
});
