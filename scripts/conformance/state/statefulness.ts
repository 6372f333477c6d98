/**
 * Whether a server keeps what is created: only then can it be held to what it did before.
 */
import type { Operation } from "../../../contract-tests/contract/operations.js";
import { seededRandom } from "../../../src/testing/atlas/seeded-random.js";
import { unknownIdCase } from "../cases/positive.js";
import { provideResource } from "../fixtures.js";
import { NoResponse } from "../http/exchange.js";
import { STATELESS } from "../judge/secrets.js";
import type { ResourceLink } from "../resource-links.js";
import { runCase } from "../run-case.js";
import type { Run } from "../send-case.js";

/** Finds out whether the server gives each resource an id of its own, or does not find what nobody created. */
export async function learnState(run: Run, { creator, user, parameter }: ResourceLink): Promise<boolean> {
  const known = run.stateful.get(creator);
  if (known !== undefined) return known;
  const second = await provideResource(run, creator);
  const stateful = run.created.idsDiffer(creator) || (await refusesUnknown(run, user, parameter));
  if (stateful || typeof second !== "string") run.stateful.set(creator, stateful);
  return stateful;
}

async function refusesUnknown(run: Run, user: Operation, parameter: string): Promise<boolean> {
  const callable = run.callables.get(user);
  const unknown = callable && unknownIdCase(callable, parameter, seededRandom(run.seed, "state"));
  const exchanged = unknown && (await runCase(run, unknown));
  return exchanged !== undefined && !(exchanged.outcome instanceof NoResponse) && exchanged.outcome.status === 404;
}

/** Why a server cannot be held to what it did before; `undefined` if it can. */
export function whyNoState({ stateful }: Run, creator: Operation): string | undefined {
  const known = stateful.get(creator);
  if (known === true) return undefined;
  return known === false
    ? STATELESS
    : "nothing could be created and deleted, so that it is not known whether it keeps state";
}
