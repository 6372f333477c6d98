/**
 * use_after_free: what was deleted is not found any more. Only a server that keeps state can be held to that, and to what else it
 * did before; whether one does is found out by trying.
 */
import type { Operation } from "../../../contract-tests/contract/operations.js";
import { seededRandom } from "../../../src/testing/atlas/seeded-random.js";
import { type Callable, type Case, caseOf } from "../cases/case.js";
import { unknownIdCase } from "../cases/positive.js";
import { documentedAs } from "../checks.js";
import { deletionOf, type ResourceLink } from "../created-resources.js";
import { isSuccess } from "../http/exchange.js";
import { expectationFault } from "../judge/examine.js";
import { STATELESS } from "../judge/secrets.js";
import { admits, BROKEN_ID, cleanUp, deleteResource, provideResource, runCase } from "../run-case.js";
import { type Run, reportFault } from "../send-case.js";
import { signInWithNew } from "./token-endpoint.js";

const CHECK = "use_after_free";

/** Creates something, deletes it, and asks the operation for it once more. */
export async function checkUseAfterFree(run: Run, callable: Callable): Promise<void> {
  const { links, callables, verdicts, stateful } = run;
  const { operation } = callable;
  const link = links.find(({ user }) => user === operation);
  const deletion = link && deletionOf(links, link.creator);
  const deleting = deletion && callables.get(deletion.user);
  if (link === undefined || deletion === undefined || deleting === undefined) return;
  const omit = (reason: string): void => verdicts.omit(operation, CHECK, reason);
  const resource = await provideResource(run, link.creator);
  if (typeof resource === "string") return omit(`nothing could be created to be deleted: ${resource}`);
  if (!admits(run, deletion.user, deletion.parameter, resource.id)) return omit(BROKEN_ID);
  const signInAgain = await signInWithNew(run, deleting, resource.value);
  const title = "the deletion of what was just created";
  const first = await runCase(run, withId(deleting, deletion.parameter, resource.id, title));
  if (first === undefined || !isSuccess(first)) return omit("what was created could not be deleted");

  // With another one there: it must neither have the same id nor be deleted instead.
  const other = await provideResource(run, link.creator);
  const again = withId(callable, link.parameter, resource.id, "what was deleted");
  const second = await runCase(run, again);
  if (second === undefined || second.failure !== undefined) return omit("the second request had no response");
  const contract = documentedAs(operation, 404);
  if (second.status === 404) {
    stateful.set(link.creator, true);
    await signInAgain?.();
    verdicts.judged(operation, CHECK);
    if (typeof other === "string") return;
    other.state = "unclear";
    if ((await deleteResource(run, other)) !== "gone before") return;
    const problem = "status 404, but something else has been deleted";
    return reportFault(run, again, { check: CHECK, problem, contract }, second);
  }
  await learnState(run, link);
  await cleanUp(run);
  const obstacle = whyNoState(run, link.creator);
  if (obstacle !== undefined) return omit(obstacle);
  verdicts.judged(operation, CHECK);
  const expected = { accepts: () => false, words: "404", contract };
  reportFault(run, again, expectationFault({ ...again, expected }, second.status), second);
}

/** A valid request for one resource. Its own check says what of its response is right. */
function withId(callable: Callable, parameter: string, id: string, title: string): Case {
  const parameters = { ...callable.parameters, [parameter]: id };
  return { ...caseOf(callable, { check: CHECK, title, parameters }), created: new Set() };
}

/** Finds out whether the server gives each resource an id of its own, or does not find what nobody created. */
async function learnState(run: Run, { creator, user, parameter }: ResourceLink): Promise<void> {
  if (run.stateful.has(creator)) return;
  const second = await provideResource(run, creator);
  const callable = run.callables.get(user);
  const unknown = callable && unknownIdCase(callable, parameter, seededRandom(run.seed, "state"));
  const refusesUnknown = async () => unknown !== undefined && (await runCase(run, unknown))?.status === 404;
  const keepsState = run.created.idsDiffer(creator) || (await refusesUnknown());
  if (keepsState || typeof second !== "string") run.stateful.set(creator, keepsState);
}

/** Why a server cannot be held to what it did before; `undefined` if it can. */
export function whyNoState({ stateful }: Run, creator: Operation): string | undefined {
  const known = stateful.get(creator);
  if (known === true) return undefined;
  return known === false
    ? STATELESS
    : "nothing could be created and deleted, so that it is not known whether it keeps state";
}
