import { Policy } from "cattlegrid";

const policy = new Policy(await Deno.readTextFile(new URL("policy.json", import.meta.url)));

const tools: Record<string, (args: Record<string, unknown>) => string> = {
  refund: ({ customer, amount }) => `Refunded ${amount} to ${customer}.`,
};

Deno.serve({ hostname: "127.0.0.1", port: Number(Deno.env.get("PORT") ?? 3000) }, async (request) => {
  // What is no call is denied, and who calls is not for the caller to say.
  const call = await request.json().catch(() => null);
  const decision = policy.evaluate({ tool: call?.tool, arguments: call?.arguments, grant: "support" });
  if (decision.decision !== "allow") return Response.json(decision, { status: 403 });
  return Response.json({ result: tools[call.tool](call.arguments) });
});
