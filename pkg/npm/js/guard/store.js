// The store that the command line names.

import { memoryStore } from "../stores/memory.js";

export async function openStore(where = "memory") {
  if (where === "memory") return memoryStore();
  if (/^rediss?:\/\//.test(where)) return (await import("../stores/redis.js")).connectRedis(where);
  return (await import("../stores/file.js")).fileStore(where.replace(/^file:(\/\/)?/, ""));
}
