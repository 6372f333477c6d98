/**
 * Sends a case whose arguments are complete, takes note of what it made or deleted, and has its answer examined.
 */
import type { Case } from "../cases/case.js";
import { written } from "../cases/wire.js";
import type { Link } from "../contract/creation.js";
import { type Answer, NoAnswer } from "../http/answer.js";
import type { WireRequest } from "../http/exchange.js";
import { curlLine } from "../output/curl-line.js";
import type { Mask } from "../output/mask.js";
import { came } from "./came.js";
import type { Delivered, Delivery } from "./delivery.js";
import { examine, type Fault } from "./examine.js";
import type { Made } from "./made.js";
import type { ShownSecrets } from "./shown-secrets.js";
import type { Verdicts } from "./verdicts.js";

/** What it takes to send and to examine. */
export interface DispatchOptions {
  readonly links: readonly Link[];
  readonly delivery: Delivery;
  readonly verdicts: Verdicts;
  readonly made: Made;
  readonly secrets: ShownSecrets;
  readonly mask: Mask;
  /** Whether the given credentials sign by digest. */
  readonly usesDigest: boolean;
}

/** The checks whose requests are valid. */
const VALID: ReadonlySet<string> = new Set(["positive_data_acceptance", "use_after_free"]);
const NEVER = new AbortController().signal;

/** Whether a case may be carried out by a server that does everything right. */
export function mayBeCarriedOut({ check, identity, expected }: Case): boolean {
  return identity.kind === "given" && (expected === undefined || VALID.has(check));
}

export class Dispatch {
  readonly #options: DispatchOptions;

  constructor(options: DispatchOptions) {
    this.#options = options;
  }

  /**
   * @param how - `finish`: not to be interrupted. `unexamined`: the request breaks the contract, so that no answer to it is
   * wrong.
   * @returns `undefined` where the request cannot be written.
   * @throws SignInFailure; the signal's reason when it aborts.
   */
  async send(each: Case, how: { finish?: boolean; unexamined?: boolean } = {}): Promise<Delivered | undefined> {
    const { operation, args, accept, prefer, identity } = each;
    const draft = written(operation, args, each.contentType);
    if (draft === undefined) return undefined;
    const consignment = {
      operationId: operation.operationId,
      method: each.method ?? operation.method,
      draft: { ...draft, body: each.rawBody ?? draft.body },
      accept,
      prefer,
      identity,
      finish: this.#options.made.makes(operation),
    };
    const delivered = await (how.finish === true
      ? this.#options.delivery.deliver(consignment, NEVER)
      : this.#options.delivery.deliver(consignment));
    this.#account(each, delivered);
    if (how.unexamined === true) return delivered;
    for (const refusal of delivered.refusals) this.#examine({ ...each, expected: undefined }, delivered.sent, refusal);
    this.#examine(each, delivered.sent, delivered.outcome);
    return delivered;
  }

  /** Reports a fault. */
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

  #examine(each: Case, sent: WireRequest, outcome: Answer | NoAnswer): void {
    const { verdicts, secrets } = this.#options;
    const { judged, faults, documented } = examine(each, outcome, secrets);
    for (const check of judged) verdicts.judged(each.operation, check);
    if (documented !== undefined) verdicts.shown(each.operation, documented.status);
    for (const fault of faults) this.fail(each, fault, sent, outcome);
  }

  #account(each: Case, { outcome, sent }: Delivered): void {
    if (this.#options.made.makes(each.operation)) this.#accountCreation(each, sent.method, outcome);
    const link = this.#options.links.find(({ user }) => user === each.operation);
    if (link === undefined || sent.method === "GET" || sent.method === "HEAD") return;
    const id = each.args.parameters[link.parameter];
    const thing = this.#options.made.remaining().find((found) => found.id === id);
    if (thing === undefined) return;
    if (outcome instanceof NoAnswer || outcome.status >= 500) thing.state = "unclear";
    // Success for a request that should have been refused may be a lie, and another method may delete too.
    else if (isSuccess(outcome)) thing.state = sent.method === "DELETE" && VALID.has(each.check) ? "gone" : "unclear";
  }

  #accountCreation(each: Case, method: string, outcome: Answer | NoAnswer): void {
    const { made } = this.#options;
    if (method === "GET" || method === "HEAD" || method === "DELETE") return;
    const mayHaveMade = mayBeCarriedOut(each);
    if (outcome instanceof NoAnswer) {
      if (mayHaveMade && outcome.reason !== "unreachable") made.lose(each.operation, outcome.message);
    } else if (isSuccess(outcome)) {
      const added = made.add(each.operation, each.args.parameters, outcome);
      const surely = each.method === undefined;
      if (added === undefined && surely) made.lose(each.operation, `answered ${outcome.status} without an id`);
    } else if (mayHaveMade && outcome.status >= 500 && outcome.status !== each.prefer) {
      made.lose(each.operation, `answered ${outcome.status}`);
    }
  }
}

function isSuccess({ status }: Answer): boolean {
  return status >= 200 && status < 300;
}
