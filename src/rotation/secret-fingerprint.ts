/**
 * Recognizes a secret without showing it: whoever has the value can compare it, and nobody can read it back.
 */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

const SALT_BYTES = 16;
const FINGERPRINT = /^sha256:([\da-f]{32}):([\da-f]{64})$/;

/**
 * A salted SHA-256 of a secret: `sha256:SALT:HASH`, both in hexadecimal digits. The hash is that of the salt's digits
 * followed by the value: `printf %s "$SALT$VALUE" | sha256sum`.
 */
export function fingerprintOf(secret: string): string {
  const salt = randomBytes(SALT_BYTES).toString("hex");
  return `sha256:${salt}:${hashOf(salt, secret)}`;
}

/**
 * Whether the fingerprint is this secret's.
 *
 * @example
 * isStored: async (_id, fingerprint) => matchesFingerprint(await vault.get("atlas"), fingerprint),
 */
export function matchesFingerprint(secret: string, fingerprint: string): boolean {
  const [, salt, hash] = FINGERPRINT.exec(fingerprint) ?? [];
  if (salt === undefined || hash === undefined) return false;
  return timingSafeEqual(Buffer.from(hashOf(salt, secret)), Buffer.from(hash));
}

function hashOf(salt: string, secret: string): string {
  return createHash("sha256").update(`${salt}${secret}`).digest("hex");
}
