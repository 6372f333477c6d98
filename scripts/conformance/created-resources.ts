/** What the run has created on the server, so that none of it stays there. */
import { memberOf, parsedJson } from "../../contract-tests/contract/json.js";
import type { Operation } from "../../contract-tests/contract/operations.js";
import { oneLine } from "../../src/safe/redaction.js";
import type { Case } from "./cases/case.js";
import { successTypes } from "./checks.js";
import type { HttpResponse } from "./http/exchange.js";
import type { LeftOver } from "./report.js";
import { isAccountParameter } from "./target.js";

export interface CreatedResource {
  readonly id: string;
  readonly value: string | undefined;
  readonly creator: Operation;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** When it was created, in the milliseconds of `performance.now`. */
  readonly since: number;
  /** `unclear`: a request that may have deleted it had another response than a deletion has. */
  state: "there" | "unclear" | "gone";
  /** The requests that named it and were refused: none of them may have deleted it. */
  readonly refused: Case[];
  stuck?: string | undefined;
}

/** More of an id than this is not shown: a server may give anything for one. */
const LONGEST_ID = 80;

export class CreatedResources {
  readonly #resources: CreatedResource[] = [];
  readonly #lost: LeftOver[] = [];

  constructor(readonly links: readonly ResourceLink[]) {}

  /** Whether what the operation creates has an id by which another one names it. */
  creates(operation: Operation): boolean {
    return this.links.some(({ creator }) => creator === operation);
  }

  /** Takes up what a response says was created; returns whether that has an id that could be used. */
  add(creator: Operation, parameters: CreatedResource["parameters"], response: HttpResponse): boolean {
    const body = parsedJson(response.text);
    const property = this.links.find((link) => link.creator === creator)?.property ?? "id";
    // An enveloped response, should a server give one unasked, has the id one level further in.
    const holders = [body, memberOf(body, "content"), memberOf(body, "envelope")];
    const ids = holders.map((holder) => memberOf(holder, property));
    const id = ids.find((each) => /^(string|number)$/.test(typeof each) && !["", ".", ".."].includes(String(each)));
    if (id === undefined) return false;
    const secret = memberOf(body, "secret");
    const value = typeof secret === "string" ? secret : undefined;
    const since = performance.now();
    this.#resources.push({ id: String(id), value, creator, parameters, since, state: "there", refused: [] });
    return true;
  }

  /** A request may have created something whose id is not known. */
  lose({ operationId }: Operation, reason: string): void {
    this.#lost.push({ id: undefined, operationId, reason: `${reason}: one may have been created` });
  }

  existing(creator: Operation): CreatedResource | undefined {
    return this.#resources.find((resource) => resource.creator === creator && resource.state === "there");
  }

  /** What has to be deleted still, the newest first. */
  remaining(): CreatedResource[] {
    return this.#resources.filter(({ state }) => state !== "gone").reverse();
  }

  deleted(): CreatedResource[] {
    return this.#resources.filter(({ state }) => state === "gone");
  }

  /** Whether several ids were given out, and all of them different. */
  idsDiffer(creator: Operation): boolean {
    const ids = this.#resources.filter((resource) => resource.creator === creator).map(({ id }) => id);
    return ids.length > 1 && new Set(ids).size === ids.length;
  }

  /** How much could not be deleted so far. */
  get stuck(): number {
    return this.#lost.length + this.remaining().filter(({ stuck }) => stuck !== undefined).length;
  }

  leftOver(): LeftOver[] {
    const stuck = this.remaining().map(({ id, creator: { operationId }, stuck: reason = "it was not deleted" }) => {
      return { id: oneLine(id, LONGEST_ID), operationId, reason };
    });
    return [...stuck, ...this.#lost];
  }
}

export type ResourceLink = ReturnType<typeof linksOf>[number];

/**
 * One operation's path parameter takes the id of what another operation creates. Those of an account are given from outside
 * and never created. The creator is the POST whose path is, at its end, most like what is before the parameter.
 */
export function linksOf(operations: readonly Operation[]) {
  return operations.flatMap((user) => {
    const own = user.parameters.filter(({ name, in: where }) => where === "path" && !isAccountParameter(name));
    return own.flatMap(({ name: parameter }) => {
      const [collection = ""] = user.path.split(`/{${parameter}}`);
      const candidates = operations.flatMap((creator) => {
        const shared = sharedEnd(creator.path.split("/"), collection.split("/"));
        /** Of the creator's response, which has the id. */
        const property = ["id", parameter].find((name) =>
          successTypes(creator).some(({ schema }) => schema?.get("properties", name) !== undefined),
        );
        if (creator.method !== "POST" || property === undefined || shared === 0) return [];
        return [{ creator, user, parameter, property, shared }];
      });
      return candidates.sort((one, other) => other.shared - one.shared).slice(0, 1);
    });
  });
}

/** The operation that deletes what the creator creates; `undefined` if the contract has none. */
export function deletionOf(links: readonly ResourceLink[], creator: Operation): ResourceLink | undefined {
  const own = links.filter((link) => link.creator === creator && link.user.method === "DELETE");
  return own.find(({ user, parameter }) => user.path.endsWith(`{${parameter}}`));
}

/** How many segments two paths have in common at their ends; 0 if the last is a parameter. */
function sharedEnd(one: readonly string[], other: readonly string[]): number {
  if (one.at(-1)?.startsWith("{")) return 0;
  const differs = [...one.keys()].find((index) => one.at(-1 - index) !== other.at(-1 - index));
  return differs ?? one.length;
}
