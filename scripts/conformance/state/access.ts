/**
 * Who gets in, and who reaches what. object_level_authorization: what belongs to one account is not reached through another
 * organization, project or account, even by whoever knows its id (OWASP API1), and through no id but its own. The token
 * endpoint: who signs in there with nearly the right secret gets no token, nor whoever does with a deleted one.
 */
import { memberOf } from "../../../contract-tests/contract/json.js";
import { type Operation, successesOf } from "../../../contract-tests/contract/operations.js";
import { seededRandom } from "../../../src/testing/atlas/seeded-random.js";
import {
  type Callable,
  type Case,
  caseOf,
  type Expectation,
  HEX_DIGITS,
  isRefusal,
  isValid,
  otherId,
  partsOfId,
  withParameters,
} from "../cases/case.js";
import { basisOf } from "../checks.js";
import type { ResourceLink } from "../created-resources.js";
import { type HttpResponse, isSuccess, jsonOf } from "../http/exchange.js";
import { ALTERATION_NAMES, type ClientIdentity } from "../http/sign-in.js";
import { cleanUp, deleteResource, isReachedWith, provideResource, runCase, whyNoState } from "../run-case.js";
import { type Run, reportFault, sendCase } from "../send-case.js";
import { type AccountParameter, isAccountParameter, otherOption } from "../target.js";

const CHECK = "object_level_authorization";

/** Asks for what was created with one id in the path exchanged for another one, if none is given, one that nobody knows. */
export async function checkAuthorization(run: Run, callable: Callable): Promise<void> {
  const { links, verdicts, created, otherIds = {} } = run;
  const { operation, parameters } = callable;
  const link = links.find(({ user }) => user === operation);
  const creator = link?.creator ?? (created.creates(operation) ? operation : undefined);
  if (creator === undefined) return;
  const obstacle = whyNoState(run, creator);
  if (obstacle !== undefined) return verdicts.omit(operation, CHECK, obstacle);
  const owners = ownersIn(operation);
  // What is created for another account is no secret of this one.
  const [account] = link === undefined ? owners.splice(-1) : [];
  for (const name of owners) {
    const id = String(parameters[name]);
    const unknown = otherId(id, seededRandom(run.seed, `${operation.operationId} another ${name}`));
    const ids = [
      [`another ${name}`, unknown],
      ...nearIds(id).map(([difference, near]) => [`${name} ${difference}`, near]),
    ];
    const existing = otherIds[name];
    if (existing !== undefined) ids.push([`another existing ${name}`, existing]);
    else verdicts.notTried(operation, `another existing ${name}`, `none is given by ${otherOption(name)}`);
    for (const [title = "", other = ""] of ids) {
      const each = caseWith(callable, title, { [name]: other });
      if (isValid(each)) await runCase(run, each);
      else verdicts.notTried(operation, title, "no other valid value is known");
    }
    for (const [other, own] of ownIds(run)) {
      const each = caseWith(callable, `its own ${other} as the ${name}`, { [name]: own });
      if (own !== id && isValid(each)) await runCase(run, each);
    }
  }
  if (link !== undefined) await tryNearResources(run, callable, link);
  else if (account !== undefined) await tryNearAccounts(run, callable, account);
}

function caseWith(callable: Callable, title: string, id: Record<string, unknown>): Case {
  const expected = { accepts: isRefusal, words: "404 or 403", contract: basisOf(callable.operation, CHECK) };
  return caseOf(withParameters(callable, id), { check: CHECK, title, expected });
}

/** Whoever asks for an id that is nearly that of something must not reach it. */
async function tryNearResources(run: Run, callable: Callable, { creator, parameter }: ResourceLink): Promise<void> {
  const { operation } = callable;
  if (!run.local) return run.verdicts.notTried(operation, `nearly the same ${parameter}`, NOT_LOCAL);
  const resource = await provideResource(run, creator);
  if (typeof resource === "string") return;
  const [shorter, longer] = [resource.id.slice(0, -1), `${resource.id}0`];
  const near = [...nearIds(resource.id), ["without its end", shorter], ["with something behind it", longer]] as const;
  for (const [difference, id] of near) {
    const each = { ...caseWith(callable, `${parameter} ${difference}`, { [parameter]: id }), expected: ANY_REFUSAL };
    const response = await runCase(run, each);
    if (response === undefined || !isSuccess(response)) continue;
    // It may have succeeded without doing anything, which is for use_after_free to find.
    resource.state = "unclear";
    if ((await deleteResource(run, resource)) !== "gone before") return;
    return report(run, each, response, `what has nearly the same ${parameter} was reached`);
  }
}

/**
 * Whatever the refusal: some ids break the pattern, which may be stricter here than in the documentation. Success is judged
 * by what it did.
 */
const ANY_REFUSAL: Expectation = {
  accepts: (status) => status < 500,
  words: "any refusal",
  undocumented: (status) => status < 500,
  contract: [],
};

const NOT_LOCAL = "on a server that is not on this machine it could be somebody's";

/**
 * A server may create accounts that are named for the first time. What is created for nearly the same account must not turn
 * out to be this account's.
 */
async function tryNearAccounts(run: Run, callable: Callable, name: AccountParameter): Promise<void> {
  const { operation, parameters } = callable;
  if (!run.local) return run.verdicts.notTried(operation, `nearly the same ${name}`, NOT_LOCAL);
  for (const [difference, near] of nearIds(String(parameters[name]))) {
    await cleanUp(run);
    const each = { ...caseWith(callable, `${name} ${difference}`, { [name]: near }), expected: undefined };
    if (!isValid(each)) continue;
    const response = await sendCase(run, each);
    const resource = run.created.existing(operation);
    if (resource === undefined || !(await isReachedWith(run, resource, parameters))) continue;
    report(run, each, response, `what was created belongs to what has nearly the same ${name}`);
  }
}

function report(run: Run, each: Case, response: HttpResponse, effect: string): void {
  const [success] = successesOf(each.operation);
  const problem = `status ${success?.status}, and ${effect}`;
  reportFault(run, each, { check: CHECK, problem, contract: basisOf(each.operation, CHECK) }, response);
}

/** What the account under test has: an owner is not known by the id of another kind of owner. */
function ownIds({ callables }: Run): ReadonlyMap<string, unknown> {
  const all = [...callables.values()].flatMap(({ parameters }) => Object.entries(parameters));
  return new Map(all.filter(([name]) => isAccountParameter(name)));
}

/** The parameters of the path that name owners, the account last. */
function ownersIn({ parameters }: Operation): AccountParameter[] {
  return parameters.flatMap(({ name, in: where }) => (where === "path" && isAccountParameter(name) ? [name] : []));
}

/** Ids that a careless comparison takes for the given one, by what is different about them. */
function nearIds(id: string): readonly (readonly [difference: string, id: string])[] {
  const { fixed, digits } = partsOfId(id);
  const next = (text: string): string => text.replace(/./g, (digit) => HEX_DIGITS.charAt(Number(`0x${digit}`) ^ 1));
  const [from, to] = [Math.floor(digits.length / 3), Math.ceil((digits.length * 2) / 3)];
  const ids = [
    ["with another end", digits.slice(0, -1) + next(digits.slice(-1))],
    ["with another beginning", next(digits.slice(0, 1)) + digits.slice(1)],
    ["with another middle", digits.slice(0, from) + next(digits.slice(from, to)) + digits.slice(to)],
    ["with its digits in another order", [...digits].reverse().join("")],
  ] as const;
  return ids.flatMap(([difference, near]) => (near === digits ? [] : [[difference, fixed + near] as const]));
}

/** Tries secrets and client ids that are nearly those of the check, if it signs in with a service account. */
export async function checkTokenEndpoint(run: Run, callables: readonly Callable[]): Promise<void> {
  const { local, credentials } = run;
  const { clientId, clientSecret } = credentials;
  const takingTokens = callables.filter(
    ({ operation }) =>
      run.verdicts.selects(operation, "ignored_auth") &&
      operation.security.flat().some(({ kind }) => kind === "bearer"),
  );
  if (clientId === undefined || clientSecret === undefined || takingTokens.length === 0) return;
  const tries: [what: string, identity: ClientIdentity][] = ALTERATION_NAMES.map((change) => [
    `the client secret (${change})`,
    { kind: "client", clientId, clientSecret, change },
  ]);
  const otherClientId = otherId(clientId, seededRandom(run.seed, "client id"));
  tries.push(["another client id", { kind: "client", clientId: otherClientId, clientSecret }]);
  for (const [what, identity] of tries) {
    const title = `wrong credentials at the token endpoint: ${what}`;
    const response = local ? await requestToken(run, identity) : undefined;
    const obstacle = response ? whyNoToken(response) : "an account may ask for about ten tokens a minute only";
    const isTried = response !== undefined && response.status !== 429;
    for (const callable of takingTokens) {
      const each = caseOf(callable, { check: "ignored_auth", title, identity });
      if (isTried) judgeToken(run, each, response, `a token is issued for ${what}`);
      else run.verdicts.notTried(callable.operation, title, obstacle ?? "");
    }
  }
}

const SIGNING_IN = "signing in with what was deleted";

/**
 * use_after_free of a secret's value.
 *
 * @returns what has to be done once the secret is deleted; `undefined` if nobody can sign in with it before.
 */
export async function signInWithNew(
  run: Run,
  callable: Callable,
  value: string | undefined,
): Promise<(() => Promise<void>) | undefined> {
  const clientId = callable.parameters["clientId"];
  if (value === undefined || typeof clientId !== "string") return undefined;
  const identity: ClientIdentity = { kind: "client", clientId, clientSecret: value };
  const obstacle = whyNoToken(await requestToken(run, identity));
  if (obstacle !== undefined) {
    run.verdicts.notTried(callable.operation, SIGNING_IN, `before the deletion: ${obstacle}`);
    return undefined;
  }
  return async () => {
    const response = await requestToken(run, identity);
    const each = caseOf(callable, { check: "use_after_free", title: SIGNING_IN, identity });
    judgeToken(run, each, response, "a token is issued for a secret that was deleted");
  };
}

function requestToken(run: Run, identity: ClientIdentity): Promise<HttpResponse> {
  const headers = { accept: "application/json", "content-type": "application/x-www-form-urlencoded" };
  const request = { operationId: "requestToken", method: "POST", target: "/api/oauth/token", headers };
  // A 429 is not waited out: it is no token.
  return run.server.send({ ...request, body: "grant_type=client_credentials", identity, prefer: 429 }, run.signal);
}

/** Why the endpoint gave no token; `undefined` if it did. */
function whyNoToken(response: HttpResponse): string | undefined {
  if (response.failure !== undefined) return "the token endpoint does not respond";
  const hasToken = isSuccess(response) && typeof memberOf(jsonOf(response)?.value, "access_token") === "string";
  return hasToken ? undefined : `${response.status} at the token endpoint`;
}

/** Reports a token that should not have been issued. */
function judgeToken(run: Run, each: Case, response: HttpResponse, problem: string): void {
  const { operation, check } = each;
  run.verdicts.judged(operation, check);
  if (whyNoToken(response) !== undefined) return;
  const described = operation.at.get("description") ?? operation.at;
  const contract = [...basisOf(operation, check), { says: "what the operation is for", at: described }, INVALID_CLIENT];
  reportFault(run, each, { check, problem, contract }, response);
}

const INVALID_CLIENT = {
  says: "a client that cannot be authenticated gets invalid_client",
  at: { name: "RFC 6749, section 5.2", url: "https://www.rfc-editor.org/rfc/rfc6749#section-5.2" },
};
