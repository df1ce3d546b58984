/** Where in the document a rule id stands: most are JSON Pointers; those in parentheses come from a member of the policy. */
export function pointerOf(rule: string): string {
  switch (rule) {
    case "(default deny)":
      return "/default";
    case "(hidden)":
      return "/hide";
    default:
      return rule;
  }
}

/** Whether a rule id has a place in the text to go to. */
export function hasPlace(rule: string): boolean {
  return pointerOf(rule).startsWith("/");
}
