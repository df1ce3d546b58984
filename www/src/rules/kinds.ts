/** The lists of rules that a tool has, in the order in which they are decided. */
export const KINDS = ["require", "deny_if", "require_approval_if"] as const;
export type RuleKind = (typeof KINDS)[number];
