/**
 * What is printed about a rotation: JSON for programs, sentences for people. Never the value of a secret.
 */
import {
  AtlasApiError,
  AtlasAuthError,
  AtlasError,
  type AtlasErrorCode,
  createRedactor,
  type Outcome,
  type RecordedSecret,
  type ResumedRotation,
  type RotationResult,
  SecretRotationError,
} from "../../index.js";
import type { SecretStore } from "../stores/store-command.js";
import type { CommandIo } from "./command-io.js";
import { CommandError, EXIT, type ExitCode, exitCodeOf } from "./exit-code.js";
import { describeRemedy, type OpenAccount, type Remedy } from "./remedies.js";

/** How a rotation ended; the names are those of the library's errors. */
export type RotationReport =
  | ({ readonly status: "rotated"; readonly clientId: string } & RecordedSecret &
      Pick<RotationResult, "previous"> & { readonly previousSecretId?: string | undefined } & SecretStore["name"])
  | ({ readonly status: "not-due"; readonly clientId: string } & Partial<RecordedSecret>)
  | FailureReport;

/** How any command ended that was not done. */
export type FailureReport =
  | ({ readonly status: "failed"; readonly clientId: string; readonly exitCode: ExitCode } & Failure)
  | { readonly status: "interrupted"; readonly clientId: string; readonly exitCode: typeof EXIT.interrupted };

interface Failure extends Partial<Pick<SecretRotationError, "previous">> {
  readonly step?: OpenAccount["step"];
  readonly created?: Partial<SecretRotationError["created"]>;
  readonly remedies?: readonly Remedy[];
  readonly error: {
    readonly code: AtlasErrorCode | "ERR_NOT_STARTED" | "ERR_STOPPED" | "ERR_UNEXPECTED";
    readonly outcome: Outcome;
    readonly message: string;
  };
}

/** What a report says about an account and where its new secret goes. */
export interface ReportedPlan {
  readonly clientId: string;
  readonly previousSecretId?: string | undefined;
  readonly destination: SecretStore;
}

export function rotated(plan: ReportedPlan, { secret, previous }: RotationResult | ResumedRotation): RotationReport {
  const { clientId, previousSecretId, destination } = plan;
  return { status: "rotated", clientId, ...withoutValue(secret), previous, previousSecretId, ...destination.name };
}

/** @param secret the one in use */
export function notDue(
  { clientId }: { readonly clientId: string },
  secret: RecordedSecret | undefined,
): RotationReport {
  return { status: "not-due", clientId, ...secret };
}

/** The members of a secret that anybody may see. */
export function withoutValue({ id, createdAt, expiresAt }: RecordedSecret): RecordedSecret {
  return { id, ...(createdAt === undefined ? {} : { createdAt }), ...(expiresAt === undefined ? {} : { expiresAt }) };
}

/** What has to be said of a rotation that succeeded; undefined if there is nothing. */
export function noteOn(report: RotationReport): string | undefined {
  if (report.status !== "rotated" || report.previous !== "gone") return undefined;
  return notFound(report.clientId, report.previousSecretId);
}

/** Of a secret that was to be deleted, and that Atlas did not find. */
export function notFound(clientId: string, secretId: string | undefined): string {
  return `secret ${secretId} of ${clientId} was not found: it is gone, or it belongs to another organization`;
}

/** @param more what the command knows and the error does not */
export function failed(
  { clientId }: { readonly clientId: string },
  error: unknown,
  interruption: AbortSignal,
  more: Partial<Failure> = {},
): FailureReport {
  const exitCode = exitCodeOf(error, interruption);
  if (exitCode === EXIT.interrupted) return { status: "interrupted", clientId, exitCode };
  const { code, outcome } = error instanceof AtlasError ? error : UNEXPECTED;
  return {
    ...{ status: "failed", clientId, exitCode },
    ...(error instanceof SecretRotationError ? leftBy(error) : {}),
    ...{ error: { code, outcome, message: messageOf(error) }, ...more },
  };
}

/** Of an account whose work a second signal has ended. */
export function stopped({ clientId, step, secretId, remedies }: OpenAccount, message: string): FailureReport {
  if (remedies.length === 0) return { status: "interrupted", clientId, exitCode: EXIT.interrupted };
  const now = step === "verify" || step === "store" || step === "delete-previous" ? "alive" : "unknown";
  return {
    ...{ status: "failed", clientId, exitCode: EXIT.uncertain, step },
    ...(secretId === undefined ? {} : { created: { id: secretId, now } }),
    ...{ remedies, error: { code: "ERR_STOPPED", outcome: "unknown", message } },
  };
}

const UNEXPECTED = { code: "ERR_UNEXPECTED", outcome: "unknown" } as const;

function leftBy({ step, created, previous, remedies }: SecretRotationError): Partial<Failure> {
  return { step, ...(created && { created }), previous, remedies };
}

const { redact } = createRedactor();

export function messageOf(error: unknown): string {
  if (error instanceof CommandError) return error.message;
  if (error instanceof SecretRotationError) return error.summary;
  if (error instanceof AtlasError) return error.message;
  return redact(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
}

/** An error as messages for people: each sentence on a line of its own, and commands that can be copied. */
export function messagesOf(
  error: unknown,
  env: CommandIo["env"],
  remedies: readonly Remedy[] = remediesIn(error),
): readonly string[] {
  if (error instanceof CommandError) return [...error.lines, ...remedies.map(describeRemedy)];
  const sentences = messageOf(error).replace(/([.!?)]) (?=[A-Z])/g, "$1\n  ");
  return [[sentences, ...hintsOn(error, env), ...remedies.map(describeRemedy)].join("\n  ")];
}

function remediesIn(error: unknown): readonly Remedy[] {
  return error instanceof SecretRotationError ? error.remedies : [];
}

/** What to change on the command line or in the environment. */
function hintsOn(error: unknown, env: CommandIo["env"]): string[] {
  const isOfRotation = error instanceof SecretRotationError;
  const cause = isOfRotation ? error.cause : error;
  const hints: string[] = [];
  const isUnauthorized =
    cause instanceof AtlasAuthError
      ? cause.status !== undefined
      : cause instanceof AtlasApiError && cause.status === 401;
  // The verification signs in with the new secret, everything else as the environment says.
  if (isUnauthorized && !(isOfRotation && error.step === "verify")) {
    hints.push(`The command signs in with ${signInVariables(env)}.`);
  }
  if (cause instanceof AtlasApiError && cause.retryAfterSeconds !== undefined) {
    hints.push(`To let the command wait that long, use --max-wait ${Math.ceil(cause.retryAfterSeconds)}.`);
  }
  return hints;
}

function signInVariables(env: CommandIo["env"]): string {
  if (env["MONGODB_ATLAS_ACCESS_TOKEN"]) return "MONGODB_ATLAS_ACCESS_TOKEN";
  const isApiKey = Boolean(env["MONGODB_ATLAS_PUBLIC_API_KEY"]);
  const [first, second] = isApiKey ? ["PUBLIC_API_KEY", "PRIVATE_API_KEY"] : ["CLIENT_ID", "CLIENT_SECRET"];
  return `MONGODB_ATLAS_${first} and MONGODB_ATLAS_${second}`;
}
