import { Policy } from "cattlegrid";
import text from "./policy.json";

const policy = new Policy(text);

const tools = {
  refund: ({ customer, amount }) => `Refunded ${amount} to ${customer}.`,
};

export default {
  async fetch(request) {
    // What is no call is denied, and who calls is not for the caller to say.
    const call = await request.json().catch(() => null);
    const decision = policy.evaluate({ tool: call?.tool, arguments: call?.arguments, grant: "support" });
    if (decision.decision !== "allow") return Response.json(decision, { status: 403 });
    return Response.json({ result: tools[call.tool](call.arguments) });
  },
};
