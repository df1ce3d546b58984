// How a command is started as clients start it: on Windows `npx` is a script, which only its shell runs.

import { existsSync } from "node:fs";
import { win32 } from "node:path";

/** What the shell of Windows takes for its own, quoted or not. */
const META = /[()\][%!^"`<>&|;, *?]/g;

/**
 * The command, the arguments and the options for `spawn`. Elsewhere than on Windows they are what they are; there a
 * command without an ending is looked for as the shell does, and what is no program goes to the shell, each word quoted.
 */
export function startOf(command, args, { platform = process.platform, env = process.env, exists = existsSync } = {}) {
  if (platform !== "win32") return { command, args, options: {} };
  const found = find(command, env, exists);
  if (found === undefined || !/\.(cmd|bat)$/i.test(found)) return { command: found ?? command, args, options: {} };
  // What npm writes into `.bin` hands its words to the shell once more.
  const isTwice = /node_modules[\\/]\.bin[\\/][^\\/]+\.cmd$/i.test(found);
  const words = [shielded(win32.normalize(found)), ...args.map((word) => quoted(word, isTwice))];
  return {
    command: variable(env, "ComSpec") ?? "cmd.exe",
    args: ["/d", "/s", "/c", `"${words.join(" ")}"`],
    options: { windowsVerbatimArguments: true },
  };
}

/** The file that a command is, with its ending. */
function find(command, env, exists) {
  const isPath = /[\\/]/.test(command);
  const folders = isPath ? [""] : (variable(env, "Path") ?? "").split(";").filter(Boolean);
  const endings = (variable(env, "PathExt") ?? ".COM;.EXE;.BAT;.CMD").split(";").filter(Boolean);
  const hasEnding = endings.some((ending) => command.toLowerCase().endsWith(ending.toLowerCase()));
  for (const folder of folders)
    for (const ending of hasEnding ? [""] : endings) {
      const file = (folder === "" ? command : win32.join(folder, command)) + ending;
      if (exists(file)) return file;
    }
  return undefined;
}

/** A variable, whose name Windows writes in any case. */
function variable(env, name) {
  const own = Object.keys(env).find((other) => other.toLowerCase() === name.toLowerCase());
  return own === undefined ? undefined : env[own];
}

const shielded = (text) => text.replace(META, "^$&");

/** A word as programs of Windows read it, of which the shell leaves all as it is. */
function quoted(word, isTwice) {
  const text = `"${word.replace(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, "$1$1")}"`;
  return isTwice ? shielded(shielded(text)) : shielded(text);
}
