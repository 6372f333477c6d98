/**
 * The options of the commands, read together with the environment: ids, where a new secret goes, and the client.
 */
import {
  type AtlasClient,
  type CreateGroupServiceAccountSecretArguments,
  createAtlasClient,
  DEFAULT_OPTIONS,
  type DeleteOrgServiceAccountSecretArguments,
  optionsFromEnv,
  type RetryEvent,
  type RotationPlan,
} from "../../index.js";
import { commandStore, fileStore, type SecretStore } from "../stores/secret-store.js";
import type { CommandIo } from "../terminal/command-io.js";
import { ID_VARIABLES, type Problems } from "../terminal/problems.js";
import type { Session } from "./session.js";

/** Whose secret, as it was typed. */
export interface IdOptions {
  readonly projectId?: string;
  /** The same as `projectId`. */
  readonly groupId?: string;
  readonly orgId?: string;
  readonly clientId?: string;
  readonly secretId?: string;
  readonly previousSecretId?: string;
  readonly expiresAfterHours?: string;
}

/** Where a new secret goes, as it was typed. */
export interface StoreOptions {
  readonly secretFile?: string;
  readonly exec?: string;
}

/** What every command has, as it was typed. */
export interface ClientOptions {
  readonly baseUrl?: string;
  readonly timeout?: string;
  readonly retries?: string;
  readonly dryRun?: boolean;
}

/** What a rotation needs to know about the account. */
export type RotationIds = Pick<
  RotationPlan,
  "groupId" | "orgId" | "clientId" | "secretExpiresAfterHours" | "previousSecretId"
>;

const BASE_URL_VARIABLE = "MONGODB_ATLAS_BASE_URL";
/** What a timer can hold. */
const MOST_SECONDS = 2_147_483;
/** More would only be a slip of the finger. */
const MOST_RETRIES = 1000;

type Env = Pick<CommandIo, "env">;

/** Not checked yet: `previewRotation` lists what is missing or wrong. */
export function rotationIds(options: IdOptions, { env }: Env): RotationIds {
  const { expiresAfterHours } = options;
  // An empty variable counts as not set; an empty option is wrong, because a script that lost a value must not use another.
  const idOf = (name: keyof typeof ID_VARIABLES) => options[name] ?? (env[ID_VARIABLES[name]] || undefined);
  return {
    groupId: options.projectId ?? idOf("groupId"),
    orgId: idOf("orgId"),
    clientId: idOf("clientId"),
    previousSecretId: idOf("previousSecretId"),
    // Text that is no number stays text, and the contract refuses it.
    secretExpiresAfterHours:
      expiresAfterHours === undefined ? undefined : (integer(expiresAfterHours) ?? expiresAfterHours),
    // What was typed may have any type until the caller has checked it.
  } as RotationIds;
}

/** Not checked yet: `previewRequest` lists what is missing or wrong. */
export function creationArguments(options: IdOptions, env: Env): CreateGroupServiceAccountSecretArguments {
  const { groupId, clientId, secretExpiresAfterHours } = rotationIds(options, env);
  return { groupId, clientId, body: { secretExpiresAfterHours } };
}

/** Not checked yet: `previewRequest` lists what is missing or wrong. */
export function deletionArguments(options: IdOptions, { env }: Env): DeleteOrgServiceAccountSecretArguments {
  const { orgId, clientId } = rotationIds(options, { env });
  const secretId = options.secretId ?? (env[ID_VARIABLES.secretId] || undefined);
  // As above.
  return { orgId, clientId, secretId } as DeleteOrgServiceAccountSecretArguments;
}

/** Where the new secret goes; undefined if nothing says where, or `problems` says why it cannot go there. */
export function storeFor(
  { secretFile, exec }: StoreOptions,
  { io, messages }: Pick<Session, "io" | "messages">,
  problems: Problems,
): SecretStore | undefined {
  if (secretFile !== undefined && exec !== undefined) {
    problems.add("--secret-file and --exec cannot be used together");
    return undefined;
  }
  const directory = process.cwd();
  if (secretFile !== undefined) return usable("--secret-file", fileStore(secretFile, directory), problems);
  return exec === undefined ? undefined : usable("--exec", commandStore(exec, directory, io, messages), problems);
}

function usable(option: string, store: SecretStore, problems: Problems): SecretStore | undefined {
  const problem = store.problem();
  if (problem === undefined) return store;
  problems.add(`${option}: ${problem}`);
  return undefined;
}

/** The client with the credentials of the environment; undefined if `problems` says why there is none. */
export function clientFor(
  options: ClientOptions,
  { io: { env }, messages }: Pick<Session, "io" | "messages">,
  problems: Problems,
): AtlasClient | undefined {
  const timeoutMs = millisecondsOf(options.timeout, problems);
  const maxAttempts = attemptsOf(options.retries, problems);
  return problems.of(() => {
    const { baseUrl } = options;
    // The option wins, whatever the variable holds.
    const { [BASE_URL_VARIABLE]: _overridden, ...withoutBaseUrl } = env;
    return createAtlasClient({
      ...optionsFromEnv(baseUrl === undefined ? env : withoutBaseUrl),
      ...(baseUrl === undefined ? {} : { baseUrl }),
      timeoutMs,
      retry: { ...DEFAULT_OPTIONS.retry, ...(maxAttempts === undefined ? {} : { maxAttempts }) },
      onRetry: (event) => messages.progress(`${reasonOf(event)}: trying again in ${Math.ceil(event.delayMs / 1000)} s`),
      onDeprecation: ({ operationId, version, sunsetOn }) =>
        messages.info(
          `version ${version} of ${operationId} is deprecated${sunsetOn ? ` and ends on ${sunsetOn}` : ""}`,
        ),
    });
  });
}

/** Where the client sends its requests. */
export function baseUrlOf({ baseUrl }: ClientOptions, { env }: Env): string {
  return baseUrl ?? (env[BASE_URL_VARIABLE] || DEFAULT_OPTIONS.baseUrl);
}

function reasonOf({ operationId, reason }: RetryEvent): string {
  return typeof reason === "number" ? `${operationId} got status ${reason}` : `${operationId} got no response`;
}

function millisecondsOf(seconds: string | undefined, problems: Problems): number | undefined {
  if (seconds === undefined) return undefined;
  const value = /^\d+(\.\d{1,3})?$/.test(seconds) ? Number(seconds) : 0;
  if (value > 0 && value <= MOST_SECONDS) return Math.round(value * 1000);
  problems.add(`--timeout: expected a number of seconds up to ${MOST_SECONDS}, got ${JSON.stringify(seconds)}`);
  return undefined;
}

function attemptsOf(retries: string | undefined, problems: Problems): number | undefined {
  const value = integerOption("--retries", retries, 0, MOST_RETRIES, problems);
  return value === undefined ? undefined : value + 1;
}

/** Undefined if the option was not given, or `problems` says what is wrong with it. */
export function integerOption(
  option: string,
  text: string | undefined,
  least: number,
  most: number,
  problems: Problems,
): number | undefined {
  if (text === undefined) return undefined;
  const value = integer(text);
  if (value !== undefined && value >= least && value <= most) return value;
  problems.add(`${option}: expected an integer from ${least} to ${most}, got ${JSON.stringify(text)}`);
  return undefined;
}

function integer(text: string): number | undefined {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(value) ? value : undefined;
}
