/**
 * Answers a digest challenge: the response of RFC 7616, section 3.4.1, and the Authorization value around it.
 */
import { nodeModule } from "../../platform.js";
import { latin1Of, utf8 } from "../../safe/encodings.js";
import type { ApiKey } from "../credentials.js";

/** What a response needs of a digest challenge. Realm, nonce and opaque are as the server sent them, one character per byte. */
export interface DigestChallenge {
  readonly realm: string;
  readonly nonce: string;
  readonly opaque: string | undefined;
  /** As `node:crypto` names it. */
  readonly hash: "md5" | "sha256";
  /** A `-sess` algorithm: the key belongs to one nonce and one client nonce. */
  readonly session: boolean;
  /** In the server's spelling; undefined if it names none, which means MD5. */
  readonly algorithm: string | undefined;
  /** Undefined in a challenge of the old kind (RFC 2069), which has no counter. */
  readonly qop: "auth" | undefined;
}

/** A request, and how often the nonce has been used, this time included. */
export interface DigestRequest {
  readonly method: string;
  /** Path and query exactly as they are sent. */
  readonly uri: string;
  readonly count: number;
  /** The client's own nonce; for a `-sess` algorithm the same at every use of the nonce, being part of the session's key. */
  readonly cnonce: string;
}

/** Whether the platform computes it: MD5 is forbidden under FIPS, and a platform without `node:crypto` has neither. */
export function canHash(name: DigestChallenge["hash"]): boolean {
  try {
    return nodeModule("node:crypto")?.createHash(name) !== undefined;
  } catch {
    // OpenSSL's error says no more than that it is forbidden.
    return false;
  }
}

/** @param data one character per byte */
function hashHex(name: DigestChallenge["hash"], data: string): string {
  const hash = nodeModule("node:crypto")?.createHash(name);
  if (hash === undefined) throw new TypeError(`${name} cannot be computed: ask canHash first`);
  return hash.update(data, "latin1").digest("hex");
}

/**
 * Writes the Authorization value of each request that answers this challenge. What they all have in common is computed once.
 * Which parameters are quoted is fixed by RFC 7616, section 3.4.
 */
export function digestAuthorization(
  { hash, realm, nonce, opaque, algorithm, qop, session }: DigestChallenge,
  key: ApiKey,
): (request: DigestRequest) => string {
  const name = bytes(key.publicKey);
  const user = hashHex(hash, `${name}:${realm}:${bytes(key.privateKey)}`);
  const before = `Digest username=${quoted(name)}, realm=${quoted(realm)}, nonce=${quoted(nonce)}, uri=`;
  const chosen = algorithm === undefined ? "" : `, algorithm=${algorithm}`;
  const after = opaque === undefined ? "" : `, opaque=${quoted(opaque)}`;
  return ({ method, uri, count, cnonce }) => {
    const nc = count.toString(16).padStart(8, "0");
    const secret = session ? hashHex(hash, `${user}:${nonce}:${cnonce}`) : user;
    const counted = qop === undefined ? nonce : `${nonce}:${nc}:${cnonce}:${qop}`;
    const response = hashHex(hash, `${secret}:${counted}:${hashHex(hash, `${method}:${uri}`)}`);
    const use = qop === undefined ? "" : `, qop=${qop}, nc=${nc}`;
    // Without qop a cnonce must not be sent, but a server cannot check a -sess response without it.
    const drawn = qop === undefined && !session ? "" : `, cnonce=${quoted(cnonce)}`;
    return `${before}${quoted(uri)}${chosen}${use}${drawn}, response="${response}"${after}`;
  };
}

/**
 * A header value has one character per byte, and so has everything that is hashed here: what the server sent is then echoed and
 * hashed byte for byte, whatever its charset. Names and passwords are UTF-8 in Normalization Form C (RFC 7616, section 4).
 */
function bytes(text: string): string {
  return latin1Of(utf8(text.normalize("NFC")));
}

function quoted(value: string): string {
  // Few values have to be escaped, and to look costs less than to replace nothing.
  return `"${/["\\]/.test(value) ? value.replace(/["\\]/g, "\\$&") : value}"`;
}
