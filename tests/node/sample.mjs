// The one program that every host runs: it takes the package's functions and says how it came out.

export const expected = "allow allow deny | /tools/search/limits/0 | true | error 1 | 9:11";

export function sample({ Policy, PolicyError, check, locate }) {
  const text =
    '{"version":"1","default":"deny","tools":{"search":{"limits":[{"counter":"n","window":"day","max":2}]}}}';
  const policy = new Policy(text);
  const now = 1_767_225_600_000;
  const effects = [policy.decide({ tool: "search" }, { now }), policy.decideText('{"tool":"search"}', { now })];
  const { decision, rule } = policy.evaluate({ tool: "search" }, { now });
  let refused;
  try {
    new Policy("{}");
  } catch (error) {
    refused = error instanceof PolicyError;
  }
  const [{ severity, span }] = check("[]");
  const { start, end } = locate('{"a":[1, {}, 2]}', "/a/1");
  policy.free();
  return `${[...effects, decision].join(" ")} | ${rule} | ${refused} | ${severity} ${span.from.line} | ${start}:${end}`;
}
