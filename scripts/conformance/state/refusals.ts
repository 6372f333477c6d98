/**
 * no_effect_when_refused: a request that is refused has changed nothing. A deletion that took place all the same shows when
 * what it named is deleted for good; a creation shows by the room that it takes, which secret_limit measures.
 */
import { setTimeout as wait } from "node:timers/promises";
import { isSuccess } from "../../../src/transport/pipeline.js";
import { ANY_REFUSAL, type Callable, type Case, caseOf, isRefusal, successOf } from "../cases/case.js";
import { CHECKS, limitOf } from "../checks.js";
import { type HttpResponse, saysNothing } from "../http/exchange.js";
import { isGiven } from "../http/server.js";
import { cleanUp, deleteResource, provideResource, runCase, STUCK, whyNoState } from "../run-case.js";
import { type Run, reportFault, sendCase } from "../send-case.js";
import { checkDeletions } from "./first-requests.js";

const CHECK = "no_effect_when_refused";
const LIMIT = "secret_limit";
const MOST_REPORTED = 3;

/** Finds out which refused requests have deleted what they named, of those that are under suspicion. */
export async function examineSuspects(run: Run): Promise<void> {
  for (const { creator, refused } of run.suspects.splice(0)) {
    await cleanUp(run);
    // Without any refused request: a deletion that fails now has another reason, and is reported with it.
    const control = await provideResource(run, creator);
    if (typeof control === "string" || (await deleteResource(run, control)) !== "deleted") continue;
    const suspects = [...new Map(refused.map((one) => [one.title, one])).values()];
    const alone = suspects.map((each) => [each]);
    const byCheck = CHECKS.map((check) => suspects.filter((each) => each.check === check));
    // If none of them does it at once, those of one check are sent together, and what they do is waited for.
    if ((await reproduce(run, alone)) === 0) await reproduce(run, byCheck, run.settleMs);
    run.suspects.length = 0;
  }
}

/** Sends each group, and reports those after which what they name is gone; returns how many. */
async function reproduce(run: Run, groups: readonly (readonly Case[])[], settleMs?: number): Promise<number> {
  let reported = 0;
  for (const group of groups) {
    let last: readonly [Case, HttpResponse] | undefined;
    for (const each of group) {
      const response = await runCase(run, each);
      if (response !== undefined) last = [each, response];
    }
    const named = run.created.remaining().find(({ refused }) => refused.length > 0);
    if (last === undefined || named === undefined) continue;
    await wait(settleMs);
    if ((await deleteResource(run, named)) !== "gone before") continue;
    const soon = settleMs === undefined ? "" : " soon after, by this request or by one like it";
    reportEffect(run, ...last, `but what the request names has been deleted${soon}`);
    reported += 1;
    if (reported === MOST_REPORTED) break;
  }
  return reported;
}

function reportEffect(run: Run, each: Case, response: HttpResponse, effect: string): void {
  const result = response.failure === undefined ? `status ${response.status}` : "no response";
  run.verdicts.judged(each.operation, CHECK);
  reportFault(run, each, response, { check: CHECK, problem: `${result}, ${effect}` });
}

/**
 * secret_limit: creates as many as there may be, and one more, which has to be refused. Then, with room for exactly one,
 * sends the cases that have to be refused, and sees whether there still is room.
 */
export async function checkLimit(run: Run, callable: Callable, refused: readonly Case[]): Promise<void> {
  const { verdicts, created, local } = run;
  const { operation } = callable;
  if (!created.creates(operation) || !verdicts.needs(operation, LIMIT, CHECK)) return;
  await cleanUp(run);
  const limit = limitOf(operation);
  const omit = (reason: string): void => verdicts.omit(operation, CHECK, reason);
  if (limit === undefined) return omit("the contract sets no limit by which a hidden creation would show");
  const obstacle =
    whyNoState(run, operation) ??
    (local ? undefined : "it takes two at once, and the check has only one on a server that is not on this machine") ??
    (created.stuck > 0 ? STUCK : undefined);
  if (obstacle !== undefined) {
    verdicts.omit(operation, LIMIT, obstacle);
    return omit(obstacle);
  }
  const room = await measureRoom(run, callable, Number(limit.value) - (run.held ?? 0));
  if (room === undefined) return omit("the server sets no limit by which a hidden creation would show");
  if (room === 0) return omit("nothing could be created");
  if (!(await makeRoom(run, room - 1))) return;
  // Those without valid credentials, and the others, each in a group of its own.
  for (const authorized of [false, true]) {
    const group = refused.filter((each) => isGiven(each.identity) === authorized);
    if (!(await leavesRoom(run, callable, group, room))) break;
  }
  await cleanUp(run);
}

/** How many could be created before one was refused; `undefined` if there was room for more than there may be. */
async function measureRoom(run: Run, callable: Callable, most: number): Promise<number | undefined> {
  const { operation } = callable;
  // Fewer may be allowed only if it is not known how many there were before.
  const admitted = run.held === undefined ? undefined : successOf(operation);
  for (let count = 0; count <= most; count += 1) {
    const isLast = count === most;
    const expected = isLast ? { ...ANY_REFUSAL, words: "400" } : admitted;
    const title = isLast ? "one more than there may be at once" : `number ${count + 1} at once`;
    const response = await sendCase(run, caseOf(callable, LIMIT, title, expected));
    if (saysNothing(response)) return 0;
    if (isSuccess(response)) continue;
    if (expected === undefined) {
      run.verdicts.judged(operation, LIMIT);
      const reason = `only ${count} could be created: the account may have had others before, which --secrets-held would say`;
      run.verdicts.notTried(operation, `${most} at once`, reason);
    }
    return count;
  }
  return undefined;
}

/** Sends what has to be refused while there is room for one; afterwards there has to be. */
async function leavesRoom(run: Run, callable: Callable, group: readonly Case[], room: number): Promise<boolean> {
  const { created, verdicts, server, sent } = run;
  const { operation } = callable;
  let last: readonly [Case, HttpResponse] | undefined;
  for (const each of group) {
    if (server.isSilent(operation.operationId)) return false;
    const response = await sendCase(run, each);
    sent.add(each);
    if (saysNothing(response)) continue;
    if (!isSuccess(response)) last = [each, response];
    // One that was created openly is another check's finding, and makes room again.
    else if (!(await makeRoom(run, room - 1))) return false;
  }
  if (last === undefined) return true;
  await wait(run.settleMs);
  const probe = await sendCase(run, caseOf(callable, LIMIT, "as many as before", undefined));
  if (isSuccess(probe)) {
    verdicts.judged(operation, CHECK);
    return makeRoom(run, room - 1);
  }
  // No other status says anything about the room; and what was not deleted takes room too.
  if (!isRefusal(probe.status) || probe.status === 401 || probe.status === 429) return false;
  if (await checkDeletions(run)) return false;
  created.lose(operation, "a request was refused, but took effect");
  const effect = "but there is less room than before: this request, or one like it, has created something";
  reportEffect(run, ...last, effect);
  return false;
}

/** Deletes what was created last until no more than this is there; returns whether that is so. */
async function makeRoom(run: Run, most: number): Promise<boolean> {
  const all = run.created.remaining();
  for (const resource of all.slice(0, Math.max(0, all.length - most))) {
    if ((await deleteResource(run, resource)) === "stuck") return false;
  }
  return true;
}
