/**
 * The cases of all operations, one after the other.
 */
import type { Callable, Case, Untried } from "../cases/case.js";
import { type DerivationOptions, deriveCases } from "../cases/derive.js";
import { unknownIdCase } from "../cases/provoking.js";
import { CHECKS, OBSERVING } from "../checks.js";
import type { Link } from "../contract/creation.js";
import type { Operation } from "../contract/operations.js";
import { createRandom } from "../random.js";
import { checkPreferences, type Preference } from "./preferred.js";
import type { Session } from "./session.js";
import { checkUseAfterFree } from "./use-after-free.js";
import type { Verdicts } from "./verdicts.js";

/** What is to be checked, and with what. */
export interface CheckOptions {
  readonly operations: readonly Operation[];
  readonly callables: ReadonlyMap<Operation, Callable>;
  readonly links: readonly Link[];
  readonly session: Session;
  readonly verdicts: Verdicts;
  readonly derivation: DerivationOptions;
  /** Takes up what no case could be derived for. */
  readonly untried: Untried[];
  readonly onProgress: (words: string) => void;
}

/** Sends every case of every operation whose answer some selected check judges. */
export async function checkOperations(options: CheckOptions): Promise<void> {
  const { operations, callables, verdicts } = options;
  const selected = operations.flatMap((operation) =>
    verdicts.selectsAny(operation) ? [callables.get(operation)].filter((callable) => callable !== undefined) : [],
  );
  // First, while the account is as it was found: where deletions are not carried out, it is soon full.
  for (const callable of selected) await checkDeleted(callable, options);
  for (const callable of selected) await checkOperation(callable, options);
}

async function checkDeleted(callable: Callable, options: CheckOptions): Promise<void> {
  const { session, verdicts, links, callables, derivation, onProgress } = options;
  const { operation } = callable;
  if (!observes(operation, verdicts) && !verdicts.selects(operation, "use_after_free")) return;
  onProgress(`${operation.operationId} use_after_free`);
  const unknownId = (user: Callable, parameter: string): Case | undefined =>
    unknownIdCase(user, parameter, createRandom(derivation.seed, "state"));
  await checkUseAfterFree(callable, { session, verdicts, links, callables, unknownId });
  await session.fixtures.cleanUp();
}

function observes(operation: Operation, verdicts: Verdicts): boolean {
  return CHECKS.some((check) => OBSERVING.has(check) && verdicts.selects(operation, check));
}

async function checkOperation(callable: Callable, options: CheckOptions): Promise<void> {
  const { session, verdicts, derivation, onProgress } = options;
  const { operation } = callable;
  const { cases, untried } = deriveCases(callable, derivation);
  options.untried.push(...untried);
  const observed = observes(operation, verdicts);
  const wanted = cases.filter(({ check }) => observed || verdicts.selects(operation, check));
  const preferences: Preference[] = [];
  for (const [index, each] of wanted.entries()) {
    onProgress(`${operation.operationId} ${index + 1}/${wanted.length} ${each.check}: ${each.title}`);
    const delivered = await session.run(each);
    if (delivered !== undefined && each.prefer !== undefined) preferences.push({ each, delivered });
  }
  checkPreferences(session, preferences);
  await session.fixtures.cleanUp();
}
