/**
 * Recognizes a secret without showing it: whoever has the value can compare it, and nobody can read it back.
 */
import { hexOf, utf8 } from "../safe/bytes.js";

const SALT_BYTES = 16;
const FINGERPRINT = /^sha256:([\da-f]{32}):([\da-f]{64})$/;

/**
 * A salted SHA-256 of a secret: `sha256:SALT:HASH`, both in hexadecimal digits. The hash is that of the salt's digits
 * followed by the value: `printf %s "$SALT$VALUE" | sha256sum`.
 */
export async function fingerprintOf(secret: string): Promise<string> {
  const salt = hexOf(crypto.getRandomValues(new Uint8Array(SALT_BYTES)));
  return `sha256:${salt}:${await hashOf(salt, secret)}`;
}

/**
 * Whether the fingerprint is this secret's.
 *
 * @example
 * isStored: async (_id, fingerprint) => matchesFingerprint(await vault.get("atlas"), fingerprint),
 */
export async function matchesFingerprint(secret: string, fingerprint: string): Promise<boolean> {
  const [, salt, hash] = FINGERPRINT.exec(fingerprint) ?? [];
  // A comparison that takes its time would tell nothing new: the fingerprint is no secret, and the hash is salted.
  return salt !== undefined && (await hashOf(salt, secret)) === hash;
}

async function hashOf(salt: string, secret: string): Promise<string> {
  const bytes = utf8(`${salt}${secret}`);
  return hexOf(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
}
