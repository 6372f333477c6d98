/** The settings of the mock as people write them, the time that can be moved, and the credentials that it accepts. */
import { Ajv } from "ajv";
import type { FaultRate, RateLimit } from "../../src/testing/atlas/faults.js";
import type { AccountOptions } from "../../src/testing/atlas/service-accounts.js";
import { parsedJson } from "../contract/json.js";

/** Fixed, public and obviously fake, so that a line from the README works as it stands. */
export const mockCredentials = {
  /** A ready access token. No endpoint issued it: it never expires and cannot be revoked. */
  accessToken: "mock-access-token",
  clientId: "mdb_sa_id_0123456789abcdef01234567",
  clientSecret: "mdb_sa_sk_mock_client_secret_not_real",
  /** Id of the secret that an account has when a request names it for the first time: that of the documentation's example. */
  firstSecretId: "32b6e34b3d91647abb20e7b8",
  /** Without state, what every creation shows: the documentation's example. Without state it signs in as well. */
  createdSecret: "mdb_sa_sk_...",
  /** The service account of the contract's examples. */
  exampleClientId: "mdb_sa_id_65a1b2c3d4e5f60718293a4b",
  /** User name and password in HTTP Digest. */
  publicKey: "mockpubk",
  privateKey: "00000000-mock-fake-0000-000000000000",
} as const;

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

export type MovableClock = ReturnType<typeof movableClock>;

/** A clock that can be put forward or back, within the years 0 to 9999, which are all that RFC 3339 has. */
export function movableClock(clock: () => number = () => Date.now()) {
  let offsetMs = 0;
  const now = () => clock() + offsetMs;
  return {
    now,
    /** Returns whether the clock could be moved. */
    move(ms: number): boolean {
      const year = new Date(now() + ms).getUTCFullYear();
      const fits = year >= 0 && year <= 9999;
      if (fits) offsetMs += ms;
      return fits;
    },
  };
}

/** Reads `30d`, `12h`, `90m`, `45s`, `200ms` or a sum of them, with a sign if it goes back; `undefined` for any other text. */
export function durationMs(text: string): number | undefined {
  if (!/^[+-]?(\d+(\.\d+)?(ms|[smhd]))+$/.test(text.trim())) return undefined;
  let sum = 0;
  for (const [, count, unit = ""] of text.matchAll(/([\d.]+)(ms|[smhd])/g)) sum += Number(count) * (UNITS[unit] ?? 0);
  return text.trim().startsWith("-") ? -sum : sum;
}

/** A clock that is ahead by `30d`, for example; `undefined` if it is something else, or leads out of the clock's years. */
export function clockIn(given: string): MovableClock | undefined {
  const clock = movableClock();
  return clock.move(durationMs(given) ?? Number.NaN) ? clock : undefined;
}

/** Such as `10/60s`; `undefined` if it is something else. */
export function rateLimitIn(given: string): RateLimit | undefined {
  const [, count, period = ""] = /^(\d+)\/(.+)$/.exec(given) ?? [];
  const ms = durationMs(period) ?? 0;
  const capacity = Number(count);
  return capacity >= 1 && ms >= 1000 ? { capacity, periodSeconds: ms / 1000 } : undefined;
}

/** Such as `503:0.01,reset:0.005,apply-reset:0.005`; `undefined` if it is something else. */
export function ratesIn(given: string): readonly FaultRate[] | undefined {
  const parts = given.split(",");
  const rates = parts.flatMap((part): FaultRate[] => {
    const form = /^\s*(apply-)?(?:([45]\d\d)|(reset|cut|hang)):(0?\.\d+|[01](?:\.0+)?)\s*$/.exec(part);
    if (form === null) return [];
    const [, applied, status, connection, probability] = form;
    // The expression admits no other word.
    const ends = status === undefined ? (connection as "reset" | "cut" | "hang") : Number(status);
    return [{ ends, applied: applied !== undefined, probability: Number(probability) }];
  });
  const sum = rates.reduce((total, { probability }) => total + probability, 0);
  return rates.length === parts.length && sum <= 1 + Number.EPSILON ? rates : undefined;
}

const listOf = (items: object, more: object = {}) => ({ type: "array", items, ...more });
const objectOf = (properties: object, ...required: readonly string[]) => ({
  type: "object",
  additionalProperties: false,
  required,
  properties,
});
const ID = { type: "string", pattern: "^[a-f0-9]{24}$" };
const CLIENT_ID = { type: "string", pattern: "^mdb_sa_id_[a-fA-F0-9]{24}$" };
const VALUE = { type: "string", minLength: 1 };
const SECRET = objectOf({ id: ID, value: VALUE, expiresAfterHours: { type: "number", exclusiveMinimum: 0 } });
const SECRETS = listOf(SECRET, { maxItems: 2 });
const ACCOUNT = objectOf({ clientId: CLIENT_ID, orgId: ID, groupIds: listOf(ID), secrets: SECRETS }, "clientId");
const areAccounts = new Ajv().compile<readonly AccountOptions[]>(listOf(ACCOUNT));

/** @throws Error of one line that shows no value of the text, which holds secrets. */
export function accountsIn(text: string): readonly AccountOptions[] {
  const given = parsedJson(text);
  // What a parser says can quote the text.
  if (given === undefined) throw new Error("it is not JSON");
  if (!areAccounts(given)) {
    const [{ instancePath = "", message = "", params = {} } = {}] = areAccounts.errors ?? [];
    throw new Error([instancePath || "it", message, params["additionalProperty"]].filter(Boolean).join(" "));
  }
  // A client id means the same in capitals.
  const clientIds = given.map(({ clientId }) => clientId.toLowerCase());
  const twice = clientIds.find((clientId, index) => clientIds.indexOf(clientId) < index);
  if (twice !== undefined) throw new Error(`${twice} is there twice`);
  return given;
}
