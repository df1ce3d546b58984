/**
 * Approving calls that a policy holds: the side of the person, without the engine.
 *
 * @packageDocumentation
 */

/**
 * The key of who approves: for `EdDSA` an Ed25519 private key in PEM, as
 * `openssl genpkey -algorithm ed25519` writes it, or for `HS256` a secret of at least 32 bytes that
 * the host of the policy shares. A line end behind a secret does not belong to it.
 */
export type SigningKey = { ed25519: string } | { hs256: string };

/** Who approves, and for how long. */
export interface ApproveOptions {
  /** Who approves. The host of the policy can write it down. */
  subject: string;
  /** For how many seconds the approval is good: 600 without it. */
  expires?: number | undefined;
  /** The time at which it is made: a `Date`, or milliseconds since 1970 in UTC. Without it, the time it is. */
  now?: number | Date | undefined;
}

/**
 * Approves a call that was held: makes the token that the call has to come again with.
 *
 * It is good once, for the call with this digest only. Show the person the call itself, and take
 * the digest from the engine's decision, not from who made the call.
 *
 * The platform's own cryptography signs (`crypto.subtle`): Ed25519 is in Node 20 and in browsers of 2025.
 *
 * @param digest what is approved: `approval.digest` of the decision about the held call.
 * @throws {TypeError} if an argument is not what it must be.
 */
export function approve(key: SigningKey, digest: string, options: ApproveOptions): Promise<string>;
