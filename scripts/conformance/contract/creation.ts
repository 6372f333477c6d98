/**
 * Which operation makes what another one needs the id of. The contract has no links, so its paths tell: what is made by
 * `POST …/serviceAccounts/{clientId}/secrets` is named by the last parameter of `…/serviceAccounts/{clientId}/secrets/{secretId}`,
 * wherever the two paths begin.
 */
import type { Operation } from "./operations.js";

/** One operation's parameter takes the id of what another operation makes. */
export interface Link {
  readonly maker: Operation;
  readonly user: Operation;
  /** Name of the path parameter. */
  readonly parameter: string;
  /** Name of the property, in the maker's answer, that holds the id. */
  readonly property: string;
}

/**
 * Finds every such parameter.
 *
 * @param given - Names of parameters whose values are given from outside; they are never made.
 */
export function linksOf(operations: readonly Operation[], given: ReadonlySet<string>): Link[] {
  return operations.flatMap((user) =>
    user.parameters
      .filter((parameter) => parameter.in === "path" && !given.has(parameter.name))
      .flatMap(({ name }) => nearestMaker(operations, user, name) ?? []),
  );
}

/** The operation that deletes what the maker makes; `undefined` where the contract has none. */
export function deletionOf(links: readonly Link[], maker: Operation): Link | undefined {
  return links.find(
    (link) => link.maker === maker && link.user.method === "DELETE" && link.user.path.endsWith(`{${link.parameter}}`),
  );
}

function nearestMaker(operations: readonly Operation[], user: Operation, parameter: string): Link | undefined {
  const segments = user.path.split("/");
  const collection = segments.slice(0, segments.indexOf(`{${parameter}}`));
  const candidates = operations
    .filter(({ method }) => method === "POST")
    .flatMap((maker) => {
      const property = idProperty(maker, parameter);
      const shared = sharedEnd(maker.path.split("/"), collection);
      return property === undefined || shared === 0 ? [] : [{ maker, user, parameter, property, shared }];
    });
  return candidates.sort((one, other) => other.shared - one.shared)[0];
}

/** How many segments two paths have in common at their ends; 0 where the last is a parameter. */
function sharedEnd(one: readonly string[], other: readonly string[]): number {
  if (one.at(-1)?.startsWith("{")) return 0;
  let shared = 0;
  while (shared < Math.min(one.length, other.length) && one.at(-1 - shared) === other.at(-1 - shared)) shared += 1;
  return shared;
}

function idProperty(maker: Operation, parameter: string): string | undefined {
  const success = maker.responses.filter(({ status }) => status.startsWith("2"));
  const schemas = success.flatMap(({ mediaTypes }) => mediaTypes.map(({ schema }) => schema));
  return ["id", parameter].find((name) => schemas.some((schema) => schema?.get("properties", name) !== undefined));
}
