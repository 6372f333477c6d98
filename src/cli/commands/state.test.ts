import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { RotationRecord } from "../../index.js";
import { GROUP_ID, ORG_ID } from "../../testing/atlas/start-atlas.js";
import { deletable, entryAfter, type StateEntry, withoutSecret } from "../state/state-entry.js";
import { clientId, command, temporaryDirectory } from "../testing/command.js";

const NOW = Date.parse("2026-01-01T00:00:00Z");
const now = () => NOW;
const inHours = (hours: number) => new Date(NOW + hours * 3_600_000).toISOString();
const accountOf = (digit: string) => `mdb_sa_id_${digit.repeat(24)}`;
const idOf = (digit: string) => digit.repeat(24);

/** A state with one account for each condition. */
function stateWith(accounts: Readonly<Record<string, object>>): string {
  const path = join(temporaryDirectory(), "fleet.state.json");
  const entries = Object.entries(accounts).map(([digit, { record, ...entry }]: [string, { record?: object }]) => {
    const account = { version: 1, groupId: GROUP_ID, orgId: ORG_ID, clientId: accountOf(digit) };
    return [accountOf(digit), { record: { ...account, ...record }, ...entry }];
  });
  writeFileSync(path, JSON.stringify({ version: 1, accounts: Object.fromEntries(entries) }));
  return path;
}

const current = (digit: string, hours: number) => ({ id: idOf(digit), expiresAt: inHours(hours) });
const FINGERPRINT = `sha256:${"0".repeat(32)}:${"0".repeat(64)}`;
const STORING = { step: "store", created: { id: idOf("5") }, fingerprint: FINGERPRINT };
const ALL = {
  a: { record: { current: current("1", 500) }, rotatedAt: inHours(-10) },
  b: { record: { current: current("2", 100) } },
  c: { record: { current: current("3", -1) } },
  d: { record: { current: current("4", 500), underWay: { step: "verify", created: { id: idOf("5") } } } },
  e: { record: { current: current("6", 500), underWay: { step: "create" } } },
  f: { record: { current: current("7", 500) }, kept: [{ id: idOf("8"), expiresAt: inHours(50) }] },
  0: { record: { current: current("9", 500), underWay: STORING }, needsPerson: true },
  1: { record: {} },
};

describe("status", () => {
  it("shows each account, its secret, when that expires and is due, and what stands in the way", async () => {
    const path = stateWith(ALL);
    const { exitCode, stdout } = await command(["status", "--state", path, "--renew-before", "10d"], { now });
    expect(exitCode).toBe(3);
    const row = (cells: readonly string[]) =>
      cells.map((cell, column) => cell.padEnd([34, 24, 10, 10, 0][column] ?? 0)).join("  ");
    expect(stdout.trimEnd().split("\n")).toEqual(
      [
        ["ACCOUNT", "SECRET", "EXPIRES IN", "DUE", "STATE"],
        [accountOf("0"), idOf("9"), "20d 20h", "in 10d 20h", "needs a person (store)"],
        [accountOf("1"), "unknown", "unknown", "now", "due"],
        [accountOf("a"), idOf("1"), "20d 20h", "in 10d 20h", "ok"],
        [accountOf("b"), idOf("2"), "4d 4h", "now", "due"],
        [accountOf("c"), idOf("3"), "expired", "now", "expired"],
        [accountOf("d"), idOf("4"), "20d 20h", "in 10d 20h", "half-done (verify)"],
        [accountOf("e"), idOf("6"), "20d 20h", "in 10d 20h", "needs a person (create)"],
        [accountOf("f"), idOf("7"), "20d 20h", "in 10d 20h", `ok; to delete: ${idOf("8")}`],
      ].map(row),
    );
  });

  it.each([
    ["all is well", ["a", "f"], 0],
    ["something is due", ["a", "b"], 1],
    ["something has expired", ["a", "c"], 1],
    ["something is half-done that the next run finishes", ["a", "d"], 1],
    ["something is half-done that needs a person", ["a", "b", "e"], 3],
  ] as const)("exits if %s: %j", async (_what, digits, expected) => {
    const path = stateWith(Object.fromEntries(digits.map((digit) => [digit, ALL[digit]])));
    const args = ["status", "--state", path, "--renew-before", "10d", "--json"];
    const { exitCode, json } = await command(args, { now });
    expect(exitCode).toBe(expected);
    expect(json).toMatchObject({ state: path, accounts: digits.map((digit) => ({ clientId: accountOf(digit) })) });
  });

  it("shows the accounts of a fleet that the state does not know as due", async () => {
    const path = stateWith({ a: ALL.a });
    const rotations = ["b", "a"].map((digit) => ({ clientId: accountOf(digit), secretFile: digit }));
    const fleet = path.replace(".state.json", ".json");
    const defaults = { groupId: GROUP_ID, orgId: ORG_ID, secretExpiresAfterHours: 720 };
    writeFileSync(fleet, JSON.stringify({ defaults, rotations }));
    const { exitCode, json } = await command(["status", "--fleet", fleet, "--json"], { now });
    expect(exitCode).toBe(1);
    const accounts = [
      { clientId: accountOf("b"), condition: "due" },
      { clientId: accountOf("a"), condition: "ok" },
    ];
    expect(json).toMatchObject({ accounts });
  });

  it("prints metrics for Prometheus", async () => {
    const { stdout } = await command(["status", "--state", stateWith({ a: ALL.a, e: ALL.e }), "--prometheus"], { now });
    for (const line of [
      `atlas_secret_expiry_timestamp_seconds{client_id="${accountOf("a")}"} ${(NOW + 500 * 3_600_000) / 1000}`,
      `atlas_secret_half_done{client_id="${accountOf("a")}"} 0`,
      `atlas_secret_half_done{client_id="${accountOf("e")}"} 1`,
      `atlas_secret_needs_person{client_id="${accountOf("e")}"} 1`,
      `atlas_secret_last_success_timestamp_seconds{client_id="${accountOf("a")}"} ${(NOW - 10 * 3_600_000) / 1000}`,
    ]) {
      expect(stdout.split("\n")).toContain(line);
    }
    expect(stdout).not.toContain(`last_success_timestamp_seconds{client_id="${accountOf("e")}"}`);
    // Every line is a comment, or a name with labels and a number.
    expect(stdout).toMatch(/^(?:(?:# (?:HELP|TYPE) \w+ .+|\w+\{client_id="\w+"\} \d+(?:\.\d+)?)\n)+$/);
  });

  it("refuses a state that cannot be read, and leaves it as it is", async () => {
    const path = stateWith(ALL);
    const text = readFileSync(path, "utf8").replace('"version":1', '"version":2');
    writeFileSync(path, text);
    const { exitCode, stderr } = await command(["status", "--state", path], { now });
    expect(exitCode).toBe(2);
    expect(stderr).toContain(
      `${path} is not a state that can be read: it was written by a newer version of atlas-secrets (its version is 2)`,
    );
    expect(readFileSync(path, "utf8")).toBe(text);
  });

  it("does not take a wrong path for a state in which all is well", async () => {
    const path = join(temporaryDirectory(), "no.json");
    const { exitCode, stderr } = await command(["status", "--state", path], { now });
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`--state: there is no ${path}`);
  });

  it("needs to know which state", async () => {
    const { exitCode, stderr } = await command(["status"], { now });
    expect(exitCode).toBe(2);
    expect(stderr).toContain("--state or --fleet is missing");
  });
});

describe("forget and adopt", () => {
  const env = { MONGODB_ATLAS_PROJECT_ID: GROUP_ID, MONGODB_ATLAS_ORG_ID: ORG_ID };

  it("drop an account, and tell the state which secret it has", async () => {
    const path = stateWith({ e: ALL.e });
    const account = ["--client-id", accountOf("e"), "--state", path];
    expect(await command(["forget", ...account], { now })).toMatchObject({
      exitCode: 0,
      json: { status: "forgotten" },
    });
    expect(JSON.parse(readFileSync(path, "utf8")).accounts).toEqual({});
    const secret = ["--secret-id", idOf("9"), "--expires-at", inHours(700)];
    const adopted = await command(["adopt", ...account, ...secret], { env, now });
    expect(adopted).toMatchObject({ exitCode: 0, json: { status: "adopted", clientId: accountOf("e") } });
    const { json } = await command(["status", "--state", path, "--json"], { now });
    expect(json).toMatchObject({ accounts: [{ condition: "ok", id: idOf("9"), expiresAt: inHours(700) }] });
    expect(existsSync(`${path}.lock`)).toBe(false);
  });

  it("of an adopted account deletes what was not in use, and never the secret that was adopted", async () => {
    const [used, older, old] = [idOf("7"), idOf("8"), idOf("9")];
    const record = { current: { id: idOf("6") }, previous: { id: old } };
    const path = stateWith({ f: { record, kept: [{ id: used }, { id: older }], rotatedAt: inHours(-10) } });
    const args = ["adopt", "--client-id", accountOf("f"), "--state", path, "--secret-id", used];
    expect((await command(args, { env, now })).exitCode).toBe(0);
    expect(JSON.parse(readFileSync(path, "utf8")).accounts[accountOf("f")]).toMatchObject({
      record: { current: { id: used } },
      kept: [{ id: older }, { id: old }],
      rotatedAt: inHours(-10),
    });
  });

  it.each([
    ["verify", [idOf("5")]],
    ["store", []],
  ])("of an account adopted during %s also deletes the new secret, unless it may be in use: %j", async (step, kept) => {
    const underWay = { ...STORING, step };
    const path = stateWith({ d: { record: { current: { id: idOf("4") }, underWay } } });
    const args = ["adopt", "--client-id", accountOf("d"), "--state", path, "--secret-id", idOf("4")];
    expect((await command(args, { env, now })).exitCode).toBe(0);
    const entry = JSON.parse(readFileSync(path, "utf8")).accounts[accountOf("d")];
    expect(entry.kept.map(({ id }: { id: string }) => id)).toEqual(kept);
  });

  it.each([
    [["forget", "--client-id", clientId], "has no account"],
    [["forget"], "--client-id is missing"],
    [["adopt", "--client-id", clientId], "--secret-id is missing"],
    ...["soon", "1", "30d", "12/24/2026", "0026-12-24"].map((date): [string[], string] => [
      ["adopt", "--client-id", clientId, "--secret-id", idOf("9"), "--expires-at", date],
      "--expires-at: expected a date",
    ]),
    [["adopt", "--client-id", "x", "--secret-id", idOf("9")], "--client-id: expected"],
  ])("say what is wrong with %j, and change nothing", async (args, said) => {
    const path = stateWith({ e: ALL.e });
    const before = readFileSync(path, "utf8");
    const { exitCode, stderr } = await command([...args, "--state", path], { env, now });
    expect(exitCode).toBe(2);
    expect(stderr).toContain(said);
    expect(JSON.parse(readFileSync(path, "utf8"))).toEqual(JSON.parse(before));
  });
});

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

describe("what a rotation makes of the entry of an account", () => {
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
});
