// The engines that are WebAssembly, in Node and in a browser alike: this file imports nothing of Node.
//
// An engine has the address of its `wasm`, the `glue` that its package has for it, and `start`, which makes an engine of
// both. An engine makes a gate of a policy; a gate answers whether it allows a call, as an object or as text.

const here = (path) => new URL(path, import.meta.url).href;

/** The entries of the package that can decide; a further one is a further line. */
const ENTRIES = [
  { name: "cattlegrid", module: "../../pkg/npm/js/slim.js", wasm: "../../pkg/npm/wasm/cattlegrid_bg.wasm" },
  { name: "cattlegrid/decide", module: "../../pkg/npm/js/decide.js", wasm: "../../pkg/npm/wasm/decide_bg.wasm" },
];

/** The entry that reads a policy which was compiled before; it decides as the others do, and only starts otherwise. */
const COMPILED = {
  name: "cattlegrid/compiled",
  module: "../../pkg/npm/js/compiled.js",
  wasm: "../../pkg/npm/wasm/compiled_bg.wasm",
  read: ({ compiled }) => compiled,
};

const ours = ({ name, module, wasm, read = (policies) => policies.cattlegrid }) => ({
  name,
  wasm: here(wasm),
  glue: () => import(here(module)),
  async start({ init, Policy }, bytes) {
    await init(bytes);
    return (policies) => {
      const document = read(policies);
      if (!document) return null;
      const policy = new Policy(document);
      return {
        object: (call) => policy.decide(call) === "allow",
        text: (text) => policy.decideText(text) === "allow",
      };
    };
  },
});

/** The form that a call has for those that are given an object. */
export function read(text) {
  const { params } = JSON.parse(text);
  return { tool: params.name, arguments: params.arguments };
}

const CEDAR = "./node_modules/@cedar-policy/cedar-wasm/web/cedar_wasm";

/** Policies are kept in the engine under a name. */
let sets = 0;

function cedarGate(cedar, text, requestOf) {
  const preparsedPolicySetId = `set ${(sets += 1)}`;
  const { type, errors } = cedar.preparsePolicySet(preparsedPolicySetId, { staticPolicies: text });
  if (type !== "success") throw new Error(`Cedar: ${JSON.stringify(errors)}`);
  const principal = { type: "Agent", id: "agent" };
  const object = (call) => {
    const request = { preparsedPolicySetId, principal, context: call.arguments, ...requestOf(call.tool) };
    // A failure is a context that Cedar cannot have, such as one with null.
    return cedar.statefulIsAuthorized(request).response?.decision === "allow";
  };
  return { object, text: (text) => object(read(text)) };
}

const cedar = (name, gate) => ({
  name,
  wasm: here(`${CEDAR}_bg.wasm`),
  glue: () => import(here(`${CEDAR}.js`)),
  async start(glue, bytes) {
    glue.initSync({ module: bytes });
    return (policies) => gate(glue, policies);
  },
});

function cedarByAction(glue, { cedar }) {
  const resource = { type: "Server", id: "server" };
  const requestOf = (tool) => ({ action: { type: "Action", id: tool }, resource, entities: [] });
  return cedar && cedarGate(glue, cedar, requestOf);
}

/** The entity of the tool that is called goes in with the call; Cedar's wasm keeps no entities. */
function cedarByData(glue, { cedarData }) {
  if (!cedarData) return null;
  const entities = new Map(cedarData.entities.map((entity) => [entity.uid.id, [entity]]));
  const action = { type: "Action", id: "call" };
  const requestOf = (tool) => ({ action, resource: { type: "Tool", id: tool }, entities: entities.get(tool) ?? [] });
  return cedarGate(glue, cedarData.text, requestOf);
}

const regorus = {
  name: "regorus (RVM)",
  wasm: here("../../target/peers/regorus.wasm"),
  glue: async () => ({}),
  async start(_, bytes) {
    const { instance } = await WebAssembly.instantiate(bytes, {});
    const { memory, buffer, gate, allows } = instance.exports;
    const encoder = new TextEncoder();
    let room = new Uint8Array(0);
    const write = (text) => {
      // When memory grows, what was seen of it has no length any more.
      const size = text.length * 3;
      if (room.length < size) {
        const address = buffer(size);
        room = new Uint8Array(memory.buffer, address, size);
      }
      return encoder.encodeInto(text, room).written;
    };
    return ({ rego }) => {
      if (!rego) return null;
      const data = JSON.stringify(rego.data);
      write(rego.text + data);
      const number = gate(encoder.encode(rego.text).length, encoder.encode(data).length);
      const text = (text) => allows(number, write(text)) === 1;
      const object = (call) => text(JSON.stringify({ params: { name: call.tool, arguments: call.arguments } }));
      return { object, text };
    };
  },
};

export const ENGINES = [
  ...ENTRIES.map(ours),
  ours(COMPILED),
  cedar("Cedar, a policy a tool", cedarByAction),
  cedar("Cedar, tools as data", cedarByData),
  regorus,
];

/**
 * A cold start, in milliseconds: from the bytes of the wasm and the text of the policy, both in memory, to the first
 * decision. What the package's own JavaScript takes to load is told apart.
 */
export async function coldStart({ name, glue, start }, bytes, { policies: given, compiled, text }) {
  const policies = { ...given, compiled: Uint8Array.from(compiled) };
  const began = performance.now();
  const module = await glue();
  const loaded = performance.now();
  const makeGate = await start(module, bytes);
  const allowed = makeGate(policies).text(text);
  const done = performance.now();
  if (!allowed) throw new Error(`${name}: the first decision is wrong`);
  return { name, glue: loaded - began, start: done - loaded };
}
