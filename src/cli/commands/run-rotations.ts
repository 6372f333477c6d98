/** Runs rotations on top of what the state remembers: what is half-done, what has to be deleted, then what is due. */
import {
  AtlasApiError,
  type AtlasClient,
  finishOnceSent,
  type ResumedRotation,
  type RotateSecretsOptions,
  type RotationPlan,
  resumeRotations,
  rotateSecrets,
  SecretRotationError,
} from "../../index.js";
import { deletable, entryAfter, expiryOf, type StateEntry, withoutSecret } from "../state/state-entry.js";
import type { StateFile } from "../state/state-file.js";
import type { SecretStore } from "../stores/secret-file.js";
import { EXIT, type ExitCode } from "../terminal/exit-code.js";
import { type Ending, failed, messageOf, notFound, type Report, STEP_NAMES } from "../terminal/report.js";
import type { RotationIds } from "./options.js";
import type { Session } from "./session.js";

export interface Rotation {
  readonly ids: RotationIds;
  readonly destination: SecretStore;
}

type Result = PromiseSettledResult<ResumedRotation>;

/**
 * @param work the rotations that are needed, by what the state knew when the command began
 * @returns in the order of the rotations; `exitCode` is that of what was to be deleted besides
 */
export async function runRotations(
  rotations: readonly Rotation[],
  work: readonly Rotation[],
  atlas: AtlasClient,
  session: Session,
) {
  const { state } = session;
  const { maxFailures, concurrency } = session.options;
  const recordOf = ({ clientId }: RotationIds) => state?.get(clientId)?.record;
  const isHalfDone = ({ ids }: Rotation) => recordOf(ids)?.underWay !== undefined;
  const expiry = ({ ids }: Rotation) => expiryOf(recordOf(ids)?.current) || Number.NEGATIVE_INFINITY;
  const halfDone = work.filter(isHalfDone);
  const due = work.filter((each) => !isHalfDone(each)).sort((one, other) => expiry(one) - expiry(other));
  for (const { ids } of work) session.open.set(ids.clientId, { clientId: ids.clientId, step: "create", remedies: [] });

  const endings = new Map<Rotation, Ending<Report>>();
  let failuresInARow = 0;
  let count = "";
  const runAll = async (group: readonly Rotation[]) => {
    if (group.length === 0) return;
    const plans = group.map((rotation) => planOf(rotation, session, () => count));
    const records = plans.map(recordOf);
    const resumptions = plans.flatMap((plan, index) =>
      records[index]?.underWay ? { plan, record: records[index] } : [],
    );
    const failuresLeft = maxFailures && maxFailures - failuresInARow;
    const options: RotateSecretsOptions = {
      ...{ concurrency, maxFailures: failuresLeft, signal: session.interruption },
      onProgress({ index, status, done, failed: failures, total }) {
        failuresInARow = status === "fulfilled" ? 0 : failuresInARow + 1;
        // What failed stays open until it has been reported.
        if (status === "fulfilled") session.open.delete(plans[index]?.clientId ?? "");
        if (rotations.length === 1) return;
        count = `${done} of ${total} done${failures > 0 ? `, ${failures} failed` : ""}`;
        session.messages.progress(count);
      },
    };
    const results: readonly Result[] =
      failuresLeft !== undefined && failuresLeft <= 0
        ? plans.map(({ clientId }) => ({ status: "rejected", reason: notStarted(clientId, failuresInARow) }))
        : resumptions.length > 0
          ? await resumeRotations(atlas, resumptions, options)
          : await rotateSecrets(atlas, plans, options);
    for (const [index, rotation] of group.entries()) {
      const [plan, result] = [plans[index], results[index]];
      if (plan && result) endings.set(rotation, await endingOf(rotation, plan, result, session));
    }
  };
  await runAll(halfDone);
  const exitCode = await deleteKept(rotations, atlas, session);
  await runAll(due);
  const notDue = ({ ids }: Rotation): Ending<Report> => ({
    exitCode: EXIT.done,
    output: { status: "not-due", clientId: ids.clientId, ...recordOf(ids)?.current },
    done: [`nothing of ${ids.clientId} is due`],
  });
  return { endings: rotations.map((rotation) => endings.get(rotation) ?? notDue(rotation)), exitCode };
}

function notStarted(clientId: string, failures: number): SecretRotationError {
  const nothing = { outcome: "not-applied", created: undefined, previous: "kept", remedies: [] } as const;
  const summary = `The rotation of ${clientId} was not started, after ${failures} failures in a row.`;
  return new SecretRotationError(summary, { clientId, step: "create", ...nothing });
}

async function endingOf(
  { ids: { clientId }, destination }: Rotation,
  { previousSecretId }: RotationPlan,
  result: Result,
  session: Session,
): Promise<Ending<Report>> {
  if (result.status === "fulfilled") {
    const { previous, secret } = result.value;
    const { id, createdAt, expiresAt, secret: value } = secret;
    return {
      exitCode: EXIT.done,
      output: {
        ...{ status: "rotated", clientId, id, createdAt, expiresAt, previous, previousSecretId },
        // A secret that an earlier run has stored has no value here, and may be somewhere else.
        ...(value !== undefined && destination.name),
      },
      messages: previous === "gone" ? [notFound(clientId, previousSecretId)] : [],
      done: [`secret ${id} of ${clientId} is stored; the previous one is ${previous}`],
      info: `rotated: the new secret is stored and works, the previous one is ${previous}`,
    };
  }
  const { state } = session;
  const error: unknown = result.reason;
  const ending = failed(error, { clientId }, session);
  const entry = state?.get(clientId);
  const { underWay } = entry?.record ?? {};
  const isForPerson =
    error instanceof SecretRotationError && error.remedies.some(({ action }) => action === "look-in-atlas");
  if (!isForPerson || state === undefined || entry === undefined || underWay === undefined) return ending;
  // So that `status` can tell what the next run can finish from what it cannot.
  await keep(state, { ...entry, needsPerson: true }, session);
  const next =
    underWay.step === "create"
      ? "When only the secret in use is left, run this command again with --accept-unknown."
      : "Then tell the state which secret is in use: `atlas-secrets adopt --help`.";
  return { ...ending, messages: [...(ending.messages ?? []), next] };
}

/** @returns whether the entry is in the state now; if not, why has been printed */
async function keep(state: StateFile, entry: StateEntry, { messages }: Session): Promise<boolean> {
  try {
    await state.put(entry.record.clientId, entry);
    return true;
  } catch (error) {
    messages.print(`${state.path} could not be written: ${messageOf(error)}`);
    return false;
  }
}

/** The secret that a rotation deletes at its end; what is half-done goes on with the one that its record names. */
export function previousOf({ ids }: Rotation, { options }: Session, entry: StateEntry | undefined): string | undefined {
  const { current, previous, underWay } = entry?.record ?? {};
  if (options.overrulesState && underWay === undefined) return ids.previousSecretId;
  return (underWay?.step === "delete-previous" ? previous : current)?.id ?? ids.previousSecretId;
}

function planOf(rotation: Rotation, session: Session, count: () => string): RotationPlan {
  const { ids, destination } = rotation;
  const { clientId, groupId } = ids;
  const { secretFile } = destination.name;
  const { state } = session;
  return {
    ...ids,
    previousSecretId: previousOf(rotation, session, state?.get(clientId)),
    acceptUnknown: session.options.acceptUnknown === true,
    storeTimeoutMs: destination.timeoutMs,
    store: (secret) => destination.store({ clientId, groupId, ...secret }),
    // Another destination than that of the run that was stopped knows nothing of it.
    isStored: (_id, fingerprint) =>
      secretFile !== undefined && secretFile === state?.get(clientId)?.secretFile
        ? destination.isStored?.(fingerprint)
        : undefined,
    ...(state && {
      record(record) {
        const entry = entryAfter(state.get(clientId), record, session.io.now());
        const isStoring = record.underWay?.step === "store" && secretFile !== undefined;
        return state.put(clientId, isStoring ? { ...entry, secretFile } : entry);
      },
    }),
    onStep({ step, secretId, remedies }) {
      session.onStep({ clientId, step, secretId, remedies });
      session.messages.progress([count(), `${STEP_NAMES[step]} (${clientId})`].filter(Boolean).join("; "));
    },
  };
}

/** Deletes what earlier runs could not. What has expired too: it may still count as one of the two of an account. */
// https://github.com/mongodb/terraform-provider-mongodbatlas/blob/master/docs/guides/service-account-secret-rotation.md
async function deleteKept(rotations: readonly Rotation[], atlas: AtlasClient, session: Session): Promise<ExitCode> {
  const { state, messages, interruption, io } = session;
  let exitCode: ExitCode = EXIT.done;
  for (const { clientId } of rotations.map(({ ids }) => ids)) {
    for (const secret of deletable(state?.get(clientId))) {
      const entry = state?.get(clientId);
      if (state === undefined || entry === undefined || interruption.aborted) return exitCode;
      const args = { orgId: entry.record.orgId, clientId, secretId: secret.id };
      const what = `secret ${secret.id} of ${clientId}`;
      try {
        await atlas.deleteOrgServiceAccountSecret(args, { signal: finishOnceSent(interruption) });
        messages.info(`deleted ${what}, which an earlier run could not delete`);
      } catch (error) {
        if (!(error instanceof AtlasApiError && error.status === 404)) {
          exitCode = EXIT.refused;
          const why = messageOf(error);
          messages.print(`${what}, which is not in use, could not be deleted; the next run tries again: ${why}`);
          continue;
        }
        // Nothing more can be done about it.
        const hasExpired = expiryOf(secret) <= io.now();
        if (!hasExpired) messages.print(notFound(clientId, secret.id));
      }
      if (!(await keep(state, withoutSecret(entry, secret.id), session))) exitCode = EXIT.refused;
    }
  }
  return exitCode;
}
