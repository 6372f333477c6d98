/**
 * Sends a case whose arguments are complete, takes note of what it created or deleted, and has its response examined.
 */
import type { Operation } from "../../contract-tests/contract/operations.js";
import { type Callable, type Case, writeCase } from "./cases/case.js";
import type { CreatedResources, ResourceLink } from "./created-resources.js";
import { isSuccess, NoResponse } from "./http/exchange.js";
import type { Exchanged, Server } from "./http/server.js";
import { examine, type Fault } from "./judge/examine.js";
import type { Judge } from "./judge/judge-response.js";
import type { Secrets } from "./judge/secrets.js";
import { curlLine, describeResponse, type Mask } from "./output/evidence.js";
import type { Verdicts } from "./report.js";
import { asBasis } from "./report.js";

/** Everything that one run against one server keeps. */
export interface Run {
  readonly server: Server;
  readonly links: readonly ResourceLink[];
  readonly callables: Map<Operation, Callable>;
  readonly created: CreatedResources;
  /** Whether the server keeps state, by the operation that creates; absent as long as it is not known. */
  readonly stateful: Map<Operation, boolean>;
  /** Refused requests of which one may have deleted what it named; worked off by `examineSuspects`. */
  readonly suspects: { readonly creator: Operation; readonly refused: readonly Case[] }[];
  readonly verdicts: Verdicts;
  readonly judge: Judge;
  readonly secrets: Secrets;
  readonly mask: Mask;
  /** Whether the server is on this machine, so that nothing on it is real. */
  readonly local: boolean;
  /** How many secrets the account has that the check did not create; `undefined` if it is not known. */
  readonly held: number | undefined;
  /** How long a request that is refused may take to have an effect all the same, in milliseconds. */
  readonly settleMs: number;
  readonly valuesPerConstraint: number;
  readonly seed: number;
  readonly signal: AbortSignal | undefined;
}

/** The checks whose requests are valid. */
const VALID: ReadonlySet<string> = new Set(["positive_data_acceptance", "use_after_free", "secret_limit"]);

/** Whether a case may be applied by a server that does everything right. */
export function mayBeApplied({ check, identity, expected }: Case): boolean {
  return identity.kind === "given" && (expected === undefined || VALID.has(check));
}

/**
 * @param how - `uninterrupted`: it is sent and waited for even if the run is interrupted. `unexamined`: the request breaks
 * the contract, so that no response to it is wrong.
 * @returns `undefined` if the request cannot be written.
 * @throws SignInFailure; Unreachable; the signal's reason.
 */
export async function sendCase(
  run: Run,
  each: Case,
  how: { uninterrupted?: boolean; unexamined?: boolean } = {},
): Promise<Exchanged | undefined> {
  const { operation, identity, prefer } = each;
  const draft = writeCase(each);
  if (draft === undefined) return undefined;
  const headers: Record<string, string> = { ...draft.headers };
  if (each.accept !== undefined) headers["accept"] = each.accept;
  if (prefer !== undefined) headers["prefer"] = `code=${prefer}`;
  const exchanged = await run.server.send(
    { ...draft, operationId: operation.operationId, headers, identity, prefer },
    { signal: how.uninterrupted === true ? undefined : run.signal, finish: run.created.creates(operation) },
  );
  recordCreation(run, each, exchanged);
  recordDeletion(run, each, exchanged);
  if (how.unexamined !== true) examineExchange(run, each, exchanged);
  return exchanged;
}

/** Reports a fault. */
export function reportFault(
  { verdicts, mask, server }: Run,
  each: Case,
  fault: Fault,
  { sent, outcome }: Exchanged,
): void {
  const basis = fault.contract.map(asBasis);
  const pointers = basis.map(({ pointer = "" }) => pointer);
  verdicts.fail(each.operation, `${fault.problem} ${pointers.join(" ")}`, {
    check: fault.check,
    title: mask.own(each.title),
    problem: mask.foreign(fault.problem),
    request: mask.own(curlLine(sent, each.identity, server.usesDigest)),
    response: describeResponse(each.operation, outcome, mask.foreign),
    basis,
  });
}

/** Has the responses to a case examined, and reports what is wrong with them. */
export function examineExchange(run: Run, each: Case, exchanged: Exchanged): void {
  for (const outcome of exchanged.rateLimited)
    examineOutcome(run, { ...each, expected: undefined }, { ...exchanged, outcome });
  examineOutcome(run, each, exchanged);
}

function examineOutcome(run: Run, each: Case, exchanged: Exchanged): void {
  const { judged, faults, documented } = examine(each, exchanged.outcome, run);
  for (const check of judged) run.verdicts.judged(each.operation, check);
  if (documented !== undefined) run.verdicts.shown(each.operation, documented.status);
  for (const fault of faults) reportFault(run, each, fault, exchanged);
}

function recordDeletion({ links, created }: Run, each: Case, { sent, outcome }: Exchanged): void {
  const link = links.find(({ user }) => user === each.operation);
  if (link === undefined) return;
  const id = each.parameters[link.parameter];
  const resource = created.remaining().find((found) => found.id === id);
  if (resource === undefined) return;
  const isSafe = sent.method === "GET" || sent.method === "HEAD";
  if (outcome instanceof NoResponse || outcome.status >= 500) resource.state = isSafe ? resource.state : "unclear";
  else if (outcome.status >= 400 && !VALID.has(each.check)) resource.refused.push(each);
  else if (isSafe) return;
  // Success for a request that should have been refused may be a lie, and another method may delete too. A server that does
  // not obey `Prefer` takes the request for the valid one that it is.
  else if (isSuccess(outcome)) {
    const isDeletion = sent.method === "DELETE" && (VALID.has(each.check) || each.prefer !== undefined);
    resource.state = isDeletion ? "gone" : "unclear";
  }
}

function recordCreation({ created }: Run, each: Case, { sent, outcome }: Exchanged): void {
  const { operation, parameters } = each;
  if (!created.creates(operation) || ["GET", "HEAD", "DELETE"].includes(sent.method)) return;
  const mayHaveCreated = mayBeApplied(each);
  if (outcome instanceof NoResponse) {
    if (mayHaveCreated && outcome.reason !== "unreachable") created.lose(operation, outcome.message);
  } else if (isSuccess(outcome)) {
    const added = created.add(operation, parameters, outcome);
    const surely = each.method === undefined;
    if (added === undefined && surely) created.lose(operation, `status ${outcome.status} without an id`);
  } else if (mayHaveCreated && outcome.status >= 500 && outcome.status !== each.prefer) {
    created.lose(operation, `status ${outcome.status}`);
  }
}
