#![doc = "Policy for agents' tool calls."]

pub mod model;
