/**
 * `atlas-secrets rotate`: one account's secret.
 */
import { rotateSecret } from "../../index.js";
import { EXIT, type ExitCode } from "../terminal/exit-code.js";
import { printJson } from "../terminal/print-json.js";
import { Problems } from "../terminal/problems.js";
import { rotated } from "../terminal/rotation-report.js";
import { rotationIds } from "./arguments.js";
import { type ClientOptions, clientFor } from "./client-options.js";
import { printPlan } from "./dry-run.js";
import { plannedSteps, planOf, STEP_NAMES } from "./rotation.js";
import { givenIds, type IdOptions, type StoreOptions, storeFor } from "./secret-options.js";
import type { Session } from "./session.js";

export type RotateOptions = ClientOptions &
  StoreOptions &
  Omit<IdOptions, "secretId"> & { readonly concurrency?: string };

export async function rotate(options: RotateOptions, session: Session): Promise<ExitCode> {
  const { io, words, journal, interruption } = session;
  const problems = new Problems();
  const ids = problems.of(() => rotationIds(givenIds(options, io)));
  if (options.secretFile === undefined && options.exec === undefined) {
    problems.add("--secret-file or --exec is missing: the new secret has to be stored before the previous one can go");
  }
  if (options.concurrency !== undefined) problems.add("--concurrency: expected only together with --fleet");
  const destination = storeFor(options, io, words, problems);
  const client = clientFor(options, io, words, problems);
  const { atlas, ...found } = problems.complete({ ids, destination, atlas: client });
  const rotation = { ...found.ids, destination: found.destination };
  if (options.dryRun === true) return printPlan(session, options, { steps: plannedSteps(rotation) });

  session.closeAtEnd(atlas);
  const entry = journal.begin(rotation);
  const { clientId } = rotation;
  const plan = planOf(rotation, entry, (step) => words.progress(`${STEP_NAMES[step]} (${clientId})`));
  const result = await rotateSecret(atlas, { ...plan, signal: interruption }).finally(entry.settle);
  const { id } = result.secret;
  const lines = [`secret ${id} of ${clientId} is stored; the previous one is ${result.previous}`];
  await printJson(session, rotated(rotation, result), { exitCode: EXIT.check, lines });
  words.note(`rotated: the new secret is stored and works, the previous one is ${result.previous}`);
  return EXIT.done;
}
