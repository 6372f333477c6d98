/**
 * What is printed about an account: JSON for programs, sentences for people, and what a person has to do. Never the value of
 * a secret.
 */
import {
  AtlasApiError,
  AtlasAuthError,
  AtlasError,
  createRedactor,
  type RotationRemedy,
  type RotationStepEvent,
  SecretRotationError,
} from "../../index.js";
import type { CommandIo } from "./command-io.js";
import { CommandError, EXIT, type ExitCode, exitCodeOf } from "./exit-code.js";

/** A remedy of the library's; `create` may not know the organization. */
export type Remedy = Omit<RotationRemedy, "orgId"> & { readonly orgId: string | undefined };

/** Each step as people call it; `delete` is the command's own. */
export const STEP_NAMES: Readonly<Record<RotationStepEvent["step"] | "delete", string>> = {
  create: "creating a secret",
  verify: "verifying the new secret",
  store: "storing the new secret",
  "delete-previous": "deleting the previous secret",
  compensate: "deleting the new secret again",
  delete: "deleting the secret",
};

export function describeRemedy({ action, orgId = "ORG_ID", clientId, secretId }: Remedy): string {
  const deletion = (id: string) =>
    `\`atlas-secrets delete --org-id ${orgId} --client-id ${clientId} --secret-id ${id}\``;
  if (action === "delete-secret") return `Delete secret ${secretId}: ${deletion(secretId ?? "SECRET_ID")}`;
  if (secretId === undefined) {
    return `Look in Atlas at the secrets of ${clientId} and delete the one that nothing uses: ${deletion("SECRET_ID")}`;
  }
  return `Find out which secret is in use and delete the other one. To delete the new one: ${deletion(secretId)}`;
}

/** What an account has come to whose work is not over, and what to do about it if the process ends now. */
export interface OpenAccount {
  readonly clientId: string;
  readonly step: keyof typeof STEP_NAMES;
  readonly secretId?: string | undefined;
  readonly remedies: readonly Remedy[];
}

/** How the work on an account ended, as JSON; the names are those of the library's results and errors. */
export interface Report {
  readonly status: "rotated" | "not-due" | "failed" | "interrupted";
  readonly clientId: string;
  /** Absent if nothing went wrong. */
  readonly exitCode?: ExitCode;
  readonly id?: string | undefined;
  readonly createdAt?: string | undefined;
  readonly expiresAt?: string | undefined;
  readonly previous?: SecretRotationError["previous"] | undefined;
  readonly previousSecretId?: string | undefined;
  readonly step?: OpenAccount["step"] | undefined;
  readonly created?: Partial<SecretRotationError["created"]> | undefined;
  readonly remedies?: readonly Remedy[] | undefined;
  readonly error?: {
    readonly code: AtlasError["code"] | "ERR_NOT_STARTED" | "ERR_SECRET_NOT_STORED" | "ERR_STOPPED" | "ERR_UNEXPECTED";
    readonly outcome: AtlasError["outcome"];
    readonly message: string;
  };
}

const UNEXPECTED = { code: "ERR_UNEXPECTED", outcome: "unknown" } as const;

/** @param more what the command knows and the error does not */
export function failed(
  clientId: string,
  error: unknown,
  interruption: AbortSignal,
  more: Partial<Report> = {},
): Report {
  const exitCode = exitCodeOf(error, interruption);
  if (exitCode === EXIT.interrupted) return { status: "interrupted", clientId, exitCode, id: more.id };
  const { code, outcome } = error instanceof AtlasError ? error : UNEXPECTED;
  const { step, created, previous, remedies } = error instanceof SecretRotationError ? error : more;
  return {
    ...{ status: "failed", clientId, exitCode, step, created, previous, remedies },
    ...{ error: { code, outcome, message: messageOf(error) }, ...more },
  };
}

/** Of an account whose work a second signal has ended: for programs, and what a person has to check. */
export function stopped({ clientId, step, secretId, remedies }: OpenAccount, message: string): [Report, string[]] {
  if (remedies.length === 0) return [{ status: "interrupted", clientId, exitCode: EXIT.interrupted }, []];
  const now = step === "verify" || step === "store" || step === "delete-previous" ? "alive" : "unknown";
  const report: Report = {
    ...{ status: "failed", clientId, exitCode: EXIT.uncertain, step },
    ...{ created: secretId === undefined ? undefined : { id: secretId, now }, remedies },
    error: { code: "ERR_STOPPED", outcome: "unknown", message },
  };
  const doing = `stopped while ${STEP_NAMES[step]} of ${clientId}`;
  return [report, remedies.map((remedy) => `${doing}. ${describeRemedy(remedy)}`)];
}

/** Of a secret that was to be deleted, and that Atlas did not find. */
export function notFound(clientId: string, secretId: string | undefined): string {
  return `secret ${secretId} of ${clientId} was not found: it is gone, or it belongs to another organization`;
}

const { redact } = createRedactor();

export function messageOf(error: unknown): string {
  if (error instanceof SecretRotationError) return error.summary;
  if (error instanceof CommandError || error instanceof AtlasError) return error.message;
  return redact(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
}

/** An error as messages for people: each sentence on a line of its own, and commands that can be copied. */
export function messagesOf(
  error: unknown,
  env: CommandIo["env"],
  remedies: readonly Remedy[] = error instanceof SecretRotationError ? error.remedies : [],
): readonly string[] {
  if (error instanceof CommandError) return [...error.lines, ...remedies.map(describeRemedy)];
  const sentences = messageOf(error).replace(/([.!?)]) (?=[A-Z])/g, "$1\n  ");
  return [[sentences, ...hintsOn(error, env), ...remedies.map(describeRemedy)].join("\n  ")];
}

function hintsOn(error: unknown, env: CommandIo["env"]): string[] {
  const isOfRotation = error instanceof SecretRotationError;
  const cause = isOfRotation ? error.cause : error;
  const isUnauthorized =
    cause instanceof AtlasAuthError
      ? cause.status !== undefined
      : cause instanceof AtlasApiError && cause.status === 401;
  // The verification signs in with the new secret, everything else as the environment says.
  const isOwnSignIn = isUnauthorized && !(isOfRotation && error.step === "verify");
  const seconds = cause instanceof AtlasApiError ? cause.retryAfterSeconds : undefined;
  return [
    ...(isOwnSignIn ? [`The command signs in with ${signInVariables(env)}.`] : []),
    ...(seconds === undefined ? [] : [`To let the command wait that long, use --max-wait ${Math.ceil(seconds)}.`]),
  ];
}

function signInVariables(env: CommandIo["env"]): string {
  if (env["MONGODB_ATLAS_ACCESS_TOKEN"]) return "MONGODB_ATLAS_ACCESS_TOKEN";
  const isApiKey = Boolean(env["MONGODB_ATLAS_PUBLIC_API_KEY"]);
  const [first, second] = isApiKey ? ["PUBLIC_API_KEY", "PRIVATE_API_KEY"] : ["CLIENT_ID", "CLIENT_SECRET"];
  return `MONGODB_ATLAS_${first} and MONGODB_ATLAS_${second}`;
}
