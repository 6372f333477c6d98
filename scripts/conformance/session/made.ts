/**
 * What the run has made on the server, so that none of it stays there.
 */
import type { Arguments } from "../cases/wire.js";
import { deletionOf, type Link } from "../contract/creation.js";
import type { Operation } from "../contract/operations.js";
import { type Answer, jsonOf } from "../http/answer.js";
import type { LeftOver } from "../report.js";

/** Something that was made. */
export interface Thing {
  readonly id: string;
  readonly maker: Operation;
  /** The parameters that it was made with. */
  readonly parameters: Arguments["parameters"];
  /** `unclear`: a request that may have deleted it had another answer than a deletion has. */
  state: "there" | "unclear" | "gone";
  /** Why it could not be deleted. */
  stuck?: string | undefined;
}

/** Keeps account of what was made. */
export class Made {
  readonly #links: readonly Link[];
  readonly #things: Thing[] = [];
  readonly #lost: LeftOver[] = [];

  constructor(links: readonly Link[]) {
    this.#links = links;
  }

  /** Whether what the operation makes has an id by which another one deletes it. */
  makes(operation: Operation): boolean {
    return this.#links.some(({ maker }) => maker === operation);
  }

  /**
   * Takes up what an answer says was made.
   *
   * @returns `undefined` where the answer has no id that could be used.
   */
  add(maker: Operation, parameters: Arguments["parameters"], answer: Answer): Thing | undefined {
    const id = this.#idIn(maker, answer);
    if (id === undefined) return undefined;
    const thing: Thing = { id, maker, parameters, state: "there" };
    this.#things.push(thing);
    return thing;
  }

  /** A request may have made something whose id is not known. */
  lose(maker: Operation, reason: string): void {
    this.#lost.push({ id: undefined, operationId: maker.operationId, reason: `${reason}: one may have been made` });
  }

  /** Something that is there for sure. */
  there(maker: Operation): Thing | undefined {
    return this.#things.find((thing) => thing.maker === maker && thing.state === "there");
  }

  /** What has to be deleted still, the newest first. */
  remaining(): Thing[] {
    return this.#things.filter(({ state }) => state !== "gone").reverse();
  }

  /** Whether several ids were given out, and all of them different. */
  idsDiffer(maker: Operation): boolean {
    const ids = this.#things.filter((thing) => thing.maker === maker).map(({ id }) => id);
    return ids.length > 1 && new Set(ids).size === ids.length;
  }

  /** How much could not be deleted so far. */
  get stuck(): number {
    return this.#lost.length + this.remaining().filter(({ stuck }) => stuck !== undefined).length;
  }

  /** What stays behind. */
  leftOver(): LeftOver[] {
    const stuck = this.remaining().map(({ id, maker, stuck }) => {
      const without = deletionOf(this.#links, maker) === undefined;
      const reason = without ? "the contract has no operation that deletes it" : (stuck ?? "it was not deleted");
      return { id, operationId: maker.operationId, reason };
    });
    return [...stuck, ...this.#lost];
  }

  #idIn(maker: Operation, answer: Answer): string | undefined {
    const property = this.#links.find((link) => link.maker === maker)?.property ?? "id";
    const body = jsonOf(answer)?.value;
    // An enveloped answer, should a server give one unasked, has the id one level further in.
    for (const holder of [body, member(body, "content"), member(body, "envelope")]) {
      const id = member(holder, property);
      if ((typeof id === "string" || typeof id === "number") && !["", ".", ".."].includes(String(id)))
        return String(id);
    }
    return undefined;
  }
}

function member(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined;
}
