// The recommended policy for a server: it is started and asked for its tools.

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import * as util from "node:util";
import { init, recommend } from "../../classify.js";
import { LONGEST } from "../engine.js";
import { Lines } from "../lines.js";
import { startOf } from "../start.js";
import { valueOf } from "./jsonc.js";
import { resolved } from "./variables.js";

/** Not in every Node 20. */
const { parseEnv } = util;

/** Milliseconds in which a server has to answer; the first start of one may have to install it. */
const PATIENCE = 120_000;
/** A list of tools may have so many pages. */
const PAGES = 1000;

/** The text of the policy for the server of a configuration's entry; `where` are the folders `home` and `project`. */
export async function recommended(entry, where) {
  const { command, args = [], env = {}, cwd = where.project, envFile } = resolved(valueOf(entry), where);
  const start = startOf(command, args);
  const server = spawn(start.command, start.args, {
    cwd,
    env: { ...process.env, ...variablesOf(envFile, where), ...env },
    stdio: ["pipe", "pipe", "ignore"],
    windowsHide: true,
    ...start.options,
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

/** The variables of a file beside a configuration. */
function variablesOf(file, { project }) {
  if (file === undefined) return {};
  if (parseEnv === undefined) throw new Error("its `envFile` is read by node 20.12 and newer only");
  try {
    return parseEnv(readFileSync(resolve(project, file), "utf8"));
  } catch (error) {
    throw new Error(`its \`envFile\` cannot be read (${error.code})`, { cause: error });
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
        message = JSON.parse(line.toString("utf8"));
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
