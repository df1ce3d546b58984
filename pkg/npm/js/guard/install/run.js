// `cattlegrid guard --install` and `--uninstall`: the guard before the servers of the clients on this machine.

import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, realpathSync, renameSync } from "node:fs";
import { statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline/promises";
import { fileURLToPath } from "node:url";
import { handedOn } from "../options.js";
import { configurations, ownFolder } from "./clients.js";
import { apply, difference, locate } from "./jsonc.js";
import { recommended } from "./recommended.js";
import { read, unwrap, wrap } from "./wrap.js";

const CLI = fileURLToPath(new URL("../../cli.js", import.meta.url));

/** Changes the configurations that are found. Returns the exit code: 1 if something was left undone. */
export async function run(options) {
  const where = { home: homedir(), project: resolve(options.project ?? ".") };
  const found = configurations(where).filter(({ file }) => existsSync(file));
  if (found.length === 0) return say("no client's configuration was found here", 1);
  const files = found.map(readFile);
  const unread = files.filter(({ why }) => why !== undefined);
  for (const { client, file, why } of unread) say(`${client}: ${file} is left alone: ${why}`);
  const readable = files.filter(({ why }) => why === undefined);
  const changes = options.install ? await installed(readable, options, where) : uninstalled(readable);
  if (!changes) return 1;
  const changed = changes.filter(({ edits }) => edits.length > 0);
  if (changed.length === 0) return say("there is nothing to change", unread.length > 0 ? 1 : 0);
  for (const { client, file, text, edits } of changed) say(`\n${client}: ${file}\n${difference(text, edits)}`);
  for (const { path } of changed.flatMap(({ policies = [] }) => policies)) say(`\nnew policy: ${path}`);
  if (!(await consent("\nWrite this?", options))) return say("nothing was written", 1);
  const written = changed.map(write);
  if (options.install) say("\nThe policies are yours to change: the guard reads them again when they do.");
  say("Start the clients again to use the change.");
  return written.every(Boolean) && unread.length === 0 ? 0 : 1;
}

function readFile(configuration) {
  // What a link points at is changed, and not the link.
  const file = realpathSync(configuration.file);
  const text = readFileSync(file, "utf8");
  try {
    const root = locate(text);
    const groups = configuration.groups(root).filter((group) => group?.members);
    return { ...configuration, file, text, servers: groups.flatMap(({ members }) => members) };
  } catch (error) {
    return { ...configuration, file, why: error.message };
  }
}

/** The edits that put the guard before each server, with a policy for those that have none. */
async function installed(files, options, where) {
  const planned = [];
  for (const file of files)
    for (const { key: name, node } of file.servers) {
      const { why, isGuarded, command, args } = read(node);
      if (why) say(`${file.client}: ${name} is left alone: ${why}`);
      else if (isGuarded) say(`${file.client}: ${name} is guarded already`);
      else planned.push({ file, name, node, command, args, policy: policyOf(file, name, where) });
    }
  const wanting = planned.filter(({ policy }) => !existsSync(policy.path));
  if (wanting.length > 0) {
    say("These have no policy yet. They are started now and asked for their tools, to recommend one:");
    for (const { file, name, command, args } of wanting)
      say(`  ${file.client}: ${name}: ${[command, ...args].join(" ")}`);
    if (!(await consent("Start them?", options))) return void say("nothing was written");
  }
  const texts = new Map();
  for (const { file, name, node, policy } of wanting) {
    if (texts.has(policy.path)) continue;
    try {
      texts.set(policy.path, await recommended(node, where));
    } catch (error) {
      say(
        `${file.client}: ${name} is left alone: it has no policy, and ${error.message}. Write one to ${policy.path} (\`cattlegrid recommend\` makes it of a list of its tools) and run this again`,
      );
    }
  }
  const own = handedOn(options);
  return files.map((file) => {
    const edits = [];
    const policies = [];
    for (const { name, node, policy } of planned.filter((plan) => plan.file === file)) {
      if (texts.has(policy.path)) policies.push({ ...policy, text: texts.get(policy.path) });
      else if (!existsSync(policy.path)) continue;
      edits.push(...wrap(file.text, node, [...guardWords(), "--policy", policy.said, "--name", name, ...own, "--"]));
    }
    return { ...file, edits, policies };
  });
}

const uninstalled = (files) =>
  files.map((file) => {
    const guarded = file.servers.filter(({ node }) => read(node).isGuarded);
    return { ...file, edits: guarded.flatMap(({ node }) => unwrap(file.text, node)) };
  });

/** Where a server's policy is, and how its command says so: one of a project is shared with it. */
function policyOf({ shared }, name, { home, project }) {
  const file = `${name.replace(/[^A-Za-z0-9._-]/g, "_").replace(/^\.+/, "_")}.json`;
  if (shared === undefined) {
    const path = join(ownFolder({ home }), file);
    return { path, said: path };
  }
  return { path: join(project, ".cattlegrid", file), said: `${shared}.cattlegrid/${file}` };
}

/** How this very guard is started again. */
function guardWords() {
  const isOfNpx = /[\\/]_npx[\\/]/.test(CLI);
  if (!isOfNpx) return [process.execPath, CLI, "guard"];
  const { version } = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8"));
  // This version: what others publish later is not run by itself.
  const npx = ["npx", "-y", `cattlegrid@${version}`, "guard"];
  return process.platform === "win32" ? ["cmd", "/c", ...npx] : npx;
}

/** Writes a file and keeps what was there. Whether it did. */
function write({ client, file, text, edits, policies = [] }) {
  if (readFileSync(file, "utf8") !== text) {
    say(`${client}: ${file} has changed meanwhile and is left alone: run the command again`);
    return false;
  }
  for (const { path, text } of policies) {
    if (existsSync(path)) continue;
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(path, text, { flag: "wx" });
  }
  const backup = `${file}.before-cattlegrid-${new Date().toISOString().replace(/[:.]/g, "-")}`;
  copyFileSync(file, backup);
  // Whole, or not at all.
  const next = `${file}.cattlegrid-${process.pid}`;
  const { mode } = statSync(file);
  writeFileSync(next, apply(text, edits), { flag: "wx", mode });
  chmodSync(next, mode);
  renameSync(next, file);
  say(`${client}: ${file} was written; what was there is in ${backup}`);
  return true;
}

async function consent(question, options) {
  if (options.yes) return true;
  if (!process.stdin.isTTY) {
    say(`${question} Nobody can be asked here: say \`--yes\``);
    return false;
  }
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  const said = await lines.question(`${question} [y/N] `);
  lines.close();
  return /^y(es)?$/i.test(said.trim());
}

function say(sentence, code) {
  process.stdout.write(`${sentence}\n`);
  return code;
}
