// `cattlegrid guard` between a client and a server: what passes, what is answered, and what happens when one of
// the three ends.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Guarded, POLICY, cliOf, folder } from "./guarded.mjs";
import { childrenOf } from "./states.mjs";

const { cli } = cliOf("guard", ["libsql"]);
const isAlive = (pid) => {
  try {
    process.kill(pid, 0);
    // A zombie is none that runs.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
};
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function with_(options, work) {
  const guarded = new Guarded(cli, options);
  try {
    await work(guarded);
  } finally {
    guarded.process.kill("SIGKILL");
    await guarded.closed;
  }
}

test("calls are decided, lists are filtered, and what goes on is written anew", () =>
  with_({}, async (guarded) => {
    const { result } = await guarded.initialize();
    assert.equal(result.serverInfo.name, "fake");
    const list = (await guarded.request("tools/list")).result;
    assert.ok(list.tools.some(({ name }) => name === "echo") && !list.tools.some(({ name }) => name === "vault"));
    assert.equal(list.nextCursor, "more");
    assert.equal(await guarded.said("echo", { a: 1 }), 'echo {"a":1} ');
    assert.equal(await guarded.said("wipe"), "[POLICY DENIED] nothing is wiped");
    assert.match(await guarded.said("vault"), /POLICY DENIED/);
    guarded.write('{ "id" : 77,\t"method":"tools/call", "params":{"name":"\\u0065cho"},"jsonrpc":"2.0"}\r\n');
    await guarded.message(({ id }) => id === 77);
    assert.deepEqual(await guarded.end(), { code: 0, signal: null });
    assert.equal(guarded.got.at(-1), '{"id":77,"method":"tools/call","params":{"name":"echo"},"jsonrpc":"2.0"}');
    assert.ok(!guarded.got.some((line) => /wipe|vault/.test(line)));
    assert.match(guarded.stderr, /^the server is there$/m);
  }));

test("a line that cannot be read is answered and goes no further", () =>
  with_({}, async (guarded) => {
    await guarded.initialize();
    await guarded.request("ping");
    const before = guarded.got.length;
    const call = '{"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"wipe"}';
    const lines = [`${call},"params":{"name":"echo"}}`, `[${call}}]`, `${call}`, "nonsense", `${call}} {}`];
    lines.push(`\ufeff${call}}`, `${call},"Method":"ping"}`);
    for (const [at, line] of lines.entries()) {
      guarded.write(`${line}\n`);
      await guarded.until(() => guarded.messages.filter(({ error }) => error).length === at + 1, line);
    }
    guarded.process.stdin.write(Buffer.from([0x22, 0xff, 0xfe, 0x22, 0x0a]));
    guarded.write("\n\r\n   \n");
    await guarded.until(() => guarded.messages.filter(({ error }) => error).length === lines.length + 1);
    // A call that nobody waits for is dropped without a word.
    guarded.send({ method: "tools/call", params: { name: "echo" } });
    assert.equal((await guarded.request("no/such")).error.code, -32601);
    await guarded.request("ping");
    assert.equal(guarded.got.length, before + 1);
    assert.match(guarded.got.at(-1), /ping/);
  }));

test("limits hold, and a call that failed is given back", () =>
  with_({}, async (guarded) => {
    await guarded.initialize();
    for (let n = 0; n < 2; n += 1) assert.match(await guarded.said("pay", { n }), /^pay/);
    assert.match(await guarded.said("pay"), /Limit of 2 per day/);
    for (let n = 0; n < 3; n += 1) assert.equal(await guarded.said("fails"), "error: it did not work");
  }));

test("what the server asks and tells passes, and so do the client's answers", () =>
  with_({}, async (guarded) => {
    await guarded.initialize();
    guarded.send({ id: 50, method: "tools/call", params: { name: "ask" } });
    assert.equal((await guarded.message(({ id }) => id === "of the server")).method, "roots/list");
    guarded.send({ id: "of the server", result: { roots: [] } });
    guarded.send({ id: 51, method: "tools/call", params: { name: "two" } });
    assert.equal((await guarded.message(({ method }) => method === "notifications/message")).params.data, "behind it");
    await guarded.until(() => guarded.got.some((line) => line.includes('"roots"')));
  }));

test("an id that waits for its answer is not used again", () =>
  with_({}, async (guarded) => {
    await guarded.initialize();
    for (const name of ["hang", "echo"]) guarded.send({ id: 9, method: "tools/call", params: { name } });
    assert.match((await guarded.message(({ id }) => id === 9)).error.message, /id/);
    guarded.send({ id: "9", method: "ping" });
    await guarded.message(({ id }) => id === "9");
    assert.ok(!guarded.got.some((line) => line.includes("echo")));
    // One that is cancelled is waited for no more.
    guarded.send({ method: "notifications/cancelled", params: { requestId: 9 } });
    guarded.send({ id: 9, method: "ping" });
    await guarded.message(({ id, result }) => id === 9 && result);
  }));

test("an answer that has two readings is withheld, and the client is told", () =>
  with_({}, async (guarded) => {
    await guarded.initialize();
    assert.match(await guarded.said("torn"), /^error: .*cannot be read safely/);
    await guarded.until(() => guarded.stderr.includes("withheld"), "a word about it");
    assert.ok(!guarded.raw.includes('"tools":[]'));
  }));

test("lines of many megabytes pass, and longer ones are answered", () =>
  with_({}, async (guarded) => {
    await guarded.initialize();
    const { result } = await guarded.call("big", { size: 31 << 20 });
    assert.equal(result.content[0].text.length, 31 << 20);
    assert.ok((await guarded.said("echo", { text: "y".repeat(31 << 20) })).length > 31 << 20);
    guarded.send({ id: 70, method: "tools/call", params: { name: "echo", arguments: { text: "z".repeat(32 << 20) } } });
    const { error } = await guarded.message(({ id }) => id === 70);
    assert.match(error.message, /too large/);
    // Whoever waits for an answer that is too long is told, and nobody else.
    guarded.send({ id: "other", method: "tools/call", params: { name: "hang" } });
    for (const how of ["big", "behind"]) {
      const answer = await guarded.call(how, { size: 33 << 20 });
      assert.match(answer.error.message, /too large/);
    }
    assert.ok(!guarded.messages.some(({ id }) => id === "other"));
    assert.match(await guarded.said("echo"), /^echo/);
  }));

test("a request of the server is no answer, whatever its id", () =>
  with_({ options: ["--timeout", 1] }, async (guarded) => {
    await guarded.initialize();
    const asked = (of) => guarded.message(({ id, method }) => id === of && method === "roots/list");
    // The guard waits no more for the answer to this one.
    guarded.send({ id: 81, method: "tools/call", params: { name: "asks", arguments: { after: 3000 } } });
    assert.match((await guarded.message(({ id }) => id === 81)).error.message, /said nothing/);
    await asked(81);
    guarded.send({ id: 82, method: "tools/call", params: { name: "asks", arguments: { after: 0 } } });
    await asked(82);
    guarded.send({ id: 83, method: "tools/call", params: { name: "exit", arguments: { code: 8 } } });
    const isAnswer = ({ id, method }) => id === 82 && method === undefined;
    assert.match((await guarded.message(isAnswer)).error.message, /exit code 8/);
  }));

test("the server's exit codes, signals and last words are the guard's", async () => {
  await with_({}, async (guarded) => {
    await guarded.initialize();
    guarded.send({ id: 60, method: "tools/call", params: { name: "exit", arguments: { code: 7 } } });
    assert.match((await guarded.message(({ id }) => id === 60)).error.message, /exit code 7/);
    assert.deepEqual(await guarded.closed, { code: 7, signal: null });
  });
  await with_({}, async (guarded) => {
    await guarded.initialize();
    for (const [id, name] of [
      [61, "hang"],
      ["62", "die"],
    ])
      guarded.send({ id, method: "tools/call", params: { name } });
    for (const id of [61, "62"])
      assert.match((await guarded.message((message) => message.id === id)).error.message, /SIGKILL/);
    assert.deepEqual(await guarded.closed, { code: null, signal: "SIGKILL" });
  });
  await with_({ server: [3] }, async (guarded) => {
    await guarded.initialize();
    assert.deepEqual(await guarded.end(), { code: 3, signal: null });
  });
  for (const [signal, server, ended] of [
    ["SIGTERM", [0, 0, 4], { code: 4, signal: null }],
    ["SIGINT", [], { code: null, signal: "SIGINT" }],
    ["SIGHUP", [], { code: null, signal: "SIGHUP" }],
  ])
    await with_({ server }, async (guarded) => {
      await guarded.initialize();
      guarded.process.kill(signal);
      assert.deepEqual(await guarded.closed, ended);
    });
});

test("what a client closes is closed for the server, and the other way round", async () => {
  // The server says its last words after its input has ended.
  await with_({ server: [0, 1000] }, async (guarded) => {
    await guarded.initialize();
    guarded.write('{"jsonrpc":"2.0","id":80,"method":"ping"}');
    const ended = guarded.end();
    await guarded.closed;
    assert.deepEqual(await ended, { code: 0, signal: null });
    assert.match(guarded.got.at(-1), /ping/, "a last line without an end is one");
  });
  await with_({}, async (guarded) => {
    await guarded.initialize();
    const over = once(guarded.process.stdout, "end");
    guarded.send({ id: 81, method: "tools/call", params: { name: "mute" } });
    await over;
    assert.equal(guarded.process.exitCode, null, "the server still runs");
    assert.deepEqual(await guarded.closed, { code: 5, signal: null });
  });
  await with_({}, async (guarded) => {
    await guarded.initialize();
    guarded.send({ id: 82, method: "tools/call", params: { name: "deaf" } });
    await sleep(100);
    for (let n = 0; n < 5 && guarded.process.exitCode === null; n += 1) {
      guarded.send({ id: 83 + n, method: "ping" });
      await sleep(50);
    }
    assert.match((await guarded.message(({ id }) => id === 82)).result.content[0].text, /still here/);
    assert.deepEqual(await guarded.closed, { code: 6, signal: null });
  });
});

test("a server that says nothing is reported, and what it says later is dropped", () =>
  with_({ options: ["--timeout", "1"] }, async (guarded) => {
    await guarded.initialize();
    assert.match(await guarded.said("hang"), /^error: .*nothing for 1 seconds/);
    assert.match(await guarded.said("echo"), /^echo/);
  }));

test("a server that cannot be started is said so, as a shell would", async () => {
  await with_({ command: ["/no/such/server"] }, async (guarded) => {
    assert.deepEqual(await guarded.closed, { code: 127, signal: null });
    assert.match(guarded.stderr, /cannot be started: there is no such command/);
  });
});

test("with a bad policy nothing is started", async () => {
  for (const [policy, what] of [
    ['{"version":"1","defualt":"deny"}', /policy\.json:1:\d+: error: .*defualt/],
    ["{", /policy\.json:1:\d+: error/],
    [`{"version":"1","default":"deny"},"mode":"shadow","x-a":{"policy":{}`, /error/],
  ])
    await with_({ policy }, async (guarded) => {
      assert.deepEqual(await guarded.closed, { code: 2, signal: null });
      assert.match(guarded.stderr, what);
      assert.equal(guarded.got.length, 0);
      assert.ok(!guarded.stderr.includes("the server is there"));
    });
});

test("a good change of the policy takes over without losing counts, and a bad one does not", () =>
  with_({}, async (guarded) => {
    await guarded.initialize();
    assert.match(await guarded.said("pay"), /^pay/);
    guarded.send({ id: 90, method: "tools/call", params: { name: "hang" } });
    await guarded.until(() => guarded.got.some((line) => line.includes("hang")));
    const next = { ...POLICY, hide: ["vault", "echo"] };
    // As editors do: a new file in the place of the old one.
    writeFileSync(`${guarded.policy}.new`, JSON.stringify(next));
    renameSync(`${guarded.policy}.new`, guarded.policy);
    await guarded.until(() => guarded.stderr.includes("the new one decides"));
    assert.match(await guarded.said("echo"), /hidden/);
    assert.match(await guarded.said("pay"), /^pay/);
    assert.match(await guarded.said("pay"), /Limit of 2/);
    writeFileSync(guarded.policy, '{"version":"1"}');
    await guarded.until(() => guarded.stderr.includes("cannot be used"));
    assert.match(guarded.stderr, /policy\.json:1:1: error: .*default/);
    assert.match(await guarded.said("echo"), /hidden/);
    writeFileSync(guarded.policy, JSON.stringify(POLICY));
    await guarded.until(() => guarded.stderr.split("the new one decides").length === 3);
    assert.match(await guarded.said("echo"), /^echo/);
    // What was asked under the first policy is still waited for.
    guarded.send({ id: 90, method: "ping" });
    assert.match((await guarded.message(({ id }) => id === 90)).error.message, /id/);
  }));

test("a budget in a file outlives the guard, also one that is killed", async () => {
  const at = folder();
  const options = ["--store", join(at, "counters.db")];
  for (const expected of [/^pay/, /^pay/, /Limit of 2 per day/]) {
    const guarded = new Guarded(cli, { at, options });
    await guarded.initialize();
    assert.match(await guarded.said("pay"), expected);
    await guarded.kill();
  }
});

test("the guard's end is the server's, and the client's end is both's", async () => {
  const before = new Guarded(cli);
  await before.initialize();
  const [child] = childrenOf(before.process.pid);
  before.send({ id: 1000, method: "tools/call", params: { name: "hang" } });
  await before.kill();
  for (let n = 0; n < 100 && isAlive(child); n += 1) await sleep(50);
  assert.ok(!isAlive(child));

  // A client of its own process, which is killed while a call is under way.
  const at = folder();
  writeFileSync(join(at, "policy.json"), JSON.stringify(POLICY));
  const script = `
    import { Guarded } from ${JSON.stringify(new URL("guarded.mjs", import.meta.url).href)};
    const guarded = new Guarded(${JSON.stringify(cli)}, { at: ${JSON.stringify(at)}, policy: undefined });
    await guarded.initialize();
    guarded.send({ id: 1, method: "tools/call", params: { name: "hang" } });
    console.log(guarded.process.pid);`;
  const client = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [said] = await once(client.stdout, "data");
  const guard = Number(String(said));
  assert.ok(isAlive(guard));
  client.kill("SIGKILL");
  for (let n = 0; n < 100 && isAlive(guard); n += 1) await sleep(50);
  assert.ok(!isAlive(guard));
});

test("in shadow everything passes as it came", () =>
  with_({ options: ["--shadow"] }, async (guarded) => {
    await guarded.initialize();
    assert.match(await guarded.said("wipe"), /^wipe/);
    assert.ok((await guarded.request("tools/list")).result.tools.some(({ name }) => name === "vault"));
    guarded.write('{"jsonrpc":"2.0", "id":99,"method":"tools/call","params":{"name":"vault"}}\n');
    await guarded.message(({ id }) => id === 99);
    assert.equal(guarded.got.at(-1), '{"jsonrpc":"2.0", "id":99,"method":"tools/call","params":{"name":"vault"}}');
  }));
