/**
 * HTTP Digest as the server sees it: RFC 7616 with MD5 and `qop=auth`, which is what Atlas asks for.
 */
import { createHash, randomBytes } from "node:crypto";
import { type DigestAuthorization, parseDigestAuthorization } from "./digest-authorization.js";
import { ExpiringStore } from "./expiring-store.js";
import { sameText } from "./same-text.js";

const REALM = "MMS Public API";

/** Whose digest is accepted, and for how long a nonce is. */
export interface DigestCheckOptions {
  readonly publicKey: string;
  readonly privateKey: string;
  /** How long a nonce can be used, in seconds. */
  readonly nonceLifetimeSeconds: number;
  /** The clock, in milliseconds. */
  readonly now?: () => number;
}

/** The request that a digest was made for. */
export interface DigestedRequest {
  readonly method: string;
  /** The request target as it stood in the request line. */
  readonly target: string;
}

/** `stale`: the caller knows the key, and its nonce is unknown or has expired. */
export type DigestVerdict = "accepted" | "refused" | "stale";

/** Hands out nonces and checks the digests that are made with them. */
export class DigestCheck {
  readonly #publicKey: string;
  readonly #privateKey: string;
  readonly #nonces: ExpiringStore<{ highestCount: number }>;

  constructor({ publicKey, privateKey, nonceLifetimeSeconds, now }: DigestCheckOptions) {
    this.#publicKey = publicKey;
    this.#privateKey = privateKey;
    this.#nonces = new ExpiringStore({
      lifetimeMs: nonceLifetimeSeconds * 1000,
      ...(now === undefined ? {} : { now }),
    });
  }

  /**
   * A value for `WWW-Authenticate`, with a new nonce. Written exactly as Atlas writes it: MongoDB's Go SDK reads it only
   * with a comma and a space between the parameters, and none that it does not know.
   */
  challenge(stale: boolean): string {
    const nonce = randomBytes(24).toString("base64url");
    this.#nonces.add(nonce, { highestCount: 0 });
    return `Digest realm="${REALM}", domain="", nonce="${nonce}", algorithm=MD5, qop="auth", stale=${stale}`;
  }

  /** Judges an `Authorization` header. A digest that is accepted uses up its count: the next must have a higher one. */
  check(authorization: string, request: DigestedRequest): DigestVerdict {
    const digest = parseDigestAuthorization(authorization);
    if (digest === undefined || !this.#isSignedFor(digest, request)) return "refused";
    const nonce = this.#nonces.get(digest.get("nonce") ?? "");
    // The response is right, so the caller knows the key and is told to take the new nonce without asking anybody.
    if (nonce === undefined) return "stale";
    const nc = digest.get("nc") ?? "";
    const count = /^[0-9a-f]{8}$/i.test(nc) ? Number.parseInt(nc, 16) : 0;
    if (count <= nonce.highestCount) return "refused";
    nonce.highestCount = count;
    return "accepted";
  }

  #isSignedFor(digest: DigestAuthorization, { method, target }: DigestedRequest): boolean {
    const { nonce, nc, cnonce, response } = Object.fromEntries(digest);
    if (nonce === undefined || nc === undefined || cnonce === undefined || cnonce === "" || response === undefined) {
      return false;
    }
    const asAsked =
      digest.get("realm") === REALM &&
      digest.get("uri") === target &&
      digest.get("qop") === "auth" &&
      (digest.get("algorithm") ?? "MD5").toUpperCase() === "MD5" &&
      (digest.get("userhash") ?? "false").toLowerCase() === "false";
    const secret = md5(`${this.#publicKey}:${REALM}:${this.#privateKey}`);
    const expected = md5(`${secret}:${nonce}:${nc}:${cnonce}:auth:${md5(`${method}:${target}`)}`);
    const rightUser = sameText(digest.get("username") ?? "", this.#publicKey);
    return sameText(response.toLowerCase(), expected) && rightUser && asAsked;
  }
}

function md5(text: string): string {
  return createHash("md5").update(text).digest("hex");
}
