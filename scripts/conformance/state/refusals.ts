/**
 * no_effect_when_refused: a request that is refused has changed nothing. A deletion that took place all the same shows when
 * what it named is deleted for good; a creation shows by the room that it takes, which secret_limit measures.
 */
import { setTimeout as wait } from "node:timers/promises";
import type { Operation } from "../../../contract-tests/contract/operations.js";
import { type Callable, type Case, caseOf, type Expectation, refusalBy } from "../cases/case.js";
import { successOf } from "../cases/positive.js";
import { basisOf, CHECKS, limitOf } from "../checks.js";
import { isSuccess, NoResponse } from "../http/exchange.js";
import type { Exchanged } from "../http/server.js";
import { cleanUp, deleteResource, provideResource, runCase, STUCK } from "../run-case.js";
import { type Run, reportFault, sendCase } from "../send-case.js";
import { whyNoState } from "./use-after-free.js";

const CHECK = "no_effect_when_refused";
/** Enough to see what they have in common. */
const MOST_REPORTED = 3;

/** Finds out which refused requests have deleted what they named, of those that are under suspicion. */
export async function examineSuspects(run: Run): Promise<void> {
  for (const { creator, refused } of run.suspects.splice(0)) {
    await cleanUp(run);
    // Without any refused request: a deletion that fails now has another reason, and is reported with it.
    const control = await provideResource(run, creator);
    if (typeof control === "string" || (await deleteResource(run, control)) !== "deleted") continue;
    const suspects = [...new Map(refused.map((one) => [one.title, one])).values()];
    const byCheck = CHECKS.map((check) => suspects.filter((each) => each.check === check));
    // If none of them does it at once, those of one check are sent together, and what they do is waited for.
    if (
      (await reproduce(
        run,
        suspects.map((each) => [each]),
      )) === 0
    )
      await reproduce(run, byCheck, run.settleMs);
    run.suspects.length = 0;
  }
}

/** Sends each group, and reports those after which what they name is gone; returns how many. */
async function reproduce(run: Run, groups: readonly (readonly Case[])[], settleMs = 0): Promise<number> {
  let reported = 0;
  for (const group of groups) {
    let last: readonly [Case, Exchanged] | undefined;
    for (const each of group) {
      const exchanged = await runCase(run, each);
      if (exchanged !== undefined) last = [each, exchanged];
    }
    const named = run.created.remaining().find(({ refused: naming }) => naming.length > 0);
    if (last === undefined || named === undefined) continue;
    if (settleMs > 0) await wait(settleMs);
    if ((await deleteResource(run, named)) !== "gone before") continue;
    const soon = settleMs > 0 ? " soon after, by this request or by one like it" : "";
    report(run, ...last, `but what the request names has been deleted${soon}`);
    reported += 1;
    if (reported === MOST_REPORTED) break;
  }
  return reported;
}

function report(run: Run, each: Case, exchanged: Exchanged, effect: string): void {
  const status = exchanged.outcome instanceof NoResponse ? "no response" : `status ${exchanged.outcome.status}`;
  const contract = basisOf(each.operation, CHECK);
  run.verdicts.judged(each.operation, CHECK);
  reportFault(run, each, { check: CHECK, problem: `${status}, ${effect}`, contract }, exchanged);
}

/**
 * secret_limit: creates as many as there may be, and one more, which has to be refused. Then, with room for exactly one,
 * sends requests that have to be refused, and sees whether there still is room.
 *
 * @param refused - Cases that the server has to refuse.
 */
export async function checkLimit(run: Run, callable: Callable, refused: readonly Case[]): Promise<void> {
  const { verdicts, created, local } = run;
  const { operation } = callable;
  if (!created.creates(operation)) return;
  const limit = limitOf(operation);
  const noRoom = limit === undefined ? "the contract sets no limit by which a hidden creation would show" : NOT_LOCAL;
  const obstacle = whyNoState(run, operation) ?? (limit === undefined || !local ? noRoom : undefined);
  if (obstacle !== undefined || limit === undefined) {
    if (limit !== undefined) verdicts.omit(operation, "secret_limit", obstacle ?? noRoom);
    return verdicts.omit(operation, CHECK, obstacle ?? noRoom);
  }
  await cleanUp(run);
  if (created.stuck > 0) {
    verdicts.omit(operation, "secret_limit", STUCK);
    return verdicts.omit(operation, CHECK, STUCK);
  }
  const room = await measureRoom(run, callable, limit.most - (run.held ?? 0));
  if (room === undefined)
    return verdicts.omit(operation, CHECK, "the server sets no limit by which a hidden creation would show");
  if (room === 0) return verdicts.omit(operation, CHECK, "nothing could be created");
  if (!(await makeRoom(run, room - 1))) return;
  for (const group of groupsOf(refused)) {
    if (!(await leavesRoom(run, callable, group, room))) break;
  }
  await cleanUp(run);
}

const NOT_LOCAL = "it takes two at once, and the check has only one on a server that is not on this machine";

/**
 * How many could be created before one was refused; `undefined` if there was always room.
 *
 * @param most - How many more there may be.
 */
async function measureRoom(run: Run, callable: Callable, most: number): Promise<number | undefined> {
  const { operation } = callable;
  for (let count = 0; count <= most; count += 1) {
    const isLast = count === most;
    // Fewer may be allowed only if it is not known how many there were before.
    const isKnown = run.held !== undefined;
    const expected = isLast ? refusalBy(operation, "secret_limit", "400") : isKnown ? admitted(operation) : undefined;
    const title = isLast ? "one more than there may be at once" : `number ${count + 1} at once`;
    const exchanged = await sendCase(run, caseOf(callable, { check: "secret_limit", title, expected }));
    if (exchanged === undefined || exchanged.outcome instanceof NoResponse) return 0;
    if (isSuccess(exchanged.outcome)) continue;
    if (!isLast && !isKnown) {
      run.verdicts.judged(operation, "secret_limit");
      const reason = `only ${count} could be created: the account may have had others before, which --secrets-held would say`;
      run.verdicts.notTried(operation, `${most} at once`, reason);
    }
    return count;
  }
  return undefined;
}

function admitted(operation: Operation): Expectation {
  return { ...successOf(operation), contract: basisOf(operation, "secret_limit") };
}

/** Sends what has to be refused while there is room for one; afterwards there has to be. */
async function leavesRoom(run: Run, callable: Callable, group: readonly Case[], room: number): Promise<boolean> {
  const { created, verdicts } = run;
  const { operation } = callable;
  let last: [Case, Exchanged] | undefined;
  for (const each of group) {
    const exchanged = await sendCase(run, each);
    if (exchanged === undefined || exchanged.outcome instanceof NoResponse) continue;
    if (!isSuccess(exchanged.outcome)) last = [each, exchanged];
    // One that was created openly is another check's finding, and makes room again.
    else if (!(await makeRoom(run, room - 1))) return false;
  }
  if (last === undefined) return true;
  await wait(run.settleMs);
  const expected = successOf(operation);
  const check = "secret_limit";
  const probe = await sendCase(run, caseOf(callable, { check, title: "as many as before", expected: undefined }));
  if (probe === undefined || probe.outcome instanceof NoResponse || probe.outcome.status >= 500) return false;
  if (expected.accepts(probe.outcome.status)) {
    verdicts.judged(operation, CHECK);
    return makeRoom(run, room - 1);
  }
  created.lose(operation, "a request was refused, but took effect");
  const [each, exchanged] = last;
  report(
    run,
    each,
    exchanged,
    "but there is less room than before: this request, or one like it, has created something",
  );
  return false;
}

/** Deletes what was created last until no more than this is there; returns whether that is so. */
async function makeRoom(run: Run, most: number): Promise<boolean> {
  for (let [newest, ...others] = run.created.remaining(); newest !== undefined && others.length >= most; ) {
    if ((await deleteResource(run, newest)) === "stuck") return false;
    [newest, ...others] = run.created.remaining();
  }
  return true;
}

/** Those without valid credentials, and the others, each in a group of its own. */
function groupsOf(cases: readonly Case[]): Case[][] {
  const isUnauthorized = ({ identity }: Case): boolean => identity.kind !== "given";
  return [cases.filter(isUnauthorized), cases.filter((each) => !isUnauthorized(each))];
}
