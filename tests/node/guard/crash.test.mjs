// What is counted when the guard or the server is killed between a reservation and the answer to its call: whoever comes
// next counts on, from a file and from Redis, and no more calls reach the server than may.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { after, test } from "node:test";
import { freePort } from "../port.mjs";
import { Guarded, cliOf, folder } from "./guarded.mjs";
import { childrenOf } from "./states.mjs";

const { cli } = cliOf("guard-crash", ["redis", "libsql"]);
const POLICY = {
  version: "1",
  default: "allow",
  tools: { hang: { limits: [{ counter: "hung", window: "day", max: 1 }] } },
};

const port = await freePort();
const words = ["--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder()];
const redis = spawn("redis-server", words.map(String), { stdio: ["ignore", "pipe", "inherit"] });
after(() => redis.kill("SIGKILL"));
for await (const chunk of redis.stdout) if (String(chunk).includes("Ready to accept")) break;
redis.stdout.destroy();

const STORES = {
  file: () => join(folder(), "counters.db"),
  redis: () => `redis://127.0.0.1:${port}`,
};

/** A guard that counts in this store, as the server of this name. */
async function guarded(at, store, name) {
  const one = new Guarded(cli, { at, policy: POLICY, options: ["--store", store, "--name", name] });
  await one.initialize();
  return one;
}

const hang = (one, id) => one.send({ id, method: "tools/call", params: { name: "hang" } });
const reached = (one) => one.got.filter((line) => line.includes("hang")).length;

/** Whether another call reaches the server now; it is killed then. */
async function passes(one) {
  const before = reached(one);
  hang(one, "next");
  const denied = () => one.messages.find(({ id }) => id === "next");
  await one.until(() => denied() || reached(one) > before);
  const has = reached(one) > before;
  if (!has) assert.match(denied().result.content[0].text, /Limit of 1 per day/);
  await one.kill();
  return has;
}

for (const [kind, where] of Object.entries(STORES)) {
  test(`${kind}: a guard that is killed has counted what it let pass`, async () => {
    const [at, store] = [folder(), where()];
    const one = await guarded(at, store, "guard");
    hang(one, "first");
    await one.until(() => reached(one) === 1);
    await one.kill();
    assert.equal(await passes(await guarded(at, store, "guard")), false);
  });

  test(`${kind}: a server that is killed has not answered, and its call is given back`, async () => {
    const [at, store] = [folder(), where()];
    const one = await guarded(at, store, "server");
    hang(one, "first");
    await one.until(() => reached(one) === 1);
    process.kill(childrenOf(one.process.pid)[0], "SIGKILL");
    assert.match((await one.message(({ id }) => id === "first")).error.message, /SIGKILL/);
    await one.closed;
    assert.equal(await passes(await guarded(at, store, "server")), true);
    assert.equal(await passes(await guarded(at, store, "server")), false);
  });
}

test("redis: a guard that is killed while it asks lets nothing pass, and nobody more than may", async () => {
  const [at, store] = [folder(), STORES.redis()];
  const one = await guarded(at, store, "asking");
  redis.kill("SIGSTOP");
  hang(one, "first");
  await new Promise((resolve) => setTimeout(resolve, 300));
  await one.kill();
  redis.kill("SIGCONT");
  assert.equal(reached(one), 0);
  // Redis may have got the question, and counted it: that denies, and cannot let pass.
  const passed = [];
  for (let n = 0; n < 2; n += 1) passed.push(await passes(await guarded(at, store, "asking")));
  assert.equal(passed[1], false);
});
