/**
 * The first requests of a run: whether the server accepts the credentials, which values its own bounds admit, and whether it
 * keeps state. That is found out by use_after_free, what was deleted is not found any more: only a server that keeps state can
 * be held to that, and to what else it did before.
 */
import { memberOf, parsedJson } from "../../../contract-tests/contract/json.js";
import type { Operation } from "../../../contract-tests/contract/operations.js";
import { oneLine, redactByForm } from "../../../src/safe/redaction.js";
import { seededRandom } from "../../../src/testing/atlas/seeded-random.js";
import { isSuccess } from "../../../src/transport/pipeline.js";
import { type Callable, type Case, caseOf, isValid, validCase, withHours, withParameters } from "../cases/case.js";
import { unknownIdCase, unknownIdCases } from "../cases/cases-of.js";
import { HOURS } from "../checks.js";
import { deletionOf } from "../created-resources.js";
import { type HttpResponse, saysNothing } from "../http/exchange.js";
import { CannotCheck } from "../http/server.js";
import { deleteResource, deletionCase, provideResource, runCase, whyNoState } from "../run-case.js";
import { examineResponse, type Run, reportFault, sendCase } from "../send-case.js";
import { signInWithNew } from "./access.js";

/** Tried in this order if the server refuses the contract's own example: an organization may have stricter bounds. */
const OTHER_HOURS = [24, 168, 720, 2160, 8760];

/**
 * Creates what the selected operations need; without any, sends the first of them a valid request. Resolves to the deletions
 * of what was created: use_after_free of these tells whether the server keeps state.
 * @throws CannotCheck if the server does not accept the credentials
 */
export async function sendFirstRequests(run: Run, selected: readonly Operation[]): Promise<readonly Callable[]> {
  const { links, callables } = run;
  const needed = links.filter(({ creator, user }) => selected.includes(creator) || selected.includes(user));
  const creators = [...new Set(needed.map(({ creator }) => creator))];
  const known = (operation: Operation): Callable | [] => callables.get(operation) ?? [];
  const first = creators.flatMap(known);
  for (const callable of first.length > 0 ? first : selected.flatMap(known).slice(0, 1)) await sendFirst(run, callable);
  return creators.flatMap((creator) => deletionOf(links, creator)?.user ?? []).flatMap(known);
}

async function sendFirst(run: Run, callable: Callable): Promise<void> {
  const { callables, verdicts } = run;
  const { operation, body, created } = callable;
  if (created.size > 0) return;
  const hasHours = typeof memberOf(body, HOURS) === "number";
  const others = hasHours ? OTHER_HOURS.map((hours) => withHours(callable, hours)).filter(isValid) : [];
  const sent: [Case, HttpResponse][] = [];
  for (const variant of [callable, ...others]) {
    const each = validCase(variant, "valid data, the first request");
    const response = await sendCase(run, each, { unexamined: true });
    requireAccepted(run, response, "Nothing was checked");
    sent.push([each, response]);
    if (response.status === 400) continue;
    if (variant !== callable) {
      callables.set(operation, variant);
      const reason = `the server has stricter bounds and refuses it; ${JSON.stringify(variant.body)} is sent instead`;
      verdicts.notTried(operation, `the contract's example ${JSON.stringify(body)}`, reason);
    }
    return examineResponse(run, each, response);
  }
  // All are refused, of which the contract's own example is to be judged.
  const [first] = sent;
  if (first !== undefined) examineResponse(run, ...first);
}

/**
 * A token may end during a run: then what was refused since says nothing about the server. A request for what does not exist
 * shows it.
 * @throws CannotCheck if the server does not accept the credentials any more
 */
export async function requireStillAccepted(run: Run, callables: readonly Callable[]): Promise<void> {
  if (!run.server.refusesCredentials()) return;
  const random = seededRandom(run.seed, "still accepted");
  const independent = callables.filter(({ created }) => created.size === 0);
  const each = independent.flatMap((own) => [...unknownIdCases(own, random)]).find((found) => "check" in found);
  if (each === undefined) return;
  const response = await sendCase(run, each, { unexamined: true });
  requireAccepted(run, response, "It accepted them at first: has the access token expired?");
}

function requireAccepted({ url, mask }: Run, response: HttpResponse, ending: string): void {
  const { status } = response;
  if (status !== 401 && status !== 429) return;
  const body = parsedJson(response.text);
  const said = ["errorCode", "detail"].map((name) => memberOf(body, name)).filter((text) => typeof text === "string");
  const words = [`status ${status}`, said.map((text) => oneLine(text, 200)).join(": ")].join(" ").replace(/[ .]+$/, "");
  const does = status === 401 ? "refuses the credentials of the check" : "limits the rate, and waiting does not help";
  throw new CannotCheck(redactByForm(mask.redact(`${url} ${does}: ${words}. ${ending}`)));
}

/** Creates something, deletes it, and asks the operation for it once more. */
export async function checkUseAfterFree(run: Run, callable: Callable): Promise<void> {
  const { links, callables, verdicts, stateful } = run;
  const { operation } = callable;
  const [[parameter, creator] = []] = callable.created;
  const deletion = creator && deletionOf(links, creator);
  const deleting = deletion && callables.get(deletion.user);
  if (creator === undefined || parameter === undefined || deleting === undefined) return;
  const omit = (reason: string): void => verdicts.omit(operation, "use_after_free", reason);
  const resource = await provideResource(run, creator);
  if (typeof resource === "string") return omit(`nothing could be created to be deleted: ${resource}`);
  const signInAgain = await signInWithNew(run, deleting, resource.value);
  if ((await deleteResource(run, resource)) !== "deleted") return omit("what was created could not be deleted");

  // With another one there: it must neither have the same id nor be deleted instead.
  const other = await provideResource(run, creator);
  const deleted = withParameters(callable, { [parameter]: resource.id });
  const again = caseOf(deleted, "use_after_free", "what was deleted", undefined);
  const second = await runCase(run, again);
  if (second === undefined || saysNothing(second)) return omit("the second request had no response, or a 429");
  if (second.status === 404) {
    stateful.set(creator, true);
    await signInAgain?.();
    verdicts.judged(operation, "use_after_free");
    if (typeof other === "string") return;
    other.state = "unclear";
    if ((await deleteResource(run, other)) !== "gone before") return;
    return reportFault(run, again, second, { problem: "status 404, but something else has been deleted" });
  }
  await learnState(run, callable, parameter, creator);
  const obstacle = whyNoState(run, creator);
  if (obstacle !== undefined) return omit(obstacle);
  verdicts.judged(operation, "use_after_free");
  reportFault(run, again, second, { problem: `status ${second.status} instead of 404` });
}

/** Finds out whether the server gives each resource an id of its own, or does not find what nobody created. */
async function learnState(run: Run, callable: Callable, parameter: string, creator: Operation): Promise<void> {
  if (run.stateful.has(creator)) return;
  const second = await provideResource(run, creator);
  const unknown = unknownIdCase(callable, parameter, seededRandom(run.seed, "state"));
  const refusesUnknown = async () => unknown !== undefined && (await runCase(run, unknown))?.status === 404;
  const keepsState = run.created.idsDiffer(creator) || (await refusesUnknown());
  if (keepsState || typeof second !== "string") run.stateful.set(creator, keepsState);
}

/** Whether something is still there that was deleted: a deletion may have no effect, now and then. */
export async function checkDeletions(run: Run): Promise<boolean> {
  const { created, stateful, verdicts } = run;
  // A deletion that was refused has been reported, and what it should have deleted may have stayed for the same reason.
  if (created.stuck > 0) return false;
  let found = false;
  for (const resource of created.deleted()) {
    const deletion = deletionCase(run, resource);
    const isJudged = stateful.get(resource.creator) === true && created.idsDiffer(resource.creator);
    if (deletion === undefined || !isJudged || !verdicts.selects(deletion.operation, "use_after_free")) continue;
    const again = caseOf(deletion, "use_after_free", "what was deleted before", undefined);
    const response = await sendCase(run, again);
    if (!isSuccess(response)) continue;
    reportFault(run, again, response, { problem: `status ${response.status}: it was still there after its deletion` });
    found = true;
  }
  return found;
}
