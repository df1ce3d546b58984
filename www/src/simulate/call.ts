import { texts } from "../texts";
import type { CallForm } from "../state/draft";

export type CallText = { text: string; now: number } | { error: string };

/**
 * The call as JSON text. The arguments go in as they were typed, so that the engine sees the same digits and the same
 * duplicate keys that it would see in a request. `clock` is the time for calls made now, UTC milliseconds.
 */
export function callText(form: CallForm, clock: number): CallText {
  const t = texts.call.errors;
  if (form.tool === "") return { error: t.noTool };
  // What is wrong with them is said at their place.
  if (!isJson(form.arguments)) return { error: t.badArguments };

  const now = form.time.kind === "now" ? clock : Date.parse(`${form.time.utc}Z`);
  if (Number.isNaN(now)) return { error: t.noTime };

  const members = [`"tool":${JSON.stringify(form.tool)}`, `"arguments":${form.arguments.trim() || "{}"}`];
  if (form.grant !== "") members.push(`"grant":${JSON.stringify(form.grant)}`);
  if (form.session !== "") members.push(`"session":${JSON.stringify(form.session)}`);
  return { text: `{${members.join(",")}}`, now };
}

/** Whether a text can stand as the arguments of a call: it is one JSON value, or nothing. */
export function isJson(text: string): boolean {
  if (text.trim() === "") return true;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
