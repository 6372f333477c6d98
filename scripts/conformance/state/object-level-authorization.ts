/**
 * object_level_authorization: what belongs to one account is not reached through another organization, project or account,
 * even by whoever knows its id (OWASP API1).
 */
import type { Operation } from "../../../contract-tests/contract/operations.js";
import { seededRandom } from "../../../src/testing/atlas/seeded-random.js";
import { type Callable, type Case, caseOf, type Expectation, isValid } from "../cases/case.js";
import { otherId } from "../cases/positive.js";
import { basisOf } from "../checks.js";
import { runCase } from "../run-case.js";
import type { Run } from "../send-case.js";
import { type AccountIds, isAccountParameter, otherOption } from "../target.js";
import { whyNoState } from "./statefulness.js";

const CHECK = "object_level_authorization";

/**
 * Asks for what was created with one owner in the path exchanged for another one.
 *
 * @param others - Owners that exist and that the account does not belong to; without them only ids that nobody knows are tried.
 */
export async function checkAuthorization(run: Run, callable: Callable, others: AccountIds): Promise<void> {
  const { links, verdicts, created } = run;
  const { operation } = callable;
  const link = links.find(({ user }) => user === operation);
  const creator = link?.creator ?? (created.creates(operation) ? operation : undefined);
  if (creator === undefined) return;
  const obstacle = whyNoState(run, creator);
  if (obstacle !== undefined) return verdicts.omit(operation, CHECK, obstacle);
  for (const name of ownersIn(operation, link === undefined)) {
    const random = seededRandom(run.seed, `${operation.operationId} another ${name}`);
    const unknown = otherId(String(callable.parameters[name]), random);
    for (const [what, id] of [["another", unknown] as const, ["another existing", others[name]] as const]) {
      if (id !== undefined) await tryOwner(run, callable, `${what} ${name}`, { [name]: id });
      else verdicts.notTried(operation, `another existing ${name}`, `none is given by ${otherOption(name)}`);
    }
  }
}

async function tryOwner(run: Run, callable: Callable, title: string, owner: AccountIds): Promise<void> {
  const parameters = { ...callable.parameters, ...owner };
  const each: Case = caseOf(callable, { check: CHECK, title, parameters, expected: refused(callable.operation) });
  if (isValid(each)) await runCase(run, each);
  else run.verdicts.notTried(callable.operation, title, "no other valid value is known");
}

/** The owners in the path. What is created for another account is no secret of this one, so its account is left alone. */
function ownersIn({ parameters }: Operation, isCreator: boolean): (keyof AccountIds)[] {
  const names = parameters.flatMap(({ name, in: where }) =>
    where === "path" && isAccountParameter(name) ? [name] : [],
  );
  return isCreator ? names.slice(0, -1) : names;
}

function refused(operation: Operation): Expectation {
  return {
    accepts: (status) => status >= 400 && status < 500,
    words: "404 or 403",
    undocumented: () => false,
    contract: basisOf(operation, CHECK),
  };
}
