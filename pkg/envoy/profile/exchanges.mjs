// What passes a filter on a usual day, to see which way its branches mostly go.

export const configuration = JSON.stringify({
  policies: {
    support: {
      policy: {
        version: "1",
        default: "deny",
        hide: ["debug"],
        tools: {
          search: {},
          create_ticket: {
            require: [
              {
                conditions: [
                  { path: "args.priority", op: "in", value: ["low", "normal", "high"] },
                  { path: "args.title", op: "exists", value: true },
                ],
              },
            ],
            deny_if: [{ conditions: [{ path: "args.days", op: "gt", value: 30 }], on_deny: "a month at most" }],
            limits: [
              { counter: "tickets", window: "hour", max: 1_000_000 },
              { counter: "days", window: "day", max: 100_000_000, increment_from: "args.days" },
            ],
          },
          import_rows: {
            require: [
              {
                conditions: [
                  { path: "args.rows[*].price", op: "lte", value: 1000 },
                  { path: "args.table", op: "regex", value: "^[a-z_]+$" },
                ],
              },
            ],
            rate_limit: { window: "minute", max: 1_000_000 },
          },
          delete_ticket: { action: "require_approval" },
        },
      },
    },
  },
  anonymous: "support",
});

const common = [
  [":authority", "tools.example:8443"],
  [":path", "/mcp"],
  [":method", "POST"],
  [":scheme", "https"],
  ["accept", "application/json, text/event-stream"],
  ["accept-encoding", "gzip, deflate, br"],
  ["user-agent", "python-httpx/0.28"],
  ["x-forwarded-for", "10.1.2.3"],
  ["x-forwarded-proto", "https"],
  ["x-request-id", "0a4d1d2e-7d39-4a1c-9d6e-3f0f6b8a2c51"],
];
const session = ["mcp-session-id", "5f0c2f6a8d1e4b7c9a3e"];
const version = ["mcp-protocol-version", "2025-11-25"];
const json = ["content-type", "application/json"];

/** A message in pieces of the size in which it comes over the network. */
function pieces(text) {
  const size = 16_384;
  const whole = Array.from({ length: Math.ceil(text.length / size) }, (_, at) =>
    text.slice(at * size, (at + 1) * size),
  );
  // The end often comes alone.
  return [...whole, ""];
}

function request(message, ...more) {
  const text = JSON.stringify(message);
  const head = [...common, ...more, json, ["content-length", String(text.length)]];
  return { head, body: pieces(text) };
}

function answer(result, status = "200") {
  const text = JSON.stringify({ jsonrpc: "2.0", id: 7, ...result });
  const head = [
    [":status", status],
    json,
    ["content-length", String(text.length)],
    ["date", "Thu, 01 Jan 2026 00:00:00 GMT"],
    ["server", "uvicorn"],
    ["x-envoy-upstream-service-time", "3"],
  ];
  return { head, body: pieces(text) };
}

function events(result) {
  const data = JSON.stringify({ jsonrpc: "2.0", id: 7, ...result });
  const progress = JSON.stringify({ jsonrpc: "2.0", method: "notifications/progress", params: { progress: 1 } });
  const head = [
    [":status", "200"],
    ["content-type", "text/event-stream"],
    ["cache-control", "no-cache"],
  ];
  return { head, body: [`event: message\r\ndata: ${progress}\r\n\r\n`, `event: message\r\ndata: ${data}\r\n\r\n`, ""] };
}

const call = (name, args, more = {}) => ({
  jsonrpc: "2.0",
  id: 7,
  method: "tools/call",
  params: { name, arguments: args, ...more },
});
const done = { result: { content: [{ type: "text", text: "done: ticket 4711" }], isError: false } };
const ticket = { title: "printer on fire", priority: "high", days: 2.5 };
const rows = (count) => ({
  table: "orders",
  rows: Array.from({ length: count }, (_, id) => ({
    id,
    item: `part ${id}`,
    price: id + 0.25,
    labels: ["new", "b\u00e4r"],
    paid: id % 2 === 0,
  })),
});
const meta = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientInfo": { name: "agent", version: "1" },
};
const listed = ["search", "create_ticket", "import_rows", "delete_ticket", "debug"].map((name) => ({
  name,
  description: `what ${name.replace("_", " ")} does`,
  inputSchema: { type: "object", properties: { title: { type: "string" } }, required: ["title"] },
}));
const get = common.map(([name, value]) => [name, name === ":method" ? "GET" : value]);

/** Exchanges, each with how often it is had for one of the rarest. */
export const exchanges = [
  [40, request(call("create_ticket", ticket)), answer(done)],
  [20, request(call("create_ticket", ticket), session, version), events(done)],
  [10, request(call("search", { query: 'how do I "reset" it?\n', limit: 10 }), session, version), answer(done)],
  [
    10,
    request(
      call("create_ticket", ticket, { _meta: meta }),
      ["mcp-protocol-version", "2026-07-28"],
      ["mcp-method", "tools/call"],
      ["mcp-name", "create_ticket"],
    ),
    answer({ result: { resultType: "complete", ...done.result } }),
  ],
  [10, request(call("import_rows", rows(30)), session, version), answer(done)],
  [2, request(call("import_rows", rows(400))), answer(done)],
  [
    3,
    request({ jsonrpc: "2.0", id: 7, method: "tools/list" }, session, version),
    answer({ result: { tools: listed } }),
  ],
  [
    1,
    request({ jsonrpc: "2.0", id: 7, method: "tools/list" }, session, version),
    events({ result: { tools: listed } }),
  ],
  [1, request(call("create_ticket", { ...ticket, days: 60 }))],
  [1, request(call("delete_ticket", { id: 4711 }))],
  [1, request(call("drop_table", {}))],
  [1, request(call("search", { query: "x" })), answer({ error: { code: -32602, message: "unknown" } })],
  [1, request(call("create_ticket", ticket)), answer({ error: { code: 1, message: "down" } }, "503")],
  [
    1,
    request({ jsonrpc: "2.0", method: "notifications/initialized" }, session),
    { head: [[":status", "202"]], body: [] },
  ],
  [1, { head: [...get, session], body: [] }, events({ method: "notifications/tools/list_changed" })],
].map(([times, sent, got]) => ({ times, exchange: { request: sent, answer: got } }));
