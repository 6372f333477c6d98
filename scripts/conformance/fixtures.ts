/**
 * What cases need to find on the server: created for them, and deleted when they are done.
 */
import type { Operation } from "../../contract-tests/contract/operations.js";
import { type Callable, type Case, caseOf, isValid } from "./cases/case.js";
import { successOf } from "./cases/positive.js";
import { type CreatedResource, NO_DELETION } from "./created-resources.js";
import { type HttpResponse, isSuccess, NoResponse } from "./http/exchange.js";
import type { Exchanged } from "./http/server.js";
import { SignInFailure } from "./http/sign-in.js";
import { deletionOf, type ResourceLink } from "./resource-links.js";
import { type Run, sendCase } from "./send-case.js";

/** Why no more is created once something has turned out to stay. */
export const STUCK = "something that was created before could not be deleted";

/** Something that is there, created now if need be, by a valid request that is examined as any other; or why there is none. */
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

async function deleteResource(run: Run, resource: CreatedResource): Promise<void> {
  const link = deletionOf(run.links, resource.creator);
  const callable = link && run.callables.get(link.user);
  if (link === undefined || callable === undefined) {
    resource.stuck = NO_DELETION;
    return;
  }
  const deletion = deletionCase(link, callable, resource);
  const unexamined = !isValid(deletion);
  for (let attempt = 1; attempt <= 2; attempt += 1) {
    const wasUnclear = resource.state === "unclear";
    const outcome = await sendDeletion(run, deletion, unexamined);
    resource.stuck = typeof outcome === "string" ? outcome : whyNotGone(outcome, wasUnclear);
    if (resource.stuck === undefined) resource.state = "gone";
    if (typeof outcome === "string") return;
    const failed = outcome instanceof NoResponse ? outcome.reason === "broken" : outcome.status >= 500;
    if (!failed) return;
  }
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
  const accepts = (status: number): boolean =>
    success.accepts(status) || (resource.state !== "there" && isGone(status));
  const check = "positive_data_acceptance";
  const title = "deleting what was created";
  return { ...caseOf(callable, { check, title, parameters, expected: { ...success, accepts } }), created: new Set() };
}

/** Why something is not gone after an attempt to delete it; `undefined` if it is. */
function whyNotGone(outcome: HttpResponse | NoResponse, wasUnclear: boolean): string | undefined {
  if (outcome instanceof NoResponse) return `its deletion had no response: ${outcome.message}`;
  if (isSuccess(outcome) || (wasUnclear && isGone(outcome.status))) return undefined;
  return `its deletion had status ${outcome.status}`;
}

function isGone(status: number): boolean {
  return status === 404 || status === 410;
}
