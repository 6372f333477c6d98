/**
 * What cases need to find on the server: made for them, and deleted when they are done.
 */
import { type Callable, type Case, caseOf } from "../cases/case.js";
import { successOf } from "../cases/positive.js";
import { written } from "../cases/wire.js";
import { deletionOf, type Link } from "../contract/creation.js";
import type { Operation } from "../contract/operations.js";
import { type Answer, NoAnswer } from "../http/answer.js";
import { SignInFailure } from "../http/sign-in.js";
import { violationsOf } from "../prism/requests.js";
import type { Delivered, Delivery } from "./delivery.js";
import type { Dispatch } from "./dispatch.js";
import type { Made, Thing } from "./made.js";

/** What fixtures are made with. */
export interface FixtureOptions {
  readonly callables: ReadonlyMap<Operation, Callable>;
  readonly links: readonly Link[];
  readonly delivery: Delivery;
  readonly made: Made;
  readonly dispatch: Dispatch;
}

/** Why no more is made once something has turned out to stay. */
export const STUCK = "something that was made before could not be deleted";

/** Makes and deletes, by valid requests that are examined as any others. */
export class Fixtures {
  readonly #options: FixtureOptions;

  constructor(options: FixtureOptions) {
    this.#options = options;
  }

  /** Something that is there, made now if need be; or why there is none. */
  async provide(maker: Operation): Promise<Thing | string> {
    const { callables, delivery, made, dispatch } = this.#options;
    const there = made.there(maker);
    if (there !== undefined) return there;
    const { operationId } = maker;
    const callable = callables.get(maker);
    if (callable === undefined) return `no valid request of ${operationId} is known`;
    if (delivery.isSilent(operationId)) return `${operationId} is not answered any more`;
    if (made.stuck > 0) return STUCK;
    const expected = successOf(callable);
    const delivered = await dispatch.send(
      caseOf(callable, { check: "positive_data_acceptance", title: "valid data, for what comes next", expected }),
    );
    return (
      made.there(maker) ?? `${operationId} ${delivered === undefined ? "cannot be called" : said(delivered.outcome)}`
    );
  }

  /**
   * Deletes everything that was made and is not gone. It is not cut short by an interruption: whoever interrupts wants it
   * gone too.
   *
   * @param again - Whether to try again what could not be deleted before.
   */
  async cleanUp(again = false): Promise<void> {
    for (const thing of this.#options.made.remaining()) {
      if (again || thing.stuck === undefined) await this.#dispose(thing);
    }
  }

  async #dispose(thing: Thing): Promise<void> {
    const { callables, links, dispatch } = this.#options;
    const link = deletionOf(links, thing.maker);
    const callable = link && callables.get(link.user);
    if (link === undefined || callable === undefined) {
      thing.stuck = "the contract has no operation that deletes it";
      return;
    }
    const deletion = deletionCase(link, callable, thing);
    const draft = written(link.user, deletion.args, undefined);
    const unexamined = draft === undefined || violationsOf(link.user, draft).length > 0;
    for (let attempt = 1; attempt <= 2; attempt += 1) {
      const wasUnclear = thing.state === "unclear";
      const outcome = await sendSignedIn(() => dispatch.send(deletion, { finish: true, unexamined }));
      thing.stuck = typeof outcome === "string" ? outcome : remains(outcome, wasUnclear);
      if (thing.stuck === undefined) thing.state = "gone";
      if (typeof outcome === "string") return;
      const failed = outcome instanceof NoAnswer ? outcome.reason === "broken" : outcome.status >= 500;
      if (!failed) return;
    }
  }
}

/** What a deletion was answered; or why it was not sent, which must not keep the others from being sent. */
async function sendSignedIn(send: () => Promise<Delivered | undefined>): Promise<Answer | NoAnswer | string> {
  try {
    return (await send())?.outcome ?? "its deletion cannot be written";
  } catch (error) {
    if (error instanceof SignInFailure) return `its deletion needs a token: ${error.message}`;
    throw error;
  }
}

/** With the parameters that the thing was made with, where the deletion has them too. */
function deletionCase(link: Link, callable: Callable, thing: Thing): Case {
  const own = callable.args.parameters;
  const shared = Object.entries(thing.parameters).filter(([name]) => name in own);
  const args = { parameters: { ...own, ...Object.fromEntries(shared), [link.parameter]: thing.id } };
  const success = successOf(callable);
  // It may be gone already, after a request that should not have deleted it.
  const accepts = (status: number): boolean => success.accepts(status) || (thing.state !== "there" && isGone(status));
  const check = "positive_data_acceptance";
  return {
    ...caseOf(callable, { check, title: "deleting what was made", args, expected: { ...success, accepts } }),
    made: new Set(),
  };
}

/** Why something is not gone after an attempt to delete it; `undefined` where it is. */
function remains(outcome: Answer | NoAnswer, wasUnclear: boolean): string | undefined {
  if (outcome instanceof NoAnswer) return `its deletion was not answered: ${outcome.message}`;
  if (outcome.status >= 200 && outcome.status < 300) return undefined;
  if (wasUnclear && isGone(outcome.status)) return undefined;
  return `its deletion was answered ${outcome.status}`;
}

function isGone(status: number): boolean {
  return status === 404 || status === 410;
}

function said(outcome: Answer | NoAnswer): string {
  return outcome instanceof NoAnswer
    ? `is not answered: ${outcome.message}`
    : `answers ${outcome.status} without a usable id`;
}
