/**
 * A policy in front of MCP servers, in any program that speaks `Request` and `Response`: Node, Deno, Bun, Workers, Hono,
 * Express, Next. What the Envoy filter decides is decided here by the same engine, in the same words.
 *
 * @packageDocumentation
 */

import type { CounterStore } from "./stores.js";

export type { CounterStore } from "./stores.js";
export { PolicyError } from "./index.js";

/** A policy: its text, as a string or bytes, or its document. */
export type PolicyDocument = string | Uint8Array | object;

/** What decides, and where it counts. Beside the first four it is the configuration of the Envoy filter. */
export interface Configuration {
  /** Where counters are kept; in the memory of this program without it. `cattlegrid/stores` has others. */
  store?: CounterStore | undefined;
  /** What becomes of calls that cannot be counted: `deny` without it. */
  onStoreFailure?: "allow" | "deny" | undefined;
  /** Is told one line of JSON about each decision and each request that was refused, as the filter logs them: keys of arguments, and never their values. */
  log?: ((line: string) => void) | undefined;
  /** Finds the secret of an approval key that is only named (`hs256_env`). */
  secret?: ((name: string) => string | undefined) | undefined;

  /** All of the configuration in one text or document, in place of what follows. */
  configuration?: string | Uint8Array | object | undefined;
  /** The policy of everybody who has no other. */
  policy?: PolicyDocument | undefined;
  /** Policies by name. */
  policies?: Record<string, { policy: object; mode?: "enforce" | "shadow" }> | undefined;
  /** Whose requests are whose: by the SHA-256 of the bearer token, in 64 hexadecimal digits. */
  grants?: { label: string; token_sha256: string; policy?: string; server?: string }[] | undefined;
  /** The policy of requests without a token, where there are grants. */
  anonymous?: string | undefined;
  /** The servers by path; those with longer paths first. */
  servers?: { name: string; path: string }[] | undefined;
  /** `shadow` decides, counts and tells, and lets everything pass. */
  mode?: "enforce" | "shadow" | undefined;
  /** What becomes of methods that MCP does not have: `deny` without it. */
  unknownMethods?: "allow" | "deny" | undefined;
  /** What becomes of `resources/…`: `allow` without it. */
  resources?: "allow" | "deny" | undefined;
  /** What becomes of `prompts/…`: `allow` without it. */
  prompts?: "allow" | "deny" | undefined;
  /** Which tools lists show: all that are not hidden, or only those that some call can reach. */
  list?: "hidden" | "callable" | undefined;
  /**
   * What the server's tools were when somebody looked at them: what `pin` of `cattlegrid/classify`, or `cattlegrid pin`,
   * has written. Each list is compared with it. What differs is remembered as long as this guard is there.
   */
  toolsLock?: string | object | undefined;
  /** Tools that are not as they are pinned: hidden and denied without it (`quarantine`), or only logged (`report`). */
  changedTools?: "quarantine" | "report" | undefined;
  /** How many bytes of a request and of one message of a server are read: 1 MiB and 16 MiB without it. */
  limits?: { request_bytes?: number; answer_bytes?: number } | undefined;
  /** Who can approve what is held; without any, what would be held is denied. */
  approvalKeys?: object[] | undefined;
}

/** From a request to its answer. */
export type Handler = (request: Request) => Promise<Response>;

/** A server: where it is, or what answers in its place. */
export type Upstream = string | URL | ((request: Request) => Response | Promise<Response>);

export interface GuardOptions extends Configuration {
  /** The server, or the servers by their names in `servers`. */
  upstream: Upstream | Record<string, Upstream>;
  /** So many milliseconds the server has to answer: 300,000 without it. Streams have no end. */
  timeout?: number | undefined;
  /** What time it is, in milliseconds of UTC: `Date.now` without it. */
  now?: (() => number) | undefined;
}

/**
 * A handler for MCP over Streamable HTTP, that stands between clients and a server: calls are decided, hidden tools leave
 * lists, and what has no single reading goes no further. Of both eras of MCP, with JSON and streams of events.
 *
 * ```js
 * const handler = guard({ policy, upstream: "http://127.0.0.1:3001/mcp" });
 * export default { fetch: handler }; // Workers, Deno, Bun
 * ```
 *
 * If the engine itself breaks down, all handlers of the process answer 500 from then on, and nothing passes.
 *
 * @throws {PolicyError} with all that is wrong with the configuration.
 */
export function guard(options: GuardOptions): Handler;

/**
 * A handler as Node's own servers and Express want it. It is to stand before any parser of bodies.
 *
 * ```js
 * app.all("/mcp", toNode(guard({ policy, upstream })));
 * ```
 */
export function toNode(handler: Handler): (
  // As loose as it has to be: these are Node's IncomingMessage and ServerResponse, and those of frameworks.
  incoming: any,
  outgoing: any,
) => void;

/** What a transport of the official SDKs is, 1.x and 2.x, as far as it matters here. */
export interface Transport {
  start(): Promise<void>;
  send(message: any, options?: any): Promise<void>;
  close(): Promise<void>;
  onclose?: (() => void) | undefined;
  onerror?: ((error: Error) => void) | undefined;
  onmessage?: ((message: any, extra?: any) => void) | undefined;
}

export interface TransportOptions extends Configuration {
  /** Whose transport it is: that of a program that calls tools, or of one that has them. */
  side: "client" | "server";
  /** The session that calls belong to, for limits that count by it; the transport's own without it. */
  session?: string | undefined;
  /** The `authorization` by which grants are known (`Bearer …`); that of each request, where the transport tells it, without it. */
  authorization?: string | undefined;
  /** What time it is, in milliseconds of UTC: `Date.now` without it. */
  now?: (() => number) | undefined;
}

/**
 * The transport with a policy in it, for programs made with the official TypeScript SDK.
 *
 * ```js
 * await server.connect(guardTransport(new StdioServerTransport(), { side: "server", policy }));
 * ```
 *
 * @throws {PolicyError} with all that is wrong with the configuration.
 */
export function guardTransport<T extends Transport>(transport: T, options: TransportOptions): T;
