// `cattlegrid guard`: a process between a client and a server, as if it were not there.

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { Socket } from "node:net";
import { constants } from "node:os";
import { Broken } from "../guard.js";
import { BadPolicy, LONGEST, engineOf, identityOf, load } from "./engine.js";
import { Lines } from "./lines.js";
import { Outbox } from "./outbox.js";
import { entryOf, recorder } from "./record.js";
import { Relay } from "./relay.js";
import { startOf } from "./start.js";
import { openStore } from "./store.js";
import { watchFile } from "./watch.js";

/** Signals that are handed on to the server, which then decides what becomes of both. */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR2"];
/** Milliseconds for what a server has said before it ended, if something else still holds its output. */
const LAST_WORDS = 500;
/** Milliseconds for a server to end when it is asked to. */
const GRACE = 3000;
/** What the shell says of a command that is not there. */
const NOT_FOUND = 127;
/** The guard itself has failed: `EX_SOFTWARE` of sysexits.h. */
const FAILED = 70;

const tell = (sentence) => process.stderr.write(`cattlegrid: ${sentence}\n`);

/** Runs the guard until the server has ended. Returns an exit code if it never began. */
export async function guard(options) {
  load();
  const identity = identityOf(options);
  const texts = { policy: readFileSync(options.policy, "utf8") };
  if (options.lock !== undefined) texts.lock = readFileSync(options.lock, "utf8");
  let engine;
  try {
    engine = engineOf(texts, identity, options);
  } catch (error) {
    if (!(error instanceof BadPolicy)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 2;
  }
  const store = await openStore(options.store);
  const record = options.record === undefined ? undefined : recorder(options.record);

  const [command, ...args] = options.command;
  const start = startOf(command, args);
  const server = spawn(start.command, start.args, {
    stdio: ["pipe", "pipe", "inherit"],
    windowsHide: true,
    ...start.options,
  });
  const started = await new Promise((resolve) => {
    server.once("spawn", () => resolve(true));
    server.once("error", (error) => {
      tell(`\`${command}\` cannot be started: ${error.code === "ENOENT" ? "there is no such command" : error.message}`);
      resolve(false);
    });
  });
  if (!started) {
    await store.close();
    return NOT_FOUND;
  }

  const client = { in: process.stdin, out: output() };
  const outbox = { client: new Outbox(client.out), server: new Outbox(server.stdin) };
  let hasFailed = false;
  const relay = new Relay({
    engine,
    store,
    toClient: (bytes) => outbox.client.send(bytes),
    toServer: (bytes) => outbox.server.send(bytes),
    tell,
    decided: (line, message) => record?.write(entryOf(line, message, options["record-arguments"])),
    ask: identity.secret && {
      secret: identity.secret,
      patience: (options["ask-timeout"] ?? 300) * 1000,
      hasKeys: identity.keys.length > 0,
      name: options.name,
    },
    failed: (error) => {
      tell(`the guard has failed, and ends with the server: ${error.message}`);
      hasFailed = true;
      client.in.destroy();
      server.kill();
      setTimeout(() => server.kill("SIGKILL"), GRACE).unref();
    },
  });

  for (const what of Object.keys(texts)) {
    const changed = (text) => {
      try {
        engine = engineOf({ ...texts, [what]: text }, identity, options, engine);
        texts[what] = text;
        relay.use(engine);
        tell(`the ${what} has changed, and the new one decides now`);
      } catch (error) {
        if (error instanceof Broken) relay.fail(error);
        else tell(`the ${what} has changed and cannot be used; the one before it still decides\n${error.message}`);
      }
    };
    const failed = (error) => tell(`the ${what} cannot be read any more (${error.code}); it still decides as it was`);
    watchFile(options[what], texts[what], changed, failed);
  }
  const patience = (options.timeout ?? 600) * 1000;
  setInterval(() => relay.expire(patience), Math.min(1000, patience / 4)).unref();

  for (const signal of SIGNALS) if (signal in constants.signals) process.on(signal, () => server.kill(signal));
  fromClient(client, server, relay, outbox);
  fromServer(client, server, relay, outbox);

  const { code, signal } = await ended(server);
  relay.over(signal === null ? `the server has ended (exit code ${code})` : `the server was ended by ${signal}`);
  record?.close();
  await flushed(client.out);
  await relay.settled();
  await store.close();
  if (hasFailed) process.exit(FAILED);
  // As whoever started it expects of the server itself.
  if (signal !== null) {
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
    // Not all signals end a process of their own accord here.
    await new Promise((resolve) => setTimeout(resolve, 1000));
    process.exit(128 + (constants.signals[signal] ?? 0));
  }
  process.exit(code);
}

/** Carries the client's lines to the server, one after the other. */
function fromClient(client, server, relay, outbox) {
  const lines = new Lines(LONGEST);
  const queue = [];
  let isWaiting = false;
  let isOver = false;

  function decide() {
    while (!isWaiting && queue.length > 0) {
      const next = relay.fromClient(queue.shift());
      if (!next) continue;
      isWaiting = true;
      next.then(() => {
        isWaiting = false;
        work();
      });
    }
  }

  function work() {
    outbox.client.together(() => outbox.server.together(decide));
    if (isOver && !isWaiting && queue.length === 0) server.stdin.end();
    else breathe();
  }

  /** Reads on when all that was read is done with, and whoever gets it keeps up. */
  function breathe() {
    const full = [server.stdin, client.out].find((stream) => stream.writableNeedDrain && !stream.destroyed);
    if (isWaiting || full) client.in.pause();
    else client.in.resume();
    if (full && !isWaiting) full.once("drain", breathe);
  }

  client.in.on("data", (chunk) => {
    queue.push(...lines.push(chunk));
    if (!isWaiting) work();
    else breathe();
  });
  const end = () => {
    if (isOver) return;
    isOver = true;
    queue.push(...lines.end());
    relay.silent();
    if (!isWaiting) work();
  };
  client.in.on("end", end);
  client.in.on("error", end);
  // The server no longer reads: neither does the guard, which the client then notices as it would without it.
  server.stdin.on("error", () => {
    isOver = true;
    client.in.destroy();
    relay.closed();
  });
}

/** Carries the server's lines to the client. */
function fromServer(client, server, relay, outbox) {
  const lines = new Lines(LONGEST);
  const carry = (found) => {
    outbox.client.together(() => {
      for (const line of found) relay.fromServer(line);
    });
    if (!client.out.writableNeedDrain || client.out.destroyed) return;
    server.stdout.pause();
    client.out.once("drain", () => server.stdout.resume());
  };
  server.stdout.on("data", (chunk) => carry(lines.push(chunk)));
  server.stdout.on("end", () => {
    carry(lines.end());
    // A server may go on without output, and the client is to know that it has none. Most have ended.
    setTimeout(() => {
      if (server.exitCode === null && server.signalCode === null) client.out.end();
    }, LAST_WORDS);
  });
  // The client no longer reads: the server is to notice, as it would without the guard.
  client.out.on("error", () => server.stdout.destroy());
}

/** Waits until a server has ended and all is read that it has said. */
function ended(server) {
  return new Promise((resolve) => {
    server.once("close", (code, signal) => resolve({ code, signal }));
    server.once("exit", (code, signal) => {
      let timer;
      const wait = () => {
        clearTimeout(timer);
        timer = setTimeout(() => resolve({ code, signal }), LAST_WORDS);
      };
      server.stdout.on("data", wait);
      wait();
    });
  });
}

/** Standard output, written without waiting for whoever reads it. */
function output() {
  try {
    return new Socket({ fd: 1, readable: false, writable: true });
  } catch {
    // A file, or a terminal of another kind.
    return process.stdout;
  }
}

function flushed(stream) {
  if (stream.destroyed || stream.writableLength === 0) return undefined;
  return new Promise((resolve) => {
    stream.once("drain", resolve);
    stream.once("error", resolve);
    stream.once("close", resolve);
  });
}
