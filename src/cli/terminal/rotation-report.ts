/**
 * What is printed about a rotation: JSON for programs, sentences for people. Never the value of a secret.
 */
import { AtlasError, type NewSecret, type RotationResult, SecretRotationError } from "../../index.js";
import { redactByForm } from "../../safe/redaction.js";
import type { SecretStore } from "../stores/secret-store.js";
import { EXIT, type ExitCode, exitCodeOf } from "./exit-code.js";

/** How each rotation ended; the names are those of the library's errors. */
export type RotationReport =
  | ({ readonly status: "rotated"; readonly clientId: string } & ShownSecret &
      Pick<RotationResult, "previous"> & { readonly previousSecretId?: string | undefined } & SecretStore["name"])
  | ({ readonly status: "failed"; readonly clientId: string; readonly exitCode: ExitCode } & Failure)
  | { readonly status: "interrupted"; readonly clientId: string; readonly exitCode: typeof EXIT.interrupted };

interface ShownSecret {
  readonly id: string;
  readonly createdAt: string;
  readonly expiresAt: string;
}

interface Failure extends Partial<Pick<SecretRotationError, "step" | "created" | "previous">> {
  readonly error: Pick<AtlasError, "code" | "outcome" | "message">;
}

/** What a report says of an account and its new secret's place. */
export interface ReportedPlan {
  readonly clientId: string;
  readonly previousSecretId?: string | undefined;
  readonly destination: SecretStore;
}

export function rotated(plan: ReportedPlan, { secret, previous }: RotationResult): RotationReport {
  const { clientId, previousSecretId, destination } = plan;
  return { status: "rotated", clientId, ...shown(secret), previous, previousSecretId, ...destination.name };
}

/** The members of a secret that everybody may see. */
export function shown({ id, createdAt, expiresAt }: Omit<NewSecret, "secret">): ShownSecret {
  return { id, createdAt, expiresAt };
}

export function notRotated({ clientId }: ReportedPlan, error: unknown, interruption: AbortSignal): RotationReport {
  const exitCode = exitCodeOf(error, interruption);
  if (exitCode === EXIT.interrupted) return { status: "interrupted", clientId, exitCode };
  const failure = { status: "failed", clientId, exitCode } as const;
  const message = inCommands(messageOf(error));
  if (!(error instanceof AtlasError))
    return { ...failure, error: { code: "ERR_UNEXPECTED", outcome: "unknown", message } };
  const { code, outcome } = error;
  if (!(error instanceof SecretRotationError)) return { ...failure, error: { code, outcome, message } };
  const { step, created, previous } = error;
  return {
    ...failure,
    step,
    ...(created === undefined ? {} : { created }),
    previous,
    error: { code, outcome, message },
  };
}

export function messageOf(error: unknown): string {
  if (error instanceof AtlasError) return error.message;
  return redactByForm(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
}

/** An error for whoever reads stderr at night: a sentence on each line, and command lines in place of calls. */
export function forOperators(message: string): string {
  return inCommands(message).replace(/([.!?)]) (?=[A-Z])/g, "$1\n  ");
}

/** The calls that an error advises, as command lines: who reads stderr has a shell and not an editor open. */
function inCommands(message: string): string {
  return message.replace(
    /deleteOrgServiceAccountSecret\(\{ orgId: "(\w+)", clientId: "(\w+)", secretId: (?:"(\w+)"|its id) \}\)/g,
    (_call, orgId: string, clientId: string, secretId: string | undefined) =>
      `\`atlas-secrets delete --org-id ${orgId} --client-id ${clientId} --secret-id ${secretId ?? "ITS_ID"}\``,
  );
}
