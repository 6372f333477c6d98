/**
 * Which operations can be called on a target, and whose secrets they touch.
 */
import type { Callable, Untried } from "./cases/case.js";
import { callableOf, type ValueSources } from "./cases/valid-arguments.js";
import type { Link } from "./contract/creation.js";
import type { Contract, Operation } from "./contract/operations.js";
import { ACCOUNT_PARAMETERS, refuseOwnAccount, type Target, UsageError } from "./target.js";

/** Operations with everything that a valid request needs, and those for which it is not known. */
export interface Callables {
  readonly callables: ReadonlyMap<Operation, Callable>;
  readonly uncallable: readonly Untried[];
}

/**
 * Finds values for every operation of the contract.
 *
 * @throws UsageError where ids are missing or break the contract, or name the account that the check signs in with.
 */
export function callablesOf({ operations }: Contract, target: Target, links: readonly Link[]): Callables {
  for (const operation of operations) requireIds(operation, target);
  const sources: ValueSources = {
    given: target.ids,
    exampleIds: target.local,
    madeParameters: (operation) =>
      new Set(links.filter(({ user }) => user === operation).map(({ parameter }) => parameter)),
  };
  const callables = new Map<Operation, Callable>();
  const uncallable: Untried[] = [];
  for (const operation of operations) {
    const found = callableOf(operation, sources);
    if ("callable" in found) callables.set(operation, found.callable);
    else uncallable.push(found.untried);
  }
  // Once more, for an id that was not given but taken from the contract's example.
  for (const { args } of callables.values()) refuseOwnAccount(target.credentials, args.parameters["clientId"]);
  return { callables, uncallable };
}

function requireIds({ parameters }: Operation, { ids, local, url }: Target): void {
  for (const { name, schema } of parameters.filter((parameter) => ACCOUNT_PARAMETERS.has(parameter.name))) {
    const option = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    const id = ids[name];
    if (id === undefined && !local) {
      throw new UsageError(`${option} is needed for ${url}: whose secrets may be made and deleted?`);
    }
    const pattern = schema?.get("pattern")?.text;
    if (id !== undefined && pattern !== undefined && !new RegExp(pattern).test(id)) {
      throw new UsageError(`${option} ${id} does not fit the contract's pattern ${pattern}`);
    }
  }
}
