// A transport of the official SDK with a guard in it: on a client's side what the program sends is decided, on a
// server's what it is sent. A transport is whatever has start, send, close and onmessage.

import { Broken, returned, settle } from "../guard.js";
import { guardOf } from "./options.js";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * The transport with a guard in it.
 *
 * @param transport what is connected to the other side
 * @param options the configuration of the filter, and `side`, `store`, `session`, `authorization`, `log`, `now`
 */
export function guardTransport(transport, options) {
  const own = guardOf(options, ["side", "session", "authorization", "now"]);
  const { side, now = Date.now, session, authorization } = own;
  if (side !== "client" && side !== "server") throw new TypeError('`side` is "client" or "server"');
  const guarded = new Guarded(transport, { ...own, now, session, authorization });
  return side === "client" ? guarded.forClient() : guarded.forServer();
}

class Guarded {
  #transport;
  #context;
  #pipe;
  /** What the program wants to be told. */
  #onmessage;

  constructor(transport, context) {
    this.#transport = transport;
    this.#context = context;
    this.#pipe = context.guard.pipe(context.authorization);
  }

  /** For a client: its messages are judged on their way out. */
  forClient() {
    const transport = this.#transport;
    return this.#around({
      send: async (message, options) => {
        const step = await this.#judge(message, undefined);
        if (step.forward) return await transport.send(step.forward, options);
        // The client finds the answer where it waits for it, and not before it waits.
        if (step.answer) queueMicrotask(() => this.#onmessage?.(step.answer));
        return undefined;
      },
      receive: (message, extra) =>
        this.#afterwards(
          () => this.#pass(message),
          (passed) => this.#onmessage?.(passed, extra),
        ),
    });
  }

  /** For a server: what clients send it is judged on its way in. */
  forServer() {
    const transport = this.#transport;
    return this.#around({
      send: async (message, options) => transport.send(await this.#pass(message), options),
      receive: (message, extra) =>
        this.#afterwards(
          () => this.#judge(message, extra),
          (step) => {
            if (step.forward) return this.#onmessage?.(step.forward, extra);
            if (step.answer) return transport.send(step.answer, { relatedRequestId: step.answer.id });
            return undefined;
          },
        ),
    });
  }

  /** Goes on at once where nothing is waited for, so that messages stay in their order. */
  #afterwards(work, then) {
    const failed = (error) => {
      this.#transport.onerror?.(error);
      // Nothing passes any more, and nobody is to wait for it.
      if (error instanceof Broken) Promise.resolve(this.#transport.close()).catch(() => {});
    };
    try {
      const value = work();
      const done = typeof value?.then === "function" ? value.then(then) : then(value);
      if (typeof done?.then === "function") done.then(undefined, failed);
    } catch (error) {
      failed(error);
    }
  }

  /** The transport, with these two ways through it. */
  #around({ send, receive }) {
    const transport = this.#transport;
    transport.onmessage = receive;
    return new Proxy(transport, {
      get: (target, name) => {
        if (name === "send") return send;
        if (name === "onmessage") return this.#onmessage;
        const value = Reflect.get(target, name, target);
        // Methods know their own transport only.
        return typeof value === "function" && !CALLBACKS.has(name) ? value.bind(target) : value;
      },
      set: (target, name, value) => {
        if (name === "onmessage") this.#onmessage = value;
        else Reflect.set(target, name, value, target);
        return true;
      },
    });
  }

  /** What becomes of a message of the client: `forward` or `answer` is a message, or neither is there. */
  #judge(message, extra) {
    const { guard, store, now } = this.#context;
    const exchange = guard.exchange();
    const session = this.#context.session ?? this.#transport.sessionId;
    let step = exchange.open(this.#context.authorization ?? bearerOf(extra), session);
    if (step.next === "body") {
      const time = now();
      step = settle(exchange, exchange.body(bytesOf(message), time), store, time);
    }
    if (typeof step?.then === "function") return step.then((step) => this.#judged(exchange, step, message));
    return this.#judged(exchange, step, message);
  }

  #judged(exchange, step, message) {
    const { log, store } = this.#context;
    if (step.line) log(step.line);
    if (step.next === "forward" && step.id !== undefined && this.#pipe.waitsFor(step.id)) {
      step = exchange.inUse();
      const answer = messageOf(exchange.bytes());
      exchange.free();
      return returned(store, step.giveBack, { answer });
    }
    const bytes = exchange.bytes();
    if (step.next === "answer") {
      exchange.free();
      return { answer: bytes.length > 0 ? messageOf(bytes) : undefined };
    }
    const forward = step.asItCame ? message : messageOf(bytes);
    if (step.cancels !== undefined) this.#pipe.forget(step.cancels)?.free();
    if (step.id === undefined) exchange.free();
    else this.#pipe.wait(exchange);
    return { forward };
  }

  /** What goes on of a message of the server. */
  #pass(message) {
    const verdict = this.#pipe.message(bytesOf(message));
    for (const line of verdict.lines ?? []) this.#context.log(line);
    const passed = verdict.replaced ? messageOf(this.#pipe.bytes()) : message;
    return returned(this.#context.store, verdict.giveBack, passed);
  }
}

const CALLBACKS = new Set(["onclose", "onerror", "onmessage"]);

const bytesOf = (message) => encoder.encode(JSON.stringify(message));
const messageOf = (bytes) => JSON.parse(decoder.decode(bytes));

/** The token that came with the request that a message was in, if the transport says so. */
function bearerOf(extra) {
  const headers = extra?.requestInfo?.headers ?? extra?.request?.headers;
  const value = typeof headers?.get === "function" ? headers.get("authorization") : headers?.authorization;
  return typeof value === "string" ? value : undefined;
}
