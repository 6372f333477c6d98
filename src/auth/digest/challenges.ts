/**
 * Reads the challenges of a WWW-Authenticate value (RFC 9110, section 11.6.1), whatever their schemes, and finds the digest
 * challenge to answer among them (RFC 7616, sections 3.3 and 3.7).
 */
import { excerpt, redactByForm } from "../../safe/redaction.js";
import { canHash, type DigestChallenge } from "./authorization.js";

export interface Challenge {
  /** Like the names of the parameters, in lower case. */
  readonly scheme: string;
  /** Without quotes and escapes; empty if the scheme stands alone or carries a token68. */
  readonly parameters: ReadonlyMap<string, string>;
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
 * The challenges in the server's order; several header lines arrive as one value, joined with commas, where a comma may
 * begin a parameter as well as a challenge.
 */
export function parseChallenges(value: string): Challenge[] {
  const challenges: { scheme: string; parameters: Map<string, string> }[] = [];
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

export type ChosenChallenge = { readonly challenge: DigestChallenge } | { readonly unanswerable: string };

const HASHES: ReadonlyMap<string, DigestChallenge["hash"]> = new Map([
  ["md5", "md5"],
  ["sha-256", "sha256"],
]);

/**
 * The first digest challenge that can be answered: a server lists them in the order of its preference, strongest first.
 *
 * @param value WWW-Authenticate, several lines of it joined with commas.
 * @returns undefined if no digest challenge is offered at all.
 */
export function chooseDigestChallenge(value: string): ChosenChallenge | undefined {
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
  const name = (algorithm ?? "MD5").toLowerCase();
  const hash = HASHES.get(name.replace(/-sess$/, ""));
  if (hash === undefined) return `algorithm ${shown(algorithm)}`;
  if (!canHash(hash)) return `algorithm ${algorithm ?? "MD5"}, which this platform does not compute`;
  const qops: readonly string[] =
    parameters
      .get("qop")
      ?.toLowerCase()
      .match(/[^\s,]+/g) ?? [];
  if (qops.length > 0 && !qops.includes("auth")) return `qop ${shown(parameters.get("qop"))}`;
  return {
    hash,
    session: name.endsWith("-sess"),
    realm,
    nonce,
    algorithm,
    opaque: parameters.get("opaque"),
    qop: qops.length > 0 ? "auth" : undefined,
  };
}

function shown(value: string | undefined): string {
  return JSON.stringify(excerpt(value ?? "", 40, redactByForm));
}
