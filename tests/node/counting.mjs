// Counts in a store from a process of its own, as told by its arguments: KIND WHERE NOW MAX TIMES. It writes a
// line for each call that was let through, after it was reserved and before anything else is done.

import { writeSync } from "node:fs";
import { openStore } from "./stores.mjs";

const [kind, where, now, max, times] = process.argv.slice(2);
const store = await openStore(kind, where);
const request = (key, max) => ({ key, window: 86_400, max: `${max}000000`, amount: "1000000" });
for (let n = 0; n < Number(times); n += 1) {
  const outcome = await store.reserve([request("aa", max), request("bb", 1_000_000)], Number(now));
  if (outcome.refused === undefined) writeSync(1, "passed\n");
}
await store.close();
