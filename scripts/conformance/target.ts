/**
 * The server to be checked: where it is, whose account on it may be touched, and with which credentials.
 */
import type { Operation } from "../../contract-tests/contract/operations.js";
import type { Credentials } from "../../src/auth/credentials.js";
import type { RequestViolation } from "../../src/errors.js";
import { checkBaseUrl, isLoopback } from "../../src/options/base-url.js";
import { UsageError } from "../command.js";

/** Ids that belong to the account under test, by the names of the contract's parameters. */
export interface AccountIds {
  readonly groupId?: string | undefined;
  readonly orgId?: string | undefined;
  readonly clientId?: string | undefined;
}

/** The parameters that are never created by the check, and the options that give them. */
export const ACCOUNT_OPTIONS: Readonly<Record<keyof AccountIds, string>> = {
  groupId: "--project-id",
  orgId: "--org-id",
  clientId: "--client-id",
};
export const ACCOUNT_PARAMETERS: ReadonlySet<string> = new Set(Object.keys(ACCOUNT_OPTIONS));

/** A server as it was named. */
export interface TargetOptions {
  readonly url: string;
  readonly credentials: Credentials;
  readonly ids: AccountIds;
  /** Others that exist, and that the account under test does not belong to. */
  readonly otherIds?: AccountIds | undefined;
  /** How many secrets the account under test has before the run. Default: not known. */
  readonly held?: number | undefined;
  /** That secrets may be created on a server that is not on this machine. */
  readonly createRealSecrets: boolean;
}

/** A server that may be checked. */
export interface Target {
  /** Without a slash at its end. */
  readonly url: string;
  readonly credentials: Credentials;
  readonly ids: Readonly<Record<string, string>>;
  readonly otherIds?: AccountIds | undefined;
  readonly held?: number | undefined;
  /** Whether it runs on this machine, so that nothing on it is real. */
  readonly local: boolean;
}

/**
 * Refuses what could do harm.
 *
 * @throws UsageError for a URL that credentials must not be sent to, a server elsewhere without the consent to create real
 * secrets, and the account that the check itself signs in with.
 */
export function admitTarget({ url, credentials, ids, otherIds, held, createRealSecrets }: TargetOptions): Target {
  const violations: RequestViolation[] = [];
  const base = checkBaseUrl(url, violations, "--target");
  const problems = violations.map(
    ({ argument, expected, received }) => `${argument}: expected ${expected}, got ${received}`,
  );
  if (problems.length > 0) throw new UsageError(...problems);
  const local = isLoopback(new URL(base).hostname);
  if (!local && !createRealSecrets) {
    throw new UsageError(
      `${base} is not on this machine: the check would create and delete real secrets there. --yes-create-real-secrets allows it`,
    );
  }
  refuseOwnAccount(credentials, ids.clientId);
  const given = Object.entries(ids).flatMap(([name, id]) => (id === undefined ? [] : [[name, id] as const]));
  return { url: base, credentials, ids: Object.fromEntries(given), otherIds, held, local };
}

/**
 * Creating a secret shortens the life of the account's other one, which the check and others may be signed in with.
 *
 * @throws UsageError if the account under test is the one that signs in.
 */
export function refuseOwnAccount(credentials: Credentials, clientId: unknown): void {
  if (typeof clientId !== "string") return;
  if (credentials.clientId !== clientId && !isTokenOf(credentials.accessToken, clientId)) return;
  throw new UsageError(
    `the account under test, ${clientId}, is the one that the check signs in with, and creating a secret shortens the life of its others: --client-id has to name another one`,
  );
}

/** Whether an access token is a JSON Web Token that names the account; what else it holds is nobody's business here. */
function isTokenOf(token: unknown, clientId: string): boolean {
  const payload = typeof token === "string" ? token.split(".")[1] : undefined;
  return payload !== undefined && Buffer.from(payload, "base64url").toString("utf8").includes(`"${clientId}"`);
}

/** @throws UsageError if ids that the operations need are missing or break the contract. */
export function requireIds(operations: readonly Operation[], { ids, otherIds = {}, local, url }: Target): void {
  const problems = new Set<string>();
  for (const { name, schema } of operations.flatMap(({ parameters }) => parameters)) {
    if (!isAccountParameter(name)) continue;
    const option = ACCOUNT_OPTIONS[name];
    const id = ids[name];
    const pattern = schema?.get("pattern")?.text;
    if (id === undefined && !local) {
      problems.add(`${option} is needed for ${url}: whose secrets may be created and deleted?`);
    }
    const given = [
      [option, id],
      [otherOption(name), otherIds[name]],
    ] as const;
    for (const [by, value] of given) {
      if (value === undefined || pattern === undefined || new RegExp(pattern).test(value)) continue;
      problems.add(`${by} ${value} does not fit the contract's pattern ${pattern}`);
    }
    if (id !== undefined && id === otherIds[name]) problems.add(`${otherOption(name)} is the same as ${option}`);
  }
  if (problems.size > 0) throw new UsageError(...problems);
}

export function isAccountParameter(name: string): name is keyof AccountIds {
  return ACCOUNT_PARAMETERS.has(name);
}

/** The option for one that exists and that the account does not belong to, as `--other-org-id`. */
export function otherOption(name: keyof AccountIds): string {
  return ACCOUNT_OPTIONS[name].replace("--", "--other-");
}
