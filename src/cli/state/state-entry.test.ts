import { describe, expect, it } from "vitest";
import type { RotationRecord } from "../../index.js";
import { conditionOf, deletable, entryAfter, isDue, type StateEntry, withoutSecret } from "./state-entry.js";

const NOW = Date.parse("2026-01-01T00:00:00Z");
const inDays = (days: number) => new Date(NOW + days * 86_400_000).toISOString();
const account = { version: 1, groupId: "a".repeat(24), orgId: "b".repeat(24), clientId: "c" } as const;
const secret = (name: string, days?: number) => ({
  id: name,
  ...(days === undefined ? {} : { expiresAt: inDays(days) }),
});

/** What the records of a rotation make of an entry, one after the other. */
function entryFollowing(
  old: StateEntry | undefined,
  ...records: readonly Omit<RotationRecord, keyof typeof account>[]
): StateEntry {
  const last = records.reduce<StateEntry | undefined>(
    (entry, record) => entryAfter(entry, { ...account, ...record }, NOW),
    old,
  );
  return last ?? expect.fail("there is no record");
}

const settled: StateEntry = { record: { ...account, current: secret("old", 20) }, kept: [] };
const created = secret("new", 30);
const begun = { current: secret("old"), underWay: { step: "create" } } as const;
const storing = { current: secret("old", 7), underWay: { step: "store", created } } as const;
const deleting = { current: created, previous: secret("old", 7), underWay: { step: "delete-previous" } } as const;

describe("the entry of an account", () => {
  it("keeps the dates of the secret that a rotation names by its id alone, and the earlier of two ends", () => {
    expect(entryFollowing(settled, begun).record.current).toEqual(secret("old", 20));
    expect(entryFollowing(settled, begun, storing).record.current).toEqual(secret("old", 7));
    expect(entryFollowing(settled, begun, storing, { current: secret("old") }).record.current).toEqual(
      secret("old", 7),
    );
  });

  it("says when it was rotated, and only if it was", () => {
    expect(entryFollowing(settled, begun, storing, deleting, { current: created })).toEqual({
      record: { ...account, current: created },
      kept: [],
      rotatedAt: inDays(0),
    });
    expect(entryFollowing(undefined, storing, { current: created }).rotatedAt).toBe(inDays(0));
    expect(entryFollowing(settled, begun, storing, { current: secret("old") }).rotatedAt).toBeUndefined();
    const again = entryFollowing(settled, begun, storing, deleting, { current: created });
    expect(entryAfter(again, { ...account, ...begun, current: created }, NOW + 1000).rotatedAt).toBe(inDays(0));
  });

  it("keeps a previous secret that was not deleted, when the next rotation begins", () => {
    const entry = { ...settled, record: { ...settled.record, previous: secret("older", 5) } };
    expect(deletable(entry)).toEqual([secret("older", 5)]);
    const next = entryFollowing(entry, begun);
    expect(next.kept).toEqual([secret("older", 5)]);
    expect(deletable(withoutSecret(next, "older"))).toEqual([]);
  });

  it("does not give up the secret in use if a person has named another, until the new one is stored", () => {
    const overruled = { current: secret("other"), underWay: { step: "create" } } as const;
    const begunSo = entryFollowing(settled, overruled);
    expect(begunSo).toMatchObject({ aside: secret("old", 20), kept: [] });
    expect(deletable(begunSo)).toEqual([]);
    const undone = entryFollowing(begunSo, { current: secret("other") });
    expect(undone).toEqual(settled);
    const done = entryFollowing(
      begunSo,
      { ...storing, current: secret("other") },
      { ...deleting, previous: secret("other") },
      { current: created },
    );
    expect(done).toMatchObject({ record: { current: created }, kept: [secret("old", 20)] });
    expect(done.aside).toBeUndefined();
  });

  it.each([
    ["ok", settled],
    ["due", { ...settled, record: { ...account, current: secret("old", 9) } }],
    ["due", undefined],
    ["due", { ...settled, record: account }],
    ["expired", { ...settled, record: { ...account, current: secret("old", -1) } }],
    ["half-done", entryFollowing(settled, begun, storing)],
    ["needs a person", { ...entryFollowing(settled, begun, storing), needsPerson: true }],
    ["needs a person", entryFollowing(settled, begun)],
  ] as const)("is %s", (condition, entry) => {
    expect(conditionOf(entry, 10 * 24, NOW)).toBe(condition);
    if (condition === "ok") expect(isDue(entry, undefined, NOW)).toBe(true);
  });
});
