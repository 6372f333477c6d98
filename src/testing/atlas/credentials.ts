/**
 * The two headers that carry a password: `Authorization: Basic …`, and HTTP Digest as the server sees it, RFC 7616, by
 * default with MD5 and `qop=auth`, which is what Atlas asks for. With them what both need: what is handed out and has to be
 * recognized for a while.
 */
import { createHash, randomBytes } from "node:crypto";

/** The two halves as they were sent. */
export interface BasicCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Takes the header apart; `undefined` if it is another scheme or malformed. */
export function readBasic(authorization: string | undefined): BasicCredentials | undefined {
  const encoded = /^basic +([a-z0-9+/]+=*)$/i.exec(authorization ?? "")?.[1];
  if (encoded === undefined) return undefined;
  const [, clientId, clientSecret] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded, "base64").toString("utf8")) ?? [];
  return clientId === undefined || clientSecret === undefined ? undefined : { clientId, clientSecret };
}

/**
 * Whether a half of the Basic value is this text. Atlas takes the halves as they are. MongoDB's Go SDK form-encodes them
 * and works all the same, because Go leaves letters, digits and `-_.~` alone, so that is accepted too. What is refused is
 * an encoding that changes those characters, such as `%5F` for `_`: Atlas does not undo it.
 */
export function isSameHalf(given: string, text: string): boolean {
  return given === text || given === formEncode(text);
}

/** What Go's `url.QueryEscape` makes of a text. */
function formEncode(text: string): string {
  return new URLSearchParams({ "": text }).toString().slice(1).replaceAll("*", "%2A").replaceAll("%7E", "~");
}

/**
 * Values that are forgotten when their time is over, as tokens and nonces are.
 *
 * @param clock - The time in milliseconds.
 * @param capacity - How many are kept at most; the oldest make room.
 */
export function expiringMap<Value>(lifetimeMs: number, clock: () => number, capacity = 10_000) {
  // All live equally long and a Map keeps the order of insertion, so the first to expire is always the first in it.
  const entries = new Map<string, { readonly value: Value; readonly expiresAt: number }>();
  return {
    /** Keeps a value from now on. */
    add(key: string, value: Value): void {
      for (const [old, { expiresAt }] of entries) {
        if (expiresAt > clock() && entries.size < capacity) break;
        entries.delete(old);
      }
      entries.set(key, { value, expiresAt: clock() + lifetimeMs });
    },
    /** The value, until its time is over. */
    get(key: string): Value | undefined {
      const entry = entries.get(key);
      return entry && entry.expiresAt > clock() ? entry.value : undefined;
    },
    delete: (key: string) => entries.delete(key),
    clear: () => entries.clear(),
    /** How many values are held, including expired ones that nobody has asked for. */
    size: () => entries.size,
  };
}

/** An API key: the public half is the user name, the private half the password. */
export interface ApiKey {
  readonly publicKey: string;
  readonly privateKey: string;
}

/** How the challenge is written and what is accepted. The defaults are Atlas's. */
export interface DigestOptions {
  /** Default `MMS Public API`. One character per byte. */
  readonly realm?: string;
  /** Default `MD5`. */
  readonly algorithm?: "MD5" | "MD5-sess" | "SHA-256" | "SHA-256-sess";
  /** The parameter as it stands in the challenge; "" for none. Default `qop="auth"`. */
  readonly qop?: string;
  /** Whether a refused nonce is called stale. Default: if the rest of the digest is right. */
  readonly stale?: boolean;
  /** Whether a count has to be higher than all before it, or only new. Default `higher`. */
  readonly counts?: "higher" | "new";
  /** How long a nonce can be used, in seconds. Default 300. */
  readonly nonceLifetimeSeconds?: number;
}

/** The request that a digest was made for. */
export interface DigestedRequest {
  readonly method: string;
  /** The request target as it stands in the request line. */
  readonly target: string;
}

/** Why a request may not pass. */
export interface Refusal {
  readonly reason: string;
  /** Whether the same key with a new nonce would do. */
  readonly stale?: boolean;
}

export type DigestCheck = ReturnType<typeof digestCheck>;

/** Hands out nonces and checks the digests that are made with them. */
export function digestCheck(keys: readonly ApiKey[], clock: () => number, options: DigestOptions = {}) {
  const { realm = "MMS Public API", algorithm = "MD5", qop = 'qop="auth"', counts = "higher" } = options;
  /** The counts seen with each nonce: all, or the last alone if they have to rise. */
  const nonces = expiringMap<Set<number>>((options.nonceLifetimeSeconds ?? 300) * 1000, clock);
  // A realm comes from a header, one character per byte.
  const hash = (text: string) =>
    createHash(algorithm.startsWith("SHA") ? "sha256" : "md5")
      .update(text, "latin1")
      .digest("hex");

  function isSignedFor(
    digest: ReadonlyMap<string, string>,
    { publicKey, privateKey }: ApiKey,
    { method, target }: DigestedRequest,
  ): boolean {
    const { nonce, nc = "", cnonce = "", response } = Object.fromEntries(digest);
    if (nonce === undefined || response === undefined || (qop && !(nc && cnonce))) return false;
    const user = hash(`${publicKey}:${realm}:${privateKey}`);
    const secret = algorithm.endsWith("-sess") ? hash(`${user}:${nonce}:${cnonce}`) : user;
    const counted = qop ? `${nonce}:${nc}:${cnonce}:auth` : nonce;
    return (
      response.toLowerCase() === hash(`${secret}:${counted}:${hash(`${method}:${target}`)}`) &&
      digest.get("realm") === realm &&
      digest.get("uri") === target &&
      digest.get("qop") === (qop ? "auth" : undefined) &&
      (digest.get("algorithm") ?? "MD5").toUpperCase() === algorithm.toUpperCase() &&
      (digest.get("userhash") ?? "false").toLowerCase() === "false"
    );
  }

  /** Takes a count, unless the nonce was used with it before. */
  function take(count: number, seen: Set<number>): boolean {
    const [last = 0] = counts === "higher" ? seen : [];
    if (count <= last || seen.has(count)) return false;
    if (counts === "higher") seen.clear();
    seen.add(count);
    return true;
  }

  return {
    /**
     * A value for `WWW-Authenticate`, with a new nonce. Written exactly as Atlas writes it: MongoDB's Go SDK reads it only
     * with a comma and a space between the parameters, and none that it does not know.
     */
    challenge(stale = false): string {
      const nonce = randomBytes(24).toString("base64url");
      nonces.add(nonce, new Set());
      const parameters = [`realm="${realm}"`, 'domain=""', `nonce="${nonce}"`, `algorithm=${algorithm}`, qop];
      return `Digest ${[...parameters, `stale=${options.stale ?? stale}`].filter(Boolean).join(", ")}`;
    },
    /** From now on every nonce that was handed out before is refused. */
    expireNonces: () => nonces.clear(),
    /** Judges an `Authorization` header; `undefined` for a digest that is right, which uses up its count. */
    refusalOf(authorization: string | undefined, request: DigestedRequest): Refusal | undefined {
      const digest = readDigest(authorization);
      if (!digest) return { reason: "The digest is malformed." };
      const key = keys.find(({ publicKey }) => publicKey === digest.get("username"));
      if (!key) return { reason: "There is no API key with this public key." };
      const seen = nonces.get(digest.get("nonce") ?? "");
      const isSigned = isSignedFor(digest, key, request);
      // The response is right, so the caller knows the key, and the challenge asks it to use the new nonce (`stale`).
      if (isSigned && !seen) return { reason: "The nonce is unknown or has expired.", stale: true };
      const nc = digest.get("nc") ?? "";
      const count = /^[0-9a-f]{8}$/i.test(nc) ? Number.parseInt(nc, 16) : 0;
      if (isSigned && seen && (!qop || take(count, seen))) return undefined;
      return { reason: "The digest was made with another private key, method, path or challenge, or was used before." };
    },
  };
}

// One parameter and what ends it: a comma or the end. The value is a quoted string or a token (RFC 9110 section 11.2).
const PARAMETER = /\s*([!#$%&'*+.^_`|~\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([!#$%&'*+.^_`|~\w-]+))\s*(?:,|$)/y;

/**
 * Takes the header `Authorization: Digest …` apart, RFC 7616 section 3.4: the parameters by name in lower case, quoting
 * undone.
 *
 * @returns `undefined` if it is another scheme, is malformed, or has a parameter twice.
 */
export function readDigest(authorization: string | undefined): ReadonlyMap<string, string> | undefined {
  const scheme = /^digest +/i.exec(authorization ?? "");
  if (scheme === null || authorization === undefined) return undefined;
  const parameters = new Map<string, string>();
  PARAMETER.lastIndex = scheme[0].length;
  while (PARAMETER.lastIndex < authorization.length) {
    const match = PARAMETER.exec(authorization);
    if (match === null) return undefined;
    const [, name = "", quoted, token = ""] = match;
    if (parameters.has(name.toLowerCase())) return undefined;
    parameters.set(name.toLowerCase(), quoted?.replaceAll(/\\(.)/g, "$1") ?? token);
  }
  return parameters;
}
