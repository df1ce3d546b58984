// The store that the command line names.

import { fileURLToPath } from "node:url";
import { memoryStore } from "../stores/memory.js";

export async function openStore(where = "memory") {
  if (where === "memory") return memoryStore();
  if (/^rediss?:\/\//.test(where)) return (await import("../stores/redis.js")).connectRedis(where);
  const path = /^file:\/\/\//.test(where) ? fileURLToPath(where) : where.replace(/^file:(\/\/)?/, "");
  return (await import("../stores/file.js")).fileStore(path);
}
