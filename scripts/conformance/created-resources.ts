/**
 * What the run has created on the server, so that none of it stays there.
 */
import { memberOf } from "../../contract-tests/contract/json.js";
import type { Operation } from "../../contract-tests/contract/operations.js";
import type { Case } from "./cases/case.js";
import { type HttpResponse, jsonOf } from "./http/exchange.js";
import type { LeftOver } from "./report.js";
import { deletionOf, type ResourceLink } from "./resource-links.js";

/** Something that was created. */
export interface CreatedResource {
  readonly id: string;
  /** The secret itself, if it is one. */
  readonly value: string | undefined;
  readonly creator: Operation;
  /** The parameters that it was created with. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** `unclear`: a request that may have deleted it had another response than a deletion has. */
  state: "there" | "unclear" | "gone";
  /** The requests that named it and were refused: none of them may have deleted it. */
  readonly refused: Case[];
  /** Why it could not be deleted. */
  stuck?: string | undefined;
}

/** Keeps account of what was created. */
export class CreatedResources {
  readonly #links: readonly ResourceLink[];
  readonly #resources: CreatedResource[] = [];
  readonly #lost: LeftOver[] = [];

  constructor(links: readonly ResourceLink[]) {
    this.#links = links;
  }

  /** Whether what the operation creates has an id by which another one names it. */
  creates(operation: Operation): boolean {
    return this.#links.some(({ creator }) => creator === operation);
  }

  /**
   * Takes up what a response says was created.
   *
   * @returns `undefined` if the response has no id that could be used.
   */
  add(
    creator: Operation,
    parameters: CreatedResource["parameters"],
    response: HttpResponse,
  ): CreatedResource | undefined {
    const id = this.#idIn(creator, response);
    if (id === undefined) return undefined;
    const secret = memberOf(jsonOf(response)?.value, "secret");
    const value = typeof secret === "string" ? secret : undefined;
    const resource: CreatedResource = { id, value, creator, parameters, state: "there", refused: [] };
    this.#resources.push(resource);
    return resource;
  }

  /** A request may have created something whose id is not known. */
  lose(creator: Operation, reason: string): void {
    this.#lost.push({
      id: undefined,
      operationId: creator.operationId,
      reason: `${reason}: one may have been created`,
    });
  }

  /** Something that is there for sure. */
  existing(creator: Operation): CreatedResource | undefined {
    return this.#resources.find((resource) => resource.creator === creator && resource.state === "there");
  }

  /** What has to be deleted still, the newest first. */
  remaining(): CreatedResource[] {
    return this.#resources.filter(({ state }) => state !== "gone").reverse();
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

  /** What stays behind. */
  leftOver(): LeftOver[] {
    const stuck = this.remaining().map(({ id, creator, stuck }) => {
      const reason = deletionOf(this.#links, creator) === undefined ? NO_DELETION : (stuck ?? "it was not deleted");
      return { id, operationId: creator.operationId, reason };
    });
    return [...stuck, ...this.#lost];
  }

  #idIn(creator: Operation, response: HttpResponse): string | undefined {
    const property = this.#links.find((link) => link.creator === creator)?.property ?? "id";
    const body = jsonOf(response)?.value;
    // An enveloped response, should a server give one unasked, has the id one level further in.
    for (const holder of [body, memberOf(body, "content"), memberOf(body, "envelope")]) {
      const id = memberOf(holder, property);
      if ((typeof id === "string" || typeof id === "number") && !["", ".", ".."].includes(String(id)))
        return String(id);
    }
    return undefined;
  }
}

/** Why something stays that the contract gives nobody a way to delete. */
export const NO_DELETION = "the contract has no operation that deletes it";
