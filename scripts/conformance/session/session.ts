/**
 * One run against one server: sends cases, has their answers examined, and deletes what they made.
 */
import type { Callable, Case } from "../cases/case.js";
import { type Arguments, written } from "../cases/wire.js";
import type { Link } from "../contract/creation.js";
import type { Operation } from "../contract/operations.js";
import { type Answer, NoAnswer } from "../http/answer.js";
import type { WireRequest } from "../http/exchange.js";
import { curlLine } from "../output/curl-line.js";
import type { Mask } from "../output/mask.js";
import { came } from "./came.js";
import type { Consignment, Delivered, Delivery } from "./delivery.js";
import { examine, type Fault } from "./examine.js";
import { Fixtures, STUCK } from "./fixtures.js";
import { Made } from "./made.js";
import { ShownSecrets } from "./shown-secrets.js";
import type { Verdicts } from "./verdicts.js";

/** What a session works with. */
export interface SessionOptions {
  readonly callables: ReadonlyMap<Operation, Callable>;
  readonly links: readonly Link[];
  readonly delivery: Delivery;
  readonly verdicts: Verdicts;
  readonly mask: Mask;
  /** Whether the given credentials sign by digest. */
  readonly usesDigest: boolean;
  /** Whether an id that stands in for one of something made can be sent where nothing can be made. */
  readonly exampleIds: boolean;
  readonly signal: AbortSignal | undefined;
}

/** A request of a case that is ready to be sent, or why it is not. */
type Prepared = { readonly consignment: Consignment; readonly args: Arguments } | { readonly reason: string };

export class Session {
  readonly made: Made;
  readonly fixtures: Fixtures;
  readonly #options: SessionOptions;
  readonly #secrets: ShownSecrets;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.made = new Made(options.links);
    this.#secrets = new ShownSecrets(options.mask);
    this.fixtures = new Fixtures({ ...options, made: this.made, secrets: this.#secrets });
  }

  /**
   * Sends one case and has its answer examined.
   *
   * @returns `undefined` where it was not sent.
   * @throws SignInFailure; the signal's reason when it aborts.
   */
  async run(each: Case): Promise<Delivered | undefined> {
    this.#options.signal?.throwIfAborted();
    const prepared = await this.#prepare(each);
    if ("reason" in prepared) {
      this.#options.verdicts.omitted(each.operation, each.check, prepared.reason);
      return undefined;
    }
    const delivered = await this.#options.delivery.deliver(prepared.consignment);
    this.#account(each, prepared.args, delivered);
    for (const refusal of delivered.refusals) this.#examine({ ...each, expected: undefined }, delivered.sent, refusal);
    this.#examine(each, delivered.sent, delivered.outcome);
    if (this.made.makes(each.operation) || this.made.remaining().some(({ state }) => state === "unclear")) {
      await this.fixtures.cleanUp();
    }
    return delivered;
  }

  /** Reports a fault that only several answers together show. */
  fail(each: Case, fault: Fault, sent: WireRequest, outcome: Answer | NoAnswer): void {
    const { verdicts, mask, usesDigest } = this.#options;
    verdicts.fail(each.operation, `${fault.problem} ${fault.contract.map(({ at }) => at.place.pointer).join(" ")}`, {
      check: fault.check,
      title: mask.own(each.title),
      problem: mask.foreign(fault.problem),
      curl: mask.own(curlLine(sent, each.identity, usesDigest)),
      came: came(each.operation, outcome, mask.foreign),
      contract: fault.contract.map(({ says, at }) => ({ says, ...at.place })),
    });
  }

  async #prepare(each: Case): Promise<Prepared> {
    const { operation, method, prefer } = each;
    if (this.#options.delivery.isSilent(operation.operationId))
      return { reason: "not sent: several before were not answered" };
    const makes = this.made.makes(operation);
    if (makes) {
      await this.fixtures.cleanUp();
      const mayMake = each.expected === undefined || each.check === "positive_data_acceptance";
      if (each.identity.kind === "given" && this.made.stuck > (mayMake ? 0 : 1)) return { reason: STUCK };
    }
    const parameters: Record<string, unknown> = { ...each.args.parameters };
    for (const name of each.made) {
      const link = this.#options.links.find((found) => found.user === operation && found.parameter === name);
      const thing = link === undefined ? "nothing makes it" : await this.fixtures.provide(link.maker);
      if (typeof thing !== "string") parameters[name] = thing.id;
      else if (!this.#options.exampleIds) return { reason: `not sent: ${thing}` };
    }
    const args = { ...each.args, parameters };
    const draft = written(operation, args, each.contentType);
    if (draft === undefined) return { reason: "not sent: it cannot be written" };
    const consignment = {
      operationId: operation.operationId,
      method: method ?? operation.method,
      draft: { ...draft, body: each.rawBody ?? draft.body },
      accept: each.accept,
      prefer,
      identity: each.identity,
      finish: makes,
    };
    return { consignment, args };
  }

  /** Takes up what a request has made, and what it has deleted or may have. */
  #account(each: Case, args: Arguments, { outcome, sent }: Delivered): void {
    const { operation } = each;
    const succeeded = !(outcome instanceof NoAnswer) && outcome.status >= 200 && outcome.status < 300;
    const makes = this.made.makes(operation) && !["GET", "HEAD", "DELETE"].includes(sent.method);
    if (makes && succeeded) this.made.add(operation, args.parameters, outcome);
    if (makes && outcome instanceof NoAnswer && outcome.reason !== "unreachable" && each.expected?.words !== "401") {
      this.made.lose(operation, outcome.message);
    }
    const link = this.#options.links.find((found) => found.user === operation);
    if (link === undefined || sent.method !== "DELETE") return;
    const thing = this.made.remaining().find(({ id }) => id === args.parameters[link.parameter]);
    const refused = !(outcome instanceof NoAnswer) && outcome.status >= 300 && outcome.status < 500;
    if (thing === undefined || refused) return;
    // Success for a request that should have been refused may be a lie.
    thing.state = succeeded && VALID.has(each.check) ? "gone" : "unclear";
  }

  #examine(each: Case, sent: WireRequest, outcome: Answer | NoAnswer): void {
    const { verdicts } = this.#options;
    const { judged, faults, documented } = examine(each, outcome, this.#secrets);
    for (const check of judged) verdicts.judged(each.operation, check);
    if (documented !== undefined) verdicts.shown(each.operation, documented.status);
    for (const fault of faults) this.fail(each, fault, sent, outcome);
  }
}

/** The checks whose requests are valid. */
const VALID: ReadonlySet<string> = new Set(["positive_data_acceptance", "use_after_free"]);
