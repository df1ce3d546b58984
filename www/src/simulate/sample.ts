// A first set of arguments for a tool, made from its `inputSchema`: something to change, not something to trust.

export type Schema = Record<string, unknown>;

/** Deeper than this a sample helps nobody, and a schema that refers to itself ends. */
const DEPTH = 6;

/** The sample as text, two spaces an indent. A schema that says nothing gives `{}`. */
export function sampleArguments(inputSchema: unknown): string {
  const value = sample(inputSchema, inputSchema, DEPTH);
  return JSON.stringify(isSchema(value) ? value : {}, null, 2);
}

function sample(node: unknown, root: unknown, depth: number): unknown {
  const schema = follow(node, root);
  if (!schema || depth === 0) return null;
  if ("const" in schema) return schema.const;
  if ("default" in schema) return schema.default;
  if (Array.isArray(schema.examples) && schema.examples.length > 0) return schema.examples[0];
  if (Array.isArray(schema.enum) && schema.enum.length > 0) return schema.enum[0];
  for (const key of ["anyOf", "oneOf", "allOf"]) {
    const options = schema[key];
    if (Array.isArray(options) && options.length > 0) return sample(options[0], root, depth - 1);
  }
  switch (Array.isArray(schema.type) ? schema.type[0] : schema.type) {
    case "string":
      return string(schema);
    case "integer":
    case "number":
      return typeof schema.minimum === "number" ? schema.minimum : 1;
    case "boolean":
      return false;
    case "array":
      return schema.items === undefined ? [] : [sample(schema.items, root, depth - 1)];
    case "null":
      return null;
    default:
      return object(schema, root, depth);
  }
}

/** What must be there, and what the server fills in when it is not. */
function object(schema: Schema, root: unknown, depth: number): unknown {
  const properties = isSchema(schema.properties) ? schema.properties : {};
  const required = Array.isArray(schema.required) ? schema.required : [];
  const wanted = Object.entries(properties).filter(
    ([name, value]) => required.includes(name) || (isSchema(value) && "default" in value),
  );
  // `fromEntries` makes own properties even of a name such as `__proto__`.
  return Object.fromEntries(wanted.map(([name, value]) => [name, sample(value, root, depth - 1)] as const));
}

function string(schema: Schema): string {
  switch (schema.format) {
    case "date":
      return "2026-01-31";
    case "date-time":
      return "2026-01-31T12:00:00Z";
    case "email":
      return "ada@example.org";
    case "uri":
      return "https://example.org/";
    default:
      return "text";
  }
}

/** A schema, or the one in the same document that its `$ref` names. */
export function follow(node: unknown, root: unknown): Schema | undefined {
  if (!isSchema(node)) return undefined;
  if (typeof node.$ref !== "string") return node;
  if (!node.$ref.startsWith("#/")) return undefined;
  let target: unknown = root;
  for (const segment of node.$ref.slice(2).split("/")) {
    const key = segment.replaceAll("~1", "/").replaceAll("~0", "~");
    target = isSchema(target) && Object.hasOwn(target, key) ? target[key] : undefined;
  }
  return isSchema(target) && typeof target.$ref !== "string" ? target : undefined;
}

export function isSchema(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
