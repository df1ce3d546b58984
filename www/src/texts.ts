// Every text of the page, in one place. Names and values that come from a policy, a catalog or the engine are put in as
// they are and shown as text.

const plural = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

export const texts = {
  app: {
    name: "Cattlegrid",
    tagline: "Write a policy for MCP tools and see what it decides.",
    local: "Everything is decided in this page; nothing is sent anywhere.",
    failed: (reason: string) =>
      `The engine stopped (${reason}). Nothing shown here is up to date. Reload the page to start again.`,
  },

  examples: {
    label: "Start from an example",
    choose: "Start from…",
    oneTool: "One tool, ten calls a minute",
    payments: "Support agent on a payments server",
    cluster: "On-call agent on a cluster",
  },

  policy: {
    title: "Policy",
    editor: "Policy text, JSON",
    reading: "Reading…",
    clean: "No problems",
    problems: "Problems",
    errors: (count: number) => plural(count, "error", "errors"),
    warnings: (count: number) => plural(count, "warning", "warnings"),
    severity: { error: "Error", warning: "Warning" },
    place: (line: number, column: number) => `${line}:${column}`,
    // With what is seen in it: who speaks to the page says that.
    goTo: (line: number, column: number) => `${line}:${column}, go to line ${line}, column ${column}`,
    fix: (title: string) => `Fix: ${title}`,
    more: (count: number) => `and ${count} more`,
  },

  catalog: {
    title: "Tools",
    label: "Catalog",
    names: {
      agents: "Agents (sample)",
      payments: "Payments (sample)",
      cluster: "Cluster (sample)",
      notes: "Notes (sample)",
    },
    pasted: "Pasted list",
    paste: "Paste a list",
    pasteLabel: "A server's answer to tools/list",
    pasteHint: "The result, the whole JSON-RPC response, or just the array of tools.",
    use: "Use this list",
    cancel: "Cancel",
    goesOn: "This is one page of a longer list: the server has more tools than these.",
    errors: {
      empty: "Paste the server's answer to tools/list first.",
      notJson: (reason: string) => `This is not JSON: ${reason}`,
      serverError: (message: string) =>
        `This response is an error from the server, not a list of tools${message ? `: ${message}` : "."}`,
      isRequest: "This is the request. Paste the response that the server gives to it.",
      noTools:
        'There is no list of tools in this. It should be an array of tools, or have one under "tools" or "result.tools".',
      noneInList: "The list is empty: this server offers no tools.",
      noName: (index: number) => `Tool number ${index} has no name.`,
      twice: (name: string) => `Two tools are named "${name}". A name must say which tool is meant.`,
    },
    table: "Tools and what the policy does with them",
    tool: "Tool",
    state: "State",
    decidedBy: "Decided by",
    states: {
      allow: "Allow",
      deny: "Deny",
      hide: "Hide",
      approve: "Approve",
      custom: "Custom",
    },
    stateMeaning: {
      allow: "Every call goes through, as far as the limits for all tools allow.",
      deny: "No call goes through.",
      hide: "Agents do not see this tool and cannot call it.",
      approve: "Every call waits for a person.",
      custom: "It depends on the call: its arguments, or how many came before it.",
    },
    unknown: "–",
    noState: "Not known: the policy has errors",
    stale: "The policy has errors. These states are from before them.",
    broken: "The policy has errors: the states show once they are gone.",
    choose: (name: string) => `Try a call of ${name}`,
  },

  call: {
    title: "Call",
    tool: "Tool",
    otherTool: "Another name…",
    toolName: "Name of the tool",
    arguments: "Arguments, JSON",
    sample: "Fill in a sample",
    grant: "Grant",
    grantHint: "who calls",
    session: "Session",
    sessionHint: "which MCP session",
    time: "Time",
    now: "Now",
    at: "At a chosen time",
    utc: "Time of the call (UTC)",
    send: "Call",
    again: "Call again",
    reset: "Reset counters",
    errors: {
      noTool: "Name the tool that is called.",
      notJson: (line: number, column: number) => `The arguments are not JSON: look at line ${line}, column ${column}.`,
      badArguments: "Nothing was called: the arguments are not JSON.",
      noTime: "Choose the date and time of the call, or make it now.",
      policyBroken: "The policy has errors, so nothing can be decided. They are listed under its text.",
    },
  },

  decision: {
    title: "Decision",
    empty: "Make a call to see what the policy decides, and why.",
    names: { allow: "Allowed", deny: "Denied", hold: "Held for approval" },
    count: (call: number) => `call ${call}`,
    allowed: "No rule stands against this call.",
    stale: "The policy or the call has changed since. Call again to see what is decided now.",
    rule: "Rule",
    label: "Label",
    digest: "Digest to approve",
    limits: "Limits",
    remaining: (remaining: string, max: string) => `${remaining} of ${max} left`,
    resets: (seconds: number) => `starts again in ${duration(seconds)}`,
    window: (window: string | number) => (typeof window === "number" ? `per ${duration(window)}` : `per ${window}`),
    scope: { grant: "per grant", session: "per session", all: "for everybody" },
    explanation: "How it was decided",
    noRules: "No rule or limit looks at this call.",
    kinds: {
      require: "Require",
      deny_if: "Deny if",
      require_approval_if: "Approve if",
      action: "Action",
      preconditions: "Precondition",
      limit: "Limit",
    },
    outcomes: {
      satisfied: "satisfied",
      "not satisfied": "not satisfied",
      errored: "errored",
      room: "has room",
      full: "full",
    },
    effects: { deny: "denies", hold: "holds" },
    saw: "saw",
    missing: "nothing",
    goTo: (rule: string) => `Show ${rule} in the policy`,
    history: (calls: number, allowed: number, denied: number, held: number) =>
      [
        `${plural(calls, "call", "calls")} since the counters started:`,
        [allowed ? `${allowed} allowed` : "", denied ? `${denied} denied` : "", held ? `${held} held` : ""]
          .filter(Boolean)
          .join(", "),
      ].join(" "),
  },
} as const;

/** Seconds in the words that a person would use: `34 s`, `10 min`, `1 h 5 min`. */
function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  const rest = whole % 60;
  const parts = [hours && `${hours} h`, minutes && `${minutes} min`, rest && !hours && `${rest} s`];
  return parts.filter(Boolean).join(" ") || "0 s";
}
