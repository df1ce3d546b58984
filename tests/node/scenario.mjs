// Runs a scenario file: steps in time through a policy, each compared with what the step expects.
// It needs nothing but the npm package, so that it works in Node and in a page alike.

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of `6s`, `250ms`, `1h`. */
function milliseconds(span) {
  const [, number, unit] = /^(\d+)(ms|s|m|h|d)$/.exec(span) ?? [];
  if (!unit) throw new Error(`not a span of time: ${span}`);
  return Number(number) * UNITS[unit];
}

/** When a step happens, given when the one before it did. */
function timeOf(at, before) {
  if (at === undefined) return before;
  if (at.startsWith("+")) return before + milliseconds(at.slice(1));
  const time = Date.parse(at);
  if (Number.isNaN(time)) throw new Error(`not a time: ${at}`);
  return time;
}

/**
 * All calls in the order in which they happen: that of time, in which the repetitions of one step can fall between
 * those of others. A step that begins before the one above it is a clock set back: all above it happens first.
 */
function momentsOf(steps) {
  const moments = [];
  let run = [];
  const end = () => moments.push(...run.sort((a, b) => a.now - b.now).splice(0));
  let began = 0;
  let now = Date.parse("2026-01-01T00:00:00Z");
  steps.forEach((step, number) => {
    now = timeOf(step.at, now);
    if (now < began) end();
    began = now;
    for (let time = 1; time <= (step.times ?? 1); time += 1) {
      if (time > 1 && step.every !== undefined) now += milliseconds(step.every);
      run.push({ number, step, time, now });
    }
  });
  end();
  return moments;
}

/**
 * Runs the scenario of this text; in words, everything that comes out otherwise than expected.
 *
 * @param policyText the policy, where the scenario names a file
 * @param form how calls are given: `text`, just as they stand in the file, or `object`
 */
export function run(cattlegrid, text, policyText, form = "text") {
  // Cut out of the text, for JSON.parse would round numbers and hide duplicate keys.
  const part = (pointer) => {
    const { start, end } = cattlegrid.locate(text, pointer);
    return text.slice(start, end);
  };
  const { steps, approval_keys: approvalKeys } = JSON.parse(text);
  const policy = new cattlegrid.Policy(policyText ?? part("/policy"), { approvalKeys });
  const faults = [];
  for (const { number, step, time, now } of momentsOf(steps)) {
    const call = form === "text" ? part(`/steps/${number}/call`) : step.call;
    const decision = policy.evaluate(call, { now });
    if (step.outcome === "error") policy.giveBack(decision);
    for (const [member, expected] of Object.entries(step.expect ?? {})) {
      const found = member === "remaining" ? decision.limits?.[0]?.remaining : decision[member];
      if (found !== expected) {
        const [got, wanted] = [JSON.stringify(found), JSON.stringify(expected)];
        faults.push(`step ${number}, time ${time}: ${member} is ${got}, not ${wanted}`);
      }
    }
  }
  policy.free();
  return faults;
}
