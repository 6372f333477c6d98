/**
 * `atlas-secrets rotate`: the secret of one account, or of every account of a fleet.
 */
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { previewRotation } from "../../index.js";
import { readFleet, trueName } from "../fleet/fleet-file.js";
import { journalOf, readState, resolved } from "../state/read-state.js";
import { conditionOf, isDue, type StateEntry } from "../state/state-entry.js";
import { StateFile } from "../state/state-file.js";
import { lockOf } from "../state/state-lock.js";
import { CommandError, EXIT, type ExitCode, Problems, worstOf } from "../terminal/exit-code.js";
import { printJson } from "../terminal/messages.js";
import { type ClientOptions, clientFor } from "./client.js";
import {
  durationOption,
  type IdOptions,
  integerOption,
  lifetimeWarning,
  millisecondsOf,
  rotationIds,
  type StatePath,
  type StoreOptions,
  statePath,
  storeFor,
} from "./options.js";
import { type Ended, type Rotation, runRotations } from "./run-rotations.js";
import { printPreview, type Session } from "./session.js";

export interface RotateOptions extends ClientOptions, StoreOptions, IdOptions, StatePath {
  readonly concurrency?: string;
  readonly maxFailures?: string;
  readonly renewBefore?: string;
  readonly jitter?: string;
  readonly acceptUnknown?: boolean;
}

const MOST_AT_ONCE = 1000;
const MOST_FAILURES = 1_000_000;

export async function rotate(options: RotateOptions, session: Session): Promise<ExitCode> {
  const { io, messages, interruption } = session;
  const startedAt = io.now();
  const problems = new Problems();
  const numbers = {
    renewBeforeHours: durationOption("--renew-before", options.renewBefore, problems),
    concurrency: integerOption("--concurrency", options.concurrency, 1, MOST_AT_ONCE, problems),
    maxFailures: integerOption("--max-failures", options.maxFailures, 1, MOST_FAILURES, problems),
  };
  const jitterMs = millisecondsOf("--jitter", options.jitter, problems, { mayBeZero: true }) ?? 0;
  const path = statePath(options);
  const { renewBefore, acceptUnknown, concurrency, maxFailures } = options;
  problems.refuseWithout("--state", path, { "--renew-before": renewBefore, "--accept-unknown": acceptUnknown });
  problems.refuseWithout("--fleet", options.fleet, { "--concurrency": concurrency, "--max-failures": maxFailures });
  // Only read for a dry run, and otherwise locked for this run.
  const open = async (file: string) =>
    options.dryRun === true ? readState(file) : StateFile.open(file, io.now, messages.print);
  const state = path === undefined ? undefined : await problems.of(() => open(path));
  try {
    const entryOf = (clientId: string) => state?.get(clientId);
    const needsStore = (clientId: string) => {
      const entry = entryOf(clientId);
      return entry?.record.underWay !== undefined || isDue(entry, numbers.renewBeforeHours, startedAt);
    };
    const rotations = await rotationsOf(options, session, needsStore, problems);
    refuseOwnFiles(rotations, path, options, problems);
    const checked = problems.complete({ atlas: await clientFor(options, session, problems) });
    if (options.dryRun === true)
      return await showPreview(rotations, entryOf, numbers.renewBeforeHours, options, session);

    session.closeAtEnd(checked.atlas);
    session.openWork.isFleet = options.fleet !== undefined;
    if (jitterMs > 0) await waitRandomly(jitterMs, session);
    const file = state instanceof StateFile ? state : undefined;
    const run = { ...checked, ...numbers, state: file, acceptUnknown: options.acceptUnknown === true, startedAt };
    const { ended, exitCode } = await runRotations(rotations, run, session);
    messages.clearProgress();
    const [only] = ended;
    if (options.fleet === undefined && only !== undefined) return await reportOne(only, exitCode, session);
    return await reportFleet(ended, exitCode, session);
  } finally {
    if (state instanceof StateFile) await closeState(state, session);
    // Nothing that was interrupted is left to be resumed by this process.
    if (interruption.aborted) messages.clearProgress();
  }
}

async function closeState(state: StateFile, { messages }: Session): Promise<void> {
  try {
    await state.close();
  } catch (error) {
    messages.print(`${state.path} could not be written anew (${error}); the journal beside it holds the changes`);
  }
}

async function rotationsOf(
  options: RotateOptions,
  session: Session,
  isStoreNeeded: (clientId: string) => boolean,
  problems: Problems,
): Promise<readonly Rotation[]> {
  if (options.fleet !== undefined) return readFleet(options.fleet, options, session, isStoreNeeded, problems);
  const ids = rotationIds(options, session.io);
  await problems.of(() => previewRotation({ ...ids, store() {} }));
  if (options.secretFile === undefined && options.exec === undefined) {
    problems.add(
      "--secret-file or --exec is missing: the new secret must be stored before the previous one is deleted",
    );
  }
  const destination = await storeFor(options, session, problems);
  // A variable stays set from night to night, and then names a secret that has long been deleted.
  const overrulesState = options.previousSecretId !== undefined;
  return destination === undefined ? [] : [{ ...ids, destination, overrulesState }];
}

/** What the command itself reads or writes would be lost, or would take the place of the secret. */
function refuseOwnFiles(
  rotations: readonly Rotation[],
  state: string | undefined,
  { fleet }: RotateOptions,
  problems: Problems,
): void {
  const own = new Map<string, string>();
  if (state !== undefined) {
    const path = resolved(resolve(state));
    for (const each of [path, journalOf(path), lockOf(path)]) own.set(trueName(each), "the state");
  }
  if (fleet !== undefined) own.set(trueName(resolve(fleet)), "the fleet file");
  for (const { destination, place } of rotations) {
    if (!("secretFile" in destination.name)) continue;
    const { secretFile } = destination.name;
    const name = own.get(trueName(secretFile));
    if (name === undefined) continue;
    problems.add(
      `${place === undefined ? "--secret-file" : `${fleet}: ${place}/secretFile`}: ${secretFile} is ${name}`,
    );
  }
}

async function waitRandomly(longestMs: number, { interruption, messages }: Session): Promise<void> {
  const waitMs = Math.random() * longestMs;
  messages.progress(`waiting ${Math.ceil(waitMs / 1000)} s before the start`);
  // An interruption ends the wait; the rotations then do not begin.
  await sleep(waitMs, undefined, { signal: interruption }).catch(() => undefined);
}

async function reportOne({ report, messages: lines }: Ended, exitCode: ExitCode, session: Session): Promise<ExitCode> {
  const { messages } = session;
  if (report.status === "failed" || report.status === "interrupted") {
    throw new CommandError(report.exitCode, lines, report);
  }
  session.settle(exitCode);
  for (const line of lines) messages.print(line);
  if (report.status === "not-due") {
    await printJson(session, report, { exitCode: EXIT.uncertain, lines: [`nothing of ${report.clientId} is due`] });
    return exitCode;
  }
  const { id, clientId, previous } = report;
  const ifLost = [`secret ${id} of ${clientId} is stored; the previous one is ${previous}`];
  await printJson(session, report, { exitCode: EXIT.uncertain, lines: ifLost });
  messages.info(`rotated: the new secret is stored and works, the previous one is ${previous}`);
  return exitCode;
}

async function reportFleet(ended: readonly Ended[], exitCode: ExitCode, session: Session): Promise<ExitCode> {
  const { messages, openWork } = session;
  const reports = ended.map(({ report }) => report);
  for (const [index, { report, messages: lines }] of ended.entries()) {
    if (report.status !== "interrupted" && lines.length > 0) {
      messages.print(`/rotations/${index}: ${lines.join("\n  ")}`);
    }
  }
  const count = (status: Ended["report"]["status"]) => reports.filter((report) => report.status === status).length;
  const untouched = count("interrupted");
  if (untouched > 0) {
    messages.print(`interrupted: ${untouched} of ${reports.length} were not rotated, and nothing of them was changed`);
  }
  const codes = reports.map((report) => ("exitCode" in report ? report.exitCode : EXIT.done));
  const worst = worstOf([...codes, exitCode]);
  openWork.closeAll();
  session.settle(worst);
  const lines = ["every rotation that failed is described above; the others are done"];
  await printJson(session, { rotations: reports }, { exitCode: EXIT.uncertain, lines });
  const notDue = count("not-due");
  messages.info(`${count("rotated")} of ${reports.length} rotated${notDue > 0 ? `, ${notDue} not due` : ""}`);
  return worst;
}

async function showPreview(
  rotations: readonly Rotation[],
  entryOf: (clientId: string) => StateEntry | undefined,
  renewBeforeHours: number | undefined,
  options: RotateOptions,
  session: Session,
): Promise<ExitCode> {
  const now = session.io.now();
  const warnings = rotations.map(({ secretExpiresAfterHours, place }) => {
    const warning = lifetimeWarning(secretExpiresAfterHours);
    return warning && (place === undefined ? warning : `${place}: ${warning}`);
  });
  const preview = async (rotation: Rotation) => {
    const entry = entryOf(rotation.clientId);
    const { clientId } = rotation;
    if (entry === undefined) return { clientId, steps: await previewSteps(rotation) };
    const condition = conditionOf(entry, renewBeforeHours ?? Number.POSITIVE_INFINITY, now);
    const previousSecretId = rotation.overrulesState === true ? rotation.previousSecretId : entry.record.current?.id;
    const steps = condition === "ok" ? [] : await previewSteps({ ...rotation, previousSecretId });
    return { clientId, condition: condition === "ok" ? "not-due" : condition, steps };
  };
  const previews = await Promise.all(rotations.map(preview));
  const [only] = previews;
  const shown =
    options.fleet === undefined && only !== undefined ? { ...only, clientId: undefined } : { rotations: previews };
  return printPreview(session, options, shown, warnings);
}

/** What would be done, step by step. */
async function previewSteps({
  destination,
  place: _place,
  overrulesState: _overrules,
  ...ids
}: Rotation): Promise<object[]> {
  const steps = await previewRotation({ ...ids, store() {} });
  return steps.map((step) => (step.step === "store" ? { ...step, ...destination.name } : step));
}
