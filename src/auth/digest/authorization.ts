/**
 * Answers a digest challenge: the response of RFC 7616, section 3.4.1, and the Authorization value around it.
 */

import { latin1Of, utf8 } from "../../safe/bytes.js";
import type { ApiKey } from "../credentials.js";
import type { DigestChallenge } from "./challenges.js";
import { hashHex } from "./hash.js";

/** One use of a challenge's nonce. */
export interface NonceUse {
  /** How often the nonce has been used, this time included. */
  readonly count: number;
  /** The client's own nonce; for a `-sess` algorithm the same at every use of the nonce, being part of the session's key. */
  readonly cnonce: string;
}

/** What of the request the response covers. */
export interface DigestRequest {
  readonly method: string;
  /** Path and query exactly as they are sent. */
  readonly uri: string;
}

/** The `response` parameter, in lower-case hexadecimal digits. */
export function digestResponse(challenge: DigestChallenge, key: ApiKey, request: DigestRequest, use: NonceUse): string {
  const { hash, realm, nonce, qop } = challenge;
  const user = hashHex(hash, `${bytes(key.publicKey)}:${realm}:${bytes(key.privateKey)}`);
  const secret = challenge.session ? hashHex(hash, `${user}:${nonce}:${use.cnonce}`) : user;
  const covered = hashHex(hash, `${request.method}:${request.uri}`);
  const counted = qop === undefined ? nonce : `${nonce}:${nonceCount(use)}:${use.cnonce}:${qop}`;
  return hashHex(hash, `${secret}:${counted}:${covered}`);
}

/** The whole Authorization value; which parameters are quoted is fixed by RFC 7616, section 3.4. */
export function digestAuthorization(
  challenge: DigestChallenge,
  key: ApiKey,
  request: DigestRequest,
  use: NonceUse,
): string {
  const { realm, nonce, opaque, algorithm, qop } = challenge;
  const parameters = [
    ...userName(challenge, key),
    `realm=${quoted(realm)}`,
    `nonce=${quoted(nonce)}`,
    `uri=${quoted(request.uri)}`,
    ...(algorithm === undefined ? [] : [`algorithm=${algorithm}`]),
    ...(qop === undefined ? [] : [`qop=${qop}`, `nc=${nonceCount(use)}`]),
    // Without qop a cnonce must not be sent, but a server cannot check a -sess response without it.
    ...(qop === undefined && !challenge.session ? [] : [`cnonce=${quoted(use.cnonce)}`]),
    `response="${digestResponse(challenge, key, request, use)}"`,
    ...(opaque === undefined ? [] : [`opaque=${quoted(opaque)}`]),
  ];
  return `Digest ${parameters.join(", ")}`;
}

function userName({ hash, realm, userhash, utf8 }: DigestChallenge, key: ApiKey): string[] {
  const name = bytes(key.publicKey);
  if (userhash) return [`username="${hashHex(hash, `${name}:${realm}`)}"`, "userhash=true"];
  // A server that declares no charset is taken to compare bytes, and may not know the extended notation.
  const extended = utf8 ? /[^\x20-\x7e]/ : /[^\x20-\x7e\x80-\xff]/;
  return [extended.test(name) ? `username*=UTF-8''${percentEncoded(name)}` : `username=${quoted(name)}`];
}

/**
 * A header value has one character per byte, and so has everything that is hashed here: what the server sent is then echoed and
 * hashed byte for byte, whatever its charset. Names and passwords are UTF-8 in Normalization Form C (RFC 7616, section 4).
 */
function bytes(text: string): string {
  return latin1Of(utf8(text.normalize("NFC")));
}

function nonceCount({ count }: NonceUse): string {
  return count.toString(16).padStart(8, "0");
}

function quoted(value: string): string {
  return `"${value.replace(/["\\]/g, "\\$&")}"`;
}

/** RFC 8187's notation for a value outside ASCII. */
function percentEncoded(value: string): string {
  return value.replace(
    /[^\w!#$&+\-.^`|~]/g,
    (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  );
}
