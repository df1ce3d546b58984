// Pages in Chromium: a server for a folder, and a browser that is closed when the tests are done.

import { createReadStream, existsSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { chromium } from "playwright-core";

/** Wasm may be compiled, text may not become code, and nothing comes from elsewhere. */
export const STRICT = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; style-src 'self'";

const TYPES = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".css": "text/css",
  ".wasm": "application/wasm",
  ".json": "application/json",
};

/** Serves a folder on a free port of this machine; its address and how to end it. */
export async function serve(folder) {
  const server = createServer((request, response) => {
    const path = join(folder, normalize(decodeURI(new URL(request.url, "http://x").pathname)));
    if (!path.startsWith(folder) || !existsSync(path) || !statSync(path).isFile()) return response.writeHead(404).end();
    response.writeHead(200, {
      "content-type": TYPES[extname(path)] ?? "text/plain",
      "content-security-policy": STRICT,
    });
    createReadStream(path).pipe(response);
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    address: `http://127.0.0.1:${server.address().port}`,
    close: () => server.closeAllConnections() ?? server.close(),
  };
}

// The same browser without its windows does the same pages in two thirds of the processor time, where it is there.
const executablePath = ["/usr/bin/chromium-headless-shell", "/usr/bin/chromium"].find(existsSync);

/** `executable` where it must be another than that. */
export function launch(executable = executablePath) {
  // Without its sandbox: in containers, where tests run as root, there is none to have.
  return chromium.launch({
    executablePath: executable,
    args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
  });
}

/** Opens a page and waits for what it puts into its title, or for its first error. */
export async function titleOf(browser, url) {
  const page = await browser.newPage();
  try {
    const failed = new Promise((_, reject) => {
      page.on("pageerror", reject);
      page.on("console", (message) => message.type() === "error" && reject(new Error(message.text())));
    });
    await page.goto(url);
    await Promise.race([page.waitForFunction(() => document.title !== "", undefined, { timeout: 30_000 }), failed]);
    return await page.title();
  } finally {
    await page.close();
  }
}
