import { Policy } from "./node_modules/cattlegrid/js/index.js";

const policy = new Policy(await (await fetch("policy.json")).text());

const tools = {
  refund: ({ customer, amount }) => `Refunded ${amount} to ${customer}.`,
};

/** What an agent in this page calls its tools by. */
function call(tool, args) {
  const decision = policy.evaluate({ tool, arguments: args });
  return decision.decision === "allow" ? tools[tool](args) : decision.message;
}

// A person, in the place of the agent.
const [form] = document.forms;
form.addEventListener("submit", (event) => {
  event.preventDefault();
  form.querySelector("output").textContent = call("refund", { customer: "ada", amount: form[0].valueAsNumber });
});
