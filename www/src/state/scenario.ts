// The project's scenario file as the page edits it: JSON that `cattlegrid test` runs. What it means, the engine says.
import type { Decision } from "cattlegrid/author";
import { parseExact } from "../simulate/exact";
import type { CallForm } from "./draft";

export interface Step {
  readonly at?: string;
  readonly grant?: string;
  readonly session?: string;
  readonly call: { readonly tool: string; readonly arguments?: unknown };
  readonly approval?: unknown;
  readonly outcome?: "ok" | "tool-error" | "error";
  readonly every?: string;
  readonly times?: number;
  readonly expect?: { readonly decision: Decision["decision"]; readonly rule?: string };
}

export interface Group {
  readonly name: string;
  readonly steps: readonly Step[];
}

/** A file; keys that the page does not know stay in it. */
export interface File {
  readonly policy: unknown;
  readonly steps?: readonly Step[];
  readonly groups?: readonly Group[];
  /** Questions about all calls, each a sentence that is to hold. */
  readonly assert?: readonly string[];
}

/** What the file says the policy is: the one that is exported beside it. */
const BEGUN: File = { policy: "policy.json", groups: [] };

/** The file of a text; undefined if the page cannot edit what stands in it. An empty text is a file that was not begun. */
export function readFile(text: string): File | undefined {
  if (text.trim() === "") return BEGUN;
  try {
    const value = parseExact(text) as File;
    const isSteps = (steps: unknown) =>
      Array.isArray(steps) && steps.every((step) => typeof step?.call === "object" && step.call);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    if (value.steps !== undefined && !isSteps(value.steps)) return undefined;
    const { assert = [] } = value;
    if (!Array.isArray(assert) || !assert.every((one) => typeof one === "string")) return undefined;
    const groups = value.groups ?? [];
    if (!Array.isArray(groups) || !groups.every((group) => typeof group?.name === "string" && isSteps(group.steps)))
      return undefined;
    return { ...value, groups: groups.map((group) => ({ ...group, steps: group.steps.map(counted) })) };
  } catch {
    return undefined;
  }
}

/** Of a step only the arguments keep their digits. */
function counted(step: Step): Step {
  return step.times === undefined ? step : { ...step, times: Number(JSON.stringify(step.times)) };
}

export const writeFile = (file: File): string => JSON.stringify(file, null, 2);

/** A name that no other group has. */
function freeName(file: File, name: string): string {
  const taken = new Set(file.groups?.map((group) => group.name));
  let free = name;
  for (let number = 2; taken.has(free); number += 1) free = `${name} (${number})`;
  return free;
}

export function withGroup(file: File, name: string, steps: readonly Step[]): File {
  return { ...file, groups: [...(file.groups ?? []), { name: freeName(file, name), steps }] };
}

/** The file with other questions; none at all leave no key. */
export function withQuestions(file: File, questions: readonly string[]): File {
  const { assert: _, ...rest } = file;
  return questions.length ? { ...rest, assert: questions } : rest;
}

export function withoutGroup(file: File, at: number): File {
  return { ...file, groups: (file.groups ?? []).filter((_, index) => index !== at) };
}

export function renamed(file: File, at: number, name: string): File {
  const others = withoutGroup(file, at);
  const free = freeName(others, name);
  return {
    ...file,
    groups: (file.groups ?? []).map((group, index) => (index === at ? { ...group, name: free } : group)),
  };
}

/** A group with other steps; one without any goes. */
export function withSteps(file: File, at: number, steps: readonly Step[]): File {
  if (!steps.length) return withoutGroup(file, at);
  return { ...file, groups: (file.groups ?? []).map((group, index) => (index === at ? { ...group, steps } : group)) };
}

/** A step with some members changed; what is undefined goes. */
export function changed(step: Step, change: { readonly [K in keyof Step]?: Step[K] | undefined }): Step {
  const entries = Object.entries({ ...step, ...change }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as unknown as Step;
}

/** The call of the form as a step; undefined if its arguments are not JSON. */
export function stepOf(form: CallForm): Step | undefined {
  let args: unknown;
  try {
    args = parseExact(form.arguments.trim() || "{}");
  } catch {
    return undefined;
  }
  return {
    ...(form.time.kind === "at" && { at: `${form.time.utc}Z` }),
    ...(form.grant && { grant: form.grant }),
    ...(form.session && { session: form.session }),
    call: { tool: form.tool, arguments: args },
  };
}

/** What a step's call looks like in the form again. */
export function formOf(step: Step): Partial<CallForm> {
  return {
    tool: step.call.tool,
    arguments: JSON.stringify(step.call.arguments ?? {}, null, 2),
    grant: step.grant ?? "",
    session: step.session ?? "",
  };
}
