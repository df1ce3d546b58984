// The vectors: the text of every scenario file, and of its policy where that is a file of its own.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./package.mjs";

const folder = join(root, "tests/vectors");

export const vectors = readdirSync(folder)
  .filter((name) => name.endsWith(".json"))
  .map((name) => {
    const text = readFileSync(join(folder, name), "utf8");
    const { policy } = JSON.parse(text);
    return { name, text, policy: typeof policy === "string" ? readFileSync(join(folder, policy), "utf8") : undefined };
  });
