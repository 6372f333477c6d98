/**
 * A fingerprint recognizes a secret and shows nothing of it.
 */
import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { fingerprintOf, matchesFingerprint } from "./rotation-record.js";

const secret = "mdb_sa_sk_fake-secret";

it("a fingerprint matches its secret and no other", async () => {
  const fingerprint = await fingerprintOf(secret);
  expect(fingerprint).not.toContain("fake");
  expect(await matchesFingerprint(secret, fingerprint)).toBe(true);
  expect(await matchesFingerprint(`${secret} `, fingerprint)).toBe(false);
  expect(await matchesFingerprint("", fingerprint)).toBe(false);
  expect(await matchesFingerprint(secret, ` ${fingerprint}`)).toBe(false);
  expect(await matchesFingerprint(secret, `${fingerprint}0`)).toBe(false);
});

it("two fingerprints of one secret differ, so that nobody can look them up or compare them", async () => {
  expect(await fingerprintOf(secret)).not.toBe(await fingerprintOf(secret));
});

it("a shell can compute it: the SHA-256 of the salt's digits and the value", async () => {
  const [scheme, salt, hash] = (await fingerprintOf(secret)).split(":");
  expect([scheme, hash]).toEqual(["sha256", createHash("sha256").update(`${salt}${secret}`).digest("hex")]);
});

it.each([
  "",
  "sha256",
  "sha256::",
  `sha256:${"0".repeat(32)}:${"0".repeat(63)}`,
  `md5:${"0".repeat(32)}:${"0".repeat(64)}`,
])("what is no fingerprint matches nothing: %j", async (fingerprint) => {
  expect(await matchesFingerprint(secret, fingerprint)).toBe(false);
});
