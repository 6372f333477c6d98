/**
 * Runs the rotations of one account or of many, on top of what the state remembers: first what an earlier run has left
 * half-done, then the secrets that it could not delete, then what is due.
 */
import {
  type AtlasClient,
  type ResumedRotation,
  type RotateSecretsOptions,
  type RotationPlan,
  type RotationProgress,
  type RotationResult,
  resumeRotations,
  rotateSecrets,
  SecretRotationError,
} from "../../index.js";
import { entryAfter, expiryOf, isDue } from "../state/state-entry.js";
import type { StateFile } from "../state/state-file.js";
import type { SecretStore } from "../stores/store-command.js";
import { EXIT, type ExitCode } from "../terminal/exit-code.js";
import { type OpenEntry, STEP_NAMES } from "../terminal/remedies.js";
import { failed, messageOf, messagesOf, notDue, noteOn, type RotationReport, rotated } from "../terminal/report.js";
import { deleteKept } from "./delete.js";
import type { RotationIds } from "./options.js";
import type { Session } from "./session.js";

/** A rotation of the command line or of a fleet file. */
export type Rotation = RotationIds & {
  readonly destination: SecretStore;
  /** How messages name it; absent if it is the only one. */
  readonly place?: string;
  /** Whether its previous secret counts even if the state knows a later one. */
  readonly overrulesState?: boolean;
};

export interface RunOptions {
  readonly atlas: AtlasClient;
  readonly state: StateFile | undefined;
  /** Rotates only what expires within this time; undefined rotates everything. */
  readonly renewBeforeHours: number | undefined;
  readonly concurrency: number | undefined;
  readonly maxFailures: number | undefined;
  readonly acceptUnknown: boolean;
  /** When the command began: what was not due then has not been checked, and is left to the next run. */
  readonly startedAt: number;
}

/** How one rotation ended. */
export interface Ended {
  readonly report: RotationReport;
  /** What there is to say about it. */
  readonly messages: readonly string[];
}

/** What one run works with. */
interface Run extends RunOptions {
  readonly session: Session;
  failuresInARow: number;
  /** How many are done, for the progress of a fleet. */
  count: string;
}

/** One rotation on its way through the run. */
interface Job {
  readonly rotation: Rotation;
  readonly entry: OpenEntry;
  /** The only one there is, so that no count has to be shown. */
  readonly isAlone: boolean;
  /** The secret that it deletes. */
  previousSecretId?: string | undefined;
  ended?: Ended;
}

/** @returns in the order of the rotations; `exitCode` is that of what was to be deleted besides */
export async function runRotations(
  rotations: readonly Rotation[],
  options: RunOptions,
  session: Session,
): Promise<{ readonly ended: readonly Ended[]; readonly exitCode: ExitCode }> {
  const { atlas, state, startedAt, renewBeforeHours } = options;
  const run: Run = { ...options, session, failuresInARow: 0, count: "" };
  const isAlone = rotations.length === 1;
  const jobs = rotations.map(
    (rotation): Job => ({ rotation, entry: session.openWork.open(rotation.clientId), isAlone }),
  );
  const entryOf = ({ rotation: { clientId } }: Job) => state?.get(clientId);
  const isHalfDone = (job: Job) => entryOf(job)?.record.underWay !== undefined;
  const halfDone = jobs.filter(isHalfDone);
  const due = jobs.filter((job) => !isHalfDone(job) && isDue(entryOf(job), renewBeforeHours, startedAt));
  for (const job of jobs.filter((each) => !halfDone.includes(each) && !due.includes(each))) {
    job.ended = { report: notDue(job.rotation, entryOf(job)?.record.current), messages: [] };
    job.entry.close();
  }
  await resumeHalfDone(halfDone, run);
  const clientIds = rotations.map(({ clientId }) => clientId);
  const exitCode = state === undefined ? EXIT.done : await deleteKept(clientIds, atlas, state, session);
  const expiry = (job: Job) => expiryOf(entryOf(job)) ?? Number.NEGATIVE_INFINITY;
  await rotateDue(
    due.toSorted((one, other) => expiry(one) - expiry(other)),
    run,
  );
  return { ended: jobs.flatMap(({ ended }) => ended ?? []), exitCode };
}

async function resumeHalfDone(jobs: readonly Job[], run: Run): Promise<void> {
  const resumptions = jobs.flatMap((job) => {
    const record = run.state?.get(job.rotation.clientId)?.record;
    return record === undefined ? [] : [{ plan: planOf(job, run), record }];
  });
  if (jobs.length > 0) await settle(jobs, run, await resumeRotations(run.atlas, resumptions, optionsOf(jobs, run)));
}

async function rotateDue(jobs: readonly Job[], run: Run): Promise<void> {
  const { maxFailures = Number.POSITIVE_INFINITY, failuresInARow } = run;
  if (failuresInARow >= maxFailures) {
    const message = `not started, after ${failuresInARow} failures in a row`;
    const error = { code: "ERR_NOT_STARTED", outcome: "not-applied", message } as const;
    for (const job of jobs) {
      const { clientId } = job.rotation;
      job.ended = { report: { status: "failed", clientId, exitCode: EXIT.refused, error }, messages: [message] };
    }
    return;
  }
  const plans = jobs.map((job) => planOf(job, run));
  if (jobs.length > 0) await settle(jobs, run, await rotateSecrets(run.atlas, plans, optionsOf(jobs, run)));
}

function optionsOf(jobs: readonly Job[], run: Run): RotateSecretsOptions {
  const { concurrency, maxFailures, failuresInARow, session } = run;
  return {
    concurrency,
    maxFailures: maxFailures === undefined ? undefined : maxFailures - failuresInARow,
    signal: session.interruption,
    onProgress({ index, status, done, failed: failures, total }: RotationProgress) {
      run.failuresInARow = status === "fulfilled" ? 0 : run.failuresInARow + 1;
      // What failed stays open until it has been reported.
      if (status === "fulfilled") jobs[index]?.entry.close();
      if (jobs[index]?.isAlone === true) return;
      run.count = `${done} of ${total} done${failures > 0 ? `, ${failures} failed` : ""}`;
      session.messages.progress(run.count);
    },
  };
}

async function settle(
  jobs: readonly Job[],
  run: Run,
  results: readonly PromiseSettledResult<RotationResult | ResumedRotation>[],
): Promise<void> {
  for (const [index, job] of jobs.entries()) {
    const result = results[index];
    const { rotation, previousSecretId } = job;
    if (result?.status === "fulfilled") {
      const report = rotated({ ...rotation, previousSecretId }, result.value);
      job.ended = { report, messages: [noteOn(report) ?? []].flat() };
    } else if (result !== undefined) {
      const report = failed(rotation, result.reason, run.session.interruption);
      const hint = await noteForPerson(rotation, result.reason, run);
      job.ended = { report, messages: [...messagesOf(result.reason, run.session.io.env), ...[hint ?? []].flat()] };
    }
  }
}

/**
 * So that `status` can tell what the next run can finish from what it cannot.
 *
 * @returns what to do once a person has looked
 */
async function noteForPerson(
  { clientId }: Rotation,
  error: unknown,
  { state, session }: Run,
): Promise<string | undefined> {
  const entry = state?.get(clientId);
  const isForPerson =
    error instanceof SecretRotationError && error.remedies.some(({ action }) => action === "look-in-atlas");
  if (state === undefined || entry?.record.underWay === undefined || !isForPerson) return undefined;
  await state.put(clientId, { ...entry, needsPerson: true }).catch((lost: unknown) => {
    session.messages.print(`${state.path} could not be written: ${messageOf(lost)}`);
  });
  return entry.record.underWay.step === "create"
    ? "When only the secret in use is left, run this command again with --accept-unknown."
    : "Then tell the state which secret is in use: `atlas-secrets adopt --help`.";
}

function planOf(job: Job, run: Run): RotationPlan {
  const { destination, place: _place, overrulesState, ...ids } = job.rotation;
  const { clientId, groupId, previousSecretId } = ids;
  const { state, session, acceptUnknown } = run;
  const { current, previous: before, underWay } = state?.get(clientId)?.record ?? {};
  // What is half-done goes on with the secret that its record names.
  const known = (underWay?.step === "delete-previous" ? before : current)?.id;
  const isOverruled = overrulesState === true && underWay === undefined;
  const previous = isOverruled ? previousSecretId : (known ?? previousSecretId);
  job.previousSecretId = previous;
  const secretFile = "secretFile" in destination.name ? destination.name.secretFile : undefined;
  return {
    ...ids,
    previousSecretId: previous,
    acceptUnknown,
    storeTimeoutMs: destination.timeoutMs,
    store: (secret) => destination.store({ clientId, groupId, ...secret }),
    // Another destination than that of the run that was stopped knows nothing of it.
    isStored: (_id, fingerprint) =>
      secretFile !== undefined && secretFile === state?.get(clientId)?.secretFile
        ? destination.isStored(fingerprint)
        : undefined,
    ...(state && {
      record(record) {
        const entry = entryAfter(state.get(clientId), record, session.io.now());
        const isStoring = record.underWay?.step === "store" && secretFile !== undefined;
        return state.put(clientId, isStoring ? { ...entry, secretFile } : entry);
      },
    }),
    onStep(event) {
      job.entry.onStep(event);
      session.messages.progress(`${run.count === "" ? "" : `${run.count}; `}${STEP_NAMES[event.step]} (${clientId})`);
    },
  };
}
