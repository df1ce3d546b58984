// The engine of `cattlegrid/mcp` breaks down in the middle of things: nothing passes from then on, and what broke is not
// used again. `cattlegrid guard` has a file of its own for that.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { install } from "./package.mjs";

const installed = install("trap");
const FAULT = new URL("trap.mjs", import.meta.url).href;

/** What a program with the fault in it says at its end. */
function run(name, script) {
  const file = installed.write(`${name}.mjs`, script);
  const words = ["--expose-gc", "--import", FAULT, file];
  const { stdout, stderr, status } = spawnSync(process.execPath, words, { encoding: "utf8", timeout: 120_000 });
  assert.deepEqual({ status, stderr }, { status: 0, stderr: "" });
  return JSON.parse(stdout);
}

const COMMON = `
  import { guard, guardTransport } from "cattlegrid/mcp";
  const policy = { version: "1", default: "allow", tools: { pay: { limits: [{ counter: "c", window: "day", max: 5 }] } } };
  const TRAP = "TRAP-HERE";
  const message = (id, text) => ({ jsonrpc: "2.0", id, method: "tools/call", params: { name: "pay", arguments: { text } } });
  const done = { content: [{ type: "text", text: "done" }] };
  const soon = () => new Promise((resolve) => setTimeout(resolve, 50));
  /** As long as it takes until what is garbage is gone. */
  const collect = async () => {
    for (let n = 0; n < 5; n += 1) {
      gc();
      await soon();
    }
  };
`;

test("a handler answers 500 for ever, whatever broke it, and other handlers do too", () => {
  for (const where of ["request", "message", "events"]) {
    const said = run(
      where,
      `${COMMON}
      const ran = [];
      let goOn;
      const waits = new Promise((resolve) => (goOn = resolve));
      const upstream = async (request) => {
        const { id, params } = await request.json();
        ran.push(params.arguments.text);
        if (params.arguments.text === "slow") await waits;
        if (params.arguments.text === "events") {
          const pieces = ["{}", TRAP, "{}"].map((piece) => \`data: {"jsonrpc":"2.0","method":"m","params":"\${piece}"}\\n\\n\`);
          return new Response(pieces.join(""), { headers: { "content-type": "text/event-stream" } });
        }
        const result = params.arguments.text === "message" ? { ...done, TRAP } : done;
        return Response.json({ jsonrpc: "2.0", id, result });
      };
      const log = [];
      const handlers = [1, 2].map(() => guard({ policy, upstream, log: (line) => log.push(JSON.parse(line)) }));
      const headers = { "content-type": "application/json" };
      const send = async (handler, text, id = 1) => {
        const body = JSON.stringify(message(id, text));
        const response = await handler(new Request("http://here/mcp", { method: "POST", headers, body }));
        return [response.status, await response.text().catch((error) => "broke off")];
      };
      const before = await send(handlers[0], "before");
      const slow = send(handlers[0], "slow", 2);
      await soon();
      const breaking = await send(handlers[0], ${JSON.stringify(where)} === "request" ? TRAP : ${JSON.stringify(where)});
      goOn();
      const after = [await slow, await send(handlers[0], "after"), await send(handlers[1], "after")];
      after.push([(await handlers[1](new Request("http://here/mcp"))).status, after[1][1]]);
      await collect();
      let thrown;
      try {
        guard({ policy, upstream });
      } catch (error) {
        thrown = error.message;
      }
      console.log(JSON.stringify({ before, breaking, after, ran, thrown, log }));`,
    );
    assert.equal(said.before[0], 200);
    const broken = [500, '{"jsonrpc":"2.0","id":null,"error":{"code":-32603,"message":"the policy filter failed"}}'];
    // Of a stream the status has gone out already.
    assert.deepEqual(said.breaking, where === "events" ? [200, "broke off"] : broken);
    assert.deepEqual(said.after, Array(4).fill(broken));
    assert.ok(!said.ran.includes("after") && !said.ran.includes("TRAP-HERE"));
    const WHY = /^the engine has broken down \(unreachable\)/;
    assert.match(said.thrown, WHY);
    const { decision, cause, message } = said.log.at(-1);
    assert.deepEqual([decision, cause, WHY.test(message)], ["refuse", "failure", true]);
  }
});

test("a transport of the sdk tells the program, passes nothing and is closed", () => {
  for (const side of ["client", "server"]) {
    const said = run(
      side,
      `${COMMON}
      const seen = { sent: [], received: [], errors: [], closed: 0, rejected: [] };
      const transport = {
        start() {},
        async close() { seen.closed += 1; },
        async send(message) { seen.sent.push(message.params?.arguments.text ?? message.result); },
      };
      const guarded = guardTransport(transport, { side: ${JSON.stringify(side)}, policy });
      guarded.onmessage = (message) => seen.received.push(message.params?.arguments.text ?? message.result);
      guarded.onerror = (error) => seen.errors.push(error.message);
      const request = (message) => ${side === "client" ? "guarded.send(message).catch((error) => seen.rejected.push(error.message))" : "transport.onmessage(message)"};
      await request(message(1, "before"));
      await request(message(2, TRAP));
      await request(message(3, "after"));
      const answer = { jsonrpc: "2.0", id: 1, result: done };
      ${side === "client" ? "transport.onmessage(answer)" : "await guarded.send(answer).catch((error) => seen.rejected.push(error.message))"};
      await collect();
      console.log(JSON.stringify(seen));`,
    );
    const [judged, other] = side === "client" ? [said.sent, said.received] : [said.received, said.sent];
    assert.deepEqual([judged, other], [["before"], []]);
    assert.ok(said.closed >= 1);
    const told = side === "client" ? [2, 1] : [1, 2];
    assert.deepEqual([said.rejected.length, said.errors.length], told);
    for (const text of [...said.rejected, ...said.errors]) assert.match(text, /^the engine has broken down/);
  }
});
