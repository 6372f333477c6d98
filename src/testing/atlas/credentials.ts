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
  return encodeURIComponent(text)
    .replaceAll(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll("%20", "+");
}

export interface ExpiringMapOptions {
  readonly lifetimeMs: number;
  /** How many values are kept at most; the oldest make room. Default 10 000. */
  readonly capacity?: number;
  /** The time in milliseconds. */
  readonly clock: () => number;
}

/** Values that are forgotten when their time is over, as tokens and nonces are. It never holds more than its capacity. */
export class ExpiringMap<Value> {
  // All live equally long and a Map keeps the order of insertion, so the first to expire is always the first in it.
  readonly #entries = new Map<string, { readonly value: Value; readonly expiresAt: number }>();
  readonly #lifetimeMs: number;
  readonly #capacity: number;
  readonly #clock: () => number;

  constructor({ lifetimeMs, capacity = 10_000, clock }: ExpiringMapOptions) {
    this.#lifetimeMs = lifetimeMs;
    this.#capacity = capacity;
    this.#clock = clock;
  }

  /** How many values are held, including expired ones that nobody has asked for. */
  get size(): number {
    return this.#entries.size;
  }

  /** Keeps a value from now on. */
  add(key: string, value: Value): void {
    for (const [old, { expiresAt }] of this.#entries) {
      if (expiresAt > this.#clock() && this.#entries.size < this.#capacity) break;
      this.#entries.delete(old);
    }
    this.#entries.set(key, { value, expiresAt: this.#clock() + this.#lifetimeMs });
  }

  /** The value, until its time is over. */
  get(key: string): Value | undefined {
    const entry = this.#entries.get(key);
    return entry !== undefined && entry.expiresAt > this.#clock() ? entry.value : undefined;
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
  }
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

/** `stale`: the caller knows the key, and its nonce is unknown or has expired. */
export type DigestVerdict = "accepted" | "refused" | "stale";

/** Hands out nonces and checks the digests that are made with them. */
export class DigestCheck {
  readonly #keys: readonly ApiKey[];
  readonly #options: Required<Omit<DigestOptions, "stale" | "nonceLifetimeSeconds">>;
  readonly #stale: boolean | undefined;
  /** The counts seen with each nonce: the highest of them, or all, if they need only be new. */
  readonly #nonces: ExpiringMap<{ highest: number; readonly seen: Set<number> }>;

  constructor(keys: readonly ApiKey[], clock: () => number, options: DigestOptions = {}) {
    const { realm = "MMS Public API", algorithm = "MD5", qop = 'qop="auth"', counts = "higher" } = options;
    this.#keys = keys;
    this.#options = { realm, algorithm, qop, counts };
    this.#stale = options.stale;
    this.#nonces = new ExpiringMap({ lifetimeMs: (options.nonceLifetimeSeconds ?? 300) * 1000, clock });
  }

  /**
   * A value for `WWW-Authenticate`, with a new nonce. Written exactly as Atlas writes it: MongoDB's Go SDK reads it only
   * with a comma and a space between the parameters, and none that it does not know.
   */
  challenge(stale = false): string {
    const { realm, algorithm, qop } = this.#options;
    const nonce = randomBytes(24).toString("base64url");
    this.#nonces.add(nonce, { highest: 0, seen: new Set() });
    const parameters = [`realm="${realm}"`, 'domain=""', `nonce="${nonce}"`, `algorithm=${algorithm}`, qop];
    const all = [...parameters, `stale=${this.#stale ?? stale}`].filter((parameter) => parameter !== "");
    return `Digest ${all.join(", ")}`;
  }

  /** From now on every nonce that was handed out before is refused. */
  expireNonces(): void {
    this.#nonces.clear();
  }

  /** Whether there is an API key with this public key. */
  knows(publicKey: string): boolean {
    return this.#keys.some((key) => publicKey === key.publicKey);
  }

  /** Judges an `Authorization` header. A digest that is accepted uses up its count. */
  check(authorization: string, request: DigestedRequest): DigestVerdict {
    const digest = readDigest(authorization);
    if (digest === undefined || !this.#isSignedFor(digest, request)) return "refused";
    const nonce = this.#nonces.get(digest.get("nonce") ?? "");
    // The response is right, so the caller knows the key, and the challenge asks it to use the new nonce (`stale`).
    if (nonce === undefined) return "stale";
    if (this.#options.qop === "") return "accepted";
    const nc = digest.get("nc") ?? "";
    const count = /^[0-9a-f]{8}$/i.test(nc) ? Number.parseInt(nc, 16) : 0;
    if (count === 0 || this.#wasSeen(count, nonce)) return "refused";
    nonce.highest = Math.max(nonce.highest, count);
    // Where counts have to rise, the highest says it all.
    if (this.#options.counts === "new") nonce.seen.add(count);
    return "accepted";
  }

  #wasSeen(count: number, { highest, seen }: { highest: number; readonly seen: ReadonlySet<number> }): boolean {
    return this.#options.counts === "higher" ? count <= highest : seen.has(count);
  }

  #isSignedFor(digest: ReadonlyMap<string, string>, { method, target }: DigestedRequest): boolean {
    const { realm, algorithm, qop } = this.#options;
    const { nonce, nc = "", cnonce = "", response, username = "" } = Object.fromEntries(digest);
    const asksForQop = qop !== "";
    const key = this.#keys.find(({ publicKey }) => username === publicKey);
    if (key === undefined || nonce === undefined || response === undefined) return false;
    if (asksForQop && (nc === "" || cnonce === "")) return false;
    const asAsked =
      digest.get("realm") === realm &&
      digest.get("uri") === target &&
      digest.get("qop") === (asksForQop ? "auth" : undefined) &&
      (digest.get("algorithm") ?? "MD5").toUpperCase() === algorithm.toUpperCase() &&
      (digest.get("userhash") ?? "false").toLowerCase() === "false";
    const hash = (text: string) => hashed(algorithm, text);
    const user = hash(`${key.publicKey}:${realm}:${key.privateKey}`);
    const secret = algorithm.endsWith("-sess") ? hash(`${user}:${nonce}:${cnonce}`) : user;
    const counted = asksForQop ? `${nonce}:${nc}:${cnonce}:auth` : nonce;
    const expected = hash(`${secret}:${counted}:${hash(`${method}:${target}`)}`);
    return response.toLowerCase() === expected && asAsked;
  }
}

function hashed(algorithm: string, text: string): string {
  const name = algorithm.startsWith("SHA-256") ? "sha256" : "md5";
  // A realm comes from a header, one character per byte.
  return createHash(name).update(text, "latin1").digest("hex");
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
