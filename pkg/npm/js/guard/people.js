// Asking the person at the client about a call that the policy holds, through MCP's elicitation: by a request to the
// client, or, since MCP 2026-07-28, by an answer that asks for input, with which the client makes the call again.

import { randomBytes } from "node:crypto";
import { Buffer } from "node:buffer";
import { approve } from "../approve.js";
import { child, locate, valueOf } from "./install/jsonc.js";

/** So many questions may be open at once. */
const OPEN = 16;
/** So much of the arguments is shown; a call with more is not one that a person could judge by it. */
const SHOWN = 8_000;
/** Seconds that a yes is good for: it is used at once. */
const GOOD = 60;

/** Where a request of 2026-07-28 says what it is of, and what its client can do. */
const VERSION = "io.modelcontextprotocol/protocolVersion";
const CAPABILITIES = "io.modelcontextprotocol/clientCapabilities";
/** What a call brings that is made again with input. */
const INPUT = ["inputResponses", "requestState"];
const KEY = "approve";

const SCHEMA = {
  type: "object",
  properties: {
    approve: {
      type: "boolean",
      title: "Allow this one call",
      description: "Only this call with these arguments, and only once.",
      default: false,
    },
  },
  required: ["approve"],
};

export class Questions {
  #how;
  #toClient;
  /** What the ids of our own requests begin with: nobody but the client ever sees it. */
  #prefix = `cattlegrid-${randomBytes(12).toString("hex")}-`;
  #asked = 0;
  /** The open ones by id: `{ of, settle }`. */
  #open = new Map();
  /** The calls that are to be made again with the answer, by what they bring then: `{ digest, input, until }`. */
  #again = new Map();
  #canAsk = false;
  /** Why nobody can be asked any more. */
  #over;

  constructor(how, toClient) {
    this.#how = how;
    this.#toClient = toClient;
  }

  /** Looks whether a message that goes on says what the client can do. */
  look(bytes) {
    if (bytes.length > 65_536) return;
    const message = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (!message.includes('"initialize"')) return;
    const { method, params } = valueOf(locate(message.toString("utf8")));
    if (method !== "initialize") return;
    this.#canAsk = hasForms(params?.capabilities);
  }

  /**
   * The call as it was held, if a message makes one again with the answer to a question of ours: `{ line }`, and
   * `token` if the answer was yes, else `why`.
   */
  again(line) {
    if (this.#asked === 0 || !Buffer.from(line.buffer, line.byteOffset, line.byteLength).includes(this.#prefix))
      return undefined;
    const message = Buffer.from(line).toString("utf8");
    let params;
    try {
      params = child(locate(message), "params");
    } catch {
      return undefined;
    }
    const state = valueOf(child(params, INPUT[1]));
    if (typeof state !== "string" || !state.startsWith(this.#prefix)) return undefined;
    const question = this.#again.get(state);
    this.#again.delete(state);
    const kept = params.members.filter(({ key }) => !INPUT.includes(key));
    const parts = kept.map(({ start, node }) => message.slice(start, node.end));
    const text = `{${[...parts, ...(question?.input ?? [])].join(",")}}`;
    const held = Buffer.from(message.slice(0, params.start) + text + message.slice(params.end));
    if (!question || question.until < Date.now()) return { line: held, why: "The question is no longer open." };
    if (!isYes(valueOf(child(child(params, INPUT[0]), KEY)))) return { line: held, why: SAID_NO };
    return { line: held, token: this.#token(question.digest) };
  }

  /** Whether a message is the answer to a question of ours; then it goes nowhere else. */
  answered(line) {
    if (this.#asked === 0 || !Buffer.from(line.buffer, line.byteOffset, line.byteLength).includes(this.#prefix))
      return false;
    let message;
    try {
      message = valueOf(locate(Buffer.from(line).toString("utf8")));
    } catch {
      return false;
    }
    const { id, method, result } = message ?? {};
    if (typeof id !== "string" || !id.startsWith(this.#prefix) || method !== undefined) return false;
    const question = this.#open.get(id);
    if (!question) return true;
    question.settle(isYes(result) ? "yes" : "no");
    return true;
  }

  /** The client no longer waits for the call of this id (a JSON text). */
  cancel(of) {
    for (const [id, question] of this.#open) {
      if (question.of !== of) continue;
      this.#withdraw(id, "the call was cancelled");
      question.settle("cancelled");
    }
  }

  /** Nobody is asked any more. */
  close(why) {
    this.#over = why;
    for (const question of [...this.#open.values()]) question.settle("over");
  }

  /**
   * Asks about a held call. `{ token }` if the person said yes, and `{ instead }` if an answer to it asks; else
   * `{ why }`, a sentence for the agent, or nothing if it no longer waits.
   */
  async ask({ held, line }, message, approval) {
    if (approval !== undefined) return { why: "The approval could not be used." };
    if (!this.#how) return { why: this.#advice(held) };
    if (this.#over !== undefined) return { why: this.#over };
    const root = locate(message);
    const params = child(root, "params");
    const meta = valueOf(child(params, "_meta")) ?? {};
    const isModern = VERSION in meta;
    if (!(isModern ? hasForms(meta[CAPABILITIES]) : this.#canAsk))
      return { why: `The client cannot ask a person. ${this.#advice(held)}` };
    for (const [state, { until }] of this.#again) if (until < Date.now()) this.#again.delete(state);
    if (this.#open.size + this.#again.size >= OPEN)
      return { why: `Too many questions are open. ${this.#advice(held)}` };
    const shown = argumentsOf(root, message);
    if (shown.length > SHOWN) return { why: `Its arguments are too long to ask a person. ${this.#advice(held)}` };
    const of = child(root, "id");
    const id = message.slice(of.start, of.end);
    const words = question(JSON.parse(line), shown, this.#how.name);
    if (isModern) return { instead: this.#instead(held, id, words, inputOf(params, message)) };
    const said = await this.#question(words, id);
    switch (said) {
      case "yes":
        return { token: await this.#token(held) };
      case "no":
        return { why: SAID_NO };
      case "late":
        return { why: `Nobody answered in time. ${this.#advice(held)}` };
      case "over":
        return { why: this.#over };
      default:
        return {};
    }
  }

  #token(digest) {
    return approve({ hs256: this.#how.secret }, digest, { subject: "asked", expires: GOOD });
  }

  /** The answer that asks, in place of one of the server. */
  #instead(digest, id, message, input) {
    const state = `${this.#prefix}${(this.#asked += 1)}`;
    this.#again.set(state, { digest, input, until: Date.now() + this.#how.patience });
    const params = { mode: "form", message, requestedSchema: SCHEMA };
    const inputRequests = { [KEY]: { method: "elicitation/create", params } };
    const result = JSON.stringify({ resultType: "input_required", inputRequests, requestState: state });
    return Buffer.from(`{"jsonrpc":"2.0","id":${id},"result":${result}}`);
  }

  /** Sends a question, and waits for its answer: `yes`, `no`, `late`, `cancelled` or `over`. */
  #question(message, of) {
    const id = `${this.#prefix}${(this.#asked += 1)}`;
    const params = { message, requestedSchema: SCHEMA };
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#withdraw(id, "nobody answered in time");
        settle("late");
      }, this.#how.patience);
      const settle = (said) => {
        clearTimeout(timer);
        this.#open.delete(id);
        resolve(said);
      };
      this.#open.set(id, { of, settle });
      this.#send({ jsonrpc: "2.0", id, method: "elicitation/create", params });
    });
  }

  #withdraw(requestId, reason) {
    this.#send({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId, reason } });
  }

  #send(message) {
    this.#toClient(Buffer.from(JSON.stringify(message)));
  }

  #advice(digest) {
    if (!this.#how?.hasKeys && this.#how !== undefined)
      return "Nobody else can approve it: the guard was started without `--approval-key`.";
    return `A person can approve it with \`cattlegrid approve ${digest} --key FILE\`; the same call is then made again with what that prints in \`params._meta["cattlegrid/approval"]\`.`;
  }
}

const SAID_NO = "The person who was asked said no.";

const isYes = (result) => result?.action === "accept" && result.content?.approve === true;

/** Whether a client with these capabilities can show forms; without a word of the ways it can. */
function hasForms(capabilities) {
  const { elicitation } = capabilities ?? {};
  if (typeof elicitation !== "object" || elicitation === null) return false;
  return "form" in elicitation || !("url" in elicitation);
}

/** The members with which a call answers what the server itself has asked. */
const inputOf = (params, message) =>
  params.members.filter(({ key }) => INPUT.includes(key)).map(({ start, node }) => message.slice(start, node.end));

/** The arguments of a call as they came, laid out, with nothing in them that is not seen. */
function argumentsOf(root, message) {
  const node = child(child(root, "params"), "arguments");
  return visible(node ? layOut(node, message, "") : "{}");
}

/** Numbers stay as they are written: some have more digits than JavaScript knows. */
function layOut(node, message, indent) {
  const deeper = `${indent}  `;
  const all = (open, parts, close) =>
    parts.length === 0 ? open + close : `${open}\n${deeper}${parts.join(`,\n${deeper}`)}\n${indent}${close}`;
  if (node.members) {
    const member = ({ key, node }) => `${JSON.stringify(key)}: ${layOut(node, message, deeper)}`;
    return all("{", node.members.map(member), "}");
  }
  if (node.items) {
    const items = node.items.map((item) => layOut(item, message, deeper));
    return all("[", items, "]");
  }
  return typeof node.value === "string" ? JSON.stringify(node.value) : message.slice(node.start, node.end);
}

/** A text in which what has no look of its own, or changes the order of others, stands as its number. */
export function visible(text) {
  const number = (char) => `\\u${char.codePointAt(0).toString(16).padStart(4, "0")}`;
  return text.replace(/[^\n -~\p{L}\p{M}\p{N}\p{P}\p{S}]/gu, number).replace(/[\u115f\u1160\u3164\uffa0]/g, number);
}

function question({ tool, rule, message }, shown, name) {
  const where = name === undefined ? "" : ` of ${visible(name)}`;
  return [
    `The agent wants to call the tool ${visible(JSON.stringify(tool))}${where}, and the policy holds it for you.`,
    visible(message ?? ""),
    `Rule: ${visible(rule ?? "")}`,
    `Arguments:\n${shown}`,
  ].join("\n\n");
}
