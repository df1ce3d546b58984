// What decides for who stands between clients and servers, over a module of its own. It owns no socket and keeps no
// counter: messages come and go as bytes, and what is to be reserved goes to a store.

import { PolicyError } from "./decider.js";
import * as glue from "../wasm/guard.js";

export { PolicyError };

let started = false;

/** Starts the module with its wasm, compiled or as bytes. Once is enough. */
export function start(module) {
  if (started) return;
  glue.initSync({ module });
  started = true;
}

/** An accepted configuration. */
export class Guard {
  #guard;

  /**
   * @param configuration the JSON of the configuration, as bytes
   * @param secret finds the value of a secret that the configuration only names
   * @param former the guard whose place it takes: what that remembers of tools is known here too
   * @throws {PolicyError} with all that is wrong with it
   */
  constructor(configuration, secret = () => undefined, former = undefined) {
    const largest = glue.configurationLimit();
    // Of what is too large no more is copied than shows that it is.
    const bytes = configuration.subarray(0, largest + 1);
    try {
      this.#guard = new glue.Guard(bytes, secret);
    } catch (thrown) {
      throw typeof thrown === "string" ? new PolicyError(JSON.parse(thrown)) : thrown;
    }
    if (former) this.#guard.succeed(former.#guard);
    this.requestBytes = this.#guard.requestBytes;
    this.answerBytes = this.#guard.answerBytes;
    this.policies = JSON.parse(this.#guard.policies);
  }

  /** One request. */
  exchange() {
    return new Exchange(this.#guard.exchange());
  }

  /** A pipe through which the answers to many requests come. */
  pipe(authorization) {
    return new Pipe(new glue.Pipe(this.#guard, authorization));
  }

  free() {
    this.#guard.free();
  }
}

/** One request and its answer: steps and verdicts are objects here, texts in the module. */
export class Exchange {
  #exchange;
  /** Moves the exchange into a pipe. */
  static move;

  static {
    Exchange.move = (exchange) => {
      const moved = exchange.#exchange;
      exchange.#exchange = undefined;
      return moved;
    };
  }

  constructor(exchange) {
    this.#exchange = exchange;
  }

  get server() {
    return this.#exchange.server;
  }

  get ownsToken() {
    return this.#exchange.ownsToken;
  }

  head(head) {
    return JSON.parse(this.#exchange.head(JSON.stringify(head)));
  }

  open(authorization, session, approval) {
    return JSON.parse(this.#exchange.open(authorization, session, approval));
  }

  body(bytes, now) {
    return JSON.parse(this.#exchange.body(bytes, now));
  }

  tooLarge() {
    return JSON.parse(this.#exchange.tooLarge());
  }

  reserved(outcome) {
    return JSON.parse(this.#exchange.reserved(JSON.stringify(outcome)));
  }

  unreserved() {
    return JSON.parse(this.#exchange.unreserved());
  }

  inUse() {
    return JSON.parse(this.#exchange.inUse());
  }

  bytes() {
    return this.#exchange.bytes();
  }

  answerHead(status, type, encoding, empty) {
    return JSON.parse(this.#exchange.answerHead(status, type, encoding, empty));
  }

  withhold(status) {
    return JSON.parse(this.#exchange.withhold(status));
  }

  noAnswer(status, why) {
    return JSON.parse(this.#exchange.noAnswer(status, why));
  }

  lastEvent(why) {
    return this.#exchange.lastEvent(why);
  }

  message(bytes) {
    return JSON.parse(this.#exchange.message(bytes));
  }

  piece(bytes, end) {
    return JSON.parse(this.#exchange.piece(bytes, end));
  }

  failed() {
    return JSON.parse(this.#exchange.failed());
  }

  free() {
    this.#exchange?.free();
    this.#exchange = undefined;
  }
}

/** The requests that wait for their answers, which come through one pipe. */
export class Pipe {
  #pipe;

  constructor(pipe) {
    this.#pipe = pipe;
  }

  get waiting() {
    return this.#pipe.waiting;
  }

  get ids() {
    return JSON.parse(this.#pipe.ids());
  }

  waitsFor(id) {
    return this.#pipe.waitsFor(id);
  }

  /** From now on the exchange is the pipe's. */
  wait(exchange) {
    this.#pipe.wait(Exchange.move(exchange));
  }

  forget(id) {
    const exchange = this.#pipe.forget(id);
    return exchange && new Exchange(exchange);
  }

  message(bytes) {
    return JSON.parse(this.#pipe.message(bytes));
  }

  bytes() {
    return this.#pipe.bytes();
  }

  free() {
    this.#pipe.free();
  }
}

/**
 * Takes a step as far as it goes without the client and the server: what is to be reserved, the store reserves.
 *
 * @returns the step that says what becomes of the message; a promise of it if the store keeps one waiting
 */
export function settle(exchange, step, store, now) {
  while (step.next === "reserve") {
    let outcome;
    try {
      outcome = store.reserve(step.requests, now);
    } catch {
      step = exchange.unreserved();
      continue;
    }
    if (typeof outcome?.then === "function") {
      return outcome.then(
        (outcome) => settle(exchange, exchange.reserved(outcome), store, now),
        () => settle(exchange, exchange.unreserved(), store, now),
      );
    }
    step = exchange.reserved(outcome);
  }
  if (step.giveBack) return returned(store, step.giveBack, step);
  return step;
}

/** Gives back, and goes on with a value. What cannot be given back stays counted: that can only deny. */
export function returned(store, taken, value) {
  if (!taken?.length) return value;
  try {
    const done = store.giveBack(taken);
    if (typeof done?.then === "function")
      return done.then(
        () => value,
        () => value,
      );
  } catch {
    // Said above.
  }
  return value;
}
