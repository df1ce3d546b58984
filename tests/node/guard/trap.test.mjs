// The engine of `cattlegrid guard` breaks down in the middle of things: nothing passes, and everybody is told.

import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import { Guarded, cliOf } from "./guarded.mjs";

const { cli } = cliOf("guard-trap");
const FAULT = pathToFileURL(fileURLToPath(new URL("../trap.mjs", import.meta.url))).href;
/** The server is another program, without the fault. */
const env = { NODE_OPTIONS: `--import ${FAULT}` };
const TRAP = "TRAP-HERE";
const WHY = /the guard has failed: the engine has broken down \(unreachable\)/;

/** A guard in which requests are under way, one with a person asked about it, until it ends. */
async function with_(work) {
  const guarded = new Guarded(cli, { env });
  try {
    await guarded.initialize({ elicitation: {} });
    assert.match(await guarded.said("echo"), /^echo/);
    for (const id of ["a", 7]) guarded.send({ id, method: "tools/call", params: { name: "hang" } });
    guarded.send({ id: "held", method: "tools/call", params: { name: "hold" } });
    await guarded.message(({ method }) => method === "elicitation/create");
    await work(guarded);
    for (const id of ["a", 7]) assert.match((await answer(guarded, id)).error.message, WHY);
    assert.match((await answer(guarded, "held")).result.content[0].text, /Nobody can approve it any more/);
    assert.deepEqual(await guarded.closed, { code: 70, signal: null });
    assert.match(guarded.stderr, /the guard has failed, and ends with the server: the engine has broken down/);
    assert.doesNotMatch(guarded.stderr, /USED AGAIN|^\s+at /m);
    for (const id of ["a", 7, "held"])
      assert.equal(guarded.messages.filter((message) => message.id === id && !message.method).length, 1);
  } finally {
    await guarded.kill();
  }
}

const answer = (guarded, id) => guarded.message((message) => message.id === id && message.method === undefined);
const call = (id, name, args) => ({ id, method: "tools/call", params: { name, arguments: args } });

test("when a call breaks it, the call and what comes behind it are denied", () =>
  with_(async (guarded) => {
    const lines = [call("b", "echo", { text: TRAP }), call("c", "echo", { text: "behind it" })];
    guarded.write(lines.map((message) => `${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`).join(""));
    for (const id of ["b", "c"]) assert.match((await answer(guarded, id)).error.message, WHY);
    await guarded.closed;
    assert.ok(!guarded.got.some((line) => line.includes("TRAP") || line.includes("behind it")));
  }));

test("when an answer breaks it, neither that nor another passes", () =>
  with_(async (guarded) => {
    // The server puts it together, so that the call can be read.
    guarded.send(call("d", "broken"));
    assert.match((await answer(guarded, "d")).error.message, WHY);
    await guarded.closed;
    assert.ok(guarded.got.some((line) => line.includes('"broken"')));
    assert.ok(!guarded.raw.includes(TRAP) && !guarded.raw.includes("behind it"));
  }));
