/**
 * Where the counters of limits are kept: in memory, in Redis, and (`cattlegrid/stores/file`) in a file.
 *
 * @packageDocumentation
 */

/** What one limit of a call wants of its counter. Amounts are millionths in decimal digits, below 10^30. */
export interface CounterRequest {
  /** The name of the counter: hexadecimal digits. */
  key: string;
  /** The length of its windows in seconds; they begin at multiples of it since 1970, UTC. */
  window: number;
  /** So much may be counted in a window. */
  max: string;
  /** So much this call counts. */
  amount: string;
}

/** A counter: how much was counted in one window. */
export interface Count {
  /** When the window began, in milliseconds since 1970, UTC. */
  start: number;
  /** How much was counted in it, in millionths. */
  used: string;
}

/** What became of a reservation. */
export interface Outcome {
  /** The first request that could not be met, from 0: nothing was reserved. Absent: all were. */
  refused?: number;
  /** The counter of each request as it was before, in the window that is counted in now. */
  counts: Count[];
}

/** What is given back of one counter. */
export interface Taken {
  key: string;
  /** The window in which it was reserved: {@link Count.start} of the outcome. */
  start: number;
  amount: string;
}

/**
 * Where counters are kept.
 *
 * The time comes from the caller. A time before one that was counted in opens no window again.
 */
export interface CounterStore {
  /**
   * Reserves all requests together, or none. It throws if the counters cannot be reached: whether they
   * were counted is then not known, and the call must not go on as if they were not.
   */
  reserve(requests: CounterRequest[], now: number): Outcome | Promise<Outcome>;
  /** Gives back what a call that failed had reserved, in the windows in which it was reserved and in no others. */
  giveBack(taken: Taken[]): void | Promise<void>;
  /** Ends what the store has open. */
  close(): void | Promise<void>;
}

/** Counters in the memory of this process: gone when it is gone. With a million in use it has no room for others. */
export function memoryStore(): CounterStore;

/** How to keep counters in Redis. */
export interface RedisOptions {
  /** What the names of the keys begin with: `{cattlegrid}:` without it. In a cluster it has a hash tag. */
  prefix?: string | undefined;
  /** In so many milliseconds Redis has to answer: 2000 without it. */
  patience?: number | undefined;
}

/**
 * Counters in Redis (6 or newer), shared by several processes. `send` sends one command, in words: with the
 * package `redis` it is `(words) => client.sendCommand(words)`, with `ioredis` `([name, ...rest]) =>
 * client.call(name, ...rest)`.
 */
export function redisStore(send: (words: string[]) => Promise<unknown>, options?: RedisOptions): CounterStore;

/** Counters in the Redis at a `redis://` or `rediss://` address, through the package `redis`, which is to be installed. */
export function connectRedis(url: string, options?: RedisOptions): Promise<CounterStore>;
