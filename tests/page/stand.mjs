// A real MCP server behind Envoy with the filter, for as long as a test wants it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Starts what tests/e2e/stand.py is told to; an object is given as JSON. */
export async function stand(...what) {
  const words = what.map((word) => (typeof word === "string" ? word : JSON.stringify(word)));
  const child = spawn("python3", [`${root}tests/e2e/stand.py`, ...words], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(child, "exit");
  const line = once(createInterface(child.stdout), "line").then(([text]) => JSON.parse(text));
  const failed = ended.then(([code]) => Promise.reject(new Error(`the stand ended with code ${code}`)));
  const urls = await Promise.race([line, failed]);
  failed.catch(() => {});
  return {
    ...urls,
    async stop() {
      child.stdin.end();
      await ended;
    },
  };
}

/** Calls a tool over MCP, as a client of the older era does. */
export async function callTool(url, name, args) {
  const headers = { "content-type": "application/json", accept: "application/json, text/event-stream" };
  const post = (message, more) =>
    fetch(url, {
      method: "POST",
      headers: { ...headers, ...more },
      body: JSON.stringify({ jsonrpc: "2.0", ...message }),
    });
  const hello = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "test", version: "1" } };
  const begun = await post({ id: 0, method: "initialize", params: hello });
  const session = { "mcp-session-id": begun.headers.get("mcp-session-id") };
  await begun.text();
  await (await post({ method: "notifications/initialized" }, session)).text();
  const answer = await post({ id: 1, method: "tools/call", params: { name, arguments: args } }, session);
  const text = await answer.text();
  const data = text.startsWith("{")
    ? text
    : text
        .split("\n")
        .find((line) => line.startsWith("data: {"))
        ?.slice("data: ".length);
  return JSON.parse(data).result;
}
