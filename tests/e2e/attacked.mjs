// A server made with an official TypeScript SDK that writes down each tool that it runs.
//
//     node tests/e2e/attacked.mjs 1 | 1-sessions | 2 PORT TOOLS RECORD
//
// PORT: or `stdio`; TOOLS: a file with a JSON list of tools; RECORD: a file for a line a call. SDK 1 stands behind Express
// and its reader of JSON, as its own examples have it; SDK 2, of both eras of MCP, stands on Node's own server.
import { randomUUID } from "node:crypto";
import { appendFileSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";

const require = createRequire(new URL("../package.json", import.meta.url));
const [which, port, file, record] = process.argv.slice(2);
const tools = JSON.parse(readFileSync(file, "utf8"));
const info = { name: "attacked", version: "1" };
const capabilities = { capabilities: { tools: {} } };

function call({ params: { name, arguments: args } }) {
  if (!tools.some((tool) => tool.name === name)) throw new Error("there is no such tool");
  appendFileSync(record, JSON.stringify({ tool: name, arguments: { amount: args?.amount, to: args?.to } }) + "\n");
  return { content: [{ type: "text", text: "done" }] };
}

function first() {
  const express = require("express");
  const { Server } = require("@modelcontextprotocol/sdk/server/index.js");
  const { StreamableHTTPServerTransport } = require("@modelcontextprotocol/sdk/server/streamableHttp.js");
  const { CallToolRequestSchema, ListToolsRequestSchema } = require("@modelcontextprotocol/sdk/types.js");
  const server = () => {
    const server = new Server(info, capabilities);
    server.setRequestHandler(ListToolsRequestSchema, () => ({ tools }));
    server.setRequestHandler(CallToolRequestSchema, call);
    return server;
  };
  if (port === "stdio") {
    const { StdioServerTransport } = require("@modelcontextprotocol/sdk/server/stdio.js");
    return server().connect(new StdioServerTransport());
  }
  const sessions = new Map();
  const app = express();
  app.use(express.json({ limit: "4mb" }));
  app.all("/mcp", async (request, response) => {
    let transport = sessions.get(request.headers["mcp-session-id"]);
    if (!transport) {
      transport = new StreamableHTTPServerTransport({
        sessionIdGenerator: which === "1-sessions" ? randomUUID : undefined,
        onsessioninitialized: (id) => sessions.set(id, transport),
      });
      await server().connect(transport);
    }
    await transport.handleRequest(request, response, request.body);
  });
  return app;
}

function second() {
  const { Server, createMcpHandler } = require("@modelcontextprotocol/server");
  const { toNodeHandler } = require("@modelcontextprotocol/node");
  const server = () => {
    const server = new Server(info, capabilities);
    server.setRequestHandler("tools/list", () => ({ tools }));
    server.setRequestHandler("tools/call", call);
    return server;
  };
  if (port === "stdio") return require("@modelcontextprotocol/server/stdio").serveStdio(server);
  return toNodeHandler(createMcpHandler(server));
}

// A broken request is no reason to end.
process.on("uncaughtException", (error) => console.error(error));
process.on("unhandledRejection", (error) => console.error(error));
const handler = which === "2" ? second() : first();
if (port !== "stdio") createServer(handler).listen(Number(port), "127.0.0.1");
