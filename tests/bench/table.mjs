// The results as tables in Markdown.

const HEADINGS = {
  "native parsed": "Native, a parsed call in",
  "native text": "Native, JSON text in",
  "node object": "Node, a JavaScript object in",
  "node text": "Node, JSON text in",
  "node bytes": "Node, JSON text in as UTF-8 bytes",
};

/** What is no case of deciding, with its title. */
const WORK = {
  "set-up": "making a policy of 10,000 tools ready",
  simulate: "simulating 1,000,000 calls",
};

const LEFT_OUT = `CEL, JSON Logic, json-rules-engine, Ajv and the hand-written functions know no policies of many tools: their caller finds
the tool's own in a map, and a denial by name is no more than that. cattlegrid alone is as strict about the text
(duplicate keys, exact numbers, what kind of message it is).

A dash: the engine has no word for it, so it is left out. Limits need counters, which no peer keeps; Cedar and
json-rules-engine have no condition on each element of a list, casbin neither; Cedar, json-logic-engine and
json-rules-engine have no regexes. Ajv and json-rules-engine are not entered with 10,000 tools: their functions take many
seconds to make, and the caller finds them by name.

OPA's own wasm is not run here: no registry that the project installs from has a compiler from Rego to wasm. Figures that
were measured earlier on a quiet machine of two cores, and are **not of this run**: JSON text in 13.6 µs, object in
12.3 µs, 20 KB of rows 355 µs, cold start in Node 25 ms, its compiled policy 40 KB in brotli.`;

/** Nanoseconds, three digits. */
function time(ns) {
  const [unit, factor] = ns < 1000 ? ["ns", 1] : ns < 1e6 ? ["µs", 1e3] : ns < 1e9 ? ["ms", 1e6] : ["s", 1e9];
  const value = ns / factor;
  return `${value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)} ${unit}`;
}

const ms = (value) => time(value * 1e6);

/** Two digits, or all of a large one. */
function times(ratio) {
  return `${ratio < 10 ? Number(ratio.toPrecision(2)) : Math.round(ratio).toLocaleString("en")} ×`;
}

function table(head, rows) {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  const rule = head.map((_, at) => (at === 0 ? "---" : "---:"));
  return [line(head), line(rule), ...rows.map(line)].join("\n");
}

/** Who `rows` are compared with: the engine's own way with the same input, of the same case and place. */
function own(rows, { host, case: id, input }) {
  const same = (row) => row.host === host && row.case === id && row.name === "cattlegrid";
  return rows.find((row) => same(row) && row.input === input) ?? rows.find((row) => same(row));
}

const unique = (list) => [...new Set(list)];

/** One table for each place and input: a line for each contestant, a column for each case. */
function overview(results) {
  return Object.entries(HEADINGS).map(([key, heading]) => {
    const rows = results.times.filter(({ host, input, case: id }) => `${host} ${input}` === key && !(id in WORK));
    const lines = unique(rows.map(({ name }) => name)).map((name) => [
      name,
      ...results.cases.map(({ id }) => {
        const row = rows.find((row) => row.name === name && row.case === id);
        if (!row) return "–";
        const ratio = row.name === "cattlegrid" ? "" : ` (${times(row.median / own(rows, row).median)})`;
        return time(row.median) + ratio;
      }),
    ]);
    return `## ${heading}\n\n${table(["", ...results.cases.map(({ title }) => title)], lines)}`;
  });
}

function work(results) {
  const rows = results.times.filter(({ case: id }) => id in WORK);
  return table(
    ["", "where", "from", "contestant", "median", "10 % to 90 %", "to cattlegrid"],
    rows.map((row) => [WORK[row.case], row.host, row.input, row.name, ...figures(row, rows)]),
  );
}

function figures(row, rows) {
  return [time(row.median), `${time(row.low)} to ${time(row.high)}`, times(row.median / own(rows, row).median)];
}

function details(results) {
  const rows = results.times.filter(({ case: id }) => !(id in WORK));
  return table(
    ["case", "where", "input", "contestant", "median", "10 % to 90 %", "to cattlegrid"],
    rows.map((row) => [row.case, row.host, row.input, row.name, ...figures(row, rows)]),
  );
}

function cold({ cold }) {
  const first = (host) => cold.find((row) => row.host === host && row.name.startsWith("cattlegrid")).start.median;
  return table(
    ["engine", "where", "median", "10 % to 90 %", "to cattlegrid", "its JavaScript, median"],
    cold.map(({ host, name, start, glue }) => [
      name,
      host,
      ms(start.median),
      `${ms(start.low)} to ${ms(start.high)}`,
      times(start.median / first(host)),
      ms(glue.median),
    ]),
  );
}

function sizes({ sizes }) {
  const [{ brotli: first }] = sizes;
  const number = (value) => value.toLocaleString("en");
  return table(
    [".wasm", "bytes", "gzip 9", "brotli 11", "to cattlegrid"],
    sizes.map(({ name, raw, gzip, brotli }) => [
      name,
      number(raw),
      number(gzip),
      number(brotli),
      times(brotli / first),
    ]),
  );
}

function header({ machine: { cpu, cores, system }, versions, waited, times }) {
  const named = (packages) => Object.entries(packages).map(([name, version]) => `${name} ${version}`);
  const part = (share) => `${(share * 100).toFixed(0)} %`;
  const busy = Math.max(...Object.values(waited)) > 0.05 ? " **The machine was busy: take the figures as rough.**" : "";
  return `${cpu}, ${cores} cores, ${system}; Node ${versions.node}, ${versions.rustc}.
Crates: ${named(versions.crates).join(", ")}. npm: ${named(versions.npm).join(", ")}.

Medians of ${times[0].rounds} rounds in which all of one case took turns; in brackets how many times the time of
cattlegrid. Other programs had the core ${part(waited.native)} of the time that the native program wanted it, and
${part(waited.node)} of Node's.${busy}`;
}

export function tables(results) {
  const calls = results.cases.map(({ title, bytes }) => `${title}: ${bytes.toLocaleString("en")} bytes`);
  return [
    "# The engine beside its peers",
    header(results),
    ...overview(results),
    LEFT_OUT,
    `Policies have 100 tools where nothing else is said. The calls as text: ${calls.join("; ")}.`,
    "## Other work",
    work(results),
    "## Cold start",
    "From the bytes of the wasm and the text of a policy of 100 tools to the first decision.",
    ...results.notes,
    cold(results),
    "## Sizes",
    sizes(results),
    "## Every figure",
    details(results),
    "",
  ].join("\n\n");
}
