// Cold starts of the engines in wasm, with a policy of 100 tools.
//
// In Node each is a process of its own, in Chromium a page in a context of its own. The wasm is compiled from bytes in
// memory, which neither keeps for the next time.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { compile, init } from "../../pkg/npm/js/export.js";
import { cases } from "./cases.mjs";
import { TARGET, inTop } from "./places.mjs";
import { ENGINES } from "./wasm.mjs";

const ROUNDS = 15;
const CHROMIUM = "/usr/bin/chromium";
/** Milliseconds that one step in the browser may take. */
const PATIENCE = 20_000;
/** The policy and the call, as every start reads them. */
const INPUT = "cold.json";

export async function writeInput() {
  await init(readFileSync(inTop("pkg/npm/wasm/export_bg.wasm")));
  for (const { id, policies, timed } of cases()) {
    if (id !== "allowed-100") continue;
    const compiled = [...compile(policies.cattlegrid)];
    writeFileSync(`${TARGET}/${INPUT}`, JSON.stringify({ policies, compiled, text: timed[0].text }));
  }
}

/** Every engine once a round. */
async function rounds(one) {
  const starts = [];
  for (let round = 0; round < ROUNDS; round += 1) for (const { name } of ENGINES) starts.push(await one(name));
  return starts;
}

export function inNode() {
  const program = fileURLToPath(new URL("start.mjs", import.meta.url));
  const run = (name) => execFileSync(process.execPath, [program, name, `${TARGET}/${INPUT}`], { encoding: "utf8" });
  return rounds((name) => JSON.parse(run(name)));
}

/** The starts, or words that say why there are none. */
export async function inChromium() {
  if (!existsSync(CHROMIUM)) return `skipped: there is no ${CHROMIUM}`;
  const { chromium } = createRequire(inTop("tests/package.json"))("playwright-core");
  const server = await serve();
  const address = `http://127.0.0.1:${server.address().port}/`;
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
  try {
    return await rounds((name) => inPage(browser, address, name));
  } finally {
    await browser.close();
    server.close();
  }
}

async function inPage(browser, address, name) {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE);
    await page.goto(address);
    return await page.evaluate(
      async ([name, input]) => {
        const { ENGINES, coldStart } = await import("/tests/bench/wasm.mjs");
        const engine = ENGINES.find((engine) => engine.name === name);
        const bytes = await (await fetch(engine.wasm)).arrayBuffer();
        return coldStart(engine, new Uint8Array(bytes), await (await fetch(input)).json());
      },
      [name, `/target/bench/${INPUT}`],
    );
  } finally {
    await context.close();
  }
}

const TYPES = {
  ".mjs": "text/javascript",
  ".js": "text/javascript",
  ".wasm": "application/wasm",
  ".json": "application/json",
};
/** A page with these has a clock of 5 µs, and another one of 100 µs. */
const ISOLATED = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };

/** The project's files and an empty page, for this machine alone. */
async function serve() {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://127.0.0.1");
    const file = inTop(pathname.slice(1));
    const type = pathname === "/" ? "text/html" : TYPES[extname(pathname)];
    if (!type || !existsSync(file)) return response.writeHead(404).end();
    response.writeHead(200, { ...ISOLATED, "Content-Type": type });
    return response.end(pathname === "/" ? "<!doctype html>" : readFileSync(file));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}
