/**
 * Runs one case: gives it what it needs to find on the server, sends it, and deletes what was created.
 */
import type { Operation } from "../../contract-tests/contract/operations.js";
import { type Callable, type Case, caseOf, isValid } from "./cases/case.js";
import { successOf } from "./cases/positive.js";
import type { CheckName } from "./checks.js";
import { type CreatedResource, deletionOf, NO_DELETION, type ResourceLink } from "./created-resources.js";
import { type HttpResponse, isSuccess, NoResponse } from "./http/exchange.js";
import type { Exchanged } from "./http/server.js";
import { SignInFailure } from "./http/sign-in.js";
import { mayBeApplied, type Run, sendCase } from "./send-case.js";

/** Checks that are refused before anybody looks for what the request names, so that any id will do. */
const WITH_ANY_ID: ReadonlySet<CheckName> = new Set(["ignored_auth", "version_negotiation", "unsupported_method"]);

/** Why an id is not used. */
export const BROKEN_ID = "the id in the response to the creation breaks the contract";

/**
 * Sends one case and has its response examined. What it creates is deleted at once.
 *
 * @returns `undefined` if it was not sent.
 * @throws SignInFailure; Unreachable; the signal's reason.
 */
export async function runCase(run: Run, each: Case): Promise<Exchanged | undefined> {
  const { created, signal, verdicts } = run;
  signal?.throwIfAborted();
  const ready = (await obstacle(run, each)) ?? (await completed(run, each));
  const exchanged = typeof ready === "string" ? ready : await sendCase(run, ready);
  if (exchanged === undefined || typeof exchanged === "string") {
    verdicts.omit(each.operation, each.check, `not sent: ${exchanged ?? "it cannot be written"}`);
    return undefined;
  }
  const isTouched = created.creates(each.operation) || created.remaining().some(({ state }) => state === "unclear");
  if (isTouched) await cleanUp(run);
  return exchanged;
}

/** Why a case had better not be sent. */
async function obstacle(run: Run, each: Case): Promise<string | undefined> {
  const { created, server } = run;
  if (server.isSilent(each.operation.operationId)) return "several before had no response";
  if (!created.creates(each.operation)) return undefined;
  // An account has room for few: nothing else may be there while one is created.
  await cleanUp(run);
  return created.stuck > (mayBeApplied(each) ? 0 : 1) ? STUCK : undefined;
}

/** The case with the ids of what it needs, created now if need be; or why there are none. */
async function completed(run: Run, each: Case): Promise<Case | string> {
  const parameters: Record<string, unknown> = { ...each.parameters };
  for (const name of each.created) {
    const id = await idFor(run, each.operation, name);
    if ("value" in id) parameters[name] = id.value;
    // The contract's example will do on this machine; elsewhere it could be somebody's.
    else if (!run.local || !WITH_ANY_ID.has(each.check)) return id.problem;
  }
  return { ...each, parameters };
}

async function idFor(run: Run, user: Operation, parameter: string): Promise<{ value: string } | { problem: string }> {
  const link = run.links.find((found) => found.user === user && found.parameter === parameter);
  if (link === undefined) return { problem: "nothing creates what it needs" };
  const resource = await provideResource(run, link.creator);
  if (typeof resource === "string") return { problem: resource };
  return admits(run, user, parameter, resource.id) ? { value: resource.id } : { problem: BROKEN_ID };
}

/** Whether an id from the server is one that the contract admits. */
export function admits({ callables }: Run, user: Operation, parameter: string, id: string): boolean {
  const callable = callables.get(user);
  if (callable === undefined) return false;
  const parameters = { ...callable.parameters, [parameter]: id };
  return isValid(caseOf(callable, { check: "positive_data_acceptance", title: "", parameters, expected: undefined }));
}

/** Why no more is created once something has turned out to stay. */
export const STUCK = "something that was created before could not be deleted";

/** A resource that exists, created by a request that is examined like every other if need be, or why there is none. */
export async function provideResource(run: Run, creator: Operation): Promise<CreatedResource | string> {
  const { callables, server, created } = run;
  const existing = created.existing(creator);
  if (existing !== undefined) return existing;
  const { operationId } = creator;
  const callable = callables.get(creator);
  if (callable === undefined) return `no valid request of ${operationId} is known`;
  if (server.isSilent(operationId)) return `${operationId} no longer responds`;
  if (created.stuck > 0) return STUCK;
  const exchanged = await sendCase(
    run,
    caseOf(callable, {
      check: "positive_data_acceptance",
      title: "valid data, for what comes next",
      expected: successOf(creator),
    }),
  );
  return (
    created.existing(creator) ?? `${operationId} ${exchanged === undefined ? "cannot be called" : result(exchanged)}`
  );
}

function result({ outcome }: Exchanged): string {
  return outcome instanceof NoResponse
    ? `has no response: ${outcome.message}`
    : `has status ${outcome.status} without a usable id`;
}

/**
 * Deletes everything that was created and is not gone. It is not cut short by an interruption: whoever interrupts wants it
 * gone too.
 *
 * @param again - Whether to try again what could not be deleted before.
 */
export async function cleanUp(run: Run, again = false): Promise<void> {
  for (const resource of run.created.remaining()) {
    if (again || resource.stuck === undefined) await deleteResource(run, resource);
  }
}

/**
 * Deletes one resource by a valid request.
 *
 * @returns `gone before` if a refused request that named it is under suspicion, or what was done with it is not known.
 */
export async function deleteResource(
  run: Run,
  resource: CreatedResource,
): Promise<"deleted" | "gone before" | "stuck"> {
  const { creator, refused } = resource;
  const link = deletionOf(run.links, creator);
  const callable = link && run.callables.get(link.user);
  if (link === undefined || callable === undefined) {
    resource.stuck = NO_DELETION;
    return "stuck";
  }
  const deletion = deletionCase(link, callable, resource);
  const unexamined = !isValid(deletion);
  const mayBeGone = resource.state === "unclear" || refused.length > 0;
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await sendDeletion(run, deletion, unexamined);
    const isGoneBefore = isMissing(outcome) && (mayBeGone || attempt > 1);
    resource.stuck = isGoneBefore ? undefined : whyNotGone(outcome);
    if (resource.stuck === undefined) resource.state = "gone";
    if (isGoneBefore && refused.length > 0) run.suspects.push({ creator, refused });
    if (isGoneBefore) return "gone before";
    if (resource.stuck === undefined) {
      if (refused.length > 0 && run.stateful.get(creator) === true)
        run.verdicts.judged(link.user, "no_effect_when_refused");
      return "deleted";
    }
    const mayRepeat =
      outcome instanceof NoResponse
        ? outcome.reason === "broken"
        : typeof outcome !== "string" && outcome.status >= 500;
    if (!mayRepeat || attempt === 2) return "stuck";
  }
}

/** Whether something can be deleted with other parameters than those that it was created with; if so, it is gone. */
export async function isReachedWith(
  run: Run,
  resource: CreatedResource,
  parameters: CreatedResource["parameters"],
): Promise<boolean> {
  const link = deletionOf(run.links, resource.creator);
  const callable = link && run.callables.get(link.user);
  if (link === undefined || callable === undefined) return false;
  await sendDeletion(run, deletionCase(link, callable, { ...resource, parameters }), true);
  return resource.state === "gone";
}

/** What came of a deletion; or why it was not sent, which must not keep the others from being sent. */
async function sendDeletion(
  run: Run,
  deletion: Case,
  unexamined: boolean,
): Promise<HttpResponse | NoResponse | string> {
  try {
    const exchanged = await sendCase(run, deletion, { uninterrupted: true, unexamined });
    return exchanged?.outcome ?? "its deletion cannot be written";
  } catch (error) {
    if (error instanceof SignInFailure) return `its deletion needs a token: ${error.message}`;
    throw error;
  }
}

/** With the parameters that it was created with, if the deletion has them too. */
function deletionCase({ parameter, user }: ResourceLink, callable: Callable, resource: CreatedResource): Case {
  const shared = Object.entries(resource.parameters).filter(([name]) => name in callable.parameters);
  const parameters = { ...callable.parameters, ...Object.fromEntries(shared), [parameter]: resource.id };
  const success = successOf(user);
  // It may be gone already, after a request that should not have deleted it.
  const mayBeGone = (): boolean => resource.state !== "there" || resource.refused.length > 0;
  const accepts = (status: number): boolean => success.accepts(status) || (mayBeGone() && isGone(status));
  const check = "positive_data_acceptance";
  const title = "deleting what was created";
  return { ...caseOf(callable, { check, title, parameters, expected: { ...success, accepts } }), created: new Set() };
}

/** Why something is not gone after an attempt to delete it; `undefined` if it is. */
function whyNotGone(outcome: HttpResponse | NoResponse | string): string | undefined {
  if (typeof outcome === "string") return outcome;
  if (outcome instanceof NoResponse) return `its deletion had no response: ${outcome.message}`;
  return isSuccess(outcome) ? undefined : `its deletion had status ${outcome.status}`;
}

function isMissing(outcome: HttpResponse | NoResponse | string): boolean {
  return typeof outcome !== "string" && !(outcome instanceof NoResponse) && isGone(outcome.status);
}

function isGone(status: number): boolean {
  return status === 404 || status === 410;
}
