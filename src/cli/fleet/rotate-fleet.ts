/**
 * `atlas-secrets rotate --fleet`: the secrets of many accounts.
 */
import { type RotationResult, rotateSecrets } from "../../index.js";
import { type ClientOptions, clientFor, wholeNumber } from "../commands/client-options.js";
import { printPlan } from "../commands/dry-run.js";
import { plannedSteps, planOf, type Rotation, STEP_NAMES } from "../commands/rotation.js";
import type { Session } from "../commands/session.js";
import { EXIT, type ExitCode, worstOf } from "../terminal/exit-code.js";
import { printJson } from "../terminal/print-json.js";
import { Problems } from "../terminal/problems.js";
import { forOperators, notRotated, type RotationReport, rotated } from "../terminal/rotation-report.js";
import type { Words } from "../terminal/words.js";
import { readFleet } from "./fleet-file.js";

export type FleetOptions = ClientOptions & {
  readonly fleet: string;
  /** As it was typed. */
  readonly concurrency?: string;
};

const MOST_AT_ONCE = 1000;

export async function rotateFleet(options: FleetOptions, session: Session): Promise<ExitCode> {
  const { io, words, journal, interruption: signal } = session;
  const problems = new Problems();
  const rotations = readFleet(options.fleet, io, words, problems);
  const concurrency = concurrencyOf(options.concurrency, problems);
  const client = clientFor(options, io, words, problems);
  const { atlas } = problems.complete({ atlas: client });
  if (options.dryRun === true) {
    const planned = rotations.map((rotation) => ({ clientId: rotation.clientId, steps: plannedSteps(rotation) }));
    return printPlan(session, options, { rotations: planned });
  }

  session.closeAtEnd(atlas);
  let count = `0 of ${rotations.length} done`;
  const runs = rotations.map((rotation) => {
    const entry = journal.begin(rotation);
    const { clientId } = rotation;
    return {
      entry,
      plan: planOf(rotation, entry, (step) => words.progress(`${count}; ${STEP_NAMES[step]} (${clientId})`)),
    };
  });
  const plans = runs.map(({ plan }) => plan);
  const results = await rotateSecrets(atlas, plans, {
    concurrency,
    signal,
    onProgress({ index, status, done, failed, total }) {
      // What failed stays open until it has been said what happened.
      if (status === "fulfilled") runs[index]?.entry.settle();
      count = `${done} of ${total} done${failed > 0 ? `, ${failed} failed` : ""}`;
      words.progress(count);
    },
  });
  words.clear();
  const reports = reportsOf(rotations, results, signal);
  sayFailures(reports, words);
  for (const { entry } of runs) entry.settle();
  const lines = ["what each rotation has come to is said above; those that are not named are done"];
  await printJson(session, { rotations: reports }, { exitCode: EXIT.check, lines });
  words.note(`${reports.filter(({ status }) => status === "rotated").length} of ${reports.length} rotated`);
  return worstOf(reports.map((report) => (report.status === "rotated" ? EXIT.done : report.exitCode)));
}

function concurrencyOf(text: string | undefined, problems: Problems): number | undefined {
  if (text === undefined) return undefined;
  const value = wholeNumber(text) ?? 0;
  if (value >= 1 && value <= MOST_AT_ONCE) return value;
  problems.add(`--concurrency: expected a whole number from 1 to ${MOST_AT_ONCE}, got ${JSON.stringify(text)}`);
  return undefined;
}

function reportsOf(
  rotations: readonly Rotation[],
  results: readonly PromiseSettledResult<RotationResult>[],
  interruption: AbortSignal,
): RotationReport[] {
  return rotations.flatMap((rotation, index) => {
    const result = results[index];
    if (result === undefined) return [];
    if (result.status === "fulfilled") return [rotated(rotation, result.value)];
    return [notRotated(rotation, result.reason, interruption)];
  });
}

function sayFailures(reports: readonly RotationReport[], words: Words): void {
  for (const [index, report] of reports.entries()) {
    if (report.status === "failed") words.say(forOperators(`/rotations/${index}: ${report.error.message}`));
  }
  const untouched = reports.filter(({ status }) => status === "interrupted").length;
  if (untouched > 0)
    words.say(`interrupted: ${untouched} of ${reports.length} were not rotated, and nothing of them was changed`);
}
