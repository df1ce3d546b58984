// People in the loop of `cattlegrid guard`, and what it writes down.

import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Guarded, cliOf, folder } from "./guarded.mjs";

const { project, cli } = cliOf("guard-people");
const { approve } = await import(join(project, "node_modules/cattlegrid/js/approve.js"));
const SECRET = "a secret of 32 bytes and some more";
const FORMS = { elicitation: {} };
const isQuestion = ({ method }) => method === "elicitation/create";
const yes = { action: "accept", content: { approve: true } };

async function with_(options, work, capabilities = FORMS) {
  const guarded = new Guarded(cli, options);
  try {
    await guarded.initialize(capabilities);
    await work(guarded);
  } finally {
    await guarded.kill();
  }
}

/** Makes a call that is held, and waits for the question. */
async function held(guarded, args, id = `held ${guarded.messages.length}`) {
  const before = guarded.messages.filter(isQuestion).length;
  guarded.send({ id, method: "tools/call", params: { name: "hold", arguments: args } });
  const question = await guarded.until(() => guarded.messages.filter(isQuestion)[before]);
  return { question, answer: () => guarded.message((message) => message.id === id) };
}

const textOf = ({ result }) => result.content[0].text;

test("a yes lets that one call through, once, and counts it once", () =>
  with_({ options: ["--name", "bank"] }, async (guarded) => {
    const args = { amount: 5, to: "a\u202eb" };
    for (let n = 0; n < 2; n += 1) {
      const { question, answer } = await held(guarded, args);
      const { message, requestedSchema, mode } = question.params;
      for (const shown of ['"hold" of bank', "/tools/hold/action", '"amount": 5', '"a\\u202eb"'])
        assert.ok(message.includes(shown), `${shown} in ${message}`);
      assert.deepEqual(requestedSchema.required, ["approve"]);
      assert.ok(mode === undefined || mode === "form");
      assert.equal(guarded.got.filter((line) => line.includes("hold")).length, n);
      // Others go on while the person thinks.
      assert.match(await guarded.said("echo"), /^echo/);
      guarded.send({ id: question.id, result: yes });
      assert.match(textOf(await answer()), /^hold/);
      // The same answer again is none.
      guarded.send({ id: question.id, result: yes });
    }
    const { question, answer } = await held(guarded, args);
    guarded.send({ id: question.id, result: yes });
    assert.match(textOf(await answer()), /Limit of 2 per day/);
    await guarded.request("ping");
    const ofServer = guarded.got.join("\n");
    assert.equal(ofServer.split('"hold"').length, 3);
    assert.ok(!ofServer.includes("cattlegrid"), "neither tokens nor answers to our questions reach the server");
  }));

test("all that is no yes is a denial", () =>
  with_({}, async (guarded) => {
    const answers = [
      { result: { action: "decline" } },
      { result: { action: "cancel" } },
      { result: { action: "accept" } },
      { result: { action: "accept", content: { approve: false } } },
      { result: { action: "accept", content: { approve: "true" } } },
      { error: { code: -32601, message: "what?" } },
    ];
    for (const said of answers) {
      const { question, answer } = await held(guarded, {});
      guarded.send({ id: question.id, ...said });
      assert.match(textOf(await answer()), /APPROVAL REQUIRED.*\nThe person who was asked said no\./s);
    }
    assert.ok(!guarded.got.some((line) => line.includes("hold")));
    // An answer with two readings is none at all.
    const { question, answer } = await held(guarded, {});
    guarded.write(
      `{"jsonrpc":"2.0","id":"${question.id}","result":{"action":"decline","action":"accept","content":{"approve":true}}}\n`,
    );
    await guarded.message(({ error }) => error);
    guarded.send({ id: question.id, result: { action: "decline" } });
    assert.match(textOf(await answer()), /said no/);
  }));

test("two held calls are two questions, each for its own", () =>
  with_({}, async (guarded) => {
    const [a, b] = [await held(guarded, { n: "first" }), await held(guarded, { n: "second" })];
    assert.notEqual(a.question.id, b.question.id);
    guarded.send({ id: b.question.id, result: yes });
    assert.match(textOf(await b.answer()), /second/);
    guarded.send({ id: a.question.id, result: { action: "decline" } });
    assert.match(textOf(await a.answer()), /said no/);
    assert.ok(!guarded.got.some((line) => line.includes("first")));
  }));

test("nobody who answers, or no client that can ask: a denial that says how to approve", async () => {
  await with_({ options: ["--ask-timeout", "0.3"] }, async (guarded) => {
    const { question, answer } = await held(guarded, {});
    assert.match(textOf(await answer()), /Nobody answered in time.*without `--approval-key`/);
    const withdrawn = await guarded.message(({ method }) => method === "notifications/cancelled");
    assert.equal(withdrawn.params.requestId, question.id);
    // Too late.
    guarded.send({ id: question.id, result: yes });
    await guarded.request("ping");
    assert.ok(!guarded.got.some((line) => line.includes("hold")));
  });
  const at = folder();
  const key = join(at, "approver.key");
  writeFileSync(key, `${SECRET}\n`);
  for (const [capabilities, options] of [
    [{}, []],
    [{ elicitation: { url: {} } }, []],
    [FORMS, ["--no-ask"]],
  ])
    await with_(
      { options: ["--approval-key", key, ...options] },
      async (guarded) => {
        const { result } = await guarded.call("hold", { a: 1 });
        const { digest } = result._meta["cattlegrid/decision"].approval;
        assert.ok(result.content[0].text.includes(`cattlegrid approve ${digest} --key FILE`), result.content[0].text);
        const token = await approve({ hs256: SECRET }, digest, { subject: "ada" });
        const meta = { "cattlegrid/approval": token };
        assert.match(await guarded.said("hold", { a: 2 }, meta), /APPROVAL REQUIRED|POLICY DENIED/);
        assert.match(await guarded.said("hold", { a: 1 }, meta), /^hold/);
        assert.doesNotMatch(await guarded.said("hold", { a: 1 }, meta), /^hold/);
      },
      capabilities,
    );
  await with_({ options: ["--no-ask"] }, async (guarded) => assert.match(await guarded.said("hold"), /DENIED/));
});

test("a client of 2026-07-28 is asked by an answer, and makes the call again", () =>
  with_(
    {},
    async (guarded) => {
      const VERSION = { "io.modelcontextprotocol/protocolVersion": "2026-07-28" };
      const meta = { ...VERSION, "io.modelcontextprotocol/clientCapabilities": { elicitation: {} } };
      const hold = (args, more = {}, _meta = meta) =>
        guarded.request("tools/call", { name: "hold", arguments: args, ...more, _meta });
      const ask = async (args, more) => {
        const { result } = await hold(args, more);
        assert.equal(result.resultType, "input_required", JSON.stringify(result));
        const { method, params } = result.inputRequests.approve;
        assert.ok(method === "elicitation/create" && params.mode === "form" && params.message.includes('"hold"'));
        return result.requestState;
      };
      const held = () => guarded.got.filter((line) => line.includes('"hold"'));
      const answered = (requestState, answer) => ({ requestState, inputResponses: { approve: answer } });

      let state = await ask({ n: 1 });
      assert.match(textOf(await hold({ n: 1 }, answered(state, yes))), /^hold {"n":1}/);
      assert.ok(!held()[0].includes("requestState") && !held()[0].includes("cattlegrid"), held()[0]);
      // Once, and for this call.
      assert.match(textOf(await hold({ n: 1 }, answered(state, yes))), /no longer open/);
      state = await ask({ n: 1 });
      assert.match(textOf(await hold({ n: 2 }, answered(state, yes))), /could not be used|APPROVAL REQUIRED/);
      state = await ask({ n: 1 });
      assert.match(textOf(await hold({ n: 1 }, answered(state, { action: "decline" }))), /said no/);
      assert.match(textOf(await hold({ n: 1 }, answered(state.slice(0, -1) + "999", yes))), /no longer open/);
      // What the server itself has asked for is still answered when the person has said yes.
      const ofServer = { inputResponses: { mine: { action: "accept" } }, requestState: "the server's" };
      state = await ask({ n: 3 }, ofServer);
      assert.match(textOf(await hold({ n: 3 }, answered(state, yes))), /^hold {"n":3}/);
      assert.equal(held().length, 2);
      assert.ok(held()[1].includes('"requestState":"the server\'s"') && held()[1].includes('"mine"'), held()[1]);
      assert.match(textOf(await hold({ n: 4 }, {}, VERSION)), /cannot ask a person/);
    },
    {},
  ));

test("a call that is cancelled, or whose client ends, is not made", async () => {
  await with_({}, async (guarded) => {
    const { question } = await held(guarded, {}, "gone");
    guarded.send({ method: "notifications/cancelled", params: { requestId: "gone" } });
    const withdrawn = await guarded.message(({ method }) => method === "notifications/cancelled");
    assert.equal(withdrawn.params.requestId, question.id);
    guarded.send({ id: question.id, result: yes });
    await guarded.request("ping");
    assert.ok(!guarded.messages.some(({ id }) => id === "gone"));
    assert.ok(!guarded.got.some((line) => line.includes("hold")));
  });
  await with_({}, async (guarded) => {
    const { answer } = await held(guarded, {});
    guarded.process.stdin.end();
    assert.match(textOf(await answer()), /The client has ended/);
    assert.deepEqual(await guarded.closed, { code: 0, signal: null });
  });
});

test("decisions are written down, arguments only when they are wanted, and no secrets", async () => {
  const record = join(folder(), "calls.jsonl");
  const lines = () => readFileSync(record, "utf8").trim().split("\n").map(JSON.parse);
  const args = { query: "q", password: "hunter2", deep: [{ "API-Key": "k", n: 1 }], authorization: { a: 1 } };
  await with_({ options: ["--record", record] }, async (guarded) => {
    await guarded.said("echo", args);
    await guarded.said("wipe");
    await guarded.request("tools/list");
  });
  const [allowed, denied, ...more] = lines();
  assert.equal(more.length, 0);
  assert.match(allowed.at, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  assert.deepEqual([allowed.tool, allowed.decision, allowed.grant], ["echo", "allow", "local"]);
  assert.deepEqual(allowed.arguments, Object.keys(args).sort());
  assert.deepEqual([denied.decision, denied.rule], ["deny", "/tools/wipe/action"]);
  assert.ok(!readFileSync(record, "utf8").includes("hunter2"));
  assert.equal(statSync(record).mode & 0o777, 0o600);

  await with_(
    { options: ["--record", record, "--record-arguments", "--grant", "ada", "--shadow"] },
    async (guarded) => {
      guarded.write('{"jsonrpc":"2.0","id":1e2,"method":"ping"}\n');
      guarded.write(
        '{"jsonrpc":"2.0","id":200,"method":"tools/call","params":{"name":"wipe","arguments":{"n":12345678901234567890.50,"token":[1]}}}\n',
      );
      await guarded.message(({ id }) => id === 200);
      await guarded.said("echo", args);
    },
  );
  const [shadowed, masked] = lines().slice(2);
  assert.deepEqual([shadowed.grant, shadowed.decision, shadowed.mode], ["ada", "deny", "shadow"]);
  assert.ok(readFileSync(record, "utf8").includes('"arguments":{"n":12345678901234567890.50,"token":"[masked]"}'));
  const mask = "[masked]";
  assert.deepEqual(masked.arguments, {
    query: "q",
    password: mask,
    deep: [{ "API-Key": mask, n: 1 }],
    authorization: mask,
  });
  assert.ok(existsSync(record));
});
