// `cattlegrid guard --store redis://…` while Redis hangs, goes away and comes back.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { after, test } from "node:test";
import { freePort } from "../port.mjs";
import { Guarded, cliOf, folder } from "./guarded.mjs";

const { cli } = cliOf("guard-redis", ["redis"]);
const POLICY = {
  version: "1",
  default: "allow",
  tools: { pay: { limits: [{ counter: "payments", window: "day", max: 100 }] } },
};
const WHY = '[POLICY DENIED] Call to "pay" cannot be counted: the counters cannot be reached.';

const at = folder();
const port = await freePort();
let redis;
after(() => redis?.kill("SIGKILL"));

/** Starts Redis, with what it was told before. */
async function start() {
  const words = ["--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "yes", "--appendfsync", "always"];
  redis = spawn("redis-server", [...words, "--dir", at].map(String), { stdio: ["ignore", "pipe", "inherit"] });
  for await (const chunk of redis.stdout) if (String(chunk).includes("Ready to accept")) break;
  redis.stdout.destroy();
}

async function stop() {
  if (redis.exitCode !== null || redis.signalCode !== null) return;
  redis.kill("SIGKILL");
  await once(redis, "exit");
}

/** Sends calls at once; their answers' texts. */
async function pay(guarded, ids) {
  for (const id of ids) guarded.send({ id, method: "tools/call", params: { name: "pay", arguments: { id } } });
  const answers = await Promise.all(ids.map((id) => guarded.message((message) => message.id === id)));
  return answers.map(({ result }) => result.content[0].text);
}

/** Makes calls until one passes: so many were denied. */
async function back(guarded) {
  for (let denied = 0; ; denied += 1) {
    const [said] = await pay(guarded, [`again ${denied}`]);
    if (said.startsWith("pay")) return denied;
    assert.ok(said.includes(WHY), said);
    assert.ok(denied < 300, "redis is back, and nothing passes");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

for (const [on, outcome] of [
  ["deny", (text) => text.startsWith(WHY)],
  ["allow", (text) => text.startsWith("pay")],
])
  test(`while redis is away --on-store-failure ${on} decides, and all is as before when it is back`, async () => {
    await start();
    const options = ["--store", `redis://127.0.0.1:${port}`, "--on-store-failure", on, "--name", on];
    const guarded = new Guarded(cli, { policy: POLICY, options });
    try {
      await guarded.initialize();
      assert.ok((await pay(guarded, [101, 102])).every((text) => text.startsWith("pay")));

      // It hangs, and goes away while calls wait for it.
      redis.kill("SIGSTOP");
      const waiting = pay(guarded, [201, 202, 203]);
      await new Promise((resolve) => setTimeout(resolve, 300));
      assert.ok(!guarded.messages.some(({ id }) => id === 201));
      await stop();
      for (const text of await waiting) assert.ok(outcome(text), text);

      // It is not there.
      for (const text of await pay(guarded, [301, 302])) assert.ok(outcome(text), text);
      await guarded.until(() => guarded.stderr.includes("the limits of a call cannot be counted: "), "a word about it");
      // What counts nothing does not ask it.
      assert.match(await guarded.said("echo"), /^echo/);

      await start();
      // With `allow` a call that passes says nothing.
      if (on === "deny") await back(guarded);
      const sent = guarded.got.filter((line) => line.includes('"pay"')).length;
      assert.equal(sent, on === "deny" ? 3 : 7);
    } finally {
      await guarded.kill();
      await stop();
    }
  });
