// What is drawn of a scenario's run: lines and marks. The numbers are the engine's.
import type { SimulatedGroup } from "cattlegrid/author";

export interface Track {
  /** Times (UTC milliseconds) and what was counted then; steps, so two at each change. */
  readonly points: readonly (readonly [at: number, used: number])[];
  /** When a window was over and it began at nothing again. */
  readonly resets: readonly number[];
  /** What is counted at the clock's time. */
  readonly used: number;
  /** Whether nothing more has room then. */
  readonly full: boolean;
}

/** How one counter of a group stood over time. */
export function trackOf(group: SimulatedGroup, counter: number, from: number, to: number, clock: number): Track {
  const points: [number, number][] = [[from, 0]];
  const resets: number[] = [];
  let level = 0;
  let end = Infinity;
  let used = 0;
  let full = false;
  const step = (at: number, value: number) => {
    points.push([at, level], [at, value]);
    level = value;
    if (at <= clock) used = value;
  };
  for (const call of group.results) {
    const limit = call.limits.find((one) => one.counter === counter);
    if (!limit) continue;
    if (end <= call.at) {
      resets.push(end);
      step(end, 0);
      if (end <= clock) full = false;
    }
    end = limit.end;
    step(call.at, limit.used);
    if (call.at <= clock) full = limit.remaining <= 0;
  }
  if (end <= to) {
    resets.push(end);
    step(end, 0);
  }
  if (end <= clock) full = false;
  points.push([to, level]);
  return { points, resets, used, full };
}

/** One mark for all calls at about one place; the worst of them is seen. */
export function marksOf(group: SimulatedGroup, x: (at: number) => number): { x: number; decision: string }[] {
  const worst = ["allow", "hold", "deny"];
  const places = new Map<number, string>();
  for (const { at, decision } of group.results) {
    const place = Math.round(x(at) / 3) * 3;
    const there = places.get(place);
    if (there === undefined || worst.indexOf(decision) > worst.indexOf(there)) places.set(place, decision);
  }
  return [...places].map(([place, decision]) => ({ x: place, decision }));
}
