// The page of documentation, taken apart: what it says of each place, as the tests hold it to the files and run it.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { source } from "../node/package.mjs";

export const examples = join(source, "examples");
const text = readFileSync(join(examples, "README.md"), "utf8");

/** The places, by the titles of their sections, and the folders of their files. */
export const FOLDERS = {
  "Plain page": "page",
  "Vite + React": "vite-react",
  Next: "next",
  "Cloudflare Workers": "workers",
  Deno: "deno",
  Bun: "bun",
  "Node server": "node",
};

const [head, ...sections] = text.split(/^## /m);

/** The files that a part of the page shows: each is named in a line of its own, before its text. */
const filesOf = (part) =>
  Object.fromEntries(
    [...part.matchAll(/^`([^`]+)`[^\n]*:\n\n```\w+\n(.*?)^```$/gms)].map(([, name, content]) => [name, content]),
  );

export const policy = filesOf(head)["policy.json"];

/** What the servers are asked, and what they answer. */
export const calls = [...head.matchAll(/^\$ curl http:\/\/localhost:3000\/call -d '(.*)'\n(.*)$/gm)].map(
  ([, call, answer]) => ({ call, answer }),
);

export const titles = sections.map((section) => section.slice(0, section.indexOf("\n")));

/** What the page says of a place: lines that install, lines that build, the line that starts, and its files. */
export function place(title) {
  const section = sections[titles.indexOf(title)];
  const lines = /^```sh\n(.*?)^```$/ms.exec(section)[1].trim().split("\n");
  const installs = lines.filter((line) => /^(npm install|bun add|deno add) /.test(line));
  const others = lines.slice(installs.length);
  return { installs, builds: others.slice(0, -1), start: others.at(-1), files: filesOf(section) };
}
