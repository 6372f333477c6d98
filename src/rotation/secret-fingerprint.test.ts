/**
 * A fingerprint recognizes a secret and shows nothing of it.
 */
import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { fingerprintOf, matchesFingerprint } from "./secret-fingerprint.js";

const secret = "mdb_sa_sk_fake-secret";

it("a fingerprint matches its secret and no other", () => {
  const fingerprint = fingerprintOf(secret);
  expect(fingerprint).not.toContain("fake");
  expect(matchesFingerprint(secret, fingerprint)).toBe(true);
  expect(matchesFingerprint(`${secret} `, fingerprint)).toBe(false);
  expect(matchesFingerprint("", fingerprint)).toBe(false);
});

it("two fingerprints of one secret differ, so that nobody can look them up or compare them", () => {
  expect(fingerprintOf(secret)).not.toBe(fingerprintOf(secret));
});

it("a shell can compute it: the SHA-256 of the salt's digits and the value", () => {
  const [scheme, salt, hash] = fingerprintOf(secret).split(":");
  expect([scheme, hash]).toEqual(["sha256", createHash("sha256").update(`${salt}${secret}`).digest("hex")]);
});

it.each([
  "",
  "sha256",
  "sha256::",
  `sha256:${"0".repeat(32)}:${"0".repeat(63)}`,
  `md5:${"0".repeat(32)}:${"0".repeat(64)}`,
])("what is no fingerprint matches nothing: %j", (fingerprint) => {
  expect(matchesFingerprint(secret, fingerprint)).toBe(false);
});
