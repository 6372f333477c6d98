/**
 * Finds, among the challenges of a 401, the digest challenge to answer (RFC 7616, sections 3.3 and 3.7).
 */
import { excerpt, redactByForm } from "../../safe/redaction.js";
import { type AuthenticationParameters, parseChallenges } from "./challenges.js";

/** What a response needs of a digest challenge. Realm, nonce and opaque are as the server sent them, one character per byte. */
export interface DigestChallenge {
  readonly realm: string;
  readonly nonce: string;
  readonly opaque: string | undefined;
  /** The hash as `node:crypto` names it. */
  readonly hash: "md5" | "sha256";
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
