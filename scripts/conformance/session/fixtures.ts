/**
 * What cases need to find on the server: made for them, and deleted when they are done.
 */
import type { Callable } from "../cases/case.js";
import { written } from "../cases/wire.js";
import { deletionOf, type Link } from "../contract/creation.js";
import type { Operation } from "../contract/operations.js";
import { type Answer, NoAnswer } from "../http/answer.js";
import type { Consignment, Delivery } from "./delivery.js";
import type { Made, Thing } from "./made.js";
import type { ShownSecrets } from "./shown-secrets.js";

/** What fixtures are made with. */
export interface FixtureOptions {
  readonly callables: ReadonlyMap<Operation, Callable>;
  readonly links: readonly Link[];
  readonly delivery: Delivery;
  readonly made: Made;
  readonly secrets: ShownSecrets;
}

/** Why no more is made once something has turned out to stay. */
export const STUCK = "not sent: something that was made before could not be deleted";

/** Makes and deletes. */
export class Fixtures {
  readonly #options: FixtureOptions;

  constructor(options: FixtureOptions) {
    this.#options = options;
  }

  /** Something that is there, made now if need be; or why there is none. */
  async provide(maker: Operation): Promise<Thing | string> {
    const { callables, delivery, made, secrets } = this.#options;
    const there = made.there(maker);
    if (there !== undefined) return there;
    const { operationId } = maker;
    const callable = callables.get(maker);
    const draft = callable && written(maker, callable.args, callable.contentType);
    if (callable === undefined || draft === undefined) return `no valid request of ${operationId} is known`;
    if (delivery.isSilent(operationId)) return `${operationId} is not answered any more`;
    if (made.stuck > 0) return STUCK;
    const { outcome } = await delivery.deliver({ ...requestOf(callable, draft), finish: true });
    if (outcome instanceof NoAnswer) {
      made.lose(maker, outcome.message);
      return `${operationId}: ${outcome.message}`;
    }
    secrets.inspect(
      maker.responses.find(({ status }) => status === String(outcome.status)),
      outcome,
    );
    if (!isSuccess(outcome)) return `${operationId} answers a valid request with ${outcome.status}`;
    return made.add(maker, callable.args.parameters, outcome) ?? `what ${operationId} makes has no id`;
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
    const { callables, delivery, links } = this.#options;
    const link = deletionOf(links, thing.maker);
    const callable = link && callables.get(link.user);
    const draft = link && callable && written(link.user, deletionArguments(link, callable, thing), undefined);
    if (callable === undefined || draft === undefined) {
      thing.stuck = "the contract has no operation that deletes it";
      return;
    }
    for (let attempt = 1; attempt <= 2; attempt += 1) {
      const { outcome } = await delivery.deliver(requestOf(callable, draft), NEVER);
      thing.stuck = remains(thing, outcome);
      if (thing.stuck === undefined) {
        thing.state = "gone";
        return;
      }
      const mayBeGone = outcome instanceof NoAnswer || outcome.status >= 500;
      if (!mayBeGone) return;
      thing.state = "unclear";
      if (outcome instanceof NoAnswer && outcome.reason === "timeout") return;
    }
  }
}

const NEVER = new AbortController().signal;

/** With the parameters that the thing was made with, where the deletion has them too. */
function deletionArguments(link: Link, callable: Callable, thing: Thing): Callable["args"] {
  const own = callable.args.parameters;
  const shared = Object.entries(thing.parameters).filter(([name]) => name in own);
  return { parameters: { ...own, ...Object.fromEntries(shared), [link.parameter]: thing.id } };
}

function requestOf({ operation, accept }: Callable, draft: Consignment["draft"]): Consignment {
  const { operationId, method } = operation;
  return { operationId, method, draft, accept, identity: { kind: "given" } };
}

/** Why something is not gone after an attempt to delete it; `undefined` where it is. */
function remains({ state }: Thing, outcome: Answer | NoAnswer): string | undefined {
  if (outcome instanceof NoAnswer) return `its deletion was not answered: ${outcome.message}`;
  if (isSuccess(outcome) || (outcome.status === 404 && state === "unclear")) return undefined;
  return `its deletion was answered ${outcome.status}`;
}

function isSuccess({ status }: Answer): boolean {
  return status >= 200 && status < 300;
}
