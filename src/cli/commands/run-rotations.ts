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
import type { SecretStore } from "../stores/secret-store.js";
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
  readonly entries: readonly OpenEntry[];
  /** By their places in the order in which the rotations were given. */
  readonly ended: Map<number, Ended>;
  /** The secrets to delete, likewise. */
  readonly previousIds: Map<number, string | undefined>;
  failuresInARow: number;
  /** How many are done, for the progress of a fleet. */
  count: string;
}

/** @returns in the order of the rotations; `exitCode` is that of what was to be deleted besides */
export async function runRotations(
  rotations: readonly Rotation[],
  options: RunOptions,
  session: Session,
): Promise<{ readonly ended: readonly Ended[]; readonly exitCode: ExitCode }> {
  const entries = rotations.map(({ clientId }) => session.openWork.open(clientId));
  const run: Run = {
    ...options,
    session,
    entries,
    ended: new Map(),
    previousIds: new Map(),
    failuresInARow: 0,
    count: "",
  };
  const { state, startedAt } = options;
  const halfDone: number[] = [];
  const due: number[] = [];
  for (const [index, rotation] of rotations.entries()) {
    const entry = state?.get(rotation.clientId);
    if (entry?.record.underWay !== undefined) halfDone.push(index);
    else if (isDue(entry, options.renewBeforeHours, startedAt)) due.push(index);
    else {
      run.ended.set(index, { report: notDue(rotation, entry?.record.current), messages: [] });
      entries[index]?.close();
    }
  }
  await resumeHalfDone(rotations, halfDone, run);
  const clientIds = rotations.map(({ clientId }) => clientId);
  const exitCode = state === undefined ? EXIT.done : await deleteKept(clientIds, options.atlas, state, session);
  const expiry = (index: number) => expiryOf(state?.get(rotations[index]?.clientId ?? "")) ?? Number.NEGATIVE_INFINITY;
  await rotateDue(
    rotations,
    due.sort((one, other) => expiry(one) - expiry(other) || one - other),
    run,
  );
  const all = rotations.flatMap((_rotation, index) => run.ended.get(index) ?? []);
  return { ended: all, exitCode };
}

async function resumeHalfDone(rotations: readonly Rotation[], indexes: readonly number[], run: Run): Promise<void> {
  const resumptions = indexes.flatMap((index) => {
    const [rotation, record] = [rotations[index], run.state?.get(rotations[index]?.clientId ?? "")?.record];
    return rotation === undefined || record === undefined ? [] : [{ plan: planOf(rotation, index, run), record }];
  });
  if (resumptions.length === 0) return;
  await settle(rotations, indexes, run, await resumeRotations(run.atlas, resumptions, optionsOf(indexes, run)));
}

async function rotateDue(rotations: readonly Rotation[], indexes: readonly number[], run: Run): Promise<void> {
  const { maxFailures, failuresInARow } = run;
  const plans = indexes.flatMap((index) => {
    const rotation = rotations[index];
    return rotation === undefined ? [] : [planOf(rotation, index, run)];
  });
  if (plans.length === 0) return;
  if (maxFailures !== undefined && failuresInARow >= maxFailures) {
    const stopped = new Error(`not started, after ${failuresInARow} failures in a row`);
    for (const index of indexes) {
      const rotation = rotations[index];
      if (rotation !== undefined) run.ended.set(index, notStarted(rotation, stopped));
    }
    return;
  }
  const left = maxFailures === undefined ? {} : { maxFailures: maxFailures - failuresInARow };
  const results = await rotateSecrets(run.atlas, plans, { ...optionsOf(indexes, run), ...left });
  await settle(rotations, indexes, run, results);
}

function notStarted({ clientId }: Rotation, error: Error): Ended {
  const { message } = error;
  const shown = { code: "ERR_NOT_STARTED", outcome: "not-applied", message } as const;
  return { report: { status: "failed", clientId, exitCode: EXIT.refused, error: shown }, messages: [message] };
}

function optionsOf(indexes: readonly number[], run: Run): RotateSecretsOptions {
  const { concurrency, maxFailures, session, entries } = run;
  const { messages, interruption } = session;
  return {
    concurrency,
    maxFailures,
    signal: interruption,
    onProgress({ index, status, done, failed: failures, total }: RotationProgress) {
      run.failuresInARow = status === "fulfilled" ? 0 : run.failuresInARow + 1;
      // What failed stays open until it has been reported.
      if (status === "fulfilled") entries[indexes[index] ?? -1]?.close();
      if (entries.length === 1) return;
      run.count = `${done} of ${total} done${failures > 0 ? `, ${failures} failed` : ""}`;
      messages.progress(run.count);
    },
  };
}

async function settle(
  rotations: readonly Rotation[],
  indexes: readonly number[],
  run: Run,
  results: readonly PromiseSettledResult<RotationResult | ResumedRotation>[],
): Promise<void> {
  for (const [at, result] of results.entries()) {
    const index = indexes[at] ?? -1;
    const rotation = rotations[index];
    if (rotation === undefined) continue;
    if (result.status === "fulfilled") {
      const report = rotated({ ...rotation, previousSecretId: run.previousIds.get(index) }, result.value);
      run.ended.set(index, { report, messages: [noteOn(report) ?? []].flat() });
      continue;
    }
    const report = failed(rotation, result.reason, run.session.interruption);
    const hint = await noteForPerson(rotation, result.reason, run);
    const messages = messagesOf(result.reason, run.session.io.env);
    run.ended.set(index, { report, messages: hint === undefined ? messages : [...messages, hint] });
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

function planOf(rotation: Rotation, index: number, run: Run): RotationPlan {
  const { destination, place: _place, overrulesState, ...ids } = rotation;
  const { clientId, groupId, previousSecretId } = ids;
  const { state, session, entries, acceptUnknown } = run;
  const { current, previous: before, underWay } = state?.get(clientId)?.record ?? {};
  // What is half-done goes on with the secret that its record names.
  const known = (underWay?.step === "delete-previous" ? before : current)?.id;
  const isOverruled = overrulesState === true && underWay === undefined;
  const previous = isOverruled ? previousSecretId : (known ?? previousSecretId);
  run.previousIds.set(index, previous);
  const secretFile = "secretFile" in destination.name ? destination.name.secretFile : undefined;
  return {
    ...ids,
    previousSecretId: previous,
    acceptUnknown,
    ...(destination.timeoutMs === undefined ? {} : { storeTimeoutMs: destination.timeoutMs }),
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
      entries[index]?.onStep(event);
      session.messages.progress(`${run.count === "" ? "" : `${run.count}; `}${STEP_NAMES[event.step]} (${clientId})`);
    },
  };
}
