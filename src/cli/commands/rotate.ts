/**
 * `atlas-secrets rotate`: the secret of one account.
 */
import { previewRotation, type RotationPlan, rotateSecret } from "../../index.js";
import type { SecretStore } from "../stores/secret-store.js";
import { CommandError, EXIT, type ExitCode } from "../terminal/exit-code.js";
import { printJson } from "../terminal/messages.js";
import { Problems } from "../terminal/problems.js";
import { type OpenEntry, STEP_NAMES } from "../terminal/remedies.js";
import { failed, messagesOf, rotated } from "../terminal/report.js";
import {
  type ClientOptions,
  clientFor,
  type IdOptions,
  lifetimeWarning,
  type RotationIds,
  rotationIds,
  type StoreOptions,
  storeFor,
} from "./options.js";
import { printPreview, type Session } from "./session.js";

export type RotateOptions = ClientOptions & StoreOptions & IdOptions & { readonly concurrency?: string };

export async function rotate(options: RotateOptions, session: Session): Promise<ExitCode> {
  const { io, messages, openWork, interruption } = session;
  const problems = new Problems();
  const ids = rotationIds(options, io);
  const steps = problems.of(() => previewRotation({ ...ids, store() {} }));
  if (options.secretFile === undefined && options.exec === undefined) {
    problems.add(
      "--secret-file or --exec is missing: the new secret must be stored before the previous one is deleted",
    );
  }
  if (options.concurrency !== undefined) problems.add("--concurrency can only be used with --fleet");
  const destination = await storeFor(options, session, problems);
  const client = clientFor(options, session, problems);
  const { atlas, ...checked } = problems.complete({ steps, destination, atlas: client });
  const rotation: Rotation = { ...ids, destination: checked.destination };
  if (options.dryRun === true) {
    const warning = lifetimeWarning(ids.secretExpiresAfterHours);
    return printPreview(session, options, { steps: previewSteps(rotation) }, [warning]);
  }

  session.closeAtEnd(atlas);
  const { clientId } = ids;
  const entry = openWork.open(clientId);
  const plan = planOf(rotation, entry, (step) => messages.progress(`${step} (${clientId})`));
  const result = await rotateSecret(atlas, { ...plan, signal: interruption })
    .catch((error: unknown) => {
      const report = failed(rotation, error, interruption);
      throw new CommandError(report.exitCode, messagesOf(error), report);
    })
    .finally(entry.close);
  session.settle(EXIT.done);
  const lines = [`secret ${result.secret.id} of ${clientId} is stored; the previous one is ${result.previous}`];
  await printJson(session, rotated(rotation, result), { exitCode: EXIT.uncertain, lines });
  messages.info(`rotated: the new secret is stored and works, the previous one is ${result.previous}`);
  return EXIT.done;
}

/** A rotation of the command line or of a fleet file. */
export type Rotation = RotationIds & {
  readonly destination: SecretStore;
  /** How messages name it; absent if it is the only one. */
  readonly place?: string;
};

/** @param onProgress called with the name of each step as it begins */
export function planOf(
  { destination, place: _place, ...ids }: Rotation,
  entry: OpenEntry,
  onProgress: (step: string) => void,
): RotationPlan {
  const { clientId, groupId } = ids;
  return {
    ...ids,
    store: (secret) => destination.store({ clientId, groupId, ...secret }),
    onStep(event) {
      entry.onStep(event);
      onProgress(STEP_NAMES[event.step]);
    },
  };
}

/** What would be done, step by step. */
export function previewSteps({ destination, place: _place, ...ids }: Rotation): object[] {
  const steps = previewRotation({ ...ids, store() {} });
  return steps.map((step) => (step.step === "store" ? { ...step, ...destination.name } : step));
}
