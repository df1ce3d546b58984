// Sends requests, as many as it is told on each line of standard input, and answers with how long they took:
//
//     {"port": 10000, "body": "…", "count": 1000, "connections": 4}   →   {"median": 123.4}
//
// Microseconds, of those that came back with a result; anything else ends the program.

import { Agent, request } from "node:http";
import { createInterface } from "node:readline";

const agents = new Map();

function agentOf(port, connections) {
  const key = `${port} ${connections}`;
  if (!agents.has(key)) agents.set(key, new Agent({ keepAlive: true, maxSockets: connections }));
  return agents.get(key);
}

function once(port, agent, body) {
  const headers = {
    "content-type": "application/json",
    "content-length": body.length,
    accept: "application/json, text/event-stream",
  };
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const sent = request({ host: "127.0.0.1", port, path: "/mcp", method: "POST", agent, headers }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (piece) => (text += piece));
      answer.on("end", () => {
        if (answer.statusCode === 200 && text.includes('"done"')) resolve((performance.now() - began) * 1000);
        else reject(new Error(`port ${port} answered ${answer.statusCode}: ${text.slice(0, 300)}`));
      });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

async function run({ port, body, count, connections }) {
  const agent = agentOf(port, connections);
  const bytes = Buffer.from(body);
  const times = [];
  const worker = async () => {
    while (count > 0) {
      count -= 1;
      times.push(await once(port, agent, bytes));
    }
  };
  await Promise.all(Array.from({ length: connections }, worker));
  times.sort((a, b) => a - b);
  return { median: times[Math.floor(times.length / 2)] };
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await run(JSON.parse(line))));
}
