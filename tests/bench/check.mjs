// Whether the engine executes more instructions than it did: what `make bench-check` runs. Instructions do not depend
// on how busy the machine is, times do.
//
// Each piece of work runs under callgrind twice, once with twice the repetitions; the difference has neither start nor
// end in it. The counts belong to a version of rustc: with another, some change a little by themselves.

import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { writeCases } from "./cases.mjs";
import { CASES, TARGET, inTop, versions } from "./places.mjs";

const COUNTS = new URL("counts.json", import.meta.url);
/** So much more than before is no fault. */
const TOLERANCE = 0.03;
/** By the case and what is done with it; repetitions, a multiple of the case's calls. */
const WORK = {
  "allowed-100 decide": 1600,
  "allowed-100 decide-text": 320,
  "limits decide": 800,
  "each decide": 160,
  "rows decide-text": 8,
  "allowed-100 read": 320,
  "allowed-100 parse": 16,
  "allowed-100 compile": 16,
};

if (spawnSync("valgrind", ["--version"]).status !== 0) {
  console.log("skipped: valgrind is missing: install it with `apt-get install -y valgrind`");
  process.exit(0);
}

const program = built();
writeCases(CASES);
const now = { rustc: versions().rustc, instructions: {} };
for (const [work, repeats] of Object.entries(WORK)) {
  const [once, twice] = [repeats, 2 * repeats].map((times) => instructions(work, times));
  now.instructions[work] = Math.round((twice - once) / repeats);
}

if (process.env.CATTLEGRID_UPDATE === "1") {
  writeFileSync(COUNTS, `${JSON.stringify(now, null, 2)}\n`);
  console.log("tests/bench/counts.json is written anew");
}
const before = JSON.parse(readFileSync(COUNTS, "utf8"));
if (before.rustc !== now.rustc) console.log(`note: the counts are of ${before.rustc}, this is ${now.rustc}`);
let failed = 0;
for (const work of new Set([...Object.keys(before.instructions), ...Object.keys(now.instructions)])) {
  const [was, is] = [before.instructions[work], now.instructions[work]];
  const more = is / was - 1;
  const fails = !(more <= TOLERANCE);
  failed += fails;
  const sign = more < 0 ? "" : "+";
  console.log(
    `${fails ? "FAILED" : "ok    "}  ${work.padEnd(26)} ${is} instructions, was ${was} (${sign}${(more * 100).toFixed(2)} %)`,
  );
}
console.log(`${Object.keys(WORK).length - failed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);

/** The program, built as what ships is built. */
function built() {
  const command = ["bench", "--locked", "--no-run", "--bench", "count", "--no-default-features", "--features", "rows"];
  const lines = execFileSync("cargo", [...command, "--message-format=json"], {
    cwd: inTop("."),
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
    maxBuffer: 1 << 28,
  });
  const messages = lines
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  return messages.find(({ target, executable }) => target?.name === "count" && executable).executable;
}

function instructions(work, repeats) {
  const out = `${TARGET}/callgrind.out`;
  const command = ["--tool=callgrind", `--callgrind-out-file=${out}`, program, CASES, work, String(repeats)];
  const { status, stderr } = spawnSync("valgrind", command, { encoding: "utf8" });
  if (status !== 0) throw new Error(`callgrind could not run \`${work}\`:\n${stderr}`);
  return Number(/^(?:summary|totals): (\d+)/m.exec(readFileSync(out, "utf8"))[1]);
}
