// Each of the three is killed outright in every state of `cattlegrid guard`: nobody is left behind, and whoever waits
// and can be told is told.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { POLICY, cliOf, folder } from "./guarded.mjs";
import { STATES, begun } from "./states.mjs";

const { cli } = cliOf("guard-kill");
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function isAlive(pid) {
  try {
    // A zombie is none that runs.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

async function gone(pid, what) {
  for (let n = 0; n < 200 && isAlive(pid); n += 1) await sleep(50);
  assert.ok(!isAlive(pid), what);
}

for (const [state, reach] of Object.entries(STATES)) {
  test(`the server is killed ${state}`, async () => {
    const { guarded, child } = await begun(cli);
    const waiting = await reach(guarded);
    process.kill(child, "SIGKILL");
    guarded.process.stdout.resume();
    assert.deepEqual(await guarded.closed, { code: null, signal: "SIGKILL" });
    for (const id of waiting) {
      const answers = guarded.messages.filter((message) => message.id === id);
      assert.equal(answers.length, 1, id);
      if (state.includes("long answer")) continue;
      const said = JSON.stringify(answers[0]);
      assert.match(said, /SIGKILL/, id);
    }
    await gone(child, "the server");
  });

  test(`the guard is killed ${state}`, async () => {
    const { guarded, child } = await begun(cli);
    await reach(guarded);
    guarded.process.kill("SIGKILL");
    guarded.process.stdout.resume();
    await guarded.closed;
    await gone(child, "the server");
  });
}

for (const state of Object.keys(STATES))
  test(`the client is killed ${state}`, async () => {
    const at = folder();
    writeFileSync(join(at, "policy.json"), JSON.stringify(POLICY));
    const script = `
      import { STATES, begun } from ${JSON.stringify(new URL("states.mjs", import.meta.url).href)};
      const { guarded, child } = await begun(${JSON.stringify(cli)}, ${JSON.stringify(at)});
      await STATES[${JSON.stringify(state)}](guarded);
      console.log(JSON.stringify({ guard: guarded.process.pid, server: child }));`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [said] = await once(child.stdout, "data");
    const { guard, server } = JSON.parse(said);
    assert.ok(isAlive(guard) && isAlive(server));
    child.kill("SIGKILL");
    await gone(guard, "the guard");
    await gone(server, "the server");
  });
