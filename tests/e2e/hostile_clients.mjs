// What the official TypeScript clients see of each case: a line of JSON a case and client, with the beginnings of the texts
// that they show, and in which of them the marker is.
//
//     node tests/e2e/hostile_clients.mjs URL NUMBERS MARKER [SECONDS]      NUMBERS: 1,2,3; SECONDS: for each
import { createRequire } from "node:module";

const require = createRequire(new URL("../package.json", import.meta.url));
const second = require("@modelcontextprotocol/client");
const first = {
  ...require("@modelcontextprotocol/sdk/client/index.js"),
  ...require("@modelcontextprotocol/sdk/client/streamableHttp.js"),
};
const [url, numbers, marker, seconds = 6] = process.argv.slice(2);
const me = { name: "cattlegrid-tests", version: "1" };
// Milliseconds; some answers never come, and a machine may be slow.
const timeout = seconds * 1000;
const MAKERS = {
  "typescript-1": [first, () => new first.Client(me)],
  "typescript-2025": [second, () => new second.Client(me, { versionNegotiation: { mode: "legacy" } })],
  "typescript-2026": [second, () => new second.Client(me, { versionNegotiation: { mode: "auto" } })],
};
// What a client does not catch itself is no reason to end.
process.on("unhandledRejection", () => {});

async function ask(number, name) {
  const [sdk, make] = MAKERS[name];
  const [client, messages, errors] = [make(), [], []];
  let tools = "";
  const transport = new sdk.StreamableHTTPClientTransport(new URL(`${url}?case=${number}&client=${name}`));
  client.onerror = (error) => errors.push(String(error));
  const work = async () => {
    await client.connect(transport);
    const hand = transport.onmessage;
    transport.onmessage = (message, ...more) => {
      messages.push(JSON.stringify(message));
      hand(message, ...more);
    };
    tools = JSON.stringify(await client.listTools({}, { timeout }));
    await client.callTool({ name: "greet", arguments: {} }, undefined, { timeout });
  };
  const bell = new Promise((_, fail) => setTimeout(fail, timeout, new Error("no answer in time")));
  await Promise.race([work(), bell]).catch((error) => errors.push(String(error)));
  client.close().catch(() => {});
  const seen = Object.entries({ tools, messages: messages.join("\n"), errors: errors.join("\n") });
  // A text in another encoding may have a NUL behind each letter.
  const marked = seen.filter(([, text]) => text.replaceAll("\0", "").includes(marker)).map(([kind]) => kind);
  const told = Object.fromEntries(seen.map(([kind, text]) => [kind, text.slice(0, 2000)]));
  console.log(JSON.stringify({ case: number, client: name, marked, ...told }));
}

const left = Object.keys(MAKERS).flatMap((name) => numbers.split(",").map((number) => [Number(number), name]));
const worker = async () => {
  while (left.length) await ask(...left.shift());
};
await Promise.all(Array.from({ length: 48 }, worker));
// Connections may be open still, and lines on their way.
process.stdout.write("", () => process.exit(0));
