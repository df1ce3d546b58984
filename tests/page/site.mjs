// The built page on a static server of its own, under the policy that it is meant to run under, in Chromium.
import { createServer } from "node:http";
import { mkdir, readFile } from "node:fs/promises";
import { extname, join, normalize, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { launch } from "./chromium.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const dist = join(root, "www/dist");
/** Milliseconds that anything may take on a busy machine. */
export const PATIENCE = 30_000;
export const screens = join(root, "target/screens");

export const CSP =
  "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; " +
  "img-src 'self' data:; worker-src 'self'; connect-src 'self' http: https:";

const types = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

/** Serves www/dist below a folder, to show that the page does not need to be at the top. */
async function serve() {
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url, "http://host").pathname);
    const file = normalize(join(dist, path.replace(/^\/some\/folder/, "").replace(/\/$/, "/index.html")));
    try {
      if (!path.startsWith("/some/folder/") || !file.startsWith(dist + sep)) throw new Error("not ours");
      const body = await readFile(file);
      response.writeHead(200, {
        "Content-Type": types[extname(file)] ?? "application/octet-stream",
        "Content-Security-Policy": CSP,
        "X-Content-Type-Options": "nosniff",
      });
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    server,
    url: `http://127.0.0.1:${server.address().port}/some/folder/`,
  };
}

/** The server alone, for another browser. */
export async function serveBuilder() {
  await mkdir(screens, { recursive: true });
  const { server, url } = await serve();
  return {
    url,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/**
 * Starts the server and the browser. `open` gives a fresh page and the list of all that went wrong on it; `prepare` is
 * called with the page before it loads. `executable` is a browser in the place of the usual one.
 */
export async function start(executable) {
  await mkdir(screens, { recursive: true });
  const { server, url } = await serve();
  const { port } = server.address();
  const browser = await launch(executable).catch((error) => {
    // A server that still listens would keep the tests from ending.
    server.close();
    throw error;
  });
  return {
    url,
    /** Nothing listens any more, as when the network is gone. */
    async vanish() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
    comeBack: () => new Promise((resolve) => server.listen(port, "127.0.0.1", resolve)),
    async open({ prepare, url: address = url, ...options } = {}) {
      const context = await browser.newContext({
        viewport: { width: 1440, height: 900 },
        ...options,
      });
      const page = await context.newPage();
      page.setDefaultTimeout(PATIENCE);
      const faults = [];
      page.on("console", (message) => {
        if (["error", "warning"].includes(message.type())) faults.push(message.text());
      });
      page.on("pageerror", (error) => faults.push(String(error)));
      page.on("requestfailed", (request) => {
        // What is still on its way when the page is left is nobody's fault.
        if (request.failure()?.errorText !== "net::ERR_ABORTED") faults.push(`failed: ${request.url()}`);
      });
      page.on("request", (request) => {
        if (!request.url().startsWith(address) && !request.url().startsWith("data:"))
          faults.push(`asked elsewhere: ${request.url()}`);
      });
      await page.addInitScript(() => {
        document.addEventListener("securitypolicyviolation", (event) =>
          console.error(`CSP: ${event.violatedDirective} ${event.blockedURI}`),
        );
      });
      await prepare?.(page);
      await page.goto(address);
      return { page, faults };
    },
    async stop() {
      await browser.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
