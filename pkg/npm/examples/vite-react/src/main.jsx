import { Policy } from "cattlegrid";
import { useState } from "react";
import { createRoot } from "react-dom/client";
import text from "./policy.json?raw";

const policy = new Policy(text);

const tools = {
  refund: ({ customer, amount }) => `Refunded ${amount} to ${customer}.`,
};

/** What an agent in this page calls its tools by. */
function call(tool, args) {
  const decision = policy.evaluate({ tool, arguments: args });
  return decision.decision === "allow" ? tools[tool](args) : decision.message;
}

/** A person, in the place of the agent. */
function Refund() {
  const [amount, setAmount] = useState(20);
  const [result, setResult] = useState("");

  function submit(event) {
    event.preventDefault();
    setResult(call("refund", { customer: "ada", amount }));
  }

  return (
    <form onSubmit={submit}>
      <input
        type="number"
        aria-label="Amount"
        value={amount}
        onChange={(event) => setAmount(event.target.valueAsNumber)}
      />
      <button>Refund</button>
      <output>{result}</output>
    </form>
  );
}

createRoot(document.getElementById("root")).render(<Refund />);
