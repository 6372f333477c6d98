/**
 * The settings of the mock as people write them.
 */
import type { FaultRate } from "../../src/testing/atlas/random-faults.js";
import { type AccountOptions, isClientId, isId } from "../../src/testing/atlas/service-accounts.js";
import type { RateLimit } from "../../src/testing/atlas/token-bucket.js";
import { durationMs } from "./time.js";

/** Such as `10/60s`; `undefined` if it is something else. */
export function rateLimitIn(given: string): RateLimit | undefined {
  const [, count, period = ""] = /^(\d+)\/(.+)$/.exec(given) ?? [];
  const ms = durationMs(period) ?? 0;
  const capacity = Number(count);
  return capacity >= 1 && ms >= 1000 ? { capacity, periodSeconds: ms / 1000 } : undefined;
}

/** Such as `503:0.01,reset:0.005,apply-reset:0.005`; `undefined` if it is something else. */
export function ratesIn(given: string): readonly FaultRate[] | undefined {
  const rates = given.split(",").map((part): FaultRate | undefined => {
    const form = /^\s*(apply-)?(?:([45]\d\d)|(reset|cut|hang)):(0?\.\d+|[01](?:\.0+)?)\s*$/.exec(part);
    if (form === null) return undefined;
    const [, applied, status, connection, probability] = form;
    // The expression admits no other word.
    const ends = status === undefined ? (connection as "reset" | "cut" | "hang") : Number(status);
    return { ends, applied: applied !== undefined, probability: Number(probability) };
  });
  const known = rates.filter((rate) => rate !== undefined);
  const sum = known.reduce((total, { probability }) => total + probability, 0);
  return known.length === rates.length && sum <= 1 + Number.EPSILON ? known : undefined;
}

/**
 * A list of accounts in JSON.
 *
 * @throws Error of one line that shows nothing of the text, which holds secrets.
 */
export function accountsIn(text: string): readonly AccountOptions[] {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    // What a parser says can quote the text.
    throw new Error("it is not JSON");
  }
  if (!Array.isArray(given)) throw new Error("expected a list of accounts");
  return given.map((account: unknown, index) => {
    const wrong = wrongMember(account);
    if (wrong !== undefined) throw new Error(`account ${index + 1}: ${wrong}`);
    // Each of its members has been looked at.
    return account as AccountOptions;
  });
}

function wrongMember(account: unknown): string | undefined {
  const { clientId, orgId, groupIds, secrets, ...others } = Object(account);
  const [unknown] = Object.keys(others);
  const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);
  if (typeof clientId !== "string" || !isClientId(clientId))
    return "clientId has to be mdb_sa_id_ and 24 hexadecimal digits";
  if (orgId !== undefined && !isId(String(orgId))) return "orgId has to be 24 hexadecimal digits";
  if (groupIds !== undefined && !(isList(groupIds) && groupIds.every((id) => isId(String(id))))) {
    return "groupIds has to be a list of ids of 24 hexadecimal digits";
  }
  if (secrets !== undefined && !(isList(secrets) && secrets.length <= 2 && secrets.every(isSecret))) {
    return "secrets has to be a list of at most two, each with id, value or expiresAfterHours";
  }
  return unknown === undefined ? undefined : `${unknown} is unknown`;
}

function isSecret(secret: unknown): boolean {
  const { id, value, expiresAfterHours, ...others } = Object(secret);
  return (
    (id === undefined || isId(String(id))) &&
    (value === undefined || (typeof value === "string" && value !== "")) &&
    (expiresAfterHours === undefined || (typeof expiresAfterHours === "number" && expiresAfterHours > 0)) &&
    Object.keys(others).length === 0
  );
}
