// The guard around a server, driven line by line.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { install, root } from "../package.mjs";

const SERVER = fileURLToPath(new URL("server.mjs", import.meta.url));
/** Milliseconds after which what has not come does not come. */
const PATIENCE = 30_000;

const folders = [];
process.on("exit", () => folders.forEach((path) => rmSync(path, { recursive: true, force: true })));

export const POLICY = {
  version: "1",
  default: "allow",
  hide: ["vault"],
  tools: {
    wipe: { action: "deny", reason: "nothing is wiped" },
    pay: { limits: [{ counter: "payments", window: "day", max: 2 }] },
    fails: { limits: [{ counter: "failures", window: "day", max: 1 }] },
    hold: { action: "require_approval", limits: [{ counter: "held", window: "day", max: 2 }] },
  },
};

/** The command line of the packed package, installed for one file of tests, with these packages of others beside it. */
export function cliOf(name, packages = []) {
  const { project } = install(name);
  for (const other of packages)
    symlinkSync(join(root, "tests/node_modules", other), join(project, "node_modules", other));
  return { project, cli: join(project, "node_modules/cattlegrid/js/cli.js") };
}

export function folder() {
  const path = mkdtempSync(join(tmpdir(), "cattlegrid-guard-"));
  folders.push(path);
  return path;
}

export class Guarded {
  messages = [];
  raw = "";
  stderr = "";
  #waiting = [];
  #ids = 0;

  /** Starts a guard. `server` are arguments of the fake server, or `command` is another one. */
  constructor(
    cli,
    { policy = POLICY, options = [], server = [], command, env = {}, node = process.execPath, at } = {},
  ) {
    this.folder = at ?? folder();
    this.policy = join(this.folder, "policy.json");
    this.log = join(this.folder, "server.log");
    if (policy !== undefined) writeFileSync(this.policy, typeof policy === "string" ? policy : JSON.stringify(policy));
    const words = [cli, "guard", "--policy", this.policy, ...options, "--"];
    words.push(...(command ?? [process.execPath, SERVER, this.log, ...server]));
    this.process = spawn(node, words.map(String), { env: { ...process.env, ...env }, stdio: ["pipe", "pipe", "pipe"] });
    this.process.stdin.on("error", () => {});
    this.process.stderr.on("data", (chunk) => (this.stderr += chunk));
    let pieces = [];
    this.process.stdout.setEncoding("utf8").on("data", (chunk) => {
      if (this.raw.length < 1_000_000) this.raw += chunk;
      pieces.push(chunk);
      if (!chunk.includes("\n")) return;
      const lines = pieces.join("").split("\n");
      pieces = [lines.pop()];
      this.messages.push(...lines.filter((line) => line.trim()).map((line) => JSON.parse(line)));
      this.#look();
    });
    this.closed = once(this.process, "close").then(([code, signal]) => {
      this.#look(new Error(`the guard has ended (${code}, ${signal}): ${this.stderr}`));
      return { code, signal };
    });
  }

  #look(over) {
    for (const waiting of [...this.#waiting]) waiting(over);
  }

  /** The first message that is so, once it is there. */
  message(isIt) {
    return this.until(() => this.messages.find(isIt));
  }

  async until(find, what = "a message") {
    return new Promise((resolve, reject) => {
      const finish = (settle, value) => {
        clearTimeout(timer);
        clearInterval(poll);
        this.#waiting = this.#waiting.filter((one) => one !== look);
        settle(value);
      };
      const look = (over) => {
        const found = find();
        if (found !== undefined && found !== false) finish(resolve, found);
        else if (over) finish(reject, over);
      };
      const timer = setTimeout(() => finish(reject, new Error(`${what} did not come: ${this.stderr}`)), PATIENCE);
      const poll = setInterval(look, 50);
      this.#waiting.push(look);
      look();
    });
  }

  write(text) {
    this.process.stdin.write(text);
  }

  send(message) {
    this.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  }

  /** Sends a request; its answer. */
  async request(method, params) {
    const id = (this.#ids += 1);
    this.send({ id, method, params });
    return this.message((message) => message.id === id && message.method === undefined);
  }

  call(name, args, meta) {
    return this.request("tools/call", { name, arguments: args, _meta: meta });
  }

  /** The text of a call's answer. */
  async said(name, args, meta) {
    const { result, error } = await this.call(name, args, meta);
    return result?.content[0].text ?? `error: ${error.message}`;
  }

  async initialize(capabilities = {}) {
    const clientInfo = { name: "test", version: "1" };
    const answer = await this.request("initialize", { protocolVersion: "2025-06-18", capabilities, clientInfo });
    this.send({ method: "notifications/initialized" });
    return answer;
  }

  /** The lines that the server got. */
  get got() {
    return existsSync(this.log) ? readFileSync(this.log, "utf8").split("\n").filter(Boolean) : [];
  }

  /** Ends the client's side; how the guard ended. */
  end() {
    this.process.stdin.end();
    return this.closed;
  }

  kill() {
    this.process.kill("SIGKILL");
    return this.closed;
  }
}
