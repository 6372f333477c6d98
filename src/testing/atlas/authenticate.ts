/**
 * Whether a request is signed by somebody who may sign it.
 */
import { type DigestCheck, type DigestedRequest, readDigest } from "./digest.js";
import type { ServiceAccounts } from "./service-accounts.js";

/** What a server keeps. */
export interface AtlasState {
  readonly accounts: ServiceAccounts;
  /** Tokens that work and were not issued. */
  readonly accessTokens: ReadonlySet<string>;
  readonly digests: DigestCheck;
}

export type CredentialKind = "bearer" | "digest";

export const EVERY_KIND: ReadonlySet<CredentialKind> = new Set(["bearer", "digest"]);

/** Why a request may not pass. */
export interface Refusal {
  readonly reason: string;
  /** Whether the same key with a new nonce would do. */
  readonly stale: boolean;
}

/**
 * Judges the `Authorization` of a request; an accepted digest uses up its count.
 *
 * @returns `undefined` if the request may pass.
 */
export function refusalOf(
  authorization: string | undefined,
  request: DigestedRequest,
  { accounts, accessTokens, digests }: AtlasState,
  admits: ReadonlySet<CredentialKind> = EVERY_KIND,
): Refusal | undefined {
  const token = bearerOf(authorization);
  if (token !== undefined && admits.has("bearer")) {
    if (accessTokens.has(token)) return undefined;
    const holder = accounts.holderOf(token);
    return "refusal" in holder ? { reason: holder.refusal, stale: false } : undefined;
  }
  const verdict = admits.has("digest") ? digests.check(authorization ?? "", request) : "refused";
  if (verdict === "accepted") return undefined;
  if (verdict === "stale") return { reason: "The nonce is unknown or has expired.", stale: true };
  const accepted = [
    ...(admits.has("bearer") ? ["a bearer token"] : []),
    ...(admits.has("digest") ? ["a digest of this request with a known API key"] : []),
  ].join(" or ");
  return { reason: `${faultOf(authorization, digests, admits)}: ${accepted} is needed.`, stale: false };
}

/** What is wrong with a header that is neither a bearer token nor an accepted digest. */
function faultOf(authorization: string | undefined, digests: DigestCheck, admits: ReadonlySet<CredentialKind>): string {
  if (authorization === undefined) return "There is no Authorization header";
  const [scheme = ""] = authorization.toLowerCase().split(" ", 1);
  if (scheme === "basic") return "Basic credentials sign in to the token endpoint only";
  if (scheme === "bearer")
    return admits.has("bearer") ? "The bearer token is missing" : "A bearer token does not do here";
  if (scheme !== "digest") return "The Authorization header has another scheme";
  if (!admits.has("digest")) return "A digest does not do here";
  const digest = readDigest(authorization);
  if (digest === undefined) return "The digest is malformed";
  if (!digests.knows(digest.get("username") ?? "")) return "There is no API key with this public key";
  return "The digest was made with another private key, or for another method, path or challenge, or was used before";
}

/** The token of a bearer header. */
export function bearerOf(authorization: string | undefined): string | undefined {
  return /^bearer +(\S+)$/i.exec(authorization ?? "")?.[1];
}
