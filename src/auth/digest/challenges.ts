/**
 * Reads the challenges of a WWW-Authenticate value (RFC 9110, section 11.6.1), whatever their schemes, and finds the digest
 * challenge to answer among them (RFC 7616, sections 3.3 and 3.7).
 */
import { excerpt, redactByForm } from "../../safe/redaction.js";
import { canHash, type HashName } from "./hash.js";

/** Parameters by name in lower case; values without their quotes and escapes. */
export type AuthenticationParameters = ReadonlyMap<string, string>;

/** One challenge: a scheme, and what belongs to it. */
export interface Challenge {
  /** In lower case. */
  readonly scheme: string;
  /** Empty if the scheme stands alone or carries a token68, as in `Negotiate YII=`. */
  readonly parameters: AuthenticationParameters;
}

const SEPARATORS = /[\s,]*/y;
const TOKEN = /[!#$%&'*+\-.^_`|~\w]+/y;
const TOKEN68 = /\s+[\w\-.~+/]+=*(?=\s*(?:,|$))/y;
const EQUALS = /\s*=\s*/y;
const QUOTED = /"((?:[^"\\]|\\.)*)"/sy;
/** Wider than a token, for servers that leave out the quotes around a nonce in base64. */
const UNQUOTED = /[^\s,"]*/y;
const UP_TO_COMMA = /[^,]*/y;

/**
 * The challenges in the server's order; several header lines arrive as one value, joined with commas, where a comma may
 * begin a parameter as well as a challenge. What cannot be read is left out, so that one scheme's mistake does not hide another's
 * challenge.
 */
export function parseChallenges(value: string): Challenge[] {
  const text = scan(value);
  const challenges: { scheme: string; parameters: Map<string, string> }[] = [];
  while (!text.atEnd()) {
    const token = text.take(TOKEN)?.toLowerCase();
    const current = challenges.at(-1);
    if (token === undefined) {
      text.take(UP_TO_COMMA);
    } else if (text.take(EQUALS) === undefined) {
      challenges.push({ scheme: token, parameters: new Map() });
      // A digest has parameters: `realm=,` there is an empty one, and no token68.
      if (token !== "digest") text.take(TOKEN68);
    } else {
      const parameter = text.takeParameterValue();
      // A repeated parameter is a mistake of the server or an addition on the way: the first one counts.
      if (parameter !== undefined && current?.parameters.has(token) === false) current.parameters.set(token, parameter);
    }
  }
  return challenges;
}

/** The parameters of a value without a scheme, such as Authentication-Info (RFC 7615). */
export function parseParameters(value: string): AuthenticationParameters {
  return parseChallenges(`Parameters ${value}`)[0]?.parameters ?? new Map();
}

function scan(value: string) {
  let position = 0;
  const match = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = position;
    const found = pattern.exec(value) ?? undefined;
    if (found !== undefined) position = pattern.lastIndex;
    return found;
  };
  return {
    /** Skips separators first. */
    atEnd(): boolean {
      match(SEPARATORS);
      return position >= value.length;
    },
    take(pattern: RegExp): string | undefined {
      return match(pattern)?.[0];
    },
    takeParameterValue(): string | undefined {
      if (value[position] !== '"') return match(UNQUOTED)?.[0];
      const quoted = match(QUOTED)?.[1];
      // A quote that never closes: no comma after it can be trusted to be a separator.
      if (quoted === undefined) position = value.length;
      return quoted?.replace(/\\(.)/gs, "$1");
    },
  };
}

/** What a response needs of a digest challenge. Realm, nonce and opaque are as the server sent them, one character per byte. */
export interface DigestChallenge {
  readonly realm: string;
  readonly nonce: string;
  readonly opaque: string | undefined;
  readonly hash: HashName;
  /** A `-sess` algorithm: the key belongs to one nonce and one client nonce. */
  readonly session: boolean;
  /** In the server's spelling; undefined if it names none, which means MD5. */
  readonly algorithm: string | undefined;
  /** Undefined in a challenge of the old kind (RFC 2069), which has no counter. */
  readonly qop: "auth" | undefined;
  /** The server wants the user's name hashed. */
  readonly userhash: boolean;
  /** The server declares that it reads names and passwords as UTF-8. */
  readonly utf8: boolean;
}

/** A challenge to answer, or why none of those offered can be. */
export type ChosenChallenge = { readonly challenge: DigestChallenge } | { readonly unanswerable: string };

type Algorithm = Pick<DigestChallenge, "hash" | "session">;

const ALGORITHMS: ReadonlyMap<string, Algorithm> = new Map([
  ["md5", { hash: "md5", session: false }],
  ["md5-sess", { hash: "md5", session: true }],
  ["sha-256", { hash: "sha256", session: false }],
  ["sha-256-sess", { hash: "sha256", session: true }],
]);

/**
 * The first digest challenge that can be answered: a server lists them in the order of its preference, strongest first.
 *
 * @param value WWW-Authenticate, several lines of it joined with commas.
 * @returns undefined if no digest challenge is offered at all.
 */
export function chooseDigestChallenge(value: string): ChosenChallenge | undefined {
  const reasons: string[] = [];
  for (const { scheme, parameters } of parseChallenges(value)) {
    if (scheme !== "digest") continue;
    const chosen = readDigestChallenge(parameters);
    if ("challenge" in chosen) return chosen;
    reasons.push(chosen.unanswerable);
  }
  return reasons.length === 0 ? undefined : { unanswerable: [...new Set(reasons)].join(", ") };
}

function readDigestChallenge(parameters: AuthenticationParameters): ChosenChallenge {
  const realm = parameters.get("realm");
  const nonce = parameters.get("nonce");
  if (realm === undefined) return { unanswerable: "no readable realm" };
  if (nonce === undefined || nonce === "") return { unanswerable: "no readable nonce" };
  const algorithm = parameters.get("algorithm");
  const known = ALGORITHMS.get((algorithm ?? "md5").toLowerCase());
  if (known === undefined) return { unanswerable: `algorithm ${shown(algorithm)}` };
  if (!canHash(known.hash)) {
    return { unanswerable: `algorithm ${algorithm ?? "MD5"}, which this platform does not compute` };
  }
  const qops = (parameters.get("qop") ?? "")
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((qop) => qop !== "");
  if (qops.length > 0 && !qops.includes("auth")) return { unanswerable: `qop ${shown(parameters.get("qop"))}` };
  return {
    challenge: {
      ...known,
      realm,
      nonce,
      algorithm,
      opaque: parameters.get("opaque"),
      qop: qops.length > 0 ? "auth" : undefined,
      userhash: parameters.get("userhash")?.toLowerCase() === "true",
      utf8: parameters.get("charset")?.toLowerCase() === "utf-8",
    },
  };
}

function shown(value: string | undefined): string {
  return JSON.stringify(excerpt(value ?? "", 40, redactByForm));
}
