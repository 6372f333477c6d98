/**
 * Requests that have to be refused whatever they ask for. ignored_auth: without valid credentials the status is 401, before
 * anything else about the request is looked at. version_negotiation, unsupported_media_type and unsupported_method: what HTTP
 * says of a request for what is not there; those responses are not in the contract and are judged by status alone.
 */
import { METHODS, type Method, type Operation, versionIn } from "../../../contract-tests/contract/operations.js";
import type { Credentials } from "../../../src/auth/credentials.js";
import type { SeededRandom } from "../../../src/testing/atlas/seeded-random.js";
import { basisOf, documentedAs, versionRule } from "../checks.js";
import { ALTERATION_NAMES, type Identity } from "../http/server.js";
import { ANY_REFUSAL, type Callable, type Case, caseOf, type Derived, type Expectation, oneOf } from "./case.js";

const NOBODY: Identity = { kind: "header", value: undefined };
const MALFORMED = "malformed credentials";
const WRONG = "wrong credentials";

/**
 * @param valid - Valid requests: no version, body type, optional parameter or unknown id may let anybody in.
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
  const check = "ignored_auth";
  const basis = [...basisOf(operation, check), ...documentedAs(operation, 401)];
  const expected = { ...mayCome(oneOf(401)), basis };
  const attempts = [...wrongIdentities(operation, credentials, random)];
  for (const [title, identity, kind = title] of attempts) {
    yield caseOf(callable, check, title, expected, { kind, identity });
  }
  for (const each of valid) {
    const kind = "no credentials, and a valid request";
    yield { ...each, check, title: `no credentials, and ${each.title}`, kind, identity: NOBODY, expected };
  }
  const [, wrong = NOBODY] = attempts.find(([title]) => title.startsWith(WRONG)) ?? [];
  // The first invalid request for each parameter and for the body, whose name is the first word of the title.
  const placeOf = ({ title }: Case): string | undefined => title.split(/[ :]/, 1)[0];
  for (const [place, each] of new Map(invalid.toReversed().map((each) => [placeOf(each), each]))) {
    // An id that is none need not lead to the operation, whoever asks.
    const isOfPath = operation.parameters.some(({ name, in: where }) => where === "path" && name === place);
    const admitted = isOfPath ? oneOf(401, 404, 403) : oneOf(401);
    // That the request is invalid is not what this is about: how it may be refused is left to negative_data_rejection.
    const undocumented = (status: number): boolean =>
      admitted.accepts(status) || each.expected?.undocumented?.(status) === true;
    for (const [who, identity] of [["no credentials", NOBODY] as const, [WRONG, wrong] as const]) {
      const kind = `${who} and an invalid request`;
      const title = `${kind} (${each.title})`;
      yield { ...each, check, title, kind, identity, expected: { ...admitted, undocumented, basis } };
    }
  }
  const unknown = new Set(operation.security.flat().flatMap(({ kind, name }) => (kind === "other" ? [name] : [])));
  for (const name of unknown) yield { what: `${WRONG} of ${name}`, reason: "what they look like is not known here" };
}

/** What is accepted need not be documented. */
function mayCome(expected: Expectation): Expectation {
  return { ...expected, undocumented: expected.accepts };
}

type Attempt = readonly [title: string, identity: Identity, kind?: string];

function* wrongIdentities(
  { security }: Operation,
  { publicKey, privateKey }: Credentials,
  random: SeededRandom,
): Iterable<Attempt> {
  const drawn = (length: number): string => random.text("0123456789abcdef", length);
  const header = (title: string, value: string): Attempt => [title, { kind: "header", value }];
  const basic = (): string => `Basic ${btoa(`${drawn(8)}:${drawn(8)}`)}`;
  const alterations = (what: string) =>
    ALTERATION_NAMES.map(
      (change): Attempt => [`${WRONG}: ${what} (${change})`, { kind: "given", change }, `${what} altered`],
    );
  const kinds = new Set(security.flat().map(({ kind }) => kind));
  yield ["no credentials", NOBODY];
  yield header(`${MALFORMED}: an empty header`, "");
  yield header(`${MALFORMED}: no scheme that is known`, drawn(12));
  yield header(`${MALFORMED}: a scheme alone`, "Bearer");
  yield header(`${WRONG}: a scheme that is not documented`, basic());
  if (kinds.has("bearer")) {
    yield header(`${WRONG}: an unknown token`, `Bearer ${drawn(24)}`);
    if (publicKey === undefined) yield* alterations("the token");
  }
  if (kinds.has("digest")) {
    const madeUp = `Digest username="${drawn(8)}", realm="MMS Public API", nonce="${drawn(32)}", uri="/", response="${drawn(32)}"`;
    const key = (title: string, user: string, password = `not-a-key-${drawn(12)}`): Attempt => [
      `${WRONG}: ${title}`,
      { kind: "key", publicKey: user, privateKey: password },
    ];
    yield header(`${MALFORMED}: a digest without its parts`, "Digest");
    yield header(`${WRONG}: a digest for no challenge`, madeUp);
    yield key("an unknown API key", drawn(8));
    if (publicKey !== undefined) {
      yield key("a wrong private key", publicKey);
      yield key("another public key", drawn(8), privateKey);
      yield* alterations("the private key");
    }
  }
  if (kinds.has("basic")) yield header(`${WRONG}: an unknown user`, basic());
}

/** What names no version that the contract lists: nothing, anything, no version, and versions before, between and after. */
export function* versionCases(callable: Callable, random: SeededRandom): Derived {
  const { listed = [], unlisted = [], required } = versionRule(callable.operation) ?? {};
  const versioned = listed.find((name) => versionIn(name) !== undefined);
  if (versioned === undefined) return;
  const expected = mayCome(unlisted.length === 0 ? ANY_REFUSAL : oneOf(...unlisted));
  const others = unlistedDates(listed, random).map((date) => versioned.replace(versionIn(versioned) ?? "", date));
  const unversioned = required ? [undefined, "*/*", "application/*", "application/json"] : [];
  for (const accept of [...unversioned, ...others]) {
    const title = accept === undefined ? "no Accept" : `Accept: ${accept}`;
    yield caseOf(callable, "version_negotiation", title, expected, { accept });
  }
  const reason = "the contract does not say that a version has to be named";
  if (!required) yield { what: "no Accept, or one without a version", reason };
}

function unlistedDates(listed: readonly string[], random: SeededRandom): readonly string[] {
  const dates = listed.flatMap((name) => versionIn(name) ?? []).sort();
  const day = String(1 + random.integer(28)).padStart(2, "0");
  const between = dates.slice(1).map((date, index) => {
    const middle = (Date.parse(dates[index] ?? date) + Date.parse(date)) / 2;
    return new Date(middle).toISOString().slice(0, 10);
  });
  const all = [`${2000 + random.integer(20)}-01-${day}`, ...between, `${2090 + random.integer(10)}-01-${day}`];
  return all.filter((date) => !dates.includes(date));
}

export function* mediaTypeCases(callable: Callable): Derived {
  const listed = callable.operation.body?.mediaTypes.map(({ name }) => name) ?? [];
  if (callable.body === undefined || listed.some((name) => name.includes("*"))) return;
  const others = ["text/plain", "application/xml", "application/x-www-form-urlencoded"];
  for (const contentType of others.filter((name) => !listed.includes(name))) {
    const expected = mayCome(oneOf(415, 400));
    yield caseOf(callable, "unsupported_media_type", `Content-Type: ${contentType}`, expected, { contentType });
  }
}

export function methodsOf({ pathItem }: Operation): readonly Method[] {
  return METHODS.filter((method) => pathItem.has(method.toLowerCase()));
}

/** 405 or 404 for a method that the path does not have. */
export function* methodCases(callable: Callable): Derived {
  // A server may look at the method last, or know it as little as the path: 403 and 501 (RFC 9110, section 15.6.2).
  const expected: Expectation = { ...oneOf(405, 404, 403, 501), words: "405 or 404" };
  // Whatever allows browsers in responds to it, as it likes.
  const ofOptions: Expectation = { ...expected, accepts: (status) => status < 500 || status === 501 };
  const withoutBody = { ...callable, body: undefined, contentType: undefined };
  // TRACE is left out, because many proxies stop it.
  const known: readonly Method[] = [...methodsOf(callable.operation), "TRACE"];
  for (const method of METHODS.filter((each) => !known.includes(each))) {
    const right = method === "OPTIONS" ? ofOptions : expected;
    yield caseOf(withoutBody, "unsupported_method", method, right, { method });
  }
}
