// A server that means ill: whatever it says of its tools shows as text and breaks nothing.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { arrive } from "./person.mjs";
import { start } from "./site.mjs";

let site;
before(async () => (site = await start()));
after(() => site?.stop());

const RTL = "\u202e";
const TOOLS = [
  { name: "<img src=x onerror=alert(1)>", description: '<script>alert(2)</script><b onclick="alert(3)">bold</b>' },
  {
    name: "__proto__",
    description: "only a name",
    inputSchema: {
      type: "object",
      properties: JSON.parse('{"__proto__": {"type": "string"}, "constructor": {"type": "number"}}'),
    },
  },
  { name: "constructor", title: "toString" },
  { name: `safe${RTL}gnihtyna_eteled`, description: `turned ${RTL}around\u0000\u0007\u001b[31m\u2028new line\u2029` },
  { name: "large", description: "long ".repeat(200_000) },
  { name: "n".repeat(5_000), description: "a long name" },
  { name: "a/b~c.d e", description: "separators" },
  { name: "${7*7}{{7*7}}", description: "templates" },
  { name: "\u{1f600}\u0301\u0301\u0301", description: "marks" },
  { name: "deep", inputSchema: { type: "object", properties: { a: nested(200) } } },
  { name: "itself", inputSchema: { type: "object", properties: { me: { $ref: "#" } } } },
  {
    name: "wide",
    inputSchema: {
      type: "object",
      properties: Object.fromEntries(
        Array.from({ length: 2_000 }, (_, at) => [`p${at}`, { enum: ["<i>", at, null, {}] }]),
      ),
    },
  },
  { name: "odd", inputSchema: { type: ["object", 7], properties: [], required: "x", enum: [] } },
  { name: "odder", inputSchema: [] },
];

function nested(depth) {
  let schema = { type: "string" };
  for (let level = 0; level < depth; level += 1) schema = { type: "object", properties: { a: schema } };
  return schema;
}

for (const colorScheme of ["light", "dark"]) {
  test(`a hostile catalog, ${colorScheme}`, async () => {
    const me = await arrive(site, { colorScheme });
    const { page } = me;
    page.on("dialog", () => assert.fail("something of the catalog ran"));
    await me.button("New…").click();
    await me
      .dialog()
      .getByLabel(/^A server's answer to tools\/list/)
      .fill(JSON.stringify({ tools: TOOLS }));
    await me.dialog().getByRole("button", { name: "Use this list" }).click();
    await me.row("__proto__").waitFor();
    await me.settled();
    assert.equal(await page.evaluate(() => document.querySelectorAll("main img, main script, main b").length), 0);
    const width = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(width <= 0, "nothing is wider than the page");

    const count = await page.getByRole("rowheader").count();
    assert.equal(count, TOOLS.length);
    for (let at = 0; at < count; at += 1) {
      const button = page.getByRole("rowheader").nth(at).getByRole("button").first();
      await button.click();
      await page.getByRole("heading", { level: 2 }).nth(1).waitFor();
      await me.show("Call");
      await me.call();
      await me
        .decision()
        .getByText(/Denied/)
        .waitFor();
      await me.show("JSON");
    }
    // No mark that turns a line around stands in what is seen.
    assert.ok(!(await page.locator("main").innerText()).includes(RTL));

    await page.getByRole("combobox", { name: "State of __proto__" }).first().selectOption("allow");
    await me.until((policy) => Object.hasOwn(policy.tools, "__proto__"), "a tool of that name is listed");
    await page.getByRole("combobox", { name: "State of constructor" }).first().selectOption("hide");
    await me.until((policy) => policy.hide?.includes("constructor"));
    await page.getByRole("checkbox", { name: "Choose all that are shown" }).check();
    await page
      .getByRole("group", { name: /tools chosen/ })
      .getByRole("button", { name: "Allow" })
      .click();
    const policy = await me.until((value) => Object.keys(value.tools).length === TOOLS.length);
    assert.deepEqual(Object.keys(policy.tools).sort(), TOOLS.map(({ name }) => name).sort());
    await me.settled();
    await me.shot(`hostile-${colorScheme}`);
    await page.reload();
    await me.settled();
    assert.equal(await page.getByRole("rowheader").count(), TOOLS.length);
    await me.leave();
  });
}
