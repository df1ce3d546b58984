// What a person begins with when a rule, a condition or a limit is added: something that is whole and says little.
import type { Argument, ConditionForm } from "cattlegrid/author";
import { firstValue } from "./values";

/** A condition on an argument that no other looks at yet, as JSON text. */
export function newCondition(inputs: readonly Argument[], others: readonly ConditionForm[]): string {
  const used = new Set(others.map((other) => other.path));
  const simple = inputs.filter((input) => !input.types.some((type) => type === "object"));
  const input = simple.find(({ path }) => !used.has(path)) ?? simple[0] ?? inputs[0];
  const op = input?.operators[0] ?? "exists";
  return `{"path": ${JSON.stringify(input?.path ?? "args.name")}, "op": "${op}", "value": ${firstValue(op, input)}}`;
}

export const newRule = (inputs: readonly Argument[]): string => `{"conditions": [${newCondition(inputs, [])}]}`;

/** A limit with a counter of its own. */
export function newLimit(tool: string, counters: readonly (string | undefined)[]): string {
  const base = tool ? `${tool}_rate` : "calls";
  let counter = base;
  for (let number = 2; counters.includes(counter); number += 1) counter = `${base}_${number}`;
  return `{"counter": ${JSON.stringify(counter)}, "window": "minute", "max": 10, "scope": "grant"}`;
}
