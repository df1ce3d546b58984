// Node with the handler of `cattlegrid/mcp`, in the place of Envoy with the filter; see guarded.py.
//
//     node tests/e2e/guarded.mjs FILE      FILE: JSON, [{ name, port, upstream, configuration, paths, clock, timeout }]; a configuration is text
//
// Prints what is told about each request, as Envoy writes what the filter logs. With `clock` the time of a call comes in a
// header; whoever can send one would choose his window, so that it is for tests alone.

import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { guard, toNode } from "../../pkg/npm/js/mcp.js";

const MOMENT = "x-cattlegrid-test-now";

for (const place of JSON.parse(readFileSync(process.argv[2], "utf8"))) {
  const { name, port, upstream, configuration, paths, clock, timeout } = place;
  const log = (line) => console.log(`wasm log cattlegrid cattlegrid ${name === "mcp" ? "cattlegrid" : name}: ${line}`);
  const origin = `http://127.0.0.1:${upstream}`;
  /** The path stays as it is, as it does behind a proxy. */
  const forward = async (request) => {
    const { pathname, search } = new URL(request.url);
    const { method, headers, signal } = request;
    const body = request.body && (await request.arrayBuffer());
    return fetch(origin + pathname + search, { method, headers, signal, body, redirect: "manual" });
  };
  // Requests with a time come one by one.
  let moment;
  const handle = guard({
    configuration,
    upstream: paths.length === 1 && paths[0] === "/mcp" ? `${origin}/mcp` : forward,
    log,
    timeout: timeout ?? undefined,
    now: () => moment ?? Date.now(),
    secret: (name) => process.env[name],
  });
  const listen = toNode(handle);
  const server = createServer((incoming, outgoing) => {
    const path = incoming.url.split("?")[0];
    if (!paths.some((known) => (known.endsWith("*") ? path.startsWith(known.slice(0, -1)) : path === known))) {
      outgoing.writeHead(404).end();
      return;
    }
    const said = clock ? incoming.headers[MOMENT] : undefined;
    moment = said === undefined ? undefined : Number(said);
    listen(incoming, outgoing);
  });
  server.listen(port, "127.0.0.1");
}
