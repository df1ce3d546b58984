/** The arguments of a witness as they stand in its text, `{"tool":…,"arguments":…}`, which has its numbers exactly. */
export function argumentsOf(json: string): string {
  return /^\{"tool":"(?:[^"\\]|\\.)*","arguments":(.*)\}$/s.exec(json)?.[1] ?? "{}";
}
