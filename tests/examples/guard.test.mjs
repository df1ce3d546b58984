// The programs that the npm package's README shows under "In front of a server", run as it says, from the packed package:
// each is asked for the list of tools and for an allowed and a denied call.

import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { install, root } from "../node/package.mjs";
import { freePort } from "../node/port.mjs";
import { environment, run, serving, withNewerNode } from "./processes.mjs";

const USUAL = "http://127.0.0.1:3001/mcp";
const installed = install("guard", "target/examples");
const text = readFileSync(join(root, "pkg/npm/README.md"), "utf8");
const section = text.split("\n## ").find((part) => part.startsWith("In front of a server\n"));
/** The programs by the name in their first line. */
const programs = new Map(
  [...section.matchAll(/^```js\n\/\/ ([\w./]+)[^\n]*\n([^]*?)^```$/gm)].map(([, name, program]) => [name, program]),
);

/** An MCP server with two tools, of which it writes down what it runs. */
const ran = [];
const server = createServer(async (incoming, outgoing) => {
  // Some look whether anything answers.
  if (incoming.method !== "POST") return outgoing.writeHead(405).end();
  let body = "";
  for await (const piece of incoming) body += piece;
  const { id, method, params } = JSON.parse(body);
  if (method === "tools/call") ran.push(params.name);
  const tools = ["echo", "wipe"].map((name) => ({ name, inputSchema: { type: "object" } }));
  const result = method === "tools/list" ? { tools } : { content: [{ type: "text", text: "done" }] };
  const message = JSON.stringify({ jsonrpc: "2.0", id, result });
  outgoing.writeHead(200, { "content-type": "text/event-stream" });
  for (const piece of ["event: message\ndata: ", message, "\n\n"]) outgoing.write(piece);
  outgoing.end();
});

let home;
before(async () => {
  home = mkdtempSync(join(tmpdir(), "cattlegrid-guard-"));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
});
after(() => {
  server.close();
  rmSync(home, { recursive: true, force: true });
});

/** Writes a program of the README, in front of this server. */
function written(name, path = name) {
  const program = programs.get(name);
  assert.ok(program?.includes(USUAL), `${name} is a program of the README`);
  return installed.write(path, program.replace(USUAL, `http://127.0.0.1:${server.address().port}/mcp`));
}

async function ask(address, method, params) {
  const response = await fetch(`${address}/mcp`, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json, text/event-stream" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
    signal: AbortSignal.timeout(60_000),
  });
  assert.equal(response.status, 200);
  const body = await response.text();
  return JSON.parse(body.startsWith("{") ? body : /^data: (.*)$/m.exec(body)[1]).result;
}

async function guards(address) {
  ran.length = 0;
  assert.equal((await ask(address, "tools/call", { name: "echo" })).content[0].text, "done");
  const denied = await ask(address, "tools/call", { name: "wipe" });
  assert.ok(denied.isError && denied.content[0].text.startsWith("[POLICY DENIED]"));
  assert.deepEqual(ran, ["echo"]);
  assert.equal((await ask(address, "tools/list")).tools.length, 2);
  const twice = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","name":"wipe"}}';
  const headers = { "content-type": "application/json" };
  assert.equal((await fetch(`${address}/mcp`, { method: "POST", headers, body: twice })).status, 400);
  assert.deepEqual(ran, ["echo"]);
}

/** What the programs import that the project's tests have already. */
function beside(...names) {
  for (const name of names) {
    const link = join(installed.project, "node_modules", name);
    if (name.includes("/")) installed.write(join("node_modules", name.split("/")[0], ".keep"), "");
    symlinkSync(join(root, "tests/node_modules", name), link);
  }
}

const WORKER = JSON.stringify({ name: "guard", main: "server.js", compatibility_date: "2025-09-01" });
const places = {
  Deno: {
    prepare: () => written("server.js"),
    line: (port) => `deno serve -A --host 127.0.0.1 --port ${port} server.js`,
  },
  Bun: { prepare: () => written("server.js"), line: () => "bun server.js" },
  "Cloudflare Workers": {
    prepare() {
      written("server.js");
      installed.write("wrangler.json", WORKER);
    },
    line: (port) => `wrangler dev --ip 127.0.0.1 --port ${port}`,
    more: () => withNewerNode(),
  },
  Express: {
    prepare() {
      beside("express");
      written("express.mjs");
    },
    line: () => "node express.mjs",
  },
  Hono: {
    prepare() {
      beside("hono", "@hono/node-server");
      written("hono.mjs");
    },
    line: () => "node hono.mjs",
  },
};

for (const [title, { prepare, line, more }] of Object.entries(places)) {
  test(title, async () => {
    prepare();
    const port = await freePort();
    const env = { ...environment(home, more?.()), PORT: String(port) };
    const stop = await serving(`guard-${title.split(" ")[0].toLowerCase()}`, line(port), port, installed.project, env);
    try {
      await guards(`http://127.0.0.1:${port}`);
    } finally {
      await stop();
    }
  });
}

test("Next", async () => {
  const place = "next";
  written("app/mcp/route.js", `${place}/app/mcp/route.js`);
  const layout = "export default ({ children }) => <html><body>{children}</body></html>;";
  installed.write(`${place}/app/layout.jsx`, layout);
  const folder = join(installed.project, place);
  cpSync(join(installed.project, "node_modules/cattlegrid"), join(folder, "node_modules/cattlegrid"), {
    recursive: true,
  });
  installed.write(`${place}/package.json`, '{ "type": "module" }');
  const port = await freePort();
  const env = { ...environment(home), PORT: String(port) };
  await run("guard-next", "next build", folder, env);
  const stop = await serving("guard-next", "next start --hostname 127.0.0.1", port, folder, env);
  try {
    await guards(`http://127.0.0.1:${port}`);
  } finally {
    await stop();
  }
});
