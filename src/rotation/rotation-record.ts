/** The record of a rotation, as a program keeps it: what is known of an account's secrets, and never the value of one. */
import * as rule from "../options/read-options.js";
import { membersOf, missing, type OptionRules, readOptions } from "../options/read-options.js";
import { hexOf, utf8 } from "../safe/encodings.js";
import type { RotationStep } from "./secret-rotation-error.js";

/** A secret without its value. */
export interface RecordedSecret {
  readonly id: string;
  /** As Atlas returned it; absent if it is not known, or is no date. */
  readonly createdAt?: string;
  /** Likewise; of a secret that is being replaced, Atlas's limit: seven days after the new one's creation. */
  readonly expiresAt?: string;
}

/** A step that has begun and may not have ended. */
export interface StepUnderWay {
  readonly step: RotationStep;
  /** The new secret, once its id is known. */
  readonly created?: RecordedSecret;
  /** Of the new secret, while it is being stored; for `matchesFingerprint`. */
  readonly fingerprint?: string;
}

/** The progress of a rotation, to be kept as JSON; its schema is `rotation-record.schema.json` in this package. */
export interface RotationRecord {
  readonly version: typeof RECORD_VERSION;
  readonly groupId: string;
  readonly orgId: string;
  readonly clientId: string;
  /** The last secret that was stored; absent if its id is not known. */
  readonly current?: RecordedSecret;
  /** The one before it, if it may still be alive. */
  readonly previous?: RecordedSecret;
  /** Absent if nothing is half-done. */
  readonly underWay?: StepUnderWay;
}

export const RECORD_VERSION = 1;

export function isDate(value: unknown): value is string {
  return typeof value === "string" && !Number.isNaN(Date.parse(value));
}

// The contract's patterns, which a test compares: importing them would load every operation with the library.
const ID = rule.matching(/^([a-f0-9]{24})$/);
const FINGERPRINT = /^sha256:[0-9a-f]{32}:[0-9a-f]{64}$/;
const DATE: rule.OptionRule = { expected: "a date", fits: isDate };
const OBJECT: rule.OptionRule = { expected: "an object", fits: (value) => membersOf(value) !== undefined };
const SECRET_RULES: OptionRules<RecordedSecret> = {
  // Also one that breaks the contract: Atlas has given it to a secret that is in use.
  id: rule.required(rule.matching(/^[\w-]+$/)),
  createdAt: DATE,
  expiresAt: DATE,
};
const SECRET = { ...OBJECT, members: SECRET_RULES };
const UNDER_WAY: OptionRules<StepUnderWay> = {
  step: rule.required(rule.oneOf(["create", "verify", "store", "delete-previous", "compensate"])),
  created: SECRET,
  fingerprint: rule.matching(FINGERPRINT),
};
const RULES: OptionRules<RotationRecord> = {
  version: rule.required(rule.oneOf([RECORD_VERSION])),
  groupId: rule.required(ID),
  orgId: rule.required(ID),
  clientId: rule.required(rule.matching(/^mdb_sa_id_[a-fA-F\d]{24}$/)),
  current: SECRET,
  previous: SECRET,
  underWay: { ...OBJECT, members: UNDER_WAY },
};

/**
 * Reads a record from wherever it was kept, after `JSON.parse`.
 *
 * @throws AtlasRequestError listing everything that is wrong with it
 */
export function readRotationRecord(value: unknown): RotationRecord {
  return readOptions<RotationRecord>(value, RULES, {
    summary: "The record of the rotation is not valid",
    name: "record",
    check({ current, previous, underWay }, violations) {
      if (violations.length > 0 || underWay === undefined) return;
      const { step, created, fingerprint } = underWay;
      // What the step cannot be resumed without.
      const needed: Readonly<Record<RotationStep, object>> = {
        create: {},
        verify: { "underWay.created": created },
        compensate: { "underWay.created": created },
        store: { "underWay.created": created, "underWay.fingerprint": fingerprint },
        "delete-previous": { current, previous },
      };
      const left = Object.entries(needed[step]).filter(([, value]) => value === undefined);
      violations.push(...left.map(([name]) => missing(name)));
    },
  });
}

/** A salted SHA-256 of a secret, `sha256:SALT:HASH` in hexadecimal digits: `printf %s "$SALT$VALUE" | sha256sum`. */
export async function fingerprintOf(secret: string): Promise<string> {
  const salt = hexOf(crypto.getRandomValues(new Uint8Array(16)));
  return `sha256:${salt}:${await hashOf(salt, secret)}`;
}

/**
 * Whether the fingerprint is this secret's, white space around it aside: many a file ends its line.
 *
 * @example
 * isStored: async (_id, fingerprint) => matchesFingerprint(await vault.get("atlas"), fingerprint),
 */
export async function matchesFingerprint(secret: string, fingerprint: string): Promise<boolean> {
  const [, salt, hash] = FINGERPRINT.test(fingerprint) ? fingerprint.split(":") : [];
  // No secret has white space around it, and one in use that is taken for another would be deleted. A comparison that takes
  // its time would tell nothing new: the fingerprint is no secret, and the hash is salted.
  return salt !== undefined && (await hashOf(salt, String(secret).trim())) === hash;
}

async function hashOf(salt: string, secret: string): Promise<string> {
  return hexOf(new Uint8Array(await crypto.subtle.digest("SHA-256", utf8(`${salt}${secret}`))));
}
