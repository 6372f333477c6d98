/**
 * Reads a record that was kept, and refuses what is none.
 */
import {
  membersOf,
  missing,
  type OptionRule,
  type OptionRules,
  oneOf,
  readOptions,
  required,
} from "../options/read-options.js";
import { RECORD_VERSION, type RecordedSecret, type RotationRecord, type StepUnderWay } from "./rotation-record.js";

const matching = (pattern: RegExp): OptionRule => ({
  expected: `a string that matches ${pattern.source}`,
  fits: (value) => typeof value === "string" && pattern.test(value),
});
const objectOf = (members: Readonly<Record<string, OptionRule>>): OptionRule => ({
  expected: "an object",
  fits: (value) => membersOf(value) !== undefined,
  members,
});

const ID = matching(/^([a-f0-9]{24})$/);
const DATE: OptionRule = {
  expected: "a date",
  fits: (value) => typeof value === "string" && !Number.isNaN(Date.parse(value)),
};
const SECRET = { id: required(ID), createdAt: DATE, expiresAt: DATE } satisfies OptionRules<RecordedSecret>;
const UNDER_WAY = {
  step: required(oneOf(["create", "verify", "store", "delete-previous", "compensate"])),
  created: objectOf(SECRET),
  fingerprint: matching(/^sha256:[0-9a-f]{32}:[0-9a-f]{64}$/),
} satisfies OptionRules<StepUnderWay>;
const RULES: OptionRules<RotationRecord> = {
  version: required(oneOf([RECORD_VERSION])),
  groupId: required(ID),
  orgId: required(ID),
  clientId: required(matching(/^mdb_sa_id_[a-fA-F\d]{24}$/)),
  current: objectOf(SECRET),
  previous: objectOf(SECRET),
  underWay: objectOf(UNDER_WAY),
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
    check(record, violations) {
      if (violations.length === 0) violations.push(...missingIn(record).map(missing));
    },
  });
}

/** What the step under way cannot be resumed without. */
function missingIn({ current, previous, underWay }: RotationRecord): string[] {
  const present = {
    current,
    previous,
    "underWay.created": underWay?.created,
    "underWay.fingerprint": underWay?.fingerprint,
  };
  const needed: Readonly<Record<StepUnderWay["step"], readonly (keyof typeof present)[]>> = {
    create: [],
    verify: ["underWay.created"],
    compensate: ["underWay.created"],
    store: ["underWay.created", "underWay.fingerprint"],
    "delete-previous": ["current", "previous"],
  };
  return underWay === undefined ? [] : needed[underWay.step].filter((name) => present[name] === undefined);
}
