// The recommended policy for a server: it is started and asked for its tools.

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { init, recommend } from "../../classify.js";
import { LONGEST } from "../engine.js";
import { Lines } from "../lines.js";
import { child, valueOf } from "./jsonc.js";

/** Milliseconds in which a server has to answer; the first start of one may have to install it. */
const PATIENCE = 120_000;
/** A list of tools may have so many pages. */
const PAGES = 1000;

/** The text of the policy for the server of a configuration's entry. */
export async function recommended(entry, folder) {
  const { command, args = [], env = {}, cwd } = valueOf(entry);
  if (JSON.stringify([command, args, env, cwd]).includes("${"))
    throw new Error("its command names what only the client knows (`${…}`): write it one");
  const known = child(entry, "envFile") ? "its `envFile` is not read here: write it one" : undefined;
  if (known) throw new Error(known);
  const server = spawn(command, args, {
    cwd: cwd ?? folder,
    env: { ...process.env, ...env },
    stdio: ["pipe", "pipe", "ignore"],
    windowsHide: true,
  });
  try {
    const tools = await inTime(toolsOf(server));
    await init(readFileSync(new URL("../../../wasm/classify_bg.wasm", import.meta.url)));
    return recommend({ tools });
  } finally {
    server.stdin.destroy();
    server.kill();
  }
}

async function toolsOf(server) {
  const ask = asking(server);
  await ask("initialize", {
    protocolVersion: "2025-06-18",
    capabilities: {},
    clientInfo: { name: "cattlegrid", version: "0.1.0" },
  });
  server.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", method: "notifications/initialized" })}\n`);
  const tools = [];
  let cursor;
  for (let page = 0; page < PAGES; page += 1) {
    const result = await ask("tools/list", cursor === undefined ? {} : { cursor });
    if (!Array.isArray(result.tools)) break;
    tools.push(...result.tools);
    cursor = result.nextCursor;
    if (cursor === undefined || cursor === null) return tools;
  }
  throw new Error("its list of tools makes no sense");
}

/** Sends requests to a server, one at a time; each call is a promise of the result. */
function asking(server) {
  const lines = new Lines(LONGEST);
  let id = 0;
  let waiting;
  const fail = (why) => waiting?.reject(new Error(why));
  let over;
  server.on("error", () => fail((over = "it cannot be started")));
  server.on("close", () => fail((over ??= "it ended without answering")));
  server.stdin.on("error", () => {});
  server.stdout.on("data", (chunk) => {
    for (const line of lines.push(chunk)) {
      let message;
      try {
        message = JSON.parse(Buffer.from(line ?? "").toString("utf8"));
      } catch {
        // Some servers say other things there too.
        continue;
      }
      if (message.id !== id || message.method !== undefined) continue;
      if (message.result) waiting?.resolve(message.result);
      else fail(`it answers with an error: ${message.error?.message}`);
    }
  });
  return (method, params) =>
    new Promise((resolve, reject) => {
      waiting = { resolve, reject };
      if (over !== undefined) return fail(over);
      id += 1;
      server.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", id, method, params })}\n`);
    });
}

function inTime(promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error("it did not answer in two minutes")), PATIENCE);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
