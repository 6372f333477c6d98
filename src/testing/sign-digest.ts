/**
 * For tests: what a client sends for a digest challenge, as RFC 7616 has it with MD5 and `qop=auth`. Written a second time,
 * so that neither the server's check nor the client is its own judge.
 */
import { createHash } from "node:crypto";

/** What a digest is made of. */
export interface DigestParts {
  readonly nonce: string;
  readonly username: string;
  readonly password: string;
  readonly method: string;
  readonly uri: string;
  /** Default `00000001`. */
  readonly nc?: string;
}

/** A value for `Authorization`. */
export function signDigest({ nonce, username, password, method, uri, nc = "00000001" }: DigestParts): string {
  const user = md5(`${username}:MMS Public API:${password}`);
  const response = md5([user, nonce, nc, "0a4f113b", "auth", md5(`${method}:${uri}`)].join(":"));
  return `Digest username="${username}", realm="MMS Public API", nonce="${nonce}", uri="${uri}", cnonce="0a4f113b", nc=${nc}, qop=auth, response="${response}", algorithm=MD5`;
}

/** The `nonce` of a challenge. */
export function nonceOf(challenge: string | undefined): string {
  return /nonce="([^"]+)"/.exec(challenge ?? "")?.[1] ?? "";
}

function md5(text: string): string {
  return createHash("md5").update(text).digest("hex");
}
