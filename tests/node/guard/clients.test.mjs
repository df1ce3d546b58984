// The official TypeScript clients through `cattlegrid guard`, to servers of others over stdio.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { root } from "../package.mjs";
import { cliOf, folder } from "./guarded.mjs";

const { cli } = cliOf("guard-clients");
const require = createRequire(join(root, "tests/package.json"));
const modules = join(root, "tests/node_modules/@modelcontextprotocol");
const EVERYTHING = [join(modules, "server-everything/dist/index.js"), "stdio"];
const FILESYSTEM = join(modules, "server-filesystem/dist/index.js");
const me = { name: "cattlegrid-tests", version: "1" };

/** The clients by name; each connects to a command, with someone who is asked for forms, if there is one. */
const CLIENTS = {
  "sdk 1": async (parameters, person) => {
    const { Client } = require("@modelcontextprotocol/sdk/client/index.js");
    const { StdioClientTransport } = require("@modelcontextprotocol/sdk/client/stdio.js");
    const { ElicitRequestSchema } = require("@modelcontextprotocol/sdk/types.js");
    const client = new Client(me, { capabilities: person ? { elicitation: {} } : {} });
    if (person) client.setRequestHandler(ElicitRequestSchema, ({ params }) => person(params));
    await client.connect(new StdioClientTransport(parameters));
    return client;
  },
  ...Object.fromEntries(
    ["legacy", "auto"].map((mode) => [
      `sdk 2, ${mode}`,
      async (parameters, person) => {
        const { Client } = require("@modelcontextprotocol/client");
        const { StdioClientTransport } = require("@modelcontextprotocol/client/stdio");
        const capabilities = person ? { elicitation: {} } : {};
        const client = new Client(me, { capabilities, versionNegotiation: { mode } });
        if (person) client.setRequestHandler("elicitation/create", ({ params }) => person(params));
        await client.connect(new StdioClientTransport(parameters));
        return client;
      },
    ]),
  ),
};

function guarded(policy, server) {
  const path = join(folder(), "policy.json");
  writeFileSync(path, JSON.stringify(policy));
  return {
    command: process.execPath,
    args: [cli, "guard", "--policy", path, "--", process.execPath, ...server],
    stderr: "ignore",
  };
}

const said = async (client, name, args) => {
  const result = await client.callTool({ name, arguments: args });
  return [Boolean(result.isError), result.content[0].text];
};

for (const [name, connect] of Object.entries(CLIENTS)) {
  test(`${name}: server-everything`, async () => {
    const direct = await connect({ command: process.execPath, args: EVERYTHING, stderr: "ignore" });
    const all = (await direct.listTools()).tools.map((tool) => tool.name);
    const resources = await direct.listResources();
    await direct.close();
    const policy = {
      version: "1",
      default: "deny",
      hide: ["get-env"],
      tools: {
        echo: { limits: [{ counter: "calls", window: "day", max: 2 }] },
        "get-sum": { action: "deny", reason: "no sums" },
      },
    };
    const client = await connect(guarded(policy, EVERYTHING));
    assert.deepEqual(
      (await client.listTools()).tools.map((tool) => tool.name),
      all.filter((tool) => tool !== "get-env"),
    );
    assert.deepEqual(await client.listResources(), resources);
    for (let n = 0; n < 2; n += 1) assert.deepEqual(await said(client, "echo", { message: "é" }), [false, "Echo: é"]);
    const [wrong, text] = await said(client, "echo", { message: "é" });
    assert.ok(wrong && text.startsWith("[POLICY DENIED] Limit of 2 per day"), text);
    assert.deepEqual(await said(client, "get-sum", { a: 1, b: 2 }), [true, "[POLICY DENIED] no sums"]);
    assert.deepEqual(await said(client, "get-env", {}), [true, '[POLICY DENIED] Tool "get-env" is hidden by policy']);
    await client.close();
  });

  test(`${name}: server-filesystem`, async () => {
    const files = folder();
    writeFileSync(join(files, "a.txt"), "what is there");
    const inside = { conditions: [{ path: "args.path", op: "regex", value: "\\.txt$" }], on_deny: "only texts" };
    const policy = {
      version: "1",
      default: "deny",
      tools: { read_text_file: { require: [inside] }, write_file: { require: [inside], action: "require_approval" } },
    };
    const asked = [];
    const client = await connect(guarded(policy, [FILESYSTEM, files]), ({ message }) => {
      asked.push(message);
      return asked.length === 1 ? { action: "accept", content: { approve: true } } : { action: "decline" };
    });
    assert.deepEqual(await said(client, "read_text_file", { path: join(files, "a.txt") }), [false, "what is there"]);
    assert.deepEqual(await said(client, "read_text_file", { path: join(files, "a.key") }), [
      true,
      "[POLICY DENIED] only texts",
    ]);
    assert.ok((await said(client, "list_directory", { path: files }))[0]);
    const [b, c] = ["b.txt", "c.txt"].map((file) => join(files, file));
    assert.equal((await said(client, "write_file", { path: b, content: "new" }))[0], false);
    assert.equal(readFileSync(b, "utf8"), "new");
    const [wrong, text] = await said(client, "write_file", { path: c, content: "new" });
    assert.ok(wrong && text.includes("said no"), text);
    assert.ok(!existsSync(c));
    assert.ok(asked.length === 2 && asked[0].includes("b.txt") && asked[1].includes("c.txt"));
    await client.close();
  });
}
