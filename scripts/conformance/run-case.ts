/**
 * Runs one case: gives it what it needs, sends it, and deletes what it created.
 */
import type { Operation } from "../../contract-tests/contract/operations.js";
import { type Case, caseOf, isValid } from "./cases/case.js";
import type { CheckName } from "./check-names.js";
import { cleanUp, provideResource, STUCK } from "./fixtures.js";
import type { Exchanged } from "./http/server.js";
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
