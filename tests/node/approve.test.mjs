// Approvals: made by cattlegrid/approve and by others, checked by the engine.

import assert from "node:assert/strict";
import { createHmac, generateKeyPairSync, sign } from "node:crypto";
import { test } from "node:test";
import { install } from "./package.mjs";

const installed = install("approve");
const { Policy } = await installed.import();
const { approve } = await installed.import("js/approve.js");

const text = '{"version":"1","default":"deny","tools":{"pay":{"action":"require_approval"}}}';
const call = { tool: "pay", arguments: { amount: 250 }, grant: "ada" };
const secret = "a secret that is only in this test";

function pair() {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  return {
    publicPem: publicKey.export({ type: "spki", format: "pem" }),
    privatePem: privateKey.export({ type: "pkcs8", format: "pem" }),
    privateKey,
  };
}
const ada = pair();

const kinds = {
  ed25519: [{ ed25519: ada.privatePem }, { ed25519: ada.publicPem }],
  hs256: [{ hs256: `${secret}\n` }, { hs256: secret }],
};

for (const [kind, [signer, key]] of Object.entries(kinds)) {
  test(`an approval by ${kind} passes once`, async () => {
    const policy = new Policy(text, { approvalKeys: [key] });
    const held = policy.evaluate(call);
    assert.equal(held.decision, "hold");
    const approval = await approve(signer, held.approval.digest, { subject: "ada" });
    assert.equal(policy.explain({ ...call, approval }).decision, "allow");
    assert.equal(policy.evaluate({ ...call, arguments: { amount: 251 }, approval }).decision, "hold");
    assert.equal(policy.decide({ ...call, approval }), "allow");
    const again = policy.evaluate({ ...call, approval });
    assert.equal(again.decision, "hold");
    assert.match(again.message, /the approval was not accepted: it was used before/);
  });

  test(`an approval by ${kind} is a JWT with these claims`, async () => {
    const now = Date.parse("2026-01-01T00:00:00.9Z");
    const digest = "0123456789abcdef".repeat(4);
    const make = (options) => approve(signer, digest, { subject: "añá", now, ...options });
    const part = (token, at) => JSON.parse(Buffer.from(token.split(".")[at], "base64url"));
    const token = await make();
    assert.match(token, /^[\w-]+\.[\w-]+\.[\w-]+$/);
    assert.deepEqual(part(token, 0), { alg: kind === "ed25519" ? "EdDSA" : "HS256", typ: "JWT" });
    const { jti, ...claims } = part(token, 1);
    assert.deepEqual(claims, { digest, sub: "añá", exp: 1_767_225_600 + 600 });
    const other = part(await make({ expires: 59.5, now: new Date(now) }), 1);
    assert.equal(other.exp, 1_767_225_660);
    assert.notEqual(other.jti, jti);
    const [message, signature] = [token.slice(0, token.lastIndexOf(".")), token.slice(token.lastIndexOf(".") + 1)];
    const own =
      kind === "ed25519"
        ? sign(null, Buffer.from(message), ada.privateKey)
        : createHmac("sha256", secret).update(message).digest();
    assert.equal(signature, own.toString("base64url"));
  });
}

test("a time of `now` decides whether it is expired", async () => {
  const policy = new Policy(text, { approvalKeys: [kinds.hs256[1]] });
  const now = Date.parse("2026-01-01T00:00:00Z");
  const { approval: held } = policy.evaluate(call, { now });
  const approval = await approve(kinds.hs256[0], held.digest, { subject: "ada", expires: 60, now });
  const at = (seconds) => policy.explain({ ...call, approval }, { now: now + seconds * 1000 }).decision;
  assert.deepEqual([at(0), at(60), at(119), at(120)], ["allow", "allow", "allow", "hold"]);
});

test("without keys a hold is shown; with an empty list it is a denial", async () => {
  const approval = await approve(kinds.hs256[0], new Policy(text).evaluate(call).approval.digest, { subject: "ada" });
  for (const policy of [new Policy(text), new Policy(text, {}), new Policy(text, { approvalKeys: undefined })]) {
    assert.equal(policy.decide(call), "hold");
    assert.match(policy.evaluate({ ...call, approval }).message, /there is no key to check it with/);
  }
  const decision = new Policy(text, { approvalKeys: [] }).evaluate({ ...call, approval });
  assert.equal(decision.decision, "deny");
  assert.match(decision.message, /no approval key is configured/);
});

test("a key that is none is a TypeError that says which", () => {
  const faults = [
    [null, /^approvalKeys: approval keys are a list, not null/],
    ["x", /^approvalKeys: approval keys are a list, not a string/],
    [[kinds.hs256[1], { hs256: "short" }], /^approvalKeys\/1\/hs256: a secret for hs256 has at least 32 bytes/],
    [[{ hs256: ada.publicPem }], /^approvalKeys\/0\/hs256: this is a key of another kind/],
    [[{ ed25519: ada.privatePem }], /^approvalKeys\/0\/ed25519: this is a private key/],
    [[{ ed25519: new Uint8Array(32) }], /^approvalKeys: json has no instances of classes/],
    [[{ rs256: "x" }], /^approvalKeys\/0\/rs256: an approval key is for/],
  ];
  for (const [approvalKeys, message] of faults) {
    assert.throws(() => new Policy(text, { approvalKeys }), { name: "TypeError", message });
  }
});

test("what cannot be approved is a TypeError", async () => {
  const digest = "0".repeat(64);
  const subject = "ada";
  const [key] = kinds.hs256;
  for (const args of [
    [key, "0", { subject }],
    [key, digest.replace("0", "A"), { subject }],
    [key, undefined, { subject }],
    [key, digest],
    [key, digest, {}],
    [key, digest, { subject: " " }],
    [key, digest, { subject: "\ud800" }],
    [key, digest, { subject, expires: 0 }],
    [key, digest, { subject, expires: "10m" }],
    [key, digest, { subject, expires: Infinity }],
    [key, digest, { subject, now: "today" }],
    [key, digest, { subject, now: new Date(NaN) }],
    [undefined, digest, { subject }],
    [secret, digest, { subject }],
    [{ ...key, ed25519: ada.privatePem }, digest, { subject }],
    [{ hs256: "short" }, digest, { subject }],
    [{ hs256: ada.privatePem }, digest, { subject }],
    [{ ed25519: ada.publicPem }, digest, { subject }],
    [{ ed25519: ada.privatePem.replace("PRIVATE", "RSA PRIVATE") }, digest, { subject }],
  ]) {
    await assert.rejects(approve(...args), TypeError, JSON.stringify(args));
  }
});
