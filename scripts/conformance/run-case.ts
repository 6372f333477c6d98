/** Runs one case: gives it what it needs to find on the server, sends it, and deletes what was created. */
import type { Operation } from "../../contract-tests/contract/operations.js";
import { isSuccess } from "../../src/transport/pipeline.js";
import { type Case, isValid, successOf, validCase, withParameters } from "./cases/case.js";
import type { CheckName } from "./checks.js";
import { type CreatedResource, deletionOf } from "./created-resources.js";
import type { HttpResponse } from "./http/exchange.js";
import { CannotCheck } from "./http/server.js";
import { mayBeApplied, type Run, sendCase } from "./send-case.js";

/** Checks that are refused before anybody looks for what the request names, so that any id will do. */
const WITH_ANY_ID: ReadonlySet<CheckName> = new Set(["ignored_auth", "version_negotiation", "unsupported_method"]);

/** Why no more is created once something has turned out to stay. */
export const STUCK = "something that was created before could not be deleted";

/**
 * What the case creates is deleted at once. Resolves to `undefined` if it was not sent.
 * @throws CannotCheck; the signal's reason
 */
export async function runCase(run: Run, each: Case): Promise<HttpResponse | undefined> {
  const { created, signal, verdicts } = run;
  signal?.throwIfAborted();
  const ready = (await obstacle(run, each)) ?? (await completed(run, each));
  if (typeof ready === "string") {
    verdicts.omit(each.operation, each.check, `not sent: ${ready}`);
    return undefined;
  }
  const response = await sendCase(run, ready);
  const isUnclear = created.remaining().some(({ state }) => state === "unclear");
  if (isUnclear || created.creates(each.operation)) await cleanUp(run);
  return response;
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
  for (const [name, creator] of each.created) {
    const resource = await provideResource(run, creator);
    if (typeof resource !== "string") parameters[name] = resource.id;
    // The contract's example will do on this machine; elsewhere it could be somebody's.
    else if (!run.local || !WITH_ANY_ID.has(each.check)) return resource;
  }
  // Its ids go on standing in: sent once more, it gets others.
  return { ...each, parameters };
}

/** A resource that exists, created by a request that is examined like every other if need be, or why there is none. */
export async function provideResource(run: Run, creator: Operation): Promise<CreatedResource | string> {
  const { callables, created, links } = run;
  const resource = created.existing(creator) ?? (await createResource(run, creator));
  if (typeof resource === "string") return resource;
  const isAdmitted = links.every((link) => {
    const user = link.creator === creator ? callables.get(link.user) : undefined;
    return user === undefined || isValid(withParameters(user, { [link.parameter]: resource.id }));
  });
  return isAdmitted ? resource : "the id in the response to the creation breaks the contract";
}

async function createResource(run: Run, creator: Operation): Promise<CreatedResource | string> {
  const { callables, server, created } = run;
  const { operationId } = creator;
  const callable = callables.get(creator);
  if (callable === undefined) return `no valid request of ${operationId} is known`;
  if (server.isSilent(operationId)) return `${operationId} no longer responds`;
  if (created.stuck > 0) return STUCK;
  const { failure, status } = await sendCase(run, validCase(callable, "valid data, for what comes next"));
  const result = failure ? `has no response: ${failure.message}` : `has status ${status} without a usable id`;
  return created.existing(creator) ?? `${operationId} ${result}`;
}

/** @param again - Whether to try what could not be deleted before, too */
export async function cleanUp(run: Run, again = false): Promise<void> {
  for (const resource of run.created.remaining()) {
    if (again || resource.stuck === undefined) await deleteResource(run, resource);
  }
}

/** `gone before`: a refused request that named it is under suspicion, or what was done with it is not known. */
type Deletion = "deleted" | "gone before" | "stuck";

/** Not cut short by an interruption: whoever interrupts wants it gone too. */
export async function deleteResource(run: Run, resource: CreatedResource, isRepeated = false): Promise<Deletion> {
  const { creator, refused } = resource;
  const deletion = deletionCase(run, resource);
  resource.stuck = "the contract has no operation that deletes it";
  if (deletion === undefined) return "stuck";
  let response: HttpResponse;
  try {
    response = await sendCase(run, deletion, { uninterrupted: true, unexamined: !isValid(deletion) });
  } catch (error) {
    if (!(error instanceof CannotCheck)) throw error;
    // It must not keep the others from being deleted.
    resource.stuck = `its deletion needs a token: ${error.message}`;
    return "stuck";
  }
  const { status, failure } = response;
  if (deletion.expected?.accepts(status)) {
    const wasGone = !isSuccess(response);
    resource.state = "gone";
    resource.stuck = undefined;
    if (wasGone && refused.length > 0) run.suspects.push({ creator, refused });
    const isShown = !wasGone && refused.length > 0 && run.stateful.get(creator) === true;
    if (isShown) run.verdicts.judged(deletion.operation, "no_effect_when_refused");
    return wasGone ? "gone before" : "deleted";
  }
  resource.stuck = failure ? `its deletion had no response: ${failure.message}` : `its deletion had status ${status}`;
  const mayHelp = !isRepeated && (status >= 500 || failure?.reason === "broken");
  return mayHelp ? deleteResource(run, resource, true) : "stuck";
}

/** The deletion of a resource, with the parameters that it was created with as far as the deletion has them too. */
export function deletionCase(run: Run, resource: CreatedResource, parameters = resource.parameters): Case | undefined {
  const link = deletionOf(run.links, resource.creator);
  const callable = link && run.callables.get(link.user);
  if (link === undefined || callable === undefined) return undefined;
  const shared = Object.entries(parameters).filter(([name]) => name in callable.parameters);
  const own = withParameters(callable, { ...Object.fromEntries(shared), [link.parameter]: resource.id });
  const success = successOf(link.user);
  // After a request that should not have deleted it, or one of which nobody knows what it did.
  const mayBeGone = resource.state !== "there" || resource.refused.length > 0;
  const accepts = (status: number): boolean =>
    success.accepts(status) || (mayBeGone && (status === 404 || status === 410));
  return validCase(own, "deleting what was created", { expected: { ...success, accepts } });
}

/** Why a server cannot be held to what it did before; `undefined` if it can. */
export function whyNoState({ stateful }: Run, creator: Operation): string | undefined {
  const known = stateful.get(creator);
  if (known === true) return undefined;
  return known === false
    ? "the server keeps no state: everything it creates has the same id, and it finds ids that nobody created"
    : "nothing could be created and deleted, so that it is not known whether it keeps state";
}
