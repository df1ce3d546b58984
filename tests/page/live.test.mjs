// A live server: its tools are read by the page itself, through Envoy; and clear words when that cannot be.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, beforeEach, afterEach, test } from "node:test";
import { arrive } from "./person.mjs";
import { start } from "./site.mjs";
import { stand } from "./stand.mjs";

let site, behind, me;
before(async () => {
  site = await start();
  behind = await stand(
    "filter",
    { policy: { version: "1", default: "deny", hide: ["get-env"], tools: { echo: {}, "get-sum": {} } } },
    new URL(site.url).origin,
  );
});
after(async () => {
  await behind?.stop();
  await site?.stop();
});
// The server is elsewhere, and the browser says in its console what it refused.
const elsewhere = (fault) => /asked elsewhere|failed: |CORS policy|ERR_|status of 40/.test(fault);
beforeEach(async () => {
  me = await arrive(site);
  await me.settled();
  await me.button("New…").click();
});
afterEach(() => me.leave(elsewhere));

async function ask(address, token = "") {
  await me.dialog().getByLabel("Address of the MCP server").fill(address);
  await me.dialog().getByLabel("Bearer token, if it wants one").fill(token);
  await me.dialog().getByRole("button", { name: "Read its tools" }).click();
}
const said = () => me.dialog().getByRole("alert").innerText();

test("the tools that the filter shows are read", async () => {
  await ask(behind.url);
  await me.row("echo").waitFor();
  await me.settled();
  const names = await me.page.getByRole("rowheader").getByRole("button").allInnerTexts();
  assert.ok(names.includes("echo") && names.includes("get-sum") && names.length > 5, names.join());
  assert.ok(!names.includes("get-env"), "what is hidden is not listed");
  assert.deepEqual(await me.parsed(), { version: "1", default: "deny", tools: {} });
  await me.shot("live");
});

test("a server that lets no page in is told from one that is not there", async () => {
  const silent = createServer((_, response) =>
    response.writeHead(200, { "content-type": "application/json" }).end("{}"),
  );
  await new Promise((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const { port } = silent.address();
  await ask(`http://127.0.0.1:${port}/mcp`);
  await me.dialog().getByRole("alert").waitFor();
  assert.match(
    await said(),
    new RegExp(
      `^http://127.0.0.1:${port} answers, but does not let this page read it: it must allow the origin ${new URL(site.url).origin}`,
    ),
  );
  await me.shot("live-cors");
  silent.closeAllConnections();
  await new Promise((resolve) => silent.close(resolve));
  await ask(`http://127.0.0.1:${port}/mcp`);
  await me
    .dialog()
    .getByText(/^Nothing answers at/)
    .waitFor();
});

test("a server that wants a token, one with another path, and no address at all", async () => {
  let status = 401;
  const server = createServer((request, response) => {
    const headers = { "access-control-allow-origin": "*", "access-control-allow-headers": "*, authorization" };
    response.writeHead(request.method === "OPTIONS" ? 204 : status, headers).end();
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = `http://127.0.0.1:${server.address().port}/mcp`;
  await ask(address, "wrong");
  await me.dialog().getByRole("alert").waitFor();
  assert.equal(await said(), "The server wants a token, or another one (401).");
  status = 404;
  await ask(address);
  await me
    .dialog()
    .getByText(/^The server has nothing at \/mcp \(404\)/)
    .waitFor();
  await ask("ftp://example.org/mcp");
  await me
    .dialog()
    .getByText(/^This is no address of a server/)
    .waitFor();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
