// The side of the person who approves: makes the token, by the platform's own cryptography. It needs
// nothing of the engine, so that it can run where the key is and the policy is not.

const encoder = new TextEncoder();

export async function approve(key, digest, options) {
  if (!/^[0-9a-f]{64}$/.test(digest)) throw new TypeError("a digest is 64 hexadecimal digits: a held call has one");
  const { subject, expires = 600, now = Date.now() } = options ?? {};
  if (typeof subject !== "string" || !subject.trim() || !subject.isWellFormed())
    throw new TypeError("`subject` is the name of who approves");
  if (!(Number.isFinite(expires) && expires > 0)) throw new TypeError("`expires` is a number of seconds");
  const exp = Math.floor(Number(now) / 1000 + expires);
  if (!Number.isSafeInteger(exp)) throw new TypeError("`now` is a Date or milliseconds since 1970");
  const { alg, algorithm, signer } = await signerOf(key);
  const jti = base64url(crypto.getRandomValues(new Uint8Array(16)));
  const message = [
    { alg, typ: "JWT" },
    { digest, sub: subject, exp, jti },
  ]
    .map((part) => base64url(encoder.encode(JSON.stringify(part))))
    .join(".");
  const signature = await crypto.subtle.sign(algorithm, signer, encoder.encode(message));
  return `${message}.${base64url(new Uint8Array(signature))}`;
}

/** The key as the platform has it, and its algorithm as a token names it. */
async function signerOf(key) {
  if (typeof key?.ed25519 === "string" && key.hs256 === undefined) {
    const algorithm = "Ed25519";
    const signer = await crypto.subtle.importKey("pkcs8", pkcs8(key.ed25519), algorithm, false, ["sign"]);
    return { alg: "EdDSA", algorithm, signer };
  }
  if (typeof key?.hs256 === "string" && key.ed25519 === undefined) {
    const algorithm = { name: "HMAC", hash: "SHA-256" };
    const signer = await crypto.subtle.importKey("raw", secret(key.hs256), algorithm, false, ["sign"]);
    return { alg: "HS256", algorithm, signer };
  }
  throw new TypeError("the key is { ed25519: a private key in PEM } or { hs256: a secret }");
}

function pkcs8(pem) {
  const [, base64] = /^\s*-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END PRIVATE KEY-----\s*$/.exec(pem) ?? [];
  if (!base64) throw new TypeError("this is not a private key as `openssl genpkey -algorithm ed25519` writes it");
  return Uint8Array.from(atob(base64.replace(/\s/g, "")), (unit) => unit.charCodeAt(0));
}

/** The bytes of a secret; the engine has the same rules, and would accept nothing that another secret signs. */
function secret(text) {
  const bytes = encoder.encode(text.replace(/\r?\n$/, ""));
  if (bytes.length < 32 || !text.isWellFormed()) throw new TypeError("a secret for hs256 has at least 32 bytes");
  if (/^\s*-----BEGIN /.test(text)) throw new TypeError("this is a key of another kind, not a secret for hs256");
  return bytes;
}

function base64url(bytes) {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}
