/**
 * ignored_auth: a request without valid credentials has to get 401, before anything else about the request is looked at.
 */
import type { Operation } from "../../../contract-tests/contract/operations.js";
import type { Credentials } from "../../../src/auth/credentials.js";
import type { SeededRandom } from "../../../src/testing/atlas/seeded-random.js";
import { basisOf, documentedAs } from "../checks.js";
import { ALTERATION_NAMES, ALTERATIONS } from "../http/alterations.js";
import type { Identity } from "../http/sign-in.js";
import { type Callable, type Case, caseOf, type Derived, type Expectation } from "./case.js";

const CHECK = "ignored_auth";
const NOBODY: Identity = { kind: "header", value: undefined };
const MALFORMED = "malformed credentials";
const WRONG = "wrong credentials";

/**
 * @param valid - Cases of positive_data_acceptance: no version, body type or optional parameter may let anybody in.
 * @param invalid - Cases of negative_data_rejection: each place of a request broken once is sent without credentials too.
 * @param credentials - Those of the check, of which nearly the same are tried.
 */
export function* authenticationCases(
  callable: Callable,
  { valid, invalid }: { readonly valid: readonly Case[]; readonly invalid: readonly Case[] },
  credentials: Credentials,
  random: SeededRandom,
): Derived {
  const { operation } = callable;
  if (operation.open) return;
  const expected = unauthorized(operation);
  const attempts = [...wrongIdentities(operation, credentials, random)];
  for (const attempt of attempts) yield caseOf(callable, { check: CHECK, expected, ...attempt });
  for (const each of valid.slice(1)) {
    const title = `no credentials, and ${each.title}`;
    yield { ...each, check: CHECK, title, kind: "no credentials, and a valid request", identity: NOBODY, expected };
  }
  const wrong = attempts.find(({ title }) => title.startsWith(WRONG))?.identity ?? NOBODY;
  for (const each of oneOfEachPlace(invalid)) {
    // That the request is invalid is not what this is about: how it may be refused is left to negative_data_rejection.
    const undocumented = (status: number): boolean => status === 401 || each.expected?.undocumented?.(status) === true;
    for (const [words, identity] of [["no credentials", NOBODY] as const, [WRONG, wrong] as const]) {
      const title = `${words} and an invalid request (${each.title})`;
      const kind = `${words} and an invalid request`;
      yield { ...each, check: CHECK, title, kind, identity, expected: { ...expected, undocumented } };
    }
  }
  const unknown = new Set(operation.security.flat().flatMap(({ kind, name }) => (kind === "other" ? [name] : [])));
  for (const name of unknown) yield { what: `${WRONG} of ${name}`, reason: "what they look like is not known here" };
}

type Attempt = Pick<Case, "title" | "identity"> & { readonly kind?: string };

function* wrongIdentities(
  { security }: Operation,
  { publicKey, privateKey }: Credentials,
  random: SeededRandom,
): Iterable<Attempt> {
  const header = (title: string, value: string): Attempt => ({ title, identity: { kind: "header", value } });
  const basic = (): string => {
    const halves = `${random.text(LETTERS, 8)}:${random.text(LETTERS, 8)}`;
    return `Basic ${Buffer.from(halves).toString("base64")}`;
  };
  const kinds = new Set(security.flat().map(({ kind }) => kind));
  yield { title: "no credentials", identity: NOBODY };
  yield header(`${MALFORMED}: an empty header`, "");
  yield header(`${MALFORMED}: no scheme that is known`, random.text(LETTERS, 12));
  yield header(`${MALFORMED}: a scheme alone`, "Bearer");
  yield header(`${WRONG}: a scheme that is not documented`, basic());
  if (kinds.has("bearer")) {
    yield header(`${WRONG}: an unknown token`, `Bearer ${random.text(LETTERS, 24)}`);
    if (publicKey === undefined) yield* alterations("the token");
  }
  if (kinds.has("digest")) {
    const nonce = random.text(HEX, 32);
    const madeUp = `Digest username="${random.text(LETTERS, 8)}", realm="MMS Public API", nonce="${nonce}", uri="/", response="${random.text(HEX, 32)}"`;
    const key = (title: string, user: string, password = `not-a-key-${random.text(LETTERS, 12)}`): Attempt => ({
      title: `${WRONG}: ${title}`,
      identity: { kind: "key", publicKey: user, privateKey: password },
    });
    yield header(`${MALFORMED}: a digest without its parts`, "Digest");
    yield header(`${WRONG}: a digest for no challenge`, madeUp);
    yield key("an unknown API key", random.text(LETTERS, 8));
    if (publicKey !== undefined) {
      yield key("a wrong private key", publicKey);
      yield key("another public key", random.text(LETTERS, 8), privateKey);
      yield* alterations("the private key");
    }
  }
  if (kinds.has("basic")) yield header(`${WRONG}: an unknown user`, basic());
}

function alterations(what: string): readonly Attempt[] {
  return ALTERATION_NAMES.map((change) => ({
    title: `${WRONG}: ${what} ${ALTERATIONS[change].words}`,
    kind: `${what} altered`,
    identity: { kind: "given", change },
  }));
}

const LETTERS = "abcdefghijklmnopqrstuvwxyz";
const HEX = "0123456789abcdef";

/** The first invalid request for each parameter and for the body. */
function oneOfEachPlace(invalid: readonly Case[]): Iterable<Case> {
  return new Map(invalid.toReversed().map((each) => [each.title.split(/[ :]/, 1)[0], each])).values();
}

function unauthorized(operation: Operation): Expectation {
  const isRight = (status: number): boolean => status === 401;
  const contract = [...basisOf(operation, CHECK), ...documentedAs(operation, 401)];
  return { accepts: isRight, words: "401", undocumented: isRight, contract };
}
