/**
 * object_level_authorization: what belongs to one account is not reached through another organization, project or account,
 * even by whoever knows its id (OWASP API1), and through no id but its own.
 */
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
import { type HttpResponse, isSuccess } from "../http/exchange.js";
import { cleanUp, deleteResource, isReachedWith, provideResource, runCase } from "../run-case.js";
import { type Run, reportFault, sendCase } from "../send-case.js";
import { type AccountParameter, isAccountParameter, otherOption } from "../target.js";
import { whyNoState } from "./first-requests.js";

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

/** Whatever the refusal: some ids break the pattern, which may be stricter here than in the documentation. Success is judged by what it did. */
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
