/**
 * Which operation creates what another one needs the id of. The contract has no links, so its paths tell: what is created by
 * `POST …/serviceAccounts/{clientId}/secrets` is named by the last parameter of `…/serviceAccounts/{clientId}/secrets/{secretId}`,
 * wherever the two paths begin.
 */
import { type Operation, successesOf } from "../../contract-tests/contract/operations.js";

/** One operation's parameter takes the id of what another operation creates. */
export interface ResourceLink {
  readonly creator: Operation;
  readonly user: Operation;
  /** Name of the path parameter. */
  readonly parameter: string;
  /** Name of the property, in the creator's response, that has the id. */
  readonly property: string;
}

/**
 * Finds every such parameter.
 *
 * @param given - Names of parameters whose values are given from outside; they are never created.
 */
export function linksOf(operations: readonly Operation[], given: ReadonlySet<string>): ResourceLink[] {
  return operations.flatMap((user) =>
    user.parameters
      .filter((parameter) => parameter.in === "path" && !given.has(parameter.name))
      .flatMap(({ name }) => nearestCreator(operations, user, name) ?? []),
  );
}

/** The operation that deletes what the creator creates; `undefined` if the contract has none. */
export function deletionOf(links: readonly ResourceLink[], creator: Operation): ResourceLink | undefined {
  return links.find(
    ({ creator: own, user, parameter }) =>
      own === creator && user.method === "DELETE" && user.path.endsWith(`{${parameter}}`),
  );
}

function nearestCreator(
  operations: readonly Operation[],
  user: Operation,
  parameter: string,
): ResourceLink | undefined {
  const segments = user.path.split("/");
  const collection = segments.slice(0, segments.indexOf(`{${parameter}}`));
  const candidates = operations
    .filter(({ method }) => method === "POST")
    .flatMap((creator) => {
      const property = idProperty(creator, parameter);
      const shared = sharedEnd(creator.path.split("/"), collection);
      return property === undefined || shared === 0 ? [] : [{ creator, user, parameter, property, shared }];
    });
  return candidates.sort((one, other) => other.shared - one.shared)[0];
}

/** How many segments two paths have in common at their ends; 0 if the last is a parameter. */
function sharedEnd(one: readonly string[], other: readonly string[]): number {
  if (one.at(-1)?.startsWith("{")) return 0;
  let shared = 0;
  while (shared < Math.min(one.length, other.length) && one.at(-1 - shared) === other.at(-1 - shared)) shared += 1;
  return shared;
}

function idProperty(creator: Operation, parameter: string): string | undefined {
  const schemas = successesOf(creator).flatMap(({ mediaTypes }) => mediaTypes.map(({ schema }) => schema));
  return ["id", parameter].find((name) => schemas.some((schema) => schema?.get("properties", name) !== undefined));
}
