// `cattlegrid guard --install` in a home of its own: what it changes in the clients' configurations, and that
// `--uninstall` leaves what was there before.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { cliOf, folder } from "./guarded.mjs";

const { project: package_, cli } = cliOf("guard-install", ["libsql"]);
const load = (file) => import(join(package_, "node_modules/cattlegrid/js/guard/install", file));
const { apply, child, difference, locate, valueOf } = await load("jsonc.js");
const { read, unwrap, wrap } = await load("wrap.js");
const { configurations } = await load("clients.js");
const { startOf } = await load("../start.js");
const { handedOn, parse } = await load("../options.js");
const SERVER = fileURLToPath(new URL("server.mjs", import.meta.url));
const GUARD = ["npx", "-y", "cattlegrid@0.1.0", "guard", "--policy", 'a "b".json', "--"];

/** A home with nothing in it but these files, and a project in it. */
function home(files = {}) {
  const path = folder();
  const project = join(path, "project");
  mkdirSync(project);
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(path, file)), { recursive: true });
    writeFileSync(join(path, file), text);
  }
  const env = { ...process.env, HOME: path };
  for (const name of ["XDG_CONFIG_HOME", "CLAUDE_CONFIG_DIR"]) delete env[name];
  const run = (...words) => {
    const done = spawnSync(process.execPath, [cli, "guard", ...words], {
      cwd: project,
      env,
      encoding: "utf8",
      timeout: 60_000,
    });
    return { code: done.status, said: done.stdout + done.stderr };
  };
  const readText = (file) => readFileSync(join(path, file), "utf8");
  return { path, project, run, read: readText };
}

test("a text is located as it is written, with comments and commas behind the last", () => {
  const text =
    '\ufeff// first\n{ "a" /* here */ : [1, -2.5e3, "x\\"]//",], /* } */ "b": { "c": null, }, "__proto__": true }\n';
  const root = locate(text);
  assert.deepEqual(valueOf(child(root, "a")), [1, -2500, 'x"]//']);
  assert.equal(text.slice(child(root, "b").start, child(root, "b").end), '{ "c": null, }');
  assert.equal(child(root, "d"), undefined);
  for (const bad of [
    "",
    "{",
    '{"a":1 "b":2}',
    '{"a":1,"a":2}',
    "[1]x",
    '{"a":}',
    "{a:1}",
    "'a'",
    "[".repeat(300),
    "01",
    '"\n"',
    "/*",
  ])
    assert.throws(() => locate(bad), SyntaxError, bad);
});

for (const [name, text] of Object.entries({
  compact: '{"mcpServers":{"s":{"command":"uvx","args":["a","b"]}}}',
  "laid out":
    '{\n  "mcpServers": {\n    "s": {\n      "command": "uvx",\n      "args": [\n        "a",\n        "b"\n      ],\n      "env": { "A": "1" }\n    }\n  }\n}\n',
  "windows' ends":
    '{\r\n\t"mcpServers": {\r\n\t\t"s": {\r\n\t\t\t"args": ["a", "b"],\r\n\t\t\t"command": "uvx"\r\n\t\t}\r\n\t}\r\n}',
  "without arguments":
    '{\n  "mcpServers": { "s": {\n    "type": "stdio",\n    "command": "uv\\u0078" // a comment\n  } }\n}\n',
  comments: '{ /* a */ "mcpServers": { "s": { "command": /* c */ "uvx", "args": [ // first\n "a", "b", ] } }, }',
}))
  test(`the guard goes before a command and away again without a trace: ${name}`, () => {
    const entry = (text) => child(child(locate(text), "mcpServers"), "s");
    const before = valueOf(entry(text));
    const wrapped = apply(text, wrap(text, entry(text), GUARD));
    const after = valueOf(entry(wrapped));
    assert.deepEqual([after.command, ...after.args], [...GUARD, before.command, ...(before.args ?? [])]);
    assert.deepEqual({ ...after, command: 0, args: 0 }, { ...before, command: 0, args: 0 });
    assert.ok(read(entry(wrapped)).isGuarded && !read(entry(text)).isGuarded);
    assert.equal(apply(wrapped, unwrap(wrapped, entry(wrapped))), text);
  });

test("what is ours is known by its own words", () => {
  const isGuarded = (words) => read(locate(JSON.stringify({ command: words[0], args: words.slice(1) }))).isGuarded;
  assert.ok(isGuarded(["cattlegrid", "guard", "--policy", "p", "--", "s"]));
  assert.ok(isGuarded(["/usr/bin/node", "/a/node_modules/cattlegrid/js/cli.js", "guard", "--policy", "p", "--", "s"]));
  assert.ok(isGuarded(["cmd", "/c", "npx", "-y", "cattlegrid@1.2.3", "guard", "--policy", "p", "--", "s"]));
  assert.ok(!isGuarded(["npx", "guard", "--", "s"]));
  assert.ok(!isGuarded(["npx", "not-cattlegrid", "guard", "--", "s"]));
  assert.ok(!isGuarded(["cattlegrid", "guard", "--policy", "p", "--"]));
  assert.match(read(locate('{"url":"https://example.com"}')).why, /address/);
  assert.match(read(locate('{"command":"a","args":[1]}')).why, /args/);
});

test("where limits are counted holds from every folder", () => {
  const store = (said) => handedOn(parse(["--install", "--store", said]))[1];
  for (const said of ["memory", "/a/c.db", "file:///a/c.db", "redis://127.0.0.1:6379"]) assert.equal(store(said), said);
  for (const said of ["c.db", "file:c.db"]) assert.equal(store(said), join(process.cwd(), "c.db"));
});

test("changes are shown as lines", () => {
  const text = "a\nb\nc\nd";
  assert.equal(difference(text, [{ start: 2, end: 3, text: "x\ny" }]), "@@ line 2 @@\n- b\n+ x\n+ y");
  assert.equal(
    difference(
      text,
      [4, 6].map((start) => ({ start, end: start, text: "!" })),
    ).split("@@ line").length,
    3,
  );
});

test("the files are where the clients' documentation says", () => {
  const files = (platform, env = {}) =>
    configurations({ home: "/h", project: "/p", platform, env }).map(({ file }) => file);
  assert.ok(files("darwin").includes("/h/Library/Application Support/Claude/claude_desktop_config.json"));
  assert.ok(files("darwin").includes("/h/Library/Application Support/Code/User/mcp.json"));
  assert.ok(files("linux").includes("/h/.config/Code/User/mcp.json"));
  assert.ok(files("win32", { APPDATA: "/r" }).includes("/r/Claude/claude_desktop_config.json"));
  for (const file of [
    "/h/.claude.json",
    "/p/.mcp.json",
    "/h/.cursor/mcp.json",
    "/p/.cursor/mcp.json",
    "/p/.vscode/mcp.json",
  ])
    assert.ok(files("linux").includes(file), file);
});

test("all clients' servers are guarded by recommended policies, once, and given back", async () => {
  const fake = (...args) => ({ command: process.execPath, args: [SERVER, "server.log", ...args] });
  const servers = { fake: fake(), remote: { url: "https://example.com/mcp" }, broken: { command: "/no/such/server" } };
  const files = {
    ".config/Claude/claude_desktop_config.json": JSON.stringify({ theme: "dark", mcpServers: servers }, null, 2),
    ".claude.json": JSON.stringify({
      numStartups: 3,
      mcpServers: {},
      projects: { "/x": { mcpServers: { other: fake("3") } } },
    }),
    ".cursor/mcp.json": `// mine\n{ "mcpServers": { "fake": ${JSON.stringify(fake())}, } }\n`,
    ".config/Code/User/mcp.json": `{"servers":{"fake":{"type":"stdio",${JSON.stringify(fake()).slice(1)}},"inputs":[]}`,
    "project/.vscode/mcp.json": `{"servers":{"mine":{"type":"stdio",${JSON.stringify(fake()).slice(1)}}}`,
    "project/.mcp.json": '{"mcpServers":{"twice":{},"twice":{}}}',
  };
  const { path, run, read } = home(files);
  const whole = () => Object.fromEntries(Object.keys(files).map((file) => [file, read(file)]));

  const unasked = run("--install");
  assert.equal(unasked.code, 1);
  assert.match(unasked.said, /say `--yes`/);
  assert.deepEqual(whole(), files);

  const { code, said } = run("--install", "--yes", "--store", "counters.db", "--shadow");
  assert.equal(code, 1, "one file cannot be read");
  assert.match(said, /"twice" stands twice/);
  assert.match(said, /remote is left alone: it is not started here/);
  assert.match(said, /broken is left alone: it has no policy, and it cannot be started/);
  assert.match(said, /^- .*"command"/m);
  const after = whole();
  const desktop = JSON.parse(after[".config/Claude/claude_desktop_config.json"]);
  assert.deepEqual(
    { ...desktop, mcpServers: { ...desktop.mcpServers, fake: servers.fake } },
    { theme: "dark", mcpServers: servers },
  );
  const { command, args } = desktop.mcpServers.fake;
  const policy = join(path, ".config/cattlegrid/fake.json");
  const own = [
    cli,
    "guard",
    "--policy",
    policy,
    "--name",
    "fake",
    "--store",
    join(path, "project/counters.db"),
    "--shadow",
    "--",
  ];
  assert.deepEqual([command, ...args], [process.execPath, ...own, process.execPath, SERVER, "server.log"]);
  assert.equal(JSON.parse(readFileSync(policy, "utf8")).version, "1");
  assert.ok(after[".cursor/mcp.json"].startsWith("// mine\n{") && after[".cursor/mcp.json"].includes(policy));
  assert.ok(after[".claude.json"].includes("other.json"));
  assert.ok(after["project/.vscode/mcp.json"].includes("${workspaceFolder}/.cattlegrid/mine.json"));
  assert.ok(existsSync(join(path, "project/.cattlegrid/mine.json")));
  assert.equal(after["project/.mcp.json"], files["project/.mcp.json"]);
  const backups = readdirSync(join(path, ".cursor")).filter((name) => name.includes("before-cattlegrid"));
  assert.equal(read(join(".cursor", backups[0])), files[".cursor/mcp.json"]);

  assert.match(run("--install", "--yes").said, /guarded already/);
  assert.deepEqual(whole(), after);

  // What was written runs.
  const started = spawnSync(command, args, {
    cwd: path,
    input: `${JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list" })}\n`,
    encoding: "utf8",
    timeout: 60_000,
  });
  assert.ok(JSON.parse(started.stdout).result.tools.length > 0, started.stderr);

  assert.equal(run("--uninstall", "--yes").code, 1);
  assert.deepEqual(whole(), files);
  assert.match(run("--uninstall", "--yes").said, /nothing to change/);
});

test("what a client puts in place of variables stays, and is known as far as it can be", async () => {
  process.env.CATTLEGRID_TEST_NODE = process.execPath;
  process.env.CATTLEGRID_TEST_SET = "0";
  const args = ["${workspaceFolder}/server.log", "${env:CATTLEGRID_TEST_SET}"];
  const entry = (more) => ({ type: "stdio", command: "${env:CATTLEGRID_TEST_NODE}", args: [SERVER, ...args], ...more });
  const servers = {
    known: entry({ envFile: "${workspaceFolder}/.env", env: { SERVER_SAYS: "${CATTLEGRID_TEST_UNSET:-else}" } }),
    asks: entry({ env: { KEY: "${input:key}" } }),
    unset: entry({ env: { KEY: "${env:CATTLEGRID_TEST_UNSET}" } }),
    missing: entry({ envFile: "/no/such/file" }),
    mine: entry({ env: { KEY: "${input:key}" } }),
  };
  const { path, run, read } = home({
    "project/.vscode/mcp.json": JSON.stringify({ servers }),
    "project/.env": "SERVER_IS=there\n",
    "project/.cattlegrid/mine.json": '{"version":"1","default":"deny"}',
  });
  const before = read("project/.vscode/mcp.json");
  const { code, said } = run("--install", "--yes");
  assert.equal(code, 0, said);
  for (const [name, why] of [
    ["asks", /only the client knows what `\$\{input:key\}` in it is/],
    ["unset", /only the client knows what `\$\{env:CATTLEGRID_TEST_UNSET\}` in it is/],
    ["missing", /`envFile` cannot be read \(ENOENT\)/],
  ]) {
    const line = said.split("\n").find((line) => line.includes(`${name} is left alone`));
    assert.match(line, why);
    assert.ok(line.includes(join(path, `project/.cattlegrid/${name}.json`)), line);
  }
  const after = JSON.parse(read("project/.vscode/mcp.json")).servers;
  for (const name of ["known", "mine"]) {
    const { args, ...rest } = after[name];
    assert.deepEqual(args.slice(args.indexOf("--") + 1), [servers[name].command, ...servers[name].args]);
    assert.deepEqual({ ...rest, command: 0, args: 0 }, { ...servers[name], command: 0, args: 0 });
  }
  for (const name of ["asks", "unset", "missing"]) assert.deepEqual(after[name], servers[name]);
  assert.ok(JSON.parse(read("project/.cattlegrid/known.json")).tools.echo);
  assert.equal(run("--uninstall", "--yes").code, 0);
  assert.equal(read("project/.vscode/mcp.json"), before);
});

test("on windows a script is started by its shell, word for word", () => {
  const files = ["C:\\node\\npx.cmd", "C:\\tools\\uvx.exe", "C:\\p\\node_modules\\.bin\\s.cmd"];
  const exists = (file) => files.some((one) => one.toLowerCase() === file.toLowerCase());
  const env = { PATH: "C:\\nothing;C:\\node;C:\\tools", PATHEXT: ".EXE;.CMD", COMSPEC: "C:\\cmd.exe" };
  const start = (command, ...args) => startOf(command, args, { platform: "win32", env, exists });
  assert.deepEqual(start("uvx", 'a "b"'), { command: "C:\\tools\\uvx.EXE", args: ['a "b"'], options: {} });
  assert.deepEqual(start("gone", "a"), { command: "gone", args: ["a"], options: {} });
  const npx = start("npx", "-y", 'a "b" & c\\', "%PATH%", "");
  assert.deepEqual(npx.options, { windowsVerbatimArguments: true });
  assert.equal(npx.command, "C:\\cmd.exe");
  assert.deepEqual(npx.args.slice(0, 3), ["/d", "/s", "/c"]);
  assert.equal(npx.args[3], '"C:\\node\\npx.CMD ^"-y^" ^"a^ \\^"b\\^"^ ^&^ c\\\\^" ^"^%PATH^%^" ^"^""');
  assert.ok(start("C:\\p\\node_modules\\.bin\\s.cmd", "a b").args[3].includes('^^^"a^^^ b^^^"'));
  const here = startOf("npx", ["a"], { platform: "linux" });
  assert.deepEqual(here, { command: "npx", args: ["a"], options: {} });
});

test("a policy that is there is kept, and a link stays a link", () => {
  const { path, run, read } = home({
    ".config/cattlegrid/s.json": '{"version":"1","default":"deny"}',
    "dotfiles/mcp.json": '{"mcpServers":{"s":{"command":"/no/such/server"}}}',
    ".cursor/other": "",
  });
  symlinkSync(join(path, "dotfiles/mcp.json"), join(path, ".cursor/mcp.json"));
  const { code, said } = run("--install", "--yes");
  assert.equal(code, 0, said);
  assert.ok(read("dotfiles/mcp.json").includes('"guard"'));
  assert.equal(read(".config/cattlegrid/s.json"), '{"version":"1","default":"deny"}');
  assert.equal(run("--uninstall", "--yes").code, 0);
  assert.equal(read(".cursor/mcp.json"), '{"mcpServers":{"s":{"command":"/no/such/server"}}}');
});

test("with no client there is nothing to do, and words that are none are said so", () => {
  const { run } = home();
  assert.match(run("--install", "--yes").said, /no client's configuration/);
  for (const [words, what] of [
    [["--install", "--uninstall"], /not both/],
    [["--policy"], /wants a value/],
    [["--policy", "p"], /command is missing/],
    [["--", "server"], /`--policy FILE` is missing/],
    [["--polcy", "p", "--", "s"], /`--polcy` is no option/],
    [["--policy", "p", "--list", "all", "--", "s"], /`hidden` or `callable`/],
    [["--policy", "p", "--timeout", "-1", "--", "s"], /number of seconds/],
    [["--policy", "p", "--record-arguments", "--", "s"], /--record FILE/],
    [["--policy", "/no/such/policy", "--", "s"], /no such file/],
  ]) {
    const { code, said } = run(...words);
    assert.equal(code, 2, words.join(" "));
    assert.match(said, what);
  }
  assert.match(run("--help").said, /--uninstall/);
});
