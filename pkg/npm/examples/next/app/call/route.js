import { readFileSync } from "node:fs";
import { Policy } from "cattlegrid";

const policy = new Policy(readFileSync("policy.json"));

const tools = {
  refund: ({ customer, amount }) => `Refunded ${amount} to ${customer}.`,
};

export async function POST(request) {
  // What is no call is denied, and who calls is not for the caller to say.
  const call = await request.json().catch(() => null);
  const decision = policy.evaluate({ tool: call?.tool, arguments: call?.arguments, grant: "support" });
  if (decision.decision !== "allow") return Response.json(decision, { status: 403 });
  return Response.json({ result: tools[call.tool](call.arguments) });
}
