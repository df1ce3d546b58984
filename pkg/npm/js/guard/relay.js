// One client and one server, message by message. What may pass is the engine's to say; here it is only carried
// to where it belongs, together with what the store and the person have to say to it.

import { Buffer } from "node:buffer";
import { child, locate, valueOf } from "./install/jsonc.js";
import { changesInWords } from "./changes.js";
import { TooLong } from "./lines.js";
import { Questions } from "./people.js";

const EMPTY = /^[ \t\r]*$/;
/** The JSON-RPC codes for a message that is longer than a line may be, and for what the guard itself could not do. */
const INVALID_REQUEST = -32600;
const INTERNAL_ERROR = -32603;
/** The ids of answers that came too late are remembered, as many of them. */
const LATE = 10_000;

export class Relay {
  #engine;
  /** Of policies that were replaced: some of what they let pass is still under way. */
  #former = [];
  #store;
  #toClient;
  #toServer;
  #tell;
  #decided;
  #questions;
  /** The requests under way by id, and when they went on. */
  #sent = new Map();
  #late = new Set();
  /** What the store is giving back. */
  #giving = new Set();
  #heard = 0;
  /** Why nothing can be sent to the server any more. */
  #over;
  #failed;
  /** Why nothing is decided any more. */
  #broken;

  /**
   * @param engine `{ guard, pipe }`: what decides
   * @param store where limits are counted
   * @param toClient, toServer take the bytes of a message
   * @param tell takes a sentence for who runs the guard
   * @param decided takes each decision: `(line, message)`, its line of log and the message's text
   * @param ask how people are asked: `{ secret, patience }`; nothing if they are not
   * @param failed is called once if the guard itself breaks down, with the error: nothing passes from then on
   */
  constructor({ engine, store, toClient, toServer, tell, decided, ask, failed }) {
    this.#engine = engine;
    this.#store = store;
    this.#toClient = toClient;
    this.#toServer = toServer;
    this.#tell = tell;
    this.#decided = decided;
    this.#questions = new Questions(ask, toClient);
    this.#failed = failed;
  }

  /** Another policy decides from now on. What is counted stays. */
  use(engine) {
    this.#former.push(this.#engine);
    this.#engine = engine;
    try {
      this.#dropFormer();
    } catch (error) {
      this.fail(error);
    }
  }

  /** A message of the client, or a `TooLong`. A promise if the next has to wait for it. */
  fromClient(line) {
    if (this.#broken !== undefined) return this.#refuse(line);
    const failed = (error) => {
      this.fail(error);
      this.#refuse(line);
    };
    try {
      return this.#ofClient(line)?.catch(failed);
    } catch (error) {
      return failed(error);
    }
  }

  #ofClient(line) {
    if (line instanceof TooLong) return this.#tooLongOfClient(line.seen());
    if (line.length < 8 && EMPTY.test(text(line))) return undefined;
    if (this.#questions.answered(line)) return undefined;
    const again = this.#questions.again(line);
    if (!again) return this.#decide(line);
    if (again.token === undefined) return this.#decide(again.line, undefined, again.why);
    return again.token.then((token) => this.#decide(again.line, token));
  }

  #tooLongOfClient({ id, isAnswer }) {
    // An answer is not answered.
    if (isAnswer === true) return this.#tell("a line of the client was left out: it is too large");
    // Nor is one that already waits for its own answer.
    const of = id === undefined || this.#sent.has(id) ? "null" : id;
    return this.#toClient(failure(of, "invalid request: it is too large", INVALID_REQUEST));
  }

  /** A message of the server, or a `TooLong`. */
  fromServer(line) {
    if (this.#broken !== undefined) return;
    try {
      this.#ofServer(line);
    } catch (error) {
      this.fail(error);
    }
  }

  #ofServer(line) {
    this.#heard = Date.now();
    if (line instanceof TooLong) return this.#tooLongOfServer(line.seen());
    if (line.length < 8 && EMPTY.test(text(line))) return undefined;
    const pipe = this.#waiting(line);
    const verdict = pipe.message(line);
    if (verdict.giveBack) this.#giveBack(verdict.giveBack);
    for (const said of verdict.lines ?? []) this.#tell(changesInWords(said));
    // Requests of the server have ids of their own, often the same ones.
    let id = verdict.method === undefined ? verdict.id : undefined;
    if (verdict.withheld) {
      this.#tell("a message of the server was withheld: it cannot be read safely");
      // Whoever waits for it is told; the tool has run.
      id ??= looseId(line);
      if (this.#sent.has(id)) return this.#fail(id, "the server's answer cannot be read safely", false);
    }
    if (id !== undefined) {
      if (this.#late.delete(id)) return undefined;
      if (this.#sent.delete(id)) this.#dropFormer();
    }
    const bytes = verdict.replaced ? pipe.bytes() : line;
    return bytes.length > 0 ? this.#toClient(bytes) : undefined;
  }

  /** Whoever waits for it is told, if that is known or there is only one: nobody has to wait for what does not come. */
  #tooLongOfServer({ id, isAnswer }) {
    this.#tell("a line of the server was left out: it is too large");
    if (isAnswer === false) return;
    const [only] = this.#sent.size === 1 ? this.#sent.keys() : [];
    const of = id ?? only;
    // The tool has run.
    if (this.#sent.has(of)) this.#giveUp(of, "the server's answer is too large");
  }

  /** The guard itself has broken down: whoever waits is told, nothing is decided and nothing passes any more. */
  fail(error) {
    if (this.#broken !== undefined) return;
    this.#broken = this.#over = `the guard has failed: ${error.message}`;
    this.#questions.close(`Nobody can approve it any more: ${this.#broken}.`);
    for (const id of this.#sent.keys()) this.#toClient(failure(id, this.#broken));
    this.#sent.clear();
    this.#failed(error);
  }

  /** Answers a request that cannot be decided. */
  #refuse(line) {
    if (line instanceof TooLong) return;
    let id = "null";
    try {
      const message = text(line);
      const root = locate(message);
      if (!child(root, "method")) return;
      const node = child(root, "id");
      if (!node) return;
      if (["string", "number"].includes(typeof valueOf(node))) id = message.slice(node.start, node.end);
    } catch {
      // Whatever it was, it is not done.
    }
    this.#toClient(failure(id, this.#broken));
  }

  /** The server no longer reads: what still comes cannot be done. */
  closed() {
    this.#over ??= "the server no longer reads";
  }

  /** The client says nothing more. */
  silent() {
    this.#questions.close("The client has ended.");
  }

  /** The server is gone: whoever waits for it is told why, and nothing more goes to it. */
  over(why) {
    this.#over = why;
    this.#questions.close(`Nobody needs to decide any more: ${why}.`);
    for (const id of [...this.#sent.keys()]) this.#fail(id, why, true);
  }

  /** Tells those who have waited for so many milliseconds while the server said nothing at all. */
  expire(patience, now = Date.now()) {
    for (const [id, sent] of this.#sent) {
      if (now - Math.max(sent, this.#heard) < patience) continue;
      // It may be at work all the same.
      this.#giveUp(id, `the server has said nothing for ${Math.round(patience / 1000)} seconds`);
    }
  }

  /** An answer is waited for no longer, and goes nowhere if it comes all the same. What was counted stays. */
  #giveUp(id, why) {
    this.#late.add(id);
    if (this.#late.size > LATE) this.#late.delete(this.#late.values().next().value);
    this.#fail(id, why, false);
  }

  /** `why` is why it is not asked about, if it is held. */
  #decide(line, approval, why) {
    const now = Date.now();
    const exchange = this.#engine.pipe.exchange(undefined, approval);
    const step = exchange.body(line, now);
    const settle = (step) => this.#settle(exchange, step, line, approval, why);
    return step.next === "reserve" ? this.#reserve(exchange, step, now, settle) : settle(step);
  }

  /** Asks the store until nothing is left to ask; at once if it answers at once. */
  #reserve(exchange, step, now, settle) {
    const failed = (error) => {
      this.#tell(`the limits of a call cannot be counted: ${error.message}`);
      return exchange.unreserved();
    };
    while (step.next === "reserve") {
      let outcome;
      try {
        outcome = this.#store.reserve(step.requests, now);
        if (typeof outcome?.then === "function") {
          const next = outcome.then((outcome) => exchange.reserved(outcome)).catch(failed);
          return next.then((step) => this.#reserve(exchange, step, now, settle));
        }
        step = exchange.reserved(outcome);
      } catch (error) {
        step = failed(error);
      }
    }
    return settle(step);
  }

  /** Does what was decided. */
  #settle(exchange, step, line, approval, why) {
    if (step.giveBack) this.#giveBack(step.giveBack);
    if (step.line !== undefined) this.#decided(step.line, line);
    if (step.next === "forward") return this.#forward(exchange, step, line);
    const bytes = exchange.bytes();
    exchange.free();
    if (step.held === undefined) return bytes.length > 0 ? this.#toClient(bytes) : undefined;
    if (why !== undefined) return this.#toClient(withHint(bytes, why));
    this.#ask(step, line, bytes, approval).catch((error) => {
      this.fail(error);
      this.#toClient(bytes);
    });
    return undefined;
  }

  #forward(exchange, step, line) {
    const { id } = step;
    const bytes = step.asItCame ? line : exchange.bytes();
    if (id !== undefined && this.#sent.has(id)) {
      const refused = exchange.inUse();
      if (refused.giveBack) this.#giveBack(refused.giveBack);
      this.#toClient(exchange.bytes());
      exchange.free();
      return;
    }
    if (step.cancels !== undefined) this.#cancel(step.cancels);
    if (id === undefined) exchange.free();
    else {
      this.#questions.look(bytes);
      this.#late.delete(id);
      this.#engine.pipe.wait(exchange);
      this.#sent.set(id, Date.now());
      if (this.#over !== undefined) {
        this.#fail(id, this.#over, true);
        return;
      }
    }
    this.#toServer(bytes);
  }

  /** The client no longer waits for this one. */
  #cancel(id) {
    this.#questions.cancel(id);
    if (!this.#sent.delete(id)) return;
    // The tool may run all the same: what it took is kept.
    this.#pipeOf(id)?.forget(id)?.free();
    this.#dropFormer();
  }

  /** Nothing has come, and nothing will. */
  #fail(id, why, givesBack) {
    if (this.#broken !== undefined) return;
    try {
      const exchange = this.#pipeOf(id)?.forget(id);
      this.#sent.delete(id);
      if (!exchange) return;
      if (givesBack) this.#giveBack(exchange.failed());
      exchange.noAnswer(200, why);
      this.#toClient(exchange.bytes());
      exchange.free();
      this.#dropFormer();
    } catch (error) {
      // With those who wait it is told.
      this.#sent.set(id, 0);
      this.fail(error);
    }
  }

  /** Asks the person about a call that is held, and decides it again if the answer is yes. */
  async #ask(step, line, denial, approval) {
    const said = await this.#questions.ask(step, text(line), approval);
    if (said.instead !== undefined) return void this.#toClient(said.instead);
    if (said.token === undefined) {
      if (said.why !== undefined) this.#toClient(withHint(denial, said.why));
      return;
    }
    if (this.#broken === undefined) await this.#decide(line, said.token);
    else this.#toClient(denial);
  }

  #giveBack(taken) {
    if (taken.length === 0) return;
    // It stays counted, which can only deny.
    const failed = (error) => this.#tell(`what a call had counted cannot be given back: ${error.message}`);
    try {
      const done = this.#store.giveBack(taken);
      if (typeof done?.then !== "function") return;
      const given = done.then(undefined, failed).finally(() => this.#giving.delete(given));
      this.#giving.add(given);
    } catch (error) {
      failed(error);
    }
  }

  /** When all is given back that was to be; the store says itself how long that may take. */
  async settled() {
    await Promise.all(this.#giving);
  }

  #pipeOf(id) {
    return [this.#engine, ...this.#former].map(({ pipe }) => pipe).find((pipe) => pipe.waitsFor(id));
  }

  /** The pipe by which a message is judged: that of the request that it answers, else the newest. */
  #waiting(line) {
    if (this.#former.length === 0) return this.#engine.pipe;
    try {
      const message = text(line);
      const id = child(locate(message), "id");
      const found = id && this.#pipeOf(message.slice(id.start, id.end));
      if (found) return found;
    } catch {
      // The newest says so.
    }
    return this.#engine.pipe;
  }

  #dropFormer() {
    this.#former = this.#former.filter(({ guard, pipe }) => {
      if (pipe.ids.length > 0) return true;
      pipe.free();
      guard.free();
      return false;
    });
  }
}

const text = (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");

/** The id that a message seems to have, as a JSON text: good enough to say that the message is not passed on. */
function looseId(line) {
  try {
    const { id, method } = JSON.parse(text(line));
    return method === undefined && id !== null ? JSON.stringify(id) : undefined;
  } catch {
    return undefined;
  }
}

/** A denial with another sentence in its text. */
function withHint(denial, why) {
  const message = text(denial);
  const said = child(child(child(locate(message), "result"), "content").items[0], "text");
  const more = JSON.stringify(`${said.value}\n${why}`);
  return Buffer.from(message.slice(0, said.start) + more + message.slice(said.end));
}

/** The answer to a request, by the JSON text of its id, that the guard could not deal with. */
const failure = (id, message, code = INTERNAL_ERROR) =>
  Buffer.from(`{"jsonrpc":"2.0","id":${id},"error":${JSON.stringify({ code, message })}}`);
