// The tools of a case in the language of each engine that is given its policy as text.
//
// Each is written as its users would, and where there is a choice in the way that is fastest for the engine. An engine
// that has no word for a condition has no policy for the case: then it is `null`, and the table says so.
//
// What the words must do: a missing, null or wrongly typed argument denies, as an error does. So a word says that a
// thing is a number only where the engine would not stumble over what is none.

/** Each tool's conditions, every one by its kind, joined; `null` if the engine has no word for one. */
function said(tools, words, join) {
  if (tools.some(({ conditions }) => conditions.some(({ kind }) => !words[kind]))) return null;
  return tools.map((tool) => ({
    name: tool.name,
    text: join(tool.conditions.map((condition) => words[condition.kind](condition))),
    conditions: tool.conditions,
  }));
}

const conditions = (tool) => tool.conditions.filter(({ kind }) => kind !== "limit");

const CATTLEGRID = {
  atMost: ({ key, max }) => ({ path: `args.${key}`, op: "lte", value: max }),
  oneOf: ({ key, values }) => ({ path: `args.${key}`, op: "in", value: values }),
  exists: ({ key }) => ({ path: `args.${key}`, op: "exists", value: true }),
  matches: ({ key, pattern }) => ({ path: `args.${key}`, op: "regex", value: pattern }),
  eachAtMost: ({ list, key, max }) => ({ path: `args.${list}[*].${key}`, op: "lte", value: max }),
};

function cattlegrid(tools) {
  const rules = (tool) => {
    const limits = tool.conditions.filter(({ kind }) => kind === "limit");
    return {
      require: [{ conditions: conditions(tool).map((condition) => CATTLEGRID[condition.kind](condition)) }],
      ...(limits.length > 0 && {
        limits: limits.map(({ counter, window, max, of }) => ({
          counter,
          window,
          max,
          ...(of && { increment_from: `args.${of}` }),
        })),
      }),
    };
  };
  const entries = tools.map((tool) => [tool.name, rules(tool)]);
  return JSON.stringify({ version: "1", default: "deny", tools: Object.fromEntries(entries) });
}

// Cedar compares whole numbers with whole numbers only, has no null, and no way into the elements of a set; `like`
// knows `*` alone, which is less than the pattern says.
const CEDAR = {
  atMost: ({ key, max }) => `context.${key} <= ${max}`,
  oneOf: ({ key, values }) => `${JSON.stringify(values)}.contains(context.${key})`,
  exists: ({ key }) => `context has ${key}`,
};

/** A policy for each tool, which is an action: what Cedar is made for. */
function cedar(tools) {
  return (
    said(tools, CEDAR, (words) => words.join(" && "))
      ?.map(({ name, text }) => `permit (principal, action == Action::"${name}", resource) when { ${text} };`)
      .join("\n") ?? null
  );
}

const CEDAR_DATA = {
  atMost: ({ key }) => `context.${key} <= resource.${key}_max`,
  oneOf: ({ key }) => `resource.${key}_values.contains(context.${key})`,
  exists: ({ key }) => `context has ${key}`,
};

/** One policy for all; the bounds stand in entities, one a tool, so that Cedar need not look at every tool's policy. */
function cedarData(tools) {
  const [one] = said(tools.slice(0, 1), CEDAR_DATA, (words) => words.join(" && ")) ?? [];
  if (!one) return null;
  const entities = tools.map(({ name, conditions }) => ({
    uid: { type: "Tool", id: name },
    attrs: dataOf(conditions),
    parents: [],
  }));
  const permit = `permit (principal, action == Action::"call", resource is Tool) when { resource has ${Object.keys(entities[0].attrs)[0]} && ${one.text} };`;
  return { text: permit, entities };
}

/** The bounds of a tool by the names that the policies over data give them. */
function dataOf(conditions) {
  const data = {};
  for (const condition of conditions) {
    if (condition.kind === "atMost") data[`${condition.key}_max`] = condition.max;
    if (condition.kind === "eachAtMost") data[`${condition.list}_${condition.key}_max`] = condition.max;
    if (condition.kind === "oneOf") data[`${condition.key}_values`] = condition.values;
  }
  return data;
}

// In Rego null is less than every number, and numbers are less than texts.
const REGO = {
  atMost: ({ key }) => `is_number(args.${key})\n\targs.${key} <= tool.${key}_max`,
  oneOf: ({ key }) => `args.${key} in tool.${key}_values`,
  exists: ({ key }) => `args.${key} != null`,
  matches: ({ key, pattern }) => `regex.match(\`${pattern}\`, args.${key})`,
  eachAtMost: ({ list, key }) =>
    `count(args.${list}) > 0\n\tevery element in args.${list} {\n` +
    `\t\tis_number(element.${key})\n\t\telement.${key} <= tool.${list}_${key}_max\n\t}`,
};

/** One rule for all; the bounds stand in `data`, by the tool's name, which is one look-up however many there are. */
function rego(tools) {
  const [one] = said(tools.slice(0, 1), REGO, (words) => words.join("\n\t")) ?? [];
  if (!one) return null;
  const text = `package gate

import rego.v1

default allow := false

allow if {
	tool := data.tools[input.params.name]
	args := input.params.arguments
	${one.text}
}
`;
  return { text, data: { tools: Object.fromEntries(tools.map((tool) => [tool.name, dataOf(tool.conditions)])) } };
}

// CEL has no order between numbers and anything else, and a missing key is an error.
const CEL = {
  atMost: ({ key, max }) => `args.${key} <= ${max}`,
  oneOf: ({ key, values }) => `args.${key} in ${JSON.stringify(values)}`,
  exists: ({ key }) => `has(args.${key}) && args.${key} != null`,
  matches: ({ key, pattern }) => `args.${key}.matches(${JSON.stringify(pattern)})`,
  eachAtMost: ({ list, key, max }) => `size(args.${list}) > 0 && args.${list}.all(element, element.${key} <= ${max})`,
};

/** An expression for each tool; whoever calls CEL finds the expression by the name. */
function cel(tools) {
  const all = said(tools, CEL, (words) => words.join(" && "));
  return all && Object.fromEntries(all.map(({ name, text }) => [name, text]));
}

// `<=` of JSON Logic is JavaScript's, which makes numbers of texts and of null: hence the operation `isNumber`, which
// its users would add as well.
const JSON_LOGIC = {
  atMost: ({ key, max }) => ({ and: [{ isNumber: [{ var: key }] }, { "<=": [{ var: key }, max] }] }),
  oneOf: ({ key, values }) => ({ in: [{ var: key }, values] }),
  exists: ({ key }) => ({ "!==": [{ var: key }, null] }),
  eachAtMost: ({ list, key, max }) => ({
    and: [
      { ">": [{ length: { var: list } }, 0] },
      { all: [{ var: list }, { and: [{ isNumber: [{ var: key }] }, { "<=": [{ var: key }, max] }] }] },
    ],
  }),
};

/** A rule for each tool, found by its name. */
function jsonLogic(tools) {
  const all = said(tools, JSON_LOGIC, (words) => ({ and: words }));
  return all && Object.fromEntries(all.map(({ name, text }) => [name, text]));
}

// `lessThanInclusive` takes a text for the number in it: hence the operator `atMost`.
const JSON_RULES = {
  atMost: ({ key, max }) => ({ fact: "args", path: `$.${key}`, operator: "atMost", value: max }),
  oneOf: ({ key, values }) => ({ fact: "args", path: `$.${key}`, operator: "in", value: values }),
  exists: ({ key }) => ({ fact: "args", path: `$.${key}`, operator: "exists", value: true }),
};

/** An engine for each tool, found by its name: in one engine every rule would be looked at. */
function jsonRules(tools) {
  const all = said(tools, JSON_RULES, (words) => ({ all: words }));
  return all && Object.fromEntries(all.map(({ name, text }) => [name, text]));
}

// casbin's policies are rows of texts; what a number is and what a list is come as functions, which its users would add.
const CASBIN = {
  atMost: ({ key }) => `atMost(r.args.${key}, p.${key}_max)`,
  oneOf: ({ key }) => `oneOf(r.args.${key}, p.${key}_values)`,
  exists: ({ key }) => `r.args.${key} != null`,
  matches: ({ key, pattern }) =>
    `isText(r.args.${key}) && regexMatch(r.args.${key}, '${pattern.replaceAll("\\", "\\\\")}')`,
};

/** One matcher for all, with a row of bounds for each tool; each row is looked at until one allows. */
function casbin(tools) {
  const [one] = said(tools.slice(0, 1), CASBIN, (words) => words.join(" && ")) ?? [];
  if (!one) return null;
  const rows = tools.map(({ name, conditions }) => [name, ...Object.values(dataOf(conditions)).map(String)]);
  const model = `[request_definition]
r = tool, args
[policy_definition]
p = ${["tool", ...Object.keys(dataOf(tools[0].conditions))].join(", ")}
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = r.tool == p.tool && ${one.text}
`;
  return { model, rows };
}

const AJV = {
  atMost: ({ key, max }) => [key, { type: "number", maximum: max }],
  oneOf: ({ key, values }) => [key, { enum: values }],
  exists: ({ key }) => [key, { not: { type: "null" } }],
  matches: ({ key, pattern }) => [key, { type: "string", pattern }],
  eachAtMost: ({ list, key, max }) => [
    list,
    {
      type: "array",
      minItems: 1,
      items: { type: "object", required: [key], properties: { [key]: { type: "number", maximum: max } } },
    },
  ],
};

/** A schema of the arguments for each tool, found by its name. */
function ajv(tools) {
  const join = (words) => ({
    type: "object",
    required: words.map(([key]) => key),
    properties: Object.fromEntries(words),
  });
  const all = said(tools, AJV, join);
  return all && Object.fromEntries(all.map(({ name, text }) => [name, text]));
}

export const LANGUAGES = { cattlegrid, cedar, cedarData, rego, cel, jsonLogic, jsonRules, casbin, ajv };
