// How counters count, as the engine's own room of limits does: fixed windows, all of a call or nothing,
// and a clock that steps back opens no window again. Amounts are millionths, in BigInt.

/** No amount is as large: 10^24, in millionths. */
const BEYOND = 10n ** 30n;

/**
 * Reserves all requests, or none. `load` gives the counter under a key, `{ start, used }` or nothing; no
 * window that was over at `floor` is counted in, for it may have been forgotten.
 *
 * `outcome` is what a store answers; `changed` are the counters to keep, by key, none if it was refused.
 */
export function reserve(requests, now, floor, load) {
  moment(now);
  const latest = Math.max(now, floor);
  const changed = new Map();
  const counts = [];
  let refused;
  for (const [at, { key, window, max, amount }] of requests.entries()) {
    const kept = load(key);
    const start = startOf(window, latest);
    const seen = kept && kept.start >= start ? kept : { start, used: 0n };
    counts.push({ start: seen.start, used: String(seen.used) });
    if (refused !== undefined) continue;
    // Of two that count in one counter the second sees what the first has counted.
    const more = BigInt(amount);
    const used = (changed.get(key) ?? seen).used + more;
    if (used > BigInt(max) || used >= BEYOND) refused = at;
    // Nothing more leaves nothing behind: so a counter can be looked at.
    else if (more > 0n) changed.set(key, { start: seen.start, used, window });
  }
  if (refused === undefined) return { outcome: { counts }, changed };
  return { outcome: { refused, counts }, changed: new Map() };
}

/** The counter when this was given back; nothing if its window is another by now. */
export function without(kept, { start, amount }) {
  if (kept?.start !== start) return undefined;
  const left = kept.used - BigInt(amount);
  return { ...kept, used: left > 0n ? left : 0n };
}

/** When the window that began at `start` is over. */
export const endOf = (window, start) => start + window * 1000;

const startOf = (window, now) => now - (now % (window * 1000));

/** Checks a time: milliseconds since 1970. */
export function moment(now) {
  if (!(Number.isSafeInteger(now) && now >= 0)) throw new TypeError("a time is a number of milliseconds since 1970");
}
