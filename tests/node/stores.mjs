// The stores of the installed package, by the words that tests use for them.

import { pathToFileURL } from "node:url";
import { join } from "node:path";

const project = process.env.CATTLEGRID_PROJECT;

/** Opens a store of the package that is installed in the project that the environment names. */
export async function openStore(kind, where, folder = project) {
  const load = (file) => import(pathToFileURL(join(folder, "node_modules/cattlegrid/js/stores", file)).href);
  if (kind === "memory") return (await load("memory.js")).memoryStore();
  if (kind === "file") return (await load("file.js")).fileStore(where);
  return (await load("redis.js")).connectRedis(where, { patience: 60_000 });
}
