/**
 * Who gets in, and who reaches what. object_level_authorization: what belongs to one account is not reached through another
 * organization, project or account, even by whoever knows its id (OWASP API1), and through no id but its own. The token
 * endpoint: who signs in there with nearly the right secret gets no token, nor whoever does with a deleted one.
 */
import { memberOf, parsedJson } from "../../../contract-tests/contract/json.js";
import type { Operation } from "../../../contract-tests/contract/operations.js";
import { seededRandom } from "../../../src/testing/atlas/seeded-random.js";
import { isSuccess } from "../../../src/transport/pipeline.js";
import {
  ANY_REFUSAL,
  type Callable,
  type Case,
  caseOf,
  isValid,
  otherId,
  withDigits,
  withParameters,
} from "../cases/case.js";
import { basisOf, inContract, inRfc } from "../checks.js";
import type { HttpResponse } from "../http/exchange.js";
import { ALTERATION_NAMES, type Identity } from "../http/server.js";
import { cleanUp, deleteResource, deletionCase, provideResource, runCase, whyNoState } from "../run-case.js";
import { type Run, reportFault, sendCase } from "../send-case.js";
import { isAccountParameter, otherOption } from "../target.js";

const CHECK = "object_level_authorization";

/** Asks for what was created with one id in the path exchanged for another one, if none is given, one that nobody knows. */
export async function checkAuthorization(run: Run, callable: Callable): Promise<void> {
  const { callables, verdicts, created, otherIds = {} } = run;
  const { operation, parameters } = callable;
  const [[parameter, maker] = []] = callable.created;
  const creator = maker ?? (created.creates(operation) ? operation : undefined);
  if (creator === undefined || !verdicts.needs(operation, CHECK)) return;
  const obstacle = whyNoState(run, creator);
  if (obstacle !== undefined) return verdicts.omit(operation, CHECK, obstacle);
  const inPath = operation.parameters.filter(({ in: where }) => where === "path");
  const owners = inPath.map(({ name }) => name).filter(isAccountParameter);
  const known = [...callables.values()].flatMap(({ parameters }) => Object.entries(parameters));
  const own = new Map(known.filter(([name]) => isAccountParameter(name)));
  // What is created for another account is no secret of this one.
  const [account] = parameter === undefined ? owners.splice(-1) : [];
  for (const name of owners) {
    const id = String(parameters[name]);
    const random = seededRandom(run.seed, `${operation.operationId} another ${name}`);
    const whyNone = "no other valid value is known";
    const tries: (readonly [title: string, other: unknown, whyNone?: string])[] = [
      [`another ${name}`, otherId(id, random), whyNone],
      ...nearIds(id).map(([difference, near]) => [`${name} ${difference}`, near, whyNone] as const),
      [`another existing ${name}`, otherIds[name], `no valid one is given by ${otherOption(name)}`],
      // An owner is not known by the id of another kind of owner.
      ...[...own].map(([other, value]) => [`its own ${other} as the ${name}`, value] as const),
    ];
    for (const [title, other, reason] of tries) {
      const each = caseWith(callable, title, name, other);
      if (other !== id && isValid(each)) await runCase(run, each);
      else if (reason !== undefined) verdicts.notTried(operation, title, reason);
    }
  }
  const near = parameter ?? account;
  if (near === undefined) return;
  const notLocal = "on a server that is not on this machine it could be somebody's";
  if (!run.local) verdicts.notTried(operation, `nearly the same ${near}`, notLocal);
  else if (parameter !== undefined) await tryNearResources(run, callable, parameter, creator);
  else await tryNearAccounts(run, callable, near);
}

function caseWith(callable: Callable, title: string, name: string, id: unknown, expected = NOT_THERE): Case {
  return caseOf(withParameters(callable, { [name]: id }), CHECK, title, expected);
}

const NOT_THERE: Case["expected"] = { ...ANY_REFUSAL, words: "404 or 403" };

const otherDigit = (digit: string): string => (Number(`0x${digit}`) ^ 1).toString(16);

/** Ways to change the digits of an id that a careless comparison does not see. */
const CHANGES: Readonly<Record<string, (digits: string) => string>> = {
  "with another end": (digits) => digits.replace(/.$/, otherDigit),
  "with another beginning": (digits) => digits.replace(/^./, otherDigit),
  "with another middle": (digits) =>
    digits.replace(/./g, (digit, at: number) =>
      Math.floor((3 * at) / digits.length) === 1 ? otherDigit(digit) : digit,
    ),
  "with its digits in another order": (digits) => [...digits].reverse().join(""),
};

function nearIds(id: string): readonly (readonly [difference: string, id: string])[] {
  const near = Object.entries(CHANGES).map(([difference, change]) => [difference, withDigits(id, change)] as const);
  return near.filter(([, other]) => other !== id);
}

/** Whoever asks for an id that is nearly that of something must not reach it. */
async function tryNearResources(run: Run, callable: Callable, parameter: string, creator: Operation): Promise<void> {
  const resource = await provideResource(run, creator);
  if (typeof resource === "string") return;
  const [shorter, longer] = [resource.id.slice(0, -1), `${resource.id}0`];
  const near = [...nearIds(resource.id), ["without its end", shorter], ["with something behind it", longer]] as const;
  for (const [difference, id] of near) {
    const each = caseWith(callable, `${parameter} ${difference}`, parameter, id, ANY_RESPONSE);
    const response = await runCase(run, each);
    if (response === undefined || !isSuccess(response)) continue;
    // It may have succeeded without doing anything, which is for use_after_free to find.
    resource.state = "unclear";
    if ((await deleteResource(run, resource)) !== "gone before") return;
    const problem = `status ${response.status}, and what has nearly the same ${parameter} was reached`;
    return reportFault(run, each, response, { problem });
  }
}

/**
 * Whatever the refusal: some ids break the pattern, which may be stricter here than in the documentation. Success is judged
 * by what it did.
 */
const ANY_RESPONSE: Case["expected"] = {
  accepts: (status) => status < 500,
  words: "any refusal",
  undocumented: (status) => status < 500,
};

/**
 * A server may create accounts that are named for the first time. What is created for nearly the same account must not turn
 * out to be this account's.
 */
async function tryNearAccounts(run: Run, callable: Callable, name: string): Promise<void> {
  const { operation, parameters } = callable;
  for (const [difference, near] of nearIds(String(parameters[name]))) {
    await cleanUp(run);
    const each = { ...caseWith(callable, `${name} ${difference}`, name, near), expected: undefined };
    if (!isValid(each)) continue;
    const response = await sendCase(run, each);
    const resource = run.created.existing(operation);
    const deletion = resource && deletionCase(run, resource, parameters);
    if (deletion !== undefined) await sendCase(run, deletion, { uninterrupted: true, unexamined: true });
    if (resource?.state !== "gone") continue;
    const problem = `status ${response.status}, and what was created belongs to what has nearly the same ${name}`;
    reportFault(run, each, response, { problem });
  }
  await cleanUp(run);
}

/** Tries secrets and client ids that are nearly those of the check, if it signs in with a service account. */
export async function checkTokenEndpoint(run: Run, callables: readonly Callable[]): Promise<void> {
  const { clientId, clientSecret } = run.credentials;
  const takingTokens = callables.filter(({ operation }) => {
    const takesToken = operation.security.flat().some(({ kind }) => kind === "bearer");
    return takesToken && run.verdicts.selects(operation, "ignored_auth");
  });
  if (clientId === undefined || clientSecret === undefined || takingTokens.length === 0) return;
  const own = { kind: "client", clientId, clientSecret } as const;
  const other = otherId(clientId, seededRandom(run.seed, "client id"));
  const tries: (readonly [what: string, identity: Identity])[] = [
    ...ALTERATION_NAMES.map((change) => [`the client secret (${change})`, { ...own, change }] as const),
    ["another client id", { ...own, clientId: other }],
  ];
  for (const [what, identity] of tries) {
    const title = `wrong credentials at the token endpoint: ${what}`;
    const cases = takingTokens.map((callable) => caseOf(callable, "ignored_auth", title, undefined, { identity }));
    if (run.local) await requireNoToken(run, identity, cases, `a token is issued for ${what}`);
    else {
      const reason = "an account may ask for about ten tokens a minute only";
      for (const { operation } of cases) run.verdicts.notTried(operation, title, reason);
    }
  }
}

const SIGNING_IN = "signing in with what was deleted";

/** Resolves to what has to be done once the secret is deleted; to `undefined` if nobody can sign in with it before. */
export async function signInWithNew(
  run: Run,
  callable: Callable,
  value: string | undefined,
): Promise<(() => Promise<void>) | undefined> {
  const clientId = callable.parameters["clientId"];
  if (value === undefined || typeof clientId !== "string") return undefined;
  const identity: Identity = { kind: "client", clientId, clientSecret: value };
  const obstacle = whyNoToken(await requestToken(run, identity));
  if (obstacle === undefined) {
    const each = caseOf(callable, "use_after_free", SIGNING_IN, undefined, { identity });
    return () => requireNoToken(run, identity, [each], "a token is issued for a secret that was deleted");
  }
  run.verdicts.notTried(callable.operation, SIGNING_IN, `before the deletion: ${obstacle}`);
  return undefined;
}

function requestToken(run: Run, identity: Identity): Promise<HttpResponse> {
  const headers = { accept: "application/json", "content-type": "application/x-www-form-urlencoded" };
  const request = { operationId: "requestToken", method: "POST", target: "/api/oauth/token", headers };
  // A 429 is not waited out: it is no token.
  return run.server.send({ ...request, body: "grant_type=client_credentials", identity, prefer: 429 }, run.signal);
}

function whyNoToken(response: HttpResponse): string | undefined {
  if (response.failure !== undefined) return "the token endpoint does not respond";
  const hasToken = isSuccess(response) && typeof memberOf(parsedJson(response.text), "access_token") === "string";
  return hasToken ? undefined : `${response.status} at the token endpoint`;
}

/** Asks for a token as somebody who must not get one: it would open the operations of all these cases. */
async function requireNoToken(run: Run, identity: Identity, cases: readonly Case[], problem: string): Promise<void> {
  const response = await requestToken(run, identity);
  const obstacle = whyNoToken(response);
  for (const each of cases) {
    const { operation, check, title } = each;
    if (response.status === 429) {
      run.verdicts.notTried(operation, title, `${obstacle}`);
      continue;
    }
    run.verdicts.judged(operation, check);
    if (obstacle !== undefined) continue;
    const purpose = inContract("what the operation is for", operation.at.get("description") ?? operation.at);
    const invalid = inRfc(6749, "5.2", "a client that cannot be authenticated gets invalid_client");
    reportFault(run, each, response, { problem, basis: [...basisOf(operation, check), purpose, invalid] });
  }
}
