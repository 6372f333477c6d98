/**
 * The hash functions of HTTP Digest. MD5 is not among the platform's web APIs, so both are Node's.
 */
import { nodeModule } from "../../platform.js";

/** As `node:crypto` names it. */
export type HashName = "md5" | "sha256";

/** Whether the platform computes it: MD5 is forbidden under FIPS, and a platform without `node:crypto` has neither. */
export function canHash(name: HashName): boolean {
  try {
    return nodeModule("node:crypto")?.createHash(name) !== undefined;
  } catch {
    // OpenSSL's error says no more than that it is forbidden.
    return false;
  }
}

/** @param data one character per byte */
export function hashHex(name: HashName, data: string): string {
  const hash = nodeModule("node:crypto")?.createHash(name);
  if (hash === undefined) throw new TypeError(`${name} cannot be computed: ask canHash first`);
  return hash.update(data, "latin1").digest("hex");
}
