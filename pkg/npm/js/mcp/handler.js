// Streamable HTTP, from a Request to a Response: what is decided is the engine's, what is sent is here.

import { returned, settle } from "../guard.js";
import { guardOf } from "./options.js";
import { answerHeaders, readWhole, requestHeaders, seenHeaders, TooMuch } from "./http.js";

/** The filter's own words for what should never happen. */
const BROKEN = '{"jsonrpc":"2.0","id":null,"error":{"code":-32603,"message":"the policy filter failed"}}';

/** Milliseconds that an answer is waited for. */
const TIMEOUT = 300_000;

/**
 * A handler for requests of clients, in front of a server.
 *
 * @param options the configuration of the filter, and `upstream`, `store`, `timeout`, `log`, `now`
 */
export function guard(options) {
  const own = guardOf(options, ["upstream", "timeout", "now"]);
  const { upstream, timeout = TIMEOUT, now = Date.now } = own;
  if (!(timeout > 0 && timeout < 2 ** 31)) throw new TypeError("`timeout` is a number of milliseconds");
  const send = sender(upstream);
  const context = { ...own, timeout, now, send };
  return async function handle(request) {
    let passage;
    try {
      passage = new Passage(context, request);
      return await passage.run();
    } catch (error) {
      // Whatever it was, a trap of the module too, after which it is always so: nothing passes.
      passage?.end();
      context.log(JSON.stringify({ decision: "refuse", cause: "failure", message: String(error?.message ?? error) }));
      return new Response(BROKEN, { status: 500, headers: { "content-type": "application/json" } });
    }
  };
}

/** How a request reaches the server that it is for. */
function sender(upstream) {
  const one = (upstream) => {
    if (typeof upstream === "function") return (url, init) => upstream(new Request(url, init));
    const server = new URL(upstream);
    // Not through a Request, which would make a stream of the body, without a length.
    return (url, init) => fetch(withQueryOf(server, url), init);
  };
  if (typeof upstream === "string" || typeof upstream === "function" || upstream instanceof URL) {
    const send = one(upstream);
    return () => send;
  }
  if (upstream === null || typeof upstream !== "object")
    throw new TypeError(
      "`upstream` is a URL, a function from a Request to a Response, or an object of these by server",
    );
  const named = new Map(Object.entries(upstream).map(([name, upstream]) => [name, one(upstream)]));
  return (server) => {
    const send = named.get(server);
    if (!send) throw new Error("there is no upstream for this server");
    return send;
  };
}

function withQueryOf(url, asked) {
  const { search } = new URL(asked);
  if (!search) return url;
  const target = new URL(url);
  target.search = target.search ? `${target.search}&${search.slice(1)}` : search;
  return target;
}

/** One request and its answer. */
class Passage {
  #context;
  #request;
  #exchange;
  /** What ends the request to the server, and why it was ended. */
  #abort = new AbortController();
  #timer;
  #late = false;

  constructor(context, request) {
    this.#context = context;
    this.#request = request;
    this.#exchange = context.guard.exchange();
  }

  async run() {
    const { guard, now, store } = this.#context;
    const request = this.#request;
    const headers = seenHeaders(request.headers);
    const has = (name) => request.headers.has(name);
    const { pathname, search } = new URL(request.url);
    let step = this.#exchange.head({
      method: request.method,
      path: pathname + search,
      headers,
      hasBody: request.body !== null || has("transfer-encoding"),
    });
    let body;
    let unread = request.body;
    if (step.next === "body") {
      try {
        body = await readWhole(request.body, guard.requestBytes);
      } catch (error) {
        if (!(error instanceof TooMuch)) throw error;
        step = this.#exchange.tooLarge();
        if (step.next === "answer") cancel(error.stream);
        else unread = error.stream;
      }
      if (body) {
        const time = now();
        step = await settle(this.#exchange, this.#exchange.body(body, time), store, time);
      }
    }
    if (step.line) this.#context.log(step.line);
    if (step.next === "answer") return this.#answer(step);
    return await this.#pass(step, body, unread);
  }

  /** Answers in the server's place. */
  #answer({ status, header }) {
    const body = this.#exchange.bytes();
    this.end();
    const headers = new Headers(header ? [header] : []);
    if (body.length === 0) return new Response(null, { status, headers });
    return json(body, status, headers);
  }

  /** Sends the request on, and the answer back. */
  async #pass(step, read, unread) {
    const { method, url } = this.#request;
    // What is not read goes through as a stream; what is, as it was read.
    const body = read && (step.asItCame ? read : this.#exchange.bytes());
    const headers = requestHeaders(this.#request.headers, {
      ownsToken: this.#exchange.ownsToken,
      replaced: step.headers ?? [],
    });
    const { signal } = this.#abort;
    const init = { method, headers, body: body ?? (step.asItCame ? unread : null), redirect: "manual", signal };
    if (init.body instanceof ReadableStream) init.duplex = "half";
    const client = this.#request.signal;
    const leave = () => this.#abort.abort();
    if (client?.aborted) leave();
    client?.addEventListener("abort", leave, { once: true });
    if (step.next !== "stream") this.#setDeadline();
    let answer;
    try {
      const send = this.#context.send(this.#exchange.server);
      answer = await orAbort(send(url, init), signal);
    } catch {
      return await this.#noAnswer();
    }
    return await this.#bring(answer);
  }

  #setDeadline() {
    this.#timer = setTimeout(() => {
      this.#late = true;
      this.#abort.abort();
    }, this.#context.timeout);
  }

  /** No answer came, or it broke off before anything of it went on. */
  async #noAnswer() {
    await this.#giveBack();
    const why = this.#late ? "the server did not answer in time" : "the server could not be reached";
    const { status } = this.#exchange.noAnswer(this.#late ? 504 : 502, why);
    return this.#own(status);
  }

  /** The answer in the server's place, once. */
  #own(status) {
    const body = this.#exchange.bytes();
    this.end();
    return json(body, status, new Headers());
  }

  /** The call has failed. If it was the client who went away, the tool may well have run, and hanging up
   * would be a way around every limit. */
  async #giveBack() {
    if (this.#request.signal?.aborted) return;
    await returned(this.#context.store, this.#exchange.failed());
  }

  /** Brings the server's answer to the client. */
  async #bring(answer) {
    const { status } = answer;
    if (status >= 400) await returned(this.#context.store, this.#exchange.failed());
    const head = this.#exchange.answerHead(
      status,
      answer.headers.get("content-type") ?? undefined,
      answer.headers.get("content-encoding") ?? undefined,
      // A fetch gives some answers without a body an empty one.
      answer.body === null || answer.headers.get("content-length") === "0",
    );
    const headers = answerHeaders(answer.headers);
    switch (head.body) {
      case "withheld":
        cancel(answer.body);
        return this.#own(head.status);
      case "message":
        return await this.#message(answer, headers);
      case "events":
        headers.delete("content-length");
        this.#clearDeadline();
        return new Response(this.#events(answer.body), { status, headers });
      default:
        if (answer.body === null) {
          this.end();
          return new Response(null, { status, headers });
        }
        this.#clearDeadline();
        return new Response(this.#unread(answer.body), { status, headers });
    }
  }

  /** One message, whole. */
  async #message(answer, headers) {
    let bytes;
    try {
      bytes = await orAbort(readWhole(answer.body, this.#context.guard.answerBytes), this.#abort.signal);
    } catch (error) {
      cancel(error instanceof TooMuch ? error.stream : undefined);
      if (!(error instanceof TooMuch)) return await this.#noAnswer();
      return this.#own(this.#exchange.withhold(answer.status).status);
    }
    let body = bytes;
    if (bytes.length > 0) {
      const verdict = this.#exchange.message(bytes);
      for (const line of verdict.lines ?? []) this.#context.log(line);
      await returned(this.#context.store, verdict.giveBack);
      if (verdict.replaced) body = this.#exchange.bytes();
    }
    this.end();
    // A Response with such a status has no body at all.
    if ([204, 205, 304].includes(answer.status)) return new Response(null, { status: answer.status, headers });
    headers.set("content-length", String(body.length));
    return new Response(body, { status: answer.status, headers });
  }

  /** Events, each as soon as it is whole. */
  #events(body) {
    const reader = body.getReader();
    return new ReadableStream({
      pull: async (controller) => {
        // Of many pieces nothing may go on.
        for (;;) {
          let piece;
          try {
            piece = await orAbort(reader.read(), this.#abort.signal);
          } catch {
            await this.#giveBack();
            controller.enqueue(this.#exchange.lastEvent("the server's answer broke off"));
            return this.#close(controller);
          }
          let verdict, bytes;
          try {
            verdict = this.#exchange.piece(piece.value ?? new Uint8Array(0), piece.done);
            bytes = this.#exchange.bytes();
          } catch (error) {
            cancel(reader);
            this.end();
            throw error;
          }
          for (const line of verdict.lines ?? []) this.#context.log(line);
          await returned(this.#context.store, verdict.giveBack);
          if (bytes.length > 0) controller.enqueue(bytes);
          if (piece.done) return this.#close(controller);
          if (verdict.closed) {
            cancel(reader);
            return this.#close(controller);
          }
          if (bytes.length > 0) return;
        }
      },
      cancel: (reason) => {
        this.end();
        return reader.cancel(reason).catch(() => {});
      },
    });
  }

  #close(controller) {
    this.end();
    controller.close();
  }

  /** What is no message. */
  #unread(body) {
    const reader = body.getReader();
    return new ReadableStream({
      pull: async (controller) => {
        try {
          const { done, value } = await orAbort(reader.read(), this.#abort.signal);
          if (done) this.#close(controller);
          else controller.enqueue(value);
        } catch (error) {
          await this.#giveBack();
          this.end();
          controller.error(error);
        }
      },
      cancel: (reason) => {
        this.end();
        return reader.cancel(reason).catch(() => {});
      },
    });
  }

  #clearDeadline() {
    clearTimeout(this.#timer);
  }

  /** Nothing more is asked of the exchange. */
  end() {
    this.#clearDeadline();
    this.#exchange.free();
  }
}

/** An answer of one message. */
function json(body, status, headers) {
  headers.set("content-type", "application/json");
  headers.set("content-length", String(body.length));
  return new Response(body, { status, headers });
}

/** Waits, but no longer than until the signal: not all servers and streams look at it. */
function orAbort(promise, signal) {
  if (signal.aborted) {
    Promise.resolve(promise).catch(() => {});
    return Promise.reject(signal.reason);
  }
  return new Promise((resolve, reject) => {
    const leave = () => reject(signal.reason);
    signal.addEventListener("abort", leave, { once: true });
    Promise.resolve(promise)
      .then(resolve, reject)
      .finally(() => signal.removeEventListener("abort", leave));
  });
}

/** What is left of a stream is not wanted. */
function cancel(stream) {
  stream?.cancel().catch(() => {});
}
