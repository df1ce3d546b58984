#!/usr/bin/env node
// The command line of the npm package. `cattlegrid check`, `test` and all else is the engine's own command line.

import { HELP, Misused, parse } from "./guard/options.js";

const USAGE = "usage: cattlegrid guard --policy FILE [options] -- COMMAND [ARGUMENT]...   (cattlegrid guard --help)\n";

async function main([name, ...words]) {
  if (name === undefined || name === "--help" || name === "help") return say(process.stdout, USAGE, 0);
  if (name !== "guard") {
    const where = "the other commands are those of the engine: `cargo install cattlegrid`";
    return say(process.stderr, `error: there is no command \`${name}\` here; ${where}\n${USAGE}`, 2);
  }
  const options = parse(words);
  if (options.help) return say(process.stdout, HELP, 0);
  if (options.install || options.uninstall) return (await import("./guard/install/run.js")).run(options);
  return (await import("./guard/command.js")).guard(options);
}

function say(stream, text, code) {
  stream.write(text);
  return code;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`error: ${error instanceof Misused ? `${error.message}\n${USAGE}` : `${error.message}\n`}`);
  process.exitCode = 2;
}
