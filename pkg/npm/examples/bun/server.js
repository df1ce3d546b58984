import { Policy } from "cattlegrid";
import text from "./policy.json" with { type: "text" };

const policy = new Policy(text);

const tools = {
  refund: ({ customer, amount }) => `Refunded ${amount} to ${customer}.`,
};

Bun.serve({
  hostname: "127.0.0.1",
  port: process.env.PORT ?? 3000,
  async fetch(request) {
    // What is no call is denied, and who calls is not for the caller to say.
    const call = await request.json().catch(() => null);
    const decision = policy.evaluate({ tool: call?.tool, arguments: call?.arguments, grant: "support" });
    if (decision.decision !== "allow") return Response.json(decision, { status: 403 });
    return Response.json({ result: tools[call.tool](call.arguments) });
  },
});
