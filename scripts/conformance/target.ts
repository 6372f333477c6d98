/** The server to be checked: where it is, whose account on it may be touched, and with which credentials. */
import type { Operation } from "../../contract-tests/contract/operations.js";
import type { Credentials } from "../../src/auth/credentials.js";
import type { RequestViolation } from "../../src/errors.js";
import { checkBaseUrl, isLoopback } from "../../src/options/client-options.js";
import { UsageError } from "../command.js";

/** The parameters that are never created by the check, and the options that give them. */
const ACCOUNT_OPTIONS = { groupId: "project-id", orgId: "org-id", clientId: "client-id" } as const;

type AccountParameter = keyof typeof ACCOUNT_OPTIONS;
export type AccountIds = { readonly [Name in AccountParameter]?: string | undefined };

export interface TargetOptions {
  readonly url: string;
  readonly credentials: Credentials;
  /** Those of the account under test. */
  readonly ids: AccountIds;
  /** Others that exist, and that the account under test does not belong to. */
  readonly otherIds?: AccountIds | undefined;
  /** How many secrets the account under test has before the run. Default: not known. */
  readonly held?: number | undefined;
  /** That secrets may be created on a server that is not on this machine. */
  readonly createRealSecrets?: boolean;
}

/** A server that may be checked; its URL is without a slash at its end. */
export interface Target extends Omit<TargetOptions, "createRealSecrets"> {
  /** Whether it runs on this machine, so that nothing on it is real. */
  readonly local: boolean;
}

/**
 * Refuses what could do harm.
 *
 * @throws UsageError for a URL that credentials must not be sent to, a server elsewhere without the consent to create real
 * secrets, and the account that the check itself signs in with.
 */
export function admitTarget({ createRealSecrets = false, ...target }: TargetOptions): Target {
  const violations: RequestViolation[] = [];
  const url = checkBaseUrl(target.url, violations, "--target");
  const [violation] = violations;
  if (violation) throw new UsageError(`--target: expected ${violation.expected}, got ${violation.received}`);
  const local = isLoopback(new URL(url).hostname);
  if (!local && !createRealSecrets) {
    throw new UsageError(
      `${url} is not on this machine: the check would create and delete real secrets there. --yes-create-real-secrets allows it`,
    );
  }
  refuseOwnAccount(target.credentials, target.ids.clientId);
  return { ...target, url, local };
}

/**
 * Creating a secret shortens the life of the account's other one, which the check and others may be signed in with.
 *
 * @throws UsageError if the account under test is the one that signs in, also by an access token that names it.
 */
export function refuseOwnAccount({ clientId: own, accessToken }: Credentials, clientId: unknown): void {
  if (typeof clientId !== "string") return;
  const payload = typeof accessToken === "string" ? accessToken.split(".")[1] : undefined;
  const claims = Buffer.from(payload ?? "", "base64url").toString("utf8");
  if (own !== clientId && !claims.includes(`"${clientId}"`)) return;
  throw new UsageError(
    `the account under test, ${clientId}, is the one that the check signs in with, and creating a secret shortens the life of its others: --client-id has to name another one`,
  );
}

/** @throws UsageError if ids that the operations need are missing or break the contract. */
export function requireIds(operations: readonly Operation[], { ids, otherIds = {}, local, url }: Target): void {
  const problems = new Set<string>();
  for (const { name, schema } of operations.flatMap(({ parameters }) => parameters)) {
    if (!isAccountParameter(name)) continue;
    const [option, other] = [`--${ACCOUNT_OPTIONS[name]}`, otherOption(name)];
    const pattern = schema?.get("pattern")?.text ?? "";
    for (const [given, id] of Object.entries({ [option]: ids[name], [other]: otherIds[name] })) {
      const fits = id === undefined || new RegExp(pattern).test(id);
      if (!fits) problems.add(`${given} ${id} does not fit the contract's pattern ${pattern}`);
    }
    if (ids[name] === undefined) {
      if (!local) problems.add(`${option} is needed for ${url}: whose secrets may be created and deleted?`);
    } else if (ids[name] === otherIds[name]) problems.add(`${other} is the same as ${option}`);
  }
  if (problems.size > 0) throw new UsageError(...problems);
}

export function isAccountParameter(name: string): name is AccountParameter {
  return Object.hasOwn(ACCOUNT_OPTIONS, name);
}

/** The option for an id that exists and that the account does not belong to, as `--other-org-id`. */
export function otherOption(name: AccountParameter): string {
  return `--other-${ACCOUNT_OPTIONS[name]}`;
}
