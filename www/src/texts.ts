// Every text of the page, in one place. Names and values that come from a policy, a catalog or the engine are put in as
// they are and shown as text.
import type { CoveredPart } from "cattlegrid/author";

const plural = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

const OUTCOMES = {
  asked: "asked",
  satisfied: "satisfied",
  not_satisfied: "not satisfied",
  room: "with room",
  full: "full",
};

export const texts = {
  app: {
    name: "Cattlegrid",
    tagline: "Write a policy for MCP tools and see what it decides.",
    parts: "Parts of the page",
    close: "Close",
    copied: "Copied",
    notCopied: "This browser does not let a page copy: mark the text and copy it yourself.",
    unkept: "This draft is not kept: the browser has no room for it. Export it before you leave.",
    brokenLink: "The link is broken or of another version. Here is what was open last.",
    notLoaded: "This part of the page did not load. Reload the page when there is a network again.",
    failed: (reason: string) =>
      `The engine stopped (${reason}). Nothing shown here is up to date. Reload the page to start again.`,
  },

  panes: {
    tools: "Tools",
    rules: "Rules",
    text: "JSON",
    call: "Call",
    scenario: "Scenario",
  },

  top: {
    name: "Name of this draft",
    unnamed: "Unnamed draft",
    undo: "Undo",
    redo: "Redo",
    undoKeys: "Undo, in text and form (Ctrl+Z)",
    redoKeys: "Redo (Ctrl+Y)",
    start: "New…",
    share: "Share…",
    export: "Export…",
  },

  templates: {
    oneTool: {
      title: "One tool, ten calls a minute",
      about: "Everything is denied but one tool, and that one has a limit.",
    },
    readOnly: { title: "Read only", about: "It may search and read; the rest it does not even see." },
    payments: {
      title: "Support agent on a payments server",
      about: "Small charges go through, refunds are asked about, payouts are hidden.",
    },
    approvals: { title: "A person says yes", about: "What moves money waits for an approval, but for small refunds." },
    budget: { title: "A budget a day", about: "Limits only: calls a minute, and a sum of money a day." },
    cluster: {
      title: "On-call agent on a cluster",
      about: "It looks, scales within bounds, and asks before it deletes.",
    },
  },

  start: {
    title: "Start a policy",
    templates: "From a template",
    link: "link",
    linkTo: (title: string) => `Link to the template "${title}"`,
    empty: "An empty policy",
    emptyName: "New policy",
    emptyAbout: "Nothing is allowed. Bring your server's tools, then allow one after the other.",
    policy: "From a policy file",
    file: "Open a policy file…",
    fileAbout: "It is opened as it is, with its faults, for the tools that you have here.",
    tooLarge: "This file is larger than a policy can be (4 MiB).",
    drafts: "Your drafts in this browser",
    openNow: "open now",
    forget: (name: string) => `Delete the draft "${name}"`,
    forgetShort: "Delete",
  },

  share: {
    title: "Share this draft",
    about:
      "The link carries the policy, the tools and the scenario behind its #, compressed. Browsers send that part to no server.",
    link: "Link",
    copy: "Copy the link",
    long: (length: number) =>
      `The link has ${length.toLocaleString("en")} characters. Some mail and chat programs cut it: send the files instead.`,
    secrets: (names: readonly string[]) => `Look at what you share: ${names.join(", ")} may hold a secret.`,
    failed: "This browser cannot make the link. Export the files instead.",
  },

  export: {
    title: "Export",
    errors: (count: number) =>
      `The policy has ${plural(count, "error", "errors")}: nothing that enforces it will load it.`,
    policy: "The policy",
    policyAbout: "What every host reads: the command line, the npm package, the filter in Envoy.",
    save: (name: string) => `Save ${name}`,
    copy: "Copy",
    scenario: "The scenario",
    scenarioAbout: "Your cases with what you expect of them. The command cattlegrid test runs the file.",
    noScenario: "There is none yet: keep a call as a case, or write one under Scenario.",
    envoy: "The configuration of Envoy",
    envoyAbout: "A whole, commented envoy.yaml with this policy in the filter, in front of your server.",
    upstream: "The MCP server",
    wasm: "The filter's file on the proxy",
  },

  live: {
    title: "From a live server",
    address: "Address of the MCP server",
    token: "Bearer token, if it wants one",
    hint: "This page asks the server itself for its tools, from here. Neither the address nor the token is kept.",
    connect: "Read its tools",
    asking: "Asking…",
    errors: {
      noAddress: "This is no address of a server. It looks like http://127.0.0.1:3001/mcp.",
      mixed:
        "Browsers do not let a page that came over https ask a server over http. Open the builder over http, or paste the list.",
      late: (seconds: number) =>
        `The server has not answered for ${seconds} seconds. See whether the address and its path are right.`,
      cors: (server: string, page: string) =>
        `${server} answers, but does not let this page read it: it must allow the origin ${page} (CORS), with the headers content-type, authorization, mcp-protocol-version and mcp-session-id. Or paste its list.`,
      unreachable: (server: string) =>
        `Nothing answers at ${server}. Is the server running, and can this computer reach it?`,
      unauthorized: (status: number) => `The server wants a token, or another one (${status}).`,
      notFound: (path: string) => `The server has nothing at ${path} (404). Most MCP servers are at /mcp.`,
      other: (said: string) => `The server's tools could not be read: ${said}`,
    },
  },

  rules: {
    ofAll: "All tools",
    ofAllAbout:
      "What holds for every call, whichever tool it is of: limits that all tools share, and rules for all of them.",
    kinds: {
      require: { name: "Require", title: "Require", about: "every one must be met, else the call is denied" },
      deny_if: { name: "Deny if", title: "Deny if", about: "a call that fits one is denied" },
      require_approval_if: {
        name: "Approve if",
        title: "Approve if",
        about: "a call that fits one waits for a person",
      },
    },
    limit: "Limit",
    limits: "Limits",
    limitsAbout: "how often, or how much in sum",
    preconditions: "Preconditions",
    preconditionsAbout: "what must have been counted before; changed in the text",
    rateLimit: "Rate limit, in its short form",
    none: "No rule looks at the calls of this tool yet.",
    noneOfAll: "Nothing holds for all tools yet.",
    broken: "The form shows once the text is JSON again.",
    add: "Add",
    and: "and",
    addCondition: "and another condition…",
    message: "What the caller is told",
    messageHint: "Call does not meet the policy",
    limitMessageHint: "Limit reached, try again in … seconds",
    reason: "Reason, for the caller",
    reasonHint: "Why, and what to do instead",
    argument: "Argument",
    operator: "Comparison",
    value: "Value",
    optional: "optional",
    given: "is given",
    notGiven: "is missing",
    yes: "true",
    no: "false",
    tryPattern: "Try a text",
    matches: "matches",
    matchesNot: "does not match",
    addItem: (label: string) => `${label}: add one`,
    addItemHint: "one, another",
    removeItem: (item: string) => `Remove ${item}`,
    removeCondition: "Remove this condition",
    remove: (what: string) => `Remove ${what}`,
    removeIt: "Remove",
    up: (what: string) => `Move ${what} up`,
    down: (what: string) => `Move ${what} down`,
    inText: "in the text",
    more: "more",
    less: "less",
    other: (keys: readonly string[]) => `Also there, and edited in the text: ${keys.slice(0, 10).join(", ")}.`,
    operators: {
      exists: "is",
      eq: "equals",
      neq: "differs from",
      in: "is one of",
      not_in: "is none of",
      lt: "is under",
      lte: "is at most",
      gt: "is over",
      gte: "is at least",
      regex: "matches",
      contains: "contains",
    },
    max: "At most",
    counts: "of",
    calls: "calls",
    sum: "a sum of",
    amount: "Argument that is added up",
    window: "per",
    windows: { minute: "minute", hour: "hour", day: "day", seconds: "seconds…" },
    seconds: "Seconds",
    scope: "for",
    scopes: { grant: "each grant", session: "each session", all: "everybody" },
    counter: "Name of the counter",
  },

  policy: {
    title: "Policy",
    editor: "Policy text, JSON",
    reading: "Reading…",
    clean: "No problems",
    problems: "Problems",
    count: (count: number) => plural(count, "problem", "problems"),
    format: "Format",
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
    names: {
      agents: "Agents (sample)",
      payments: "Payments (sample)",
      cluster: "Cluster (sample)",
      notes: "Notes (sample)",
    },
    bundled: "Samples",
    pasted: "Pasted list",
    listTitle: "From a list of tools",
    pasteLabel: "A server's answer to tools/list, pasted or dropped here",
    pasteHint: "The result, the whole JSON-RPC response, or just the array of tools.",
    use: "Use this list",
    file: "Open a file…",
    change: "Change…",
    changeTitle: "The server's tools",
    changeAbout: "The policy stays as it is; what it says is compared with these tools.",
    unread: (names: readonly string[]) =>
      `What ${names.slice(0, 3).join(", ")}${names.length > 3 ? ` and ${names.length - 3} more` : ""} takes is nested too deeply to be read: ${names.length === 1 ? "its" : "their"} arguments are not known here.`,
    refused: (why: string) => `The engine cannot read this list, so nothing is compared with it: ${why}`,
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
      tooLarge: "This file is larger than any list of tools (16 MiB).",
      twice: (name: string) => `Two tools are named "${name}". A name must say which tool is meant.`,
    },
    table: "Tools and what the policy does with them",
    tool: "Tool",
    risk: "Risk",
    risks: { low: "Low", medium: "Medium", high: "High", critical: "Critical" },
    state: "State",
    stateOf: (name: string) => `State of ${name}`,
    count: (count: number) => plural(count, "tool", "tools"),
    countOf: (seen: number, all: number) => `${seen} of ${all}`,
    sort: (label: string) => `Sort by ${label.toLowerCase()}`,
    search: "Search tools",
    filterState: "Only tools in this state",
    anyState: "Any state",
    filterRisk: "Only tools of this risk",
    anyRisk: "Any risk",
    filterArgument: "Only tools with this argument",
    anyArgument: "Any argument",
    chooseAll: "Choose all that are shown",
    chooseRow: (name: string) => `Choose ${name}`,
    chooseNone: "Choose none",
    bulk: (count: number) => `${plural(count, "tool", "tools")} chosen: set to`,
    defaultLabel: "All other tools",
    allTools: "Rules for all tools",
    noTools:
      "No tools yet. Bring your server's list of tools, and every one shows here with what the policy does with it.",
    bring: "Bring a list of tools…",
    noneFound: "No tool is like that.",
    clear: "Clear the filters",
    unknownTool: "no tool of the server has this name",
    unknownNear: (name: string) => `not a tool of the server; near: ${name}`,
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
    choose: (name: string) => `Show the rules of ${name}`,
  },

  call: {
    title: "Call",
    tool: "Tool",
    otherTool: "Another name…",
    toolName: "Name of the tool",
    arguments: "Arguments, JSON",
    argumentsShort: "Arguments",
    asJson: "As JSON",
    asFields: "As fields",
    sample: "Fill in a sample",
    optional: "optional",
    notGiven: "not given",
    leaveOut: (name: string) => `Leave ${name} out`,
    leaveOutShort: "leave out",
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

  scenario: {
    title: "Scenario",
    json: "Scenario, JSON",
    empty:
      "Calls over time, and what you expect of them: they run on every edit. Keep a call as a case under Call, or see what happens when an agent does not stop.",
    name: "Name of this part",
    removeGroup: (name: string) => `Remove "${name}"`,
    addLoop: "Add a loop: 60 calls in 90 s",
    loopName: (tool: string) => `the agent loops: ${tool}`,
    fromCall: (tool: string) => `of the call under Call (${tool || "none yet"})`,
    addStep: "then the call under Call…",
    load: "Show this call under Call",
    removeStep: (tool: string) => `Remove the step that calls ${tool}`,
    at: "At",
    times: "Times",
    every: "Every",
    outcome: "Upstream",
    outcomes: { ok: "answers", "tool-error": "tool error", error: "fails" },
    expect: "Expect",
    anything: "anything",
    repeated: (times: number, every: string) => `${times} times, every ${every}`,
    outcomeOf: (outcome: string) => `upstream: ${outcome}`,
    expects: (decision: string) => `expects ${decision}`,
    expectsNothing: "expects nothing",
    met: (count: number) => `${count} as expected`,
    notMet: (count: number) => `${count} not as expected`,
    allowed: (count: number) => `${count.toLocaleString("en")} allowed`,
    denied: (count: number) => `${count.toLocaleString("en")} denied`,
    held: (count: number) => `${count.toLocaleString("en")} held`,
    difference: (member: string, expected: string, got: string | null) =>
      `expected ${member} ${expected}, got ${got ?? "none"}`,
    leftOut: (count: number) => `${plural(count, "more call", "more calls")} were decided and are not drawn.`,
    chart: (counter: string, resets: number) =>
      `How ${counter} fills over time; it starts again ${plural(resets, "time", "times")}`,
    marks: (allowed: number, denied: number, held: number) =>
      `${allowed} calls allowed, ${denied} denied, ${held} held, in the order of time`,
    clock: "Clock (UTC)",
    keep: "Keep as a case",
    kept: "Kept under Scenario, with what was decided as what you expect.",
    caseName: (tool: string, decision: string) => `${tool} is ${decision}`,
  },

  coverage: {
    heading: "Coverage",
    reached: (reached: number, of: number) =>
      of ? `${reached} of ${of} outcomes of this policy seen` : "There is nothing in this policy to see.",
    mark: "Mark it in the text",
    missing: (count: number) =>
      plural(count, "part has not shown all that it does", "parts have not shown all that they do"),
    more: (count: number) => `and ${plural(count, "more part", "more parts")}`,
    /** What has not happened yet. */
    lacks: ({ missing }: CoveredPart) =>
      missing.includes("asked")
        ? "no call came here"
        : `never ${missing.map((outcome) => OUTCOMES[outcome]).join(", nor ")}`,
    title: (part: CoveredPart) => {
      const seen = `${plural(part.asked, "call", "calls")} of the scenario came here`;
      const lacks = part.missing.filter((outcome) => outcome !== "asked").map((outcome) => OUTCOMES[outcome]);
      return part.asked && lacks.length ? `${seen}, never ${lacks.join(", nor ")}` : seen;
    },
  },

  decision: {
    title: "Decision",
    empty: "Make a call to see what the policy decides, and why.",
    names: { allow: "Allowed", deny: "Denied", hold: "Held for approval" },
    image: "Save as an image",
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
    came: (said: string) => `the last call: ${said}`,
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
