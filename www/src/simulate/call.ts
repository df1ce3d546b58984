import { jsonLanguage } from '@codemirror/lang-json';
import { Text } from '@codemirror/state';
import { texts } from '../texts';
import type { CallForm } from '../state/document';

export type CallText = { text: string; now: number } | { error: string; at?: number };

/**
 * The call as JSON text. The arguments go in as they were typed, so that the engine sees the same digits and the same
 * duplicate keys that it would see in a request. `clock` is the time for calls made now, UTC milliseconds.
 */
export function callText(form: CallForm, clock: number): CallText {
  const t = texts.call.errors;
  if (form.tool === '') return { error: t.noTool };
  const problem = argumentsProblem(form.arguments);
  if (problem) return problem;

  const now = form.time.kind === 'now' ? clock : Date.parse(`${form.time.utc}Z`);
  if (Number.isNaN(now)) return { error: t.noTime };

  const members = [
    `"tool":${JSON.stringify(form.tool)}`,
    `"arguments":${form.arguments.trim() || '{}'}`,
  ];
  if (form.grant !== '') members.push(`"grant":${JSON.stringify(form.grant)}`);
  if (form.session !== '') members.push(`"session":${JSON.stringify(form.session)}`);
  return { text: `{${members.join(',')}}`, now };
}

/** Why a text cannot stand as the arguments of a call at all: it is not one JSON value. */
export function argumentsProblem(text: string): { error: string; at: number } | undefined {
  if (text.trim() === '') return undefined;
  try {
    JSON.parse(text);
    return undefined;
  } catch {
    const at = firstFault(text);
    const line = Text.of(text.split('\n')).lineAt(at);
    return { error: texts.call.errors.notJson(line.number, at - line.from + 1), at };
  }
}

/** Browsers word their JSON errors differently; the editor's own syntax tree says where the first fault is. */
function firstFault(text: string): number {
  let at = text.length;
  jsonLanguage.parser.parse(text).iterate({
    enter(node) {
      if (node.type.isError && node.from < at) at = node.from;
    },
  });
  return at;
}
