// Counters in the memory of one process.

import { endOf, reserve, without } from "./count.js";

/** So many counters may be in use at once: a hundred MiB or two. */
const MAX_COUNTERS = 1_000_000;
/** Fewer are not worth looking through. */
const SWEEP_FROM = 1024;

export function memoryStore({ most = MAX_COUNTERS } = {}) {
  const counters = new Map();
  let floor = 0;
  let sweepAt = Math.min(SWEEP_FROM, most);
  // No counter is over before this moment.
  let firstEnd = Infinity;

  /** Drops the counters whose window is over, if there are twice as many as were kept the last time. */
  function sweep(now) {
    if (counters.size < sweepAt || now < firstEnd) return;
    floor = Math.max(floor, now);
    firstEnd = Infinity;
    for (const [key, { start, window }] of counters) {
      const end = endOf(window, start);
      if (end <= now) counters.delete(key);
      else firstEnd = Math.min(firstEnd, end);
    }
    sweepAt = Math.min(most, Math.max(SWEEP_FROM, 2 * counters.size));
  }

  return {
    reserve(requests, now) {
      sweep(now);
      const { outcome, changed } = reserve(requests, now, floor, (key) => counters.get(key));
      // Only what is new needs room.
      const isNew = (key) => changed.has(key) && !counters.has(key);
      let room = most - counters.size;
      for (const key of changed.keys()) if (isNew(key)) room -= 1;
      if (room < 0) return { ...outcome, refused: requests.findIndex(({ key }) => isNew(key)) };
      for (const [key, count] of changed) {
        counters.set(key, count);
        firstEnd = Math.min(firstEnd, endOf(count.window, count.start));
      }
      return outcome;
    },
    giveBack(taken) {
      for (const one of taken) {
        const left = without(counters.get(one.key), one);
        if (left) counters.set(one.key, left);
      }
    },
    close() {},
  };
}
