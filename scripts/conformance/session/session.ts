/**
 * One run against one server: sends cases with what they need, and deletes what they made.
 */
import type { Callable, Case } from "../cases/case.js";
import { written } from "../cases/wire.js";
import type { CheckName } from "../checks.js";
import type { Operation } from "../contract/operations.js";
import { violationsOf } from "../prism/requests.js";
import type { Delivered } from "./delivery.js";
import { Dispatch, type DispatchOptions, mayBeCarriedOut } from "./dispatch.js";
import { Fixtures, STUCK } from "./fixtures.js";
import { Made } from "./made.js";
import { ShownSecrets } from "./shown-secrets.js";

/** What a session works with. */
export interface SessionOptions extends Omit<DispatchOptions, "made" | "secrets"> {
  readonly callables: ReadonlyMap<Operation, Callable>;
  /** Whether an id that stands in for one of something made can be sent where nothing can be made. */
  readonly exampleIds: boolean;
  readonly signal: AbortSignal | undefined;
}

/** Checks that are refused before anybody looks for what the request names, so that any id will do. */
const WITH_ANY_ID: ReadonlySet<CheckName> = new Set(["ignored_auth", "version_negotiation", "unsupported_method"]);

/** Why an id is not used. */
export const BROKEN_ID = "the id that was given out breaks the contract";

export class Session {
  readonly made: Made;
  readonly fixtures: Fixtures;
  readonly dispatch: Dispatch;
  readonly #options: SessionOptions;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.made = new Made(options.links);
    this.dispatch = new Dispatch({ ...options, made: this.made, secrets: new ShownSecrets(options.mask) });
    this.fixtures = new Fixtures({ ...options, made: this.made, dispatch: this.dispatch });
  }

  /**
   * Sends one case and has its answer examined. What it makes is deleted at once.
   *
   * @returns `undefined` where it was not sent.
   * @throws SignInFailure; the signal's reason when it aborts.
   */
  async run(each: Case): Promise<Delivered | undefined> {
    this.#options.signal?.throwIfAborted();
    const obstacle = await this.#obstacle(each);
    const ready = obstacle ?? (await this.#complete(each));
    const delivered = typeof ready === "string" ? ready : await this.dispatch.send(ready);
    if (delivered === undefined || typeof delivered === "string") {
      this.#options.verdicts.omitted(each.operation, each.check, `not sent: ${delivered ?? "it cannot be written"}`);
      return undefined;
    }
    const touched = this.made.makes(each.operation) || this.made.remaining().some(({ state }) => state === "unclear");
    if (touched) await this.fixtures.cleanUp();
    return delivered;
  }

  /** Why a case had better not be sent. */
  async #obstacle(each: Case): Promise<string | undefined> {
    const { operation } = each;
    if (this.#options.delivery.isSilent(operation.operationId)) return "several before were not answered";
    if (!this.made.makes(operation)) return undefined;
    // An account has room for few: nothing else may be there while one is made.
    await this.fixtures.cleanUp();
    const most = mayBeCarriedOut(each) ? 0 : 1;
    return this.made.stuck > most ? STUCK : undefined;
  }

  /** The case with the ids of what it needs, made now if need be; or why that cannot be had. */
  async #complete(each: Case): Promise<Case | string> {
    const parameters: Record<string, unknown> = { ...each.args.parameters };
    for (const name of each.made) {
      const id = await this.#idFor(each.operation, name);
      if ("value" in id) parameters[name] = id.value;
      else if (!this.#options.exampleIds || !WITH_ANY_ID.has(each.check)) return id.problem;
    }
    return { ...each, args: { ...each.args, parameters } };
  }

  async #idFor(user: Operation, parameter: string): Promise<{ value: string } | { problem: string }> {
    const link = this.#options.links.find((found) => found.user === user && found.parameter === parameter);
    if (link === undefined) return { problem: "nothing makes what it needs" };
    const thing = await this.fixtures.provide(link.maker);
    if (typeof thing === "string") return { problem: thing };
    return this.admits(user, parameter, thing.id) ? { value: thing.id } : { problem: BROKEN_ID };
  }

  /** Whether an id that the server gave out is one that the contract admits. */
  admits(user: Operation, parameter: string, id: string): boolean {
    const callable = this.#options.callables.get(user);
    if (callable === undefined) return false;
    const { args, contentType } = callable;
    const draft = written(user, { ...args, parameters: { ...args.parameters, [parameter]: id } }, contentType);
    return draft !== undefined && violationsOf(user, draft).length === 0;
  }
}
