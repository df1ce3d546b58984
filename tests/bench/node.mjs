// The measurements in Node, as lines of JSON like those of the native program.
//
//     node tests/bench/node.mjs agree | time

import { readFileSync } from "node:fs";
import { cases } from "./cases.mjs";
import { contestants, floor, makers } from "./contestants.mjs";

const ROUNDS = 31;
const SLOW_ROUNDS = 7;
/** A contestant's turn in a round lasts about so many nanoseconds. */
const TURN = 3e6;
/** Before it is timed, a contestant runs so long that it is compiled. */
const WARM_UP = 3e7;

const print = (line) => console.log(JSON.stringify(line));
const round = (time) => Math.round(time * 10) / 10;

async function agree(case_, everybody) {
  for (const { name, input, allows, calls } of await contestants(everybody, case_, case_.checks)) {
    const answers = [];
    for (const { call } of calls) answers.push(await allows(call));
    print({ case: case_.id, name, input, answers });
  }
}

/** Nanoseconds a decision, of so many decisions; it must be right each time. */
async function turn({ name, allows, calls, promises }, repeats) {
  let right = 0;
  const start = process.hrtime.bigint();
  if (promises) {
    for (let left = repeats, at = 0; left > 0; left -= 1) {
      const { call, allowed } = calls[at];
      right += (await allows(call)) === allowed ? 1 : 0;
      if ((at += 1) === calls.length) at = 0;
    }
  } else {
    for (let left = repeats, at = 0; left > 0; left -= 1) {
      const { call, allowed } = calls[at];
      right += allows(call) === allowed ? 1 : 0;
      if ((at += 1) === calls.length) at = 0;
    }
  }
  const time = Number(process.hrtime.bigint() - start) / repeats;
  if (right !== repeats) throw new Error(`${name} answered otherwise`);
  return time;
}

async function race(id, entered, rounds) {
  // Twice, so that what the engine of JavaScript compiles aside is ready when it counts.
  let repeats = entered.map(() => 1);
  for (let pass = 0; pass < 2; pass += 1) {
    for (const [who, contestant] of entered.entries()) {
      const time = await turn(contestant, repeats[who]);
      if (time < WARM_UP) await turn(contestant, Math.ceil(WARM_UP / 10 / time));
    }
    for (const [who, contestant] of entered.entries()) {
      const time = await turn(contestant, Math.max(repeats[who], contestant.calls.length));
      repeats[who] = whole(TURN / time, contestant.calls.length);
    }
  }
  const times = entered.map(() => []);
  for (let at = 0; at < rounds; at += 1) {
    for (const [who, contestant] of entered.entries()) times[who].push(round(await turn(contestant, repeats[who])));
  }
  for (const [who, { name, input }] of entered.entries()) print({ case: id, name, input, times: times[who] });
}

/** So many decisions, but each call as often as the others. */
function whole(repeats, calls) {
  return Math.max(1, Math.round(repeats / calls)) * calls;
}

/** Making a gate of a policy. */
async function setUp({ tools, count, policies }, everybody) {
  const entered = [];
  for (const { name, gate, most = Infinity } of everybody) {
    // Who reads no text has none to read.
    if (count > most || !(await gate(policies, tools))) continue;
    const allows = async () => Boolean(await gate(policies, tools));
    entered.push({ name, input: "text", allows, calls: [{ call: null, allowed: true }], promises: true });
  }
  await race("set-up", entered, SLOW_ROUNDS);
}

const mode = process.argv[2];
const everybody = await makers();
for (const case_ of cases()) {
  if (mode === "agree") await agree(case_, everybody);
  else {
    await race(case_.id, [...(await contestants(everybody, case_, case_.timed)), floor(case_.timed)], ROUNDS);
    if (case_.id === "allowed-10000") await setUp(case_, everybody);
  }
}
if (mode === "time") {
  // Of the time that it wanted to run, the part that the machine gave to others.
  const [run, wait] = readFileSync("/proc/self/schedstat", "utf8").split(" ").map(Number);
  print({ waited: wait / (run + wait) });
}
