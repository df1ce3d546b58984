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

/**
 * The module has broken down in a call, and nothing in it can be relied on any more. It is not made anew: with it
 * went what is remembered of tools that have changed, and a new one would let them pass. Nothing passes from then on,
 * until the program begins again.
 */
export class Broken extends Error {
  constructor(cause) {
    super(`the engine has broken down (${cause.message}): nothing passes until the program is started again`, {
      cause,
    });
    this.name = "Broken";
  }
}

/** Why nothing is asked of the module any more. */
let broken;

/** Asks an object of the module, unless it has broken down. */
function ask(object, work) {
  if (broken) {
    object?.__destroy_into_raw?.();
    throw broken;
  }
  try {
    return work(object);
  } catch (error) {
    // A trap, or no stack is left: whatever was begun in there is half done.
    if (!(error instanceof WebAssembly.RuntimeError || error instanceof RangeError)) throw error;
    broken = new Broken(error);
    // So that nothing is freed in there when it is garbage here.
    object?.__destroy_into_raw?.();
    throw broken;
  }
}

/** Frees an object; where nothing can be asked any more, it is only let go. */
function release(object) {
  try {
    if (object) ask(object, (object) => object.free());
  } catch (error) {
    if (error !== broken) throw error;
  }
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
    const largest = ask(undefined, () => glue.configurationLimit());
    // Of what is too large no more is copied than shows that it is.
    const bytes = configuration.subarray(0, largest + 1);
    try {
      this.#guard = ask(undefined, () => new glue.Guard(bytes, secret));
    } catch (thrown) {
      throw typeof thrown === "string" ? new PolicyError(JSON.parse(thrown)) : thrown;
    }
    if (former) ask(this.#guard, (guard) => guard.succeed(former.#guard));
    this.requestBytes = ask(this.#guard, (guard) => guard.requestBytes);
    this.answerBytes = ask(this.#guard, (guard) => guard.answerBytes);
    this.policies = JSON.parse(ask(this.#guard, (guard) => guard.policies));
  }

  /** Nobody reads the lines about calls that go on. To be said before there is an exchange. */
  quiet() {
    ask(this.#guard, (guard) => guard.quiet());
  }

  /** One request. */
  exchange() {
    return new Exchange(ask(this.#guard, (guard) => guard.exchange()));
  }

  /** A pipe through which the answers to many requests come. */
  pipe(authorization) {
    return new Pipe(ask(this.#guard, (guard) => new glue.Pipe(guard, authorization)));
  }

  free() {
    release(this.#guard);
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
    return ask(this.#exchange, (exchange) => exchange.server);
  }

  get ownsToken() {
    return ask(this.#exchange, (exchange) => exchange.ownsToken);
  }

  head(head) {
    const text = JSON.stringify(head);
    return JSON.parse(ask(this.#exchange, (exchange) => exchange.head(text)));
  }

  open(authorization, session, approval) {
    return JSON.parse(ask(this.#exchange, (exchange) => exchange.open(authorization, session, approval)));
  }

  body(bytes, now) {
    return JSON.parse(ask(this.#exchange, (exchange) => exchange.body(bytes, now)));
  }

  tooLarge() {
    return JSON.parse(ask(this.#exchange, (exchange) => exchange.tooLarge()));
  }

  reserved(outcome) {
    const text = JSON.stringify(outcome);
    return JSON.parse(ask(this.#exchange, (exchange) => exchange.reserved(text)));
  }

  unreserved() {
    return JSON.parse(ask(this.#exchange, (exchange) => exchange.unreserved()));
  }

  inUse() {
    return JSON.parse(ask(this.#exchange, (exchange) => exchange.inUse()));
  }

  bytes() {
    return ask(this.#exchange, (exchange) => exchange.bytes());
  }

  answerHead(status, type, encoding, empty) {
    return JSON.parse(ask(this.#exchange, (exchange) => exchange.answerHead(status, type, encoding, empty)));
  }

  withhold(status) {
    return JSON.parse(ask(this.#exchange, (exchange) => exchange.withhold(status)));
  }

  noAnswer(status, why) {
    return JSON.parse(ask(this.#exchange, (exchange) => exchange.noAnswer(status, why)));
  }

  lastEvent(why) {
    return ask(this.#exchange, (exchange) => exchange.lastEvent(why));
  }

  message(bytes) {
    return JSON.parse(ask(this.#exchange, (exchange) => exchange.message(bytes)));
  }

  piece(bytes, end) {
    return JSON.parse(ask(this.#exchange, (exchange) => exchange.piece(bytes, end)));
  }

  failed() {
    return JSON.parse(ask(this.#exchange, (exchange) => exchange.failed()));
  }

  free() {
    release(this.#exchange);
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
    return ask(this.#pipe, (pipe) => pipe.waiting);
  }

  /** One request of whom the pipe is: what `open` would have said is known. */
  exchange(session, approval) {
    const exchange = ask(this.#pipe, (pipe) => pipe.exchange(session, approval));
    if (!exchange) throw new Error("nobody is known by this authorization");
    return new Exchange(exchange);
  }

  get ids() {
    return JSON.parse(ask(this.#pipe, (pipe) => pipe.ids()));
  }

  waitsFor(id) {
    return ask(this.#pipe, (pipe) => pipe.waitsFor(id));
  }

  /** From now on the exchange is the pipe's. */
  wait(exchange) {
    ask(this.#pipe, (pipe) => pipe.wait(Exchange.move(exchange)));
  }

  forget(id) {
    const exchange = ask(this.#pipe, (pipe) => pipe.forget(id));
    return exchange && new Exchange(exchange);
  }

  message(bytes) {
    return JSON.parse(ask(this.#pipe, (pipe) => pipe.message(bytes)));
  }

  bytes() {
    return ask(this.#pipe, (pipe) => pipe.bytes());
  }

  free() {
    release(this.#pipe);
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
