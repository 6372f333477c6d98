/**
 * The server to be checked: where it is, whose account on it may be touched, and with which credentials.
 */
import type { Credentials } from "../../src/auth/credentials.js";
import type { RequestViolation } from "../../src/errors.js";
import { checkBaseUrl, isLoopback } from "../../src/options/base-url.js";

/** The wish cannot be fulfilled as it was said; one line, for the person who said it. */
export class UsageError extends Error {
  static {
    UsageError.prototype.name = "UsageError";
  }
}

/** Ids that belong to the account under test, by the names of the contract's parameters. */
export interface AccountIds {
  readonly groupId?: string | undefined;
  readonly orgId?: string | undefined;
  readonly clientId?: string | undefined;
}

/** Names of the parameters that are never made by the check. */
export const ACCOUNT_PARAMETERS: ReadonlySet<string> = new Set(["groupId", "orgId", "clientId"]);

/** A server as it was named. */
export interface TargetWish {
  readonly url: string;
  readonly credentials: Credentials;
  readonly ids: AccountIds;
  /** That secrets may be made on a server that is not on this machine. */
  readonly createRealSecrets: boolean;
}

/** A server that may be checked. */
export interface Target {
  /** Without a slash at its end. */
  readonly url: string;
  readonly credentials: Credentials;
  readonly ids: Readonly<Record<string, string>>;
  /** Whether it runs on this machine, so that nothing on it is real. */
  readonly local: boolean;
}

/**
 * Refuses what could do harm.
 *
 * @throws UsageError for a URL that credentials must not be sent to, a server elsewhere without the consent to make real
 * secrets, and the account that the check itself signs in with.
 */
export function admitTarget({ url, credentials, ids, createRealSecrets }: TargetWish): Target {
  const violations: RequestViolation[] = [];
  const base = checkBaseUrl(url, violations, "--target");
  const [violation] = violations;
  if (violation !== undefined) {
    throw new UsageError(`${violation.argument}: expected ${violation.expected}, got ${violation.received}`);
  }
  const local = isLoopback(new URL(base).hostname);
  if (!local && !createRealSecrets) {
    throw new UsageError(
      `${base} is not on this machine: the check would make and delete real secrets there. --yes-create-real-secrets allows it`,
    );
  }
  refuseOwnAccount(credentials, ids.clientId);
  const given = Object.entries(ids).flatMap(([name, id]) => (id === undefined ? [] : [[name, id] as const]));
  return { url: base, credentials, ids: Object.fromEntries(given), local };
}

/**
 * Making a secret shortens the life of the account's other one, which the check and others may be signed in with.
 *
 * @throws UsageError where the account under test is the one that signs in.
 */
export function refuseOwnAccount(credentials: Credentials, clientId: unknown): void {
  if (typeof clientId !== "string") return;
  const isOwn = credentials.clientId === clientId || isTokenOf(credentials.accessToken, clientId);
  if (!isOwn) return;
  throw new UsageError(
    `the account under test, ${clientId}, is the one that the check signs in with, and making a secret shortens the life of its others: --client-id has to name another one`,
  );
}

/** Whether an access token is a JSON Web Token that names the account; what else it holds is nobody's business here. */
function isTokenOf(token: unknown, clientId: string): boolean {
  const payload = typeof token === "string" ? token.split(".")[1] : undefined;
  return payload !== undefined && Buffer.from(payload, "base64url").toString("utf8").includes(`"${clientId}"`);
}
