// The words of the command line.

import { resolve } from "node:path";

/** Words that stand alone, and those that another follows. */
const FLAGS = ["record-arguments", "shadow", "no-ask", "install", "uninstall", "yes", "help"];
const VALUES = [
  "policy",
  "lock",
  "changed-tools",
  "name",
  "grant",
  "store",
  "on-store-failure",
  "approval-key",
  "record",
  "list",
  "unknown-methods",
  "timeout",
  "ask-timeout",
  "project",
];
const CHOICES = {
  "changed-tools": ["quarantine", "report"],
  list: ["hidden", "callable"],
  "unknown-methods": ["deny", "allow"],
  "on-store-failure": ["deny", "allow"],
};
/** Those that are said as often as there are. */
const MANY = ["approval-key"];
/** What is of one server only. */
const OF_A_SERVER = ["policy", "lock", "changed-tools", "name"];
/** Those that a command started by a client has from who installed it. */
const HANDED_ON = VALUES.filter((name) => ![...OF_A_SERVER, "project"].includes(name));

/** What is wrong with the words. */
export class Misused extends Error {}

/** The options, and the command behind `--` in `command`. */
export function parse(words) {
  const options = { "approval-key": [] };
  const end = words.indexOf("--");
  const own = end === -1 ? words : words.slice(0, end);
  for (let at = 0; at < own.length; at += 1) {
    const [, name, said] = /^--([a-z-]+)(?:=(.*))?$/s.exec(own[at]) ?? [];
    if (FLAGS.includes(name) && said === undefined) options[name] = true;
    else if (VALUES.includes(name)) {
      const value = said ?? own[(at += 1)];
      if (value === undefined || value === "") throw new Misused(`\`--${name}\` wants a value behind it`);
      if (CHOICES[name] && !CHOICES[name].includes(value))
        throw new Misused(`\`--${name}\` is ${CHOICES[name].map((choice) => `\`${choice}\``).join(" or ")}`);
      if (MANY.includes(name)) options[name].push(value);
      else if (options[name] !== undefined) throw new Misused(`\`--${name}\` is said twice`);
      else options[name] = value;
    } else throw new Misused(`\`${own[at]}\` is no option; the server's command stands behind \`--\``);
  }
  if (options.help) return options;
  options.command = end === -1 ? [] : words.slice(end + 1);
  return checked(options);
}

function checked(options) {
  for (const name of ["timeout", "ask-timeout"]) {
    if (options[name] === undefined) continue;
    const seconds = Number(options[name]);
    if (!(Number.isFinite(seconds) && seconds > 0 && seconds <= 86_400))
      throw new Misused(`\`--${name}\` is a number of seconds, at most a day`);
    options[name] = seconds;
  }
  if (options["record-arguments"] && options.record === undefined)
    throw new Misused("`--record-arguments` wants `--record FILE` with it");
  if (options["changed-tools"] !== undefined && options.lock === undefined)
    throw new Misused("`--changed-tools` wants `--lock FILE` with it");
  if (options.install && options.uninstall) throw new Misused("`--install` or `--uninstall`, not both");
  if (options.install || options.uninstall) {
    if (options.command.length > 0)
      throw new Misused("the servers are found in the configurations: no command is given");
    if (options.lock !== undefined)
      throw new Misused("a lock is of one server: `--lock` is written into that server's command");
    return options;
  }
  if (options.policy === undefined) throw new Misused("`--policy FILE` is missing");
  if (options.command.length === 0) throw new Misused("the server's command is missing: it stands behind `--`");
  return options;
}

/** The words for a command that others start, with paths that hold everywhere. */
export function handedOn(options) {
  const words = [];
  for (const name of HANDED_ON) {
    for (const value of [options[name] ?? []].flat()) {
      const isPath = ["record", "approval-key"].includes(name) || isFileStore(name, value);
      words.push(`--${name}`, isPath ? resolve(name === "store" ? value.replace(/^file:/, "") : value) : String(value));
    }
  }
  for (const name of ["record-arguments", "shadow", "no-ask"]) if (options[name]) words.push(`--${name}`);
  return words;
}

const isFileStore = (name, value) => name === "store" && value !== "memory" && !value.includes("://");

export const HELP = `Stands between an MCP client and a server that it starts, and lets pass what a policy allows.

  cattlegrid guard --policy FILE [options] -- COMMAND [ARGUMENT]...
  cattlegrid guard --install [--yes] [options]
  cattlegrid guard --uninstall [--yes]

  --policy FILE             the policy; when the file changes it is read again
  --lock FILE               what the server's tools were when somebody looked, as \`cattlegrid pin\` writes it: each list is
                            compared with it; when the file changes it is read again
  --changed-tools WORD      what becomes of tools that are not so: hidden, and calls denied (quarantine, the default), or
                            only told (report)
  --store WHERE             where limits are counted: memory (the default), a file's path, or redis://HOST:PORT
  --on-store-failure WORD   what becomes of calls that cannot be counted: deny (the default) or allow
  --name NAME               of the server, for people and counters; servers with one store have one each
  --grant LABEL             whose calls they are, in counters, approvals and records
  --approval-key FILE       who can approve what is held: an Ed25519 public key in PEM, or a file with a shared secret
  --no-ask                  nobody is asked about held calls
  --ask-timeout SECONDS     how long a question stands: 300
  --record FILE             writes a line for each decision behind what is there
  --record-arguments        with the arguments, but what stands under the key of a secret
  --shadow                  decides and records, and lets everything pass as it comes
  --list WORD               which tools leave lists: hidden ones (hidden, the default), or all that no call can reach (callable)
  --unknown-methods WORD    methods that MCP does not have: deny (the default) or allow
  --timeout SECONDS         how long the server may say nothing while it is waited for: 600

  --install                 puts the guard before the servers of Claude Desktop, Claude Code, Cursor and VS Code;
                            shows the changes and asks first. Other options are written into the commands
  --uninstall               takes it away again
  --project FOLDER          whose configurations are changed too: the current folder
  --yes                     asks nothing
`;
