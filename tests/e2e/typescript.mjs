// What an official TypeScript client sees: prints one line of JSON.
//
//     node tests/e2e/typescript.mjs client-2026 | client-2025 | sdk URL CALLS      CALLS: [[tool, arguments], …] as JSON
import { createRequire } from "node:module";

const require = createRequire(new URL("../package.json", import.meta.url));
const [which, url, calls] = process.argv.slice(2);
const me = { name: "cattlegrid-tests", version: "1" };

async function connect() {
  if (which === "sdk") {
    const { Client } = require("@modelcontextprotocol/sdk/client/index.js");
    const { StreamableHTTPClientTransport } = require("@modelcontextprotocol/sdk/client/streamableHttp.js");
    const client = new Client(me);
    await client.connect(new StreamableHTTPClientTransport(new URL(url)));
    return client;
  }
  const { Client, StreamableHTTPClientTransport } = require("@modelcontextprotocol/client");
  const mode = which === "client-2026" ? "auto" : "legacy";
  const client = new Client(me, { versionNegotiation: { mode } });
  await client.connect(new StreamableHTTPClientTransport(new URL(url)));
  return client;
}

const client = await connect();
const { tools } = await client.listTools();
const results = [];
for (const [name, args] of JSON.parse(calls)) {
  const result = await client.callTool({ name, arguments: args });
  results.push({ text: result.content.map((part) => part.text).join("\n"), isError: Boolean(result.isError) });
}
const version = client.getNegotiatedProtocolVersion?.();
console.log(JSON.stringify({ version, tools: tools.map((tool) => tool.name), results }));
await client.close();
