// Sends one request over HTTP/2 with trailers behind its body, and prints the answer as one line of JSON.
//
//     node tests/e2e/http2.mjs PORT BODY
import http2 from "node:http2";

const [port, body] = process.argv.slice(2);
const session = http2.connect(`http://127.0.0.1:${port}`);
session.setTimeout(10_000, () => session.destroy(new Error("no answer in time")));
const request = session.request(
  {
    ":method": "POST",
    ":path": "/mcp",
    "content-type": "application/json",
    accept: "application/json, text/event-stream",
  },
  { waitForTrailers: true },
);
request.on("wantTrailers", () => request.sendTrailers({ "x-after": "1" }));
let status = 0;
let text = "";
request.on("response", (headers) => (status = headers[":status"]));
request.setEncoding("utf8");
request.on("data", (piece) => (text += piece));
request.on("end", () => {
  console.log(JSON.stringify({ status, body: text }));
  session.close();
});
request.end(body);
