/**
 * ignored_auth: a request without valid credentials has to get 401, before anything else about the request is looked at.
 */
import type { Operation } from "../../../contract-tests/contract/operations.js";
import type { SeededRandom } from "../../../src/testing/atlas/seeded-random.js";
import { basisOf, documentedAs } from "../checks.js";
import type { Alteration, Identity } from "../http/sign-in.js";
import { type Callable, type Case, caseOf, type Derived, type Expectation } from "./case.js";

/**
 * @param valid - Cases of positive_data_acceptance: no version, body type or optional parameter may let anybody in.
 * @param invalid - Cases of negative_data_rejection: each place of a request broken once is sent without credentials too.
 * @param key - The API key that the check signs with; without one it shows a bearer token.
 */
export function authenticationCases(
  callable: Callable,
  { valid, invalid }: { readonly valid: readonly Case[]; readonly invalid: readonly Case[] },
  key: { readonly publicKey?: string | undefined; readonly privateKey?: string | undefined },
  random: SeededRandom,
): Derived {
  const { operation } = callable;
  if (operation.open) return { cases: [], untried: [] };
  const expected = unauthorized(operation);
  const attempts = wrongIdentities(operation, key, random);
  const cases = attempts.map(({ title, identity }) =>
    caseOf(callable, { check: "ignored_auth", title, identity, expected }),
  );
  for (const each of valid.slice(1)) {
    const title = `no credentials, and ${each.title}`;
    cases.push({ ...each, check: "ignored_auth", title, identity: { kind: "none" }, expected });
  }
  const wrong = attempts.find(({ title }) => title.startsWith("wrong"))?.identity ?? { kind: "none" };
  for (const each of oneOfEachPlace(invalid)) {
    const title = `and an invalid request (${each.title})`;
    // That the request is invalid is not what this is about: how it may be refused is left to negative_data_rejection.
    const undocumented = (status: number): boolean => status === 401 || each.expected?.undocumented(status) === true;
    const changed = { ...each, check: "ignored_auth", expected: { ...expected, undocumented } } as const;
    cases.push({ ...changed, title: `no credentials ${title}`, identity: { kind: "none" } });
    cases.push({ ...changed, title: `wrong credentials ${title}`, identity: wrong });
  }
  const unknown = new Set(operation.security.flat().flatMap(({ kind, name }) => (kind === "other" ? [name] : [])));
  const reason = "what they look like is not known here";
  return { cases, untried: [...unknown].map((name) => ({ what: `wrong credentials of ${name}`, reason })) };
}

interface Attempt {
  readonly title: string;
  readonly identity: Identity;
}

function wrongIdentities(
  operation: Operation,
  { publicKey, privateKey }: Parameters<typeof authenticationCases>[2],
  random: SeededRandom,
): Attempt[] {
  const header = (title: string, value: string): Attempt => ({ title, identity: { kind: "header", value } });
  const attempts: Attempt[] = [
    { title: "no credentials", identity: { kind: "none" } },
    header("malformed credentials: an empty header", ""),
    header("malformed credentials: no scheme that is known", random.text(LETTERS, 12)),
    header("malformed credentials: a scheme alone", "Bearer"),
    header("wrong credentials: a scheme that is not documented", basic(random)),
  ];
  const kinds = new Set(operation.security.flat().map(({ kind }) => kind));
  if (kinds.has("bearer")) {
    attempts.push(header("wrong credentials: an unknown token", `Bearer ${random.text(LETTERS, 24)}`));
    if (publicKey === undefined) attempts.push(...alterations("the token"));
  }
  if (kinds.has("digest")) attempts.push(...wrongDigests(publicKey, privateKey, random, header));
  if (kinds.has("basic")) {
    attempts.push(header("wrong credentials: an unknown user", basic(random)));
  }
  return attempts;
}

function wrongDigests(
  publicKey: string | undefined,
  privateKey: string | undefined,
  random: SeededRandom,
  header: (title: string, value: string) => Attempt,
): Attempt[] {
  const nonce = random.text(HEX, 32);
  const madeUp = `Digest username="${random.text(LETTERS, 8)}", realm="MMS Public API", nonce="${nonce}", uri="/", response="${random.text(HEX, 32)}"`;
  const key = (user: string, password = `not-a-key-${random.text(LETTERS, 12)}`): Identity => ({
    kind: "wrong-key",
    publicKey: user,
    privateKey: password,
  });
  const known =
    publicKey === undefined
      ? []
      : [
          { title: "wrong credentials: a wrong private key", identity: key(publicKey) },
          { title: "wrong credentials: another public key", identity: key(random.text(LETTERS, 8), privateKey) },
          ...alterations("the private key"),
        ];
  return [
    header("malformed credentials: a digest without its parts", "Digest"),
    header("wrong credentials: a digest for no challenge", madeUp),
    { title: "wrong credentials: an unknown API key", identity: key(random.text(LETTERS, 8)) },
    ...known,
  ];
}

/** What a careless comparison takes for the same: by its length, by its beginning, without regard to letter case. */
export const ALTERATIONS: Readonly<Record<Alteration, string>> = {
  longer: "with a letter more",
  shorter: "without its last letter",
  "other end": "with another end",
  "other beginning": "with another beginning",
  "other letter case": "in the other letter case",
  "same length": "as other letters of the same number",
};

function alterations(what: string): Attempt[] {
  // The keys are the alterations that the record is of.
  return (Object.keys(ALTERATIONS) as Alteration[]).map((change) => ({
    title: `wrong credentials: ${what} ${ALTERATIONS[change]}`,
    identity: { kind: "altered", change },
  }));
}

const LETTERS = "abcdefghijklmnopqrstuvwxyz";
const HEX = "0123456789abcdef";

function basic(random: SeededRandom): string {
  const halves = `${random.text(LETTERS, 8)}:${random.text(LETTERS, 8)}`;
  return `Basic ${Buffer.from(halves).toString("base64")}`;
}

/** The first invalid request for each parameter and for the body. */
function oneOfEachPlace(invalid: readonly Case[]): Case[] {
  const places = new Map(invalid.toReversed().map((each) => [each.title.split(/[ :]/, 1)[0], each]));
  return [...places.values()];
}

function unauthorized(operation: Operation): Expectation {
  const isRight = (status: number): boolean => status === 401;
  const contract = [...basisOf(operation, "ignored_auth"), ...documentedAs(operation, 401)];
  return { accepts: isRight, words: "401", undocumented: isRight, contract };
}
