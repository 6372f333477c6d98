/** How a command ends, and its work on each account: JSON for programs, sentences for people. Never a secret's value. */
import {
  AtlasApiError,
  AtlasAuthError,
  AtlasError,
  type CreatedSecret,
  createRedactor,
  type RotationRemedy,
  type RotationStepEvent,
  SecretNotStoredError,
  SecretRotationError,
} from "../../index.js";
import type { CommandIo } from "./command-io.js";
import { EXIT, type ExitCode, exitCodeOf, UsageError } from "./exit-code.js";

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
  const account = `--org-id ${orgId} --client-id ${clientId}`;
  const deletion = `\`atlas-secrets delete ${account} --secret-id ${secretId ?? "SECRET_ID"}\``;
  if (action === "delete-secret") return `Delete secret ${secretId}: ${deletion}`;
  if (secretId === undefined) {
    return `Look in Atlas at the secrets of ${clientId} and delete the one that nothing uses: ${deletion}`;
  }
  return `Find out which secret is in use and delete the other one. To delete the new one: ${deletion}`;
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
  readonly [more: string]: unknown;
}

/** How a command ends, or its work on one account. */
export interface Ending<Output extends object | string | undefined = object | string | undefined> {
  readonly exitCode: ExitCode;
  /** For stdout: JSON, or text as it is. */
  readonly output: Output;
  readonly messages?: readonly string[];
  /** What was done, for the operator to know if nobody can read the output; absent if nothing was, or the messages say it. */
  readonly done?: readonly string[];
  /** For a terminal, once the output is written. */
  readonly info?: string;
}

/** What a command knows and the error does not: the id that it was given, what exists now as a sentence, and the like. */
type Known = Pick<OpenAccount, "clientId"> &
  Partial<Pick<OpenAccount, "step" | "remedies"> & { id: string; created: CreatedSecret; state: string | undefined }>;

export function failed(
  error: unknown,
  known: Known,
  { io, interruption }: { readonly io: Pick<CommandIo, "env">; readonly interruption: AbortSignal },
): Ending<Report> {
  const { clientId, id, state } = known;
  const isOfRotation = error instanceof SecretRotationError;
  const { step, created, remedies = [] } = isOfRotation ? error : known;
  // The reason of an abort says nothing of the attempts before it; what is left to do does.
  const exitCode = known.remedies?.length ? EXIT.uncertain : exitCodeOf(error, interruption);
  const messages = [describeError(error, io.env, [...(state ? [state] : []), ...remedies.map(describeRemedy)])];
  const account = { clientId, exitCode, id };
  if (exitCode === EXIT.interrupted) return { exitCode, messages, output: { status: "interrupted", ...account } };
  const hasCode = error instanceof AtlasError || error instanceof SecretNotStoredError;
  const code = hasCode ? error.code : "ERR_UNEXPECTED";
  const outcome = error instanceof AtlasError ? error.outcome : created === undefined ? "unknown" : "applied";
  const previous = isOfRotation ? error.previous : undefined;
  const cause = { code, outcome, message: messageOf(error) };
  const output: Report = { status: "failed", ...account, step, created, previous, remedies, error: cause };
  return { exitCode, messages, output };
}

/** After a second signal: what is not done, and what a person has to check. */
export function stoppedAtOnce(accounts: readonly OpenAccount[], name: string, isFleet: boolean): Ending {
  const message = `${name}: stopped at once`;
  const checks = accounts.flatMap(({ clientId, step, remedies }) =>
    remedies.map((remedy) => `stopped while ${STEP_NAMES[step]} of ${clientId}. ${describeRemedy(remedy)}`),
  );
  const reports = accounts.map(({ clientId, step, secretId: id, remedies }): Report => {
    if (remedies.length === 0) return { status: "interrupted", clientId, exitCode: EXIT.interrupted };
    const now = step === "verify" || step === "store" || step === "delete-previous" ? "alive" : "unknown";
    return {
      ...{ status: "failed", clientId, exitCode: EXIT.uncertain, step, created: id && { id, now }, remedies },
      error: { code: "ERR_STOPPED", outcome: "unknown", message },
    };
  });
  const exitCode = checks.length > 0 ? EXIT.uncertain : EXIT.interrupted;
  return {
    exitCode,
    messages: [`${message}${checks.length > 0 ? "; check the following:" : ""}`, ...checks],
    output: isFleet ? { rotations: reports } : (reports[0] ?? { status: "interrupted", exitCode }),
  };
}

/** Of a secret that was to be deleted, and that Atlas did not find. */
export function notFound(clientId: string, secretId: string | undefined): string {
  return `secret ${secretId} of ${clientId} was not found: it is gone, or it belongs to another organization`;
}

const { redact } = createRedactor();

export function messageOf(error: unknown): string {
  if (error instanceof SecretRotationError) return error.summary;
  const isOurs = error instanceof AtlasError || error instanceof UsageError || error instanceof SecretNotStoredError;
  if (isOurs) return error.message;
  return redact(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
}

/** An error, and more sentences behind it, for people: each on a line of its own, and commands that can be copied. */
export function describeError(error: unknown, env: CommandIo["env"], more: readonly string[] = []): string {
  const sentences = messageOf(error).replace(/([.!?)]) (?=[A-Z])/g, "$1\n  ");
  const isOfRotation = error instanceof SecretRotationError;
  const cause = isOfRotation ? error.cause : error;
  const { status, retryAfterSeconds: seconds } = cause instanceof AtlasApiError ? cause : {};
  const isUnauthorized = cause instanceof AtlasAuthError ? cause.status !== undefined : status === 401;
  // The verification signs in with the new secret, everything else as the environment says.
  const isOwnSignIn = isUnauthorized && !(isOfRotation && error.step === "verify");
  const hints = [
    isOwnSignIn && `The command signs in with ${signInVariables(env)}.`,
    seconds !== undefined && `To let the command wait that long, use --max-wait ${Math.ceil(seconds)}.`,
  ];
  return [sentences, ...hints.filter((hint) => hint !== false), ...more].join("\n  ");
}

function signInVariables(env: CommandIo["env"]): string {
  if (env["MONGODB_ATLAS_ACCESS_TOKEN"]) return "MONGODB_ATLAS_ACCESS_TOKEN";
  return env["MONGODB_ATLAS_PUBLIC_API_KEY"]
    ? "MONGODB_ATLAS_PUBLIC_API_KEY and MONGODB_ATLAS_PRIVATE_API_KEY"
    : "MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET";
}
