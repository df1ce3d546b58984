import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { json } from "node:stream/consumers";
import { Policy } from "cattlegrid";

const policy = new Policy(readFileSync(new URL("policy.json", import.meta.url)));

const tools = {
  refund: ({ customer, amount }) => `Refunded ${amount} to ${customer}.`,
};

const server = createServer(async (request, response) => {
  const answer = (status, body) =>
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));

  // What is no call is denied, and who calls is not for the caller to say.
  const call = await json(request).catch(() => null);
  const decision = policy.evaluate({ tool: call?.tool, arguments: call?.arguments, grant: "support" });
  if (decision.decision !== "allow") return answer(403, decision);
  answer(200, { result: tools[call.tool](call.arguments) });
});
server.listen(process.env.PORT ?? 3000, "127.0.0.1");
