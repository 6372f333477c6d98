/**
 * What is printed about a rotation: JSON for programs, sentences for people. Never the value of a secret.
 */
import { AtlasError, createRedactor, type NewSecret, type RotationResult, SecretRotationError } from "../../index.js";
import type { SecretStore } from "../stores/secret-store.js";
import { CommandError, EXIT, type ExitCode, exitCodeOf } from "./exit-code.js";
import { describeRemedy } from "./remedies.js";

/** How a rotation ended; the names are those of the library's errors. */
export type RotationReport =
  | ({ readonly status: "rotated"; readonly clientId: string } & ShownSecret &
      Pick<RotationResult, "previous"> & { readonly previousSecretId?: string | undefined } & SecretStore["name"])
  | ({ readonly status: "failed"; readonly clientId: string; readonly exitCode: ExitCode } & Failure)
  | { readonly status: "interrupted"; readonly clientId: string; readonly exitCode: typeof EXIT.interrupted };

type ShownSecret = Omit<NewSecret, "secret" | "maskedSecretValue" | "lastUsedAt">;

interface Failure extends Partial<Pick<SecretRotationError, "step" | "created" | "previous" | "remedies">> {
  readonly error: Pick<AtlasError, "code" | "outcome" | "message">;
}

/** What a report says about an account and where its new secret goes. */
export interface ReportedPlan {
  readonly clientId: string;
  readonly previousSecretId?: string | undefined;
  readonly destination: SecretStore;
}

export function rotated(plan: ReportedPlan, { secret, previous }: RotationResult): RotationReport {
  const { clientId, previousSecretId, destination } = plan;
  return { status: "rotated", clientId, ...withoutValue(secret), previous, previousSecretId, ...destination.name };
}

/** The members of a secret that anybody may see. */
export function withoutValue({ id, createdAt, expiresAt }: ShownSecret): ShownSecret {
  return { id, createdAt, expiresAt };
}

export function notRotated({ clientId }: ReportedPlan, error: unknown, interruption: AbortSignal): RotationReport {
  const exitCode = exitCodeOf(error, interruption);
  if (exitCode === EXIT.interrupted) return { status: "interrupted", clientId, exitCode };
  const failure = { status: "failed", clientId, exitCode } as const;
  const message = messageOf(error);
  if (!(error instanceof AtlasError)) {
    return { ...failure, error: { code: "ERR_UNEXPECTED", outcome: "unknown", message } };
  }
  const { code, outcome } = error;
  if (!(error instanceof SecretRotationError)) return { ...failure, error: { code, outcome, message } };
  const { step, created, previous, remedies } = error;
  return { ...failure, step, ...(created && { created }), previous, remedies, error: { code, outcome, message } };
}

const { redact } = createRedactor();

export function messageOf(error: unknown): string {
  if (error instanceof SecretRotationError) return error.summary;
  if (error instanceof AtlasError) return error.message;
  return redact(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
}

/** An error as messages for people: each sentence on a line of its own, and commands that can be copied. */
export function messagesOf(error: unknown): readonly string[] {
  if (error instanceof CommandError) return error.lines;
  const remedies = error instanceof SecretRotationError ? error.remedies : [];
  const sentences = messageOf(error).replace(/([.!?)]) (?=[A-Z])/g, "$1\n  ");
  return [[sentences, ...remedies.map(describeRemedy)].join("\n  ")];
}
