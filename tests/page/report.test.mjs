// The pages of `cattlegrid report` in Chromium, as files: nothing runs or loads, axe finds nothing in both themes, and
// their links open the builder with that policy and those tools. Each kind of page is kept as a picture.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { launch } from "./chromium.mjs";
import { Person } from "./person.mjs";
import { screens, start } from "./site.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const command = join(root, "target/debug/cattlegrid");
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const EVIL = `</pre></style><script>document.title="run"</script><img src=x onerror="document.title='run'">\u202e\u0007\u{e0041}`;

const string = { type: "string" };
const SHOP = {
  server: "shop",
  tools: [
    { name: "list_orders", description: "Lists orders." },
    {
      name: "search_orders",
      description: "Searches orders.",
      inputSchema: { type: "object", required: ["query"], properties: { query: string, limit: { type: "integer" } } },
    },
    {
      name: "get_page",
      description: "Gets a web page.",
      inputSchema: {
        type: "object",
        required: ["url"],
        properties: { url: { ...string, description: "where it is" } },
      },
    },
    {
      name: "volumes",
      description: "Manages volumes.",
      inputSchema: {
        type: "object",
        required: ["operation"],
        properties: { operation: { type: "string", enum: ["list", "create", "delete"] }, path: string },
      },
    },
    { name: "delete_order", description: "Deletes an order. It cannot be undone." },
    { name: "refund_payment", description: "Refunds a payment." },
    { name: "__proto__" },
    { name: "../x", description: EVIL },
    {
      name: `delete_${EVIL}`,
      description: `Deletes ${EVIL}`,
      inputSchema: { type: "object", properties: { [EVIL]: string, mode: { enum: [EVIL] } } },
    },
    { name: "x".repeat(300) },
  ],
};

let site, browser, folder;
before(async () => {
  site = await start();
  browser = await launch();
  folder = mkdtempSync(join(tmpdir(), "cattlegrid-report-"));
  writeFileSync(join(folder, "shop.json"), JSON.stringify(SHOP));
  writeFileSync(join(folder, "notes.json"), JSON.stringify([{ name: "add_note", description: "Adds a note." }]));
  const tools = [join(folder, "shop.json"), join(folder, "notes.json")];
  const said = execFileSync(command, ["report", ...tools, "--html", join(folder, "out"), "--builder", site.url]);
  assert.match(String(said), /^14 pages; begin at /);
});
after(async () => {
  rmSync(folder, { recursive: true, force: true });
  await browser?.close();
  await site?.stop();
});

/** Opens a page of the report; the list holds all that went wrong on it. */
async function open(path, options) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  const faults = [];
  page.on("console", (message) => faults.push(message.text()));
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("request", (request) => {
    if (!request.isNavigationRequest()) faults.push(`asked for ${request.url()}`);
  });
  await page.goto(String(pathToFileURL(join(folder, "out", path))));
  return { page, faults };
}

/** What axe finds; its script comes in from outside of the page, whose own policy allows none. */
async function violations(page) {
  await page.evaluate(axe);
  const found = await page.evaluate(() => globalThis.axe.run({ resultTypes: ["violations"] }));
  return found.violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ html }) => html) }));
}

const PAGES = {
  overview: "index.html",
  server: "shop/index.html",
  tool: "shop/volumes.html",
  plain: "shop/__proto__.html",
};

for (const colorScheme of ["light", "dark"]) {
  for (const width of [1440, 320]) {
    test(`axe finds nothing and all of it is seen, ${colorScheme}, ${width} pixels wide`, async () => {
      const hostile = readdirSync(join(folder, "out/shop")).find((file) => file.startsWith("delete_-pre"));
      for (const [name, path] of Object.entries({ ...PAGES, hostile: `shop/${hostile}` })) {
        const { page, faults } = await open(path, { colorScheme, viewport: { width, height: 900 } });
        await page.screenshot({ path: join(screens, `report-${name}-${colorScheme}-${width}.png`), fullPage: true });
        const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(over <= 0, `${path} is ${over} pixels too wide`);
        assert.deepEqual(await violations(page), [], path);
        assert.deepEqual(faults, []);
        await page.context().close();
      }
    });
  }
}

test("from the overview to a tool and back, by keyboard", async () => {
  const { page, faults } = await open("index.html");
  await page.getByRole("link", { name: "shop" }).press("Enter");
  await page.getByRole("heading", { level: 1, name: "shop" }).waitFor();
  await page.getByRole("link", { name: "delete_order", exact: true }).press("Enter");
  await page.getByRole("heading", { level: 1, name: "delete_order" }).waitFor();
  assert.equal(await page.getByText("Destructive", { exact: true }).first().isVisible(), true);
  await page.getByRole("heading", { name: "How do I require approval for delete_order?" }).waitFor();
  await page.getByText("read-only", { exact: true }).click();
  await page.getByRole("link", { name: "list_orders", exact: true }).press("Enter");
  await page.getByRole("heading", { level: 1, name: "list_orders" }).waitFor();
  await page.getByRole("navigation").getByRole("link", { name: "All servers" }).press("Enter");
  await page.getByRole("heading", { level: 1, name: "What these tools can do" }).waitFor();
  assert.deepEqual(faults, []);
  await page.context().close();
});

test("what servers say does nothing", async () => {
  for (const file of readdirSync(join(folder, "out/shop"))) {
    const { page, faults } = await open(`shop/${file}`);
    assert.notEqual(await page.title(), "run");
    assert.equal(await page.locator("script, img, iframe, object").count(), 0, file);
    assert.deepEqual(faults, [], file);
    await page.context().close();
  }
});

test("another style or a script is refused by the page's own policy", async () => {
  const { page } = await open("shop/volumes.html");
  const refused = await page.evaluate(async () => {
    const seen = [];
    document.addEventListener("securitypolicyviolation", (event) => seen.push(event.effectiveDirective));
    for (const tag of ["style", "script"]) {
      const element = document.createElement(tag);
      element.textContent = tag === "style" ? "h1 { color: red }" : "document.title = 'run'";
      document.body.append(element);
    }
    await new Promise((later) => setTimeout(later, 100));
    return [...seen, document.title];
  });
  assert.deepEqual(refused, ["style-src-elem", "script-src-elem", "volumes of shop"]);
  await page.context().close();
});

test("each link opens the builder with that policy and those tools", async () => {
  const { page } = await open("shop/volumes.html");
  const found = await page.locator("figure").evaluateAll((figures) =>
    figures.map((figure) => ({
      policy: figure.querySelector("pre").textContent,
      link: figure.querySelector("a")?.href,
    })),
  );
  await page.context().close();
  const links = found.filter(({ link }) => link);
  assert.equal(links.length, 5);
  for (const { policy, link } of links) {
    const opened = await site.open({ url: link });
    // The address is the page's own and more; that is no fault.
    const me = new Person(opened.page, [], site);
    await me.settled();
    await me.textIs(policy, link);
    await me.show("Tools");
    await me.row("volumes").waitFor();
    assert.equal(await opened.page.getByText("shop").first().isVisible(), true);
    assert.equal(await opened.page.getByText("This link is broken").count(), 0);
    await opened.page.context().close();
  }
});

test("the link of a server opens all of its tools, hostile names and all", async () => {
  const { page } = await open("shop/index.html");
  const link = await page.getByRole("link", { name: "Open it in the builder" }).getAttribute("href");
  await page.context().close();
  const opened = await site.open({ url: link });
  const me = new Person(opened.page, [], site);
  await me.settled();
  const policy = await me.parsed();
  assert.ok(policy.hide.includes("delete_order") && "list_orders" in policy.tools);
  await opened.page.getByText(`${SHOP.tools.length} tools`).first().waitFor();
  await opened.page.context().close();
});
