#![doc = "Policy for agents' tool calls."]
