/**
 * Reads the challenges of a WWW-Authenticate value (RFC 9110, section 11.6.1), finds the digest challenge to answer among
 * them (RFC 7616, sections 3.3 and 3.7), and answers it (section 3.4).
 */
import { nodeModule } from "../../platform.js";
import { latin1Of, utf8 } from "../../safe/encodings.js";
import { tryTo } from "../../safe/foreign-error.js";
import { excerpt, redactByForm } from "../../safe/redaction.js";
import type { ApiKey } from "../credentials.js";

export interface Challenge {
  /** Like the names of the parameters, in lower case. */
  readonly scheme: string;
  /** Without quotes and escapes; empty if the scheme stands alone or carries a token68. */
  readonly parameters: Map<string, string>;
}

const TOKEN = String.raw`[!#$%&'*+\-.^_\`|~\w]+`;
const PARTS = new RegExp(
  [
    // A parameter. After a quote that never closes, no comma can be trusted to be a separator. Unquoted values are wider than
    // a token, for servers that leave out the quotes around a nonce in base64.
    String.raw`(${TOKEN})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|".*|([^\s,"]*))`,
    // A scheme and its token68, as in `Negotiate YII=`; a digest has parameters, and `realm=,` there is an empty one.
    String.raw`(${TOKEN})(?:(?<!digest)\s+[\w\-.~+/]+=*(?=\s*(?:,|$)))?`,
    // What cannot be read is left out, so that one scheme's mistake does not hide another's challenge.
    "[^\\s,][^,]*",
  ].join("|"),
  "gis",
);

/**
 * The challenges in the server's order. Several header lines arrive as one value, joined with commas, and a comma is followed
 * by a parameter or by another challenge.
 */
export function parseChallenges(value: string): Challenge[] {
  const challenges: Challenge[] = [];
  for (const [, name = "", quoted, unquoted, scheme] of value.matchAll(PARTS)) {
    const parameters = challenges.at(-1)?.parameters;
    const read = quoted?.replace(/\\(.)/gs, "$1") ?? unquoted;
    if (scheme !== undefined) challenges.push({ scheme: scheme.toLowerCase(), parameters: new Map() });
    // A repeated parameter is a mistake of the server or an addition on the way: the first one counts.
    else if (read !== undefined && parameters?.has(name.toLowerCase()) === false) {
      parameters.set(name.toLowerCase(), read);
    }
  }
  return challenges;
}

/** Realm, nonce and opaque are as the server sent them, one character per byte. */
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

/**
 * The first digest challenge that can be answered: a server lists them in the order of its preference, strongest first.
 * Undefined if none is offered at all.
 */
export function chooseDigestChallenge(
  value: string,
): { readonly challenge: DigestChallenge } | { readonly unanswerable: string } | undefined {
  const reasons = new Set<string>();
  for (const { scheme, parameters } of parseChallenges(value)) {
    if (scheme !== "digest") continue;
    const challenge = readDigestChallenge(parameters);
    if (typeof challenge !== "string") return { challenge };
    reasons.add(challenge);
  }
  return reasons.size === 0 ? undefined : { unanswerable: [...reasons].join(", ") };
}

/** Or why it cannot be answered. */
function readDigestChallenge(parameters: Challenge["parameters"]): DigestChallenge | string {
  const realm = parameters.get("realm");
  const nonce = parameters.get("nonce");
  if (realm === undefined) return "no readable realm";
  if (nonce === undefined || nonce === "") return "no readable nonce";
  const algorithm = parameters.get("algorithm");
  const [, name, session] = /^(md5|sha-256)(-sess)?$/i.exec(algorithm ?? "MD5") ?? [];
  if (name === undefined) return `algorithm ${shown(algorithm)}`;
  const hash = name.length === 3 ? "md5" : "sha256";
  // MD5 is forbidden under FIPS, and a platform without `node:crypto` has neither.
  if (tryTo(() => hashFunction(hash)?.("")) === undefined) {
    return `algorithm ${algorithm ?? "MD5"}, which this platform does not compute`;
  }
  const qops = parameters
    .get("qop")
    ?.toLowerCase()
    .match(/[^\s,]+/g);
  if (qops?.includes("auth") === false) return `qop ${shown(parameters.get("qop"))}`;
  const opaque = parameters.get("opaque");
  return { hash, session: session !== undefined, realm, nonce, algorithm, opaque, qop: qops ? "auth" : undefined };
}

function shown(value: string | undefined): string {
  return JSON.stringify(excerpt(value ?? "", 40, redactByForm));
}

/** Of one character per byte. Undefined without `node:crypto`: then no challenge is chosen. */
function hashFunction(name: DigestChallenge["hash"]): ((data: string) => string) | undefined {
  const crypto = nodeModule("node:crypto");
  return crypto && ((data) => crypto.createHash(name).update(data, "latin1").digest("hex"));
}

export interface DigestRequest {
  readonly method: string;
  /** Path and query exactly as they are sent. */
  readonly uri: string;
  /** How often the nonce has been used, this time included. */
  readonly count: number;
  /** The client's own nonce; for a `-sess` algorithm the same at every use of the nonce, being part of the session's key. */
  readonly cnonce: string;
}

/** Writes the Authorization value of each request; which parameters are quoted is fixed by RFC 7616, section 3.4. */
export function digestAuthorization(
  { hash, realm, nonce, opaque, algorithm, qop, session }: DigestChallenge,
  key: ApiKey,
): (request: DigestRequest) => string {
  const name = bytes(key.publicKey);
  const hashHex = hashFunction(hash);
  const user = hashHex?.(`${name}:${realm}:${bytes(key.privateKey)}`);
  const before = `Digest username=${quoted(name)}, realm=${quoted(realm)}, nonce=${quoted(nonce)}, uri=`;
  const chosen = algorithm === undefined ? "" : `, algorithm=${algorithm}`;
  const after = opaque === undefined ? "" : `, opaque=${quoted(opaque)}`;
  return ({ method, uri, count, cnonce }) => {
    const nc = count.toString(16).padStart(8, "0");
    const secret = session ? hashHex?.(`${user}:${nonce}:${cnonce}`) : user;
    const counted = qop === undefined ? nonce : `${nonce}:${nc}:${cnonce}:${qop}`;
    const response = hashHex?.(`${secret}:${counted}:${hashHex(`${method}:${uri}`)}`);
    const use = qop === undefined ? "" : `, qop=${qop}, nc=${nc}`;
    // Without qop a cnonce must not be sent, but a server cannot check a -sess response without it.
    const drawn = qop === undefined && !session ? "" : `, cnonce=${quoted(cnonce)}`;
    return `${before}${quoted(uri)}${chosen}${use}${drawn}, response="${response}"${after}`;
  };
}

/**
 * One character per byte, as in a header value: what the server sent is echoed and hashed byte for byte, whatever its charset.
 * Names and passwords are UTF-8 in Normalization Form C (RFC 7616, section 4).
 */
function bytes(text: string): string {
  return latin1Of(utf8(text.normalize("NFC")));
}

function quoted(value: string): string {
  // Few values have to be escaped, and to look costs less than to replace nothing.
  return `"${/["\\]/.test(value) ? value.replace(/["\\]/g, "\\$&") : value}"`;
}
