/**
 * What a run does on top of what the state remembers.
 */
import { EventEmitter } from "node:events";
import { chmodSync, existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { GROUP_ID, ORG_ID } from "../../testing/atlas/start-atlas.js";
import { command, type Scene, scene } from "../testing/command.js";

const ACCOUNTS = ["a", "b", "c", "d"].map((digit) => `mdb_sa_id_${digit.repeat(24)}`);
const DAY_MS = 86_400_000;

interface Night extends Scene {
  readonly statePath: string;
  readonly state: () => Record<
    string,
    { record: Record<string, { id: string }>; kept: { id: string }[]; rotatedAt?: string }
  >;
  /** Runs the fleet with these arguments. */
  readonly run: (args?: readonly string[], now?: () => number) => ReturnType<typeof command>;
  /** Rotates the first account alone. */
  readonly runFirst: (...destination: readonly string[]) => ReturnType<typeof command>;
}

/** A fleet of four accounts, each with one secret, whose lives end after so many days. */
async function nights(days: readonly number[] = [], changes: readonly object[] = []): Promise<Night> {
  const given = await scene();
  const { server, directory, env } = given;
  const ids = ACCOUNTS.map((account, index) => {
    const secrets = [{ expiresAfterHours: 24 * (days[index] ?? 365) }];
    const [secret = expect.fail("it has no secret")] = server.accounts.add({ clientId: account, secrets });
    return secret;
  });
  const rotations = ACCOUNTS.map((clientId, index) => ({ clientId, secretFile: `${index}.secret`, ...changes[index] }));
  const defaults = { groupId: GROUP_ID, orgId: ORG_ID, secretExpiresAfterHours: 720 };
  const fleet = join(directory, "fleet.json");
  writeFileSync(fleet, JSON.stringify({ defaults, rotations }));
  const statePath = join(directory, "fleet.state.json");
  if (days.length > 0) {
    const accounts = ACCOUNTS.map((clientId, index) => {
      const { id, expiresAt } = ids[index] ?? expect.fail();
      const record = { version: 1, groupId: GROUP_ID, orgId: ORG_ID, clientId, current: { id, expiresAt } };
      return [clientId, { record, kept: [] }];
    });
    writeFileSync(statePath, JSON.stringify({ version: 1, accounts: Object.fromEntries(accounts) }));
  }
  return {
    ...given,
    statePath,
    state: () => JSON.parse(readFileSync(statePath, "utf8")).accounts,
    run: (args = [], now = Date.now) => command(["rotate", "--fleet", fleet, ...args], { env, now }),
    runFirst(...destination) {
      const args = ["rotate", "--state", statePath, "--expires-after-hours", "8", ...destination];
      return command(args, { env: { ...given.env, ATLAS_SECRETS_CLIENT_ID: ACCOUNTS[0] } });
    },
  };
}

const statusesOf = (json: unknown) =>
  (json as { rotations: readonly { status: string }[] }).rotations.map(({ status }) => status);
const createdIn = ({ server }: Scene) =>
  server.requests.filter(({ kind }) => kind === "create").map(({ clientId }) => clientId);
const liveIds = ({ server }: Scene, account: string) => server.accounts.secretsOf(account).map(({ id }) => id);

describe("a nightly run", () => {
  it("rotates only what is due, the earliest expiry first, and what it does not know", async () => {
    const given = await nights([9, 300, 2, 365]);
    const { exitCode, json } = await given.run(["--renew-before", "10d", "--concurrency", "1"]);
    expect(exitCode).toBe(0);
    expect(statusesOf(json)).toEqual(["rotated", "not-due", "rotated", "not-due"]);
    expect(createdIn(given)).toEqual([ACCOUNTS[2], ACCOUNTS[0]]);
  });

  it("deletes the previous secret by the state, month after month, without being told its id", async () => {
    const given = await nights([1, 1, 1, 1]);
    for (let month = 0; month < 3; month += 1) {
      const { exitCode, json } = await given.run();
      expect(exitCode).toBe(0);
      expect(json).toMatchObject({ rotations: Array(4).fill({ status: "rotated", previous: "deleted" }) });
    }
    for (const account of ACCOUNTS) {
      expect(liveIds(given, account)).toEqual([given.state()[account]?.record["current"]?.id]);
      expect(given.state()[account]?.rotatedAt).toMatch(/^20/);
    }
  });

  it("writes nothing with --no-state", async () => {
    const given = await nights();
    expect(await given.run(["--no-state"])).toMatchObject({ exitCode: 0 });
    expect(existsSync(given.statePath)).toBe(false);
  });

  it("takes the previous secret of the file the first time only, and that of the option always, that of the variable like that of the file", async () => {
    const given = await nights([], [{ previousSecretId: "0".repeat(24) }]);
    const [account = ""] = ACCOUNTS;
    // There is no such secret: a first run fails to delete it, and the state knows the new one from then on.
    expect((await given.run()).exitCode).toBe(3);
    const state = join(given.directory, "one.json");
    const own = { ...given.env, ATLAS_SECRETS_CLIENT_ID: account };
    const one = ["rotate", "--expires-after-hours", "8", "--exec", "cat > /dev/null", "--state", state];
    given.server.accounts.add({ clientId: account });
    const [first] = liveIds(given, account);
    expect((await command([...one, "--previous-secret-id", first ?? ""], { env: own })).exitCode).toBe(0);
    // The variable names a secret that has been deleted by now; the state knows better.
    const again = await command(one, { env: { ...own, ATLAS_SECRETS_PREVIOUS_SECRET_ID: first ?? "" } });
    expect(again).toMatchObject({ exitCode: 0, json: { previous: "deleted" } });
    const overruled = await command([...one, "--previous-secret-id", "1".repeat(24)], { env: own });
    expect(overruled.json).toMatchObject({ step: "delete-previous" });
    expect(overruled.stderr).toContain("1".repeat(24));
  });

  it("deletes later what could not be deleted, whether the account is due or not", async () => {
    const given = await nights([1, 300, 300, 300]);
    const [account = ""] = ACCOUNTS;
    const [previous] = liveIds(given, account);
    given.server.setFaults(({ kind }) => (kind === "delete" ? { applied: false, ends: { status: 403 } } : undefined));
    expect((await given.run(["--renew-before", "10d"])).exitCode).toBe(3);
    expect((await given.run(["--renew-before", "10d"])).exitCode).toBe(3);
    expect(liveIds(given, account)).toHaveLength(2);
    given.server.setFaults(undefined);
    const { json, exitCode } = await given.run(["--renew-before", "10d"]);
    expect(exitCode).toBe(0);
    expect(json).toMatchObject({
      rotations: [
        { status: "rotated", previous: "deleted", previousSecretId: previous },
        ...Array(3).fill({ status: "not-due" }),
      ],
    });
    expect(liveIds(given, account)).toHaveLength(1);
    // It was one rotation, in three runs.
    expect(createdIn(given)).toEqual([account]);
  });

  it("deletes what an earlier run has kept, expired or not, and says so if it cannot", async () => {
    const given = await nights([300, 300, 300, 300]);
    const [one = "", two = ""] = ACCOUNTS;
    const { id: left } = given.server.accounts.addSecret(one, 100);
    const kept = { [one]: [{ id: left }], [two]: [{ id: "9".repeat(24), expiresAt: "2020-01-01T00:00:00.000Z" }] };
    const accounts = Object.entries(given.state()).map(([key, entry]) => [key, { ...entry, kept: kept[key] ?? [] }]);
    writeFileSync(given.statePath, JSON.stringify({ version: 1, accounts: Object.fromEntries(accounts) }));
    given.server.setFaults(({ kind }) => (kind === "delete" ? { applied: false, ends: { status: 403 } } : undefined));
    const failed = await given.run(["--renew-before", "10d"]);
    expect(failed.exitCode).toBe(1);
    expect(failed.stderr).toContain(`secret ${left} of ${one}, which is not in use, could not be deleted`);
    expect(given.state()[one]?.kept).toEqual([{ id: left }]);
    expect(given.state()[two]?.kept).toEqual(kept[two]);
    given.server.setFaults(({ kind, clientId }) => {
      if (kind === "delete" && clientId === one) rmSync(`${given.statePath}.lock`);
      return undefined;
    });
    const unwritten = await given.run(["--renew-before", "10d"]);
    expect(unwritten.exitCode).toBe(1);
    expect(unwritten.stderr).toContain(`${given.statePath} could not be written: `);
    expect(unwritten.stderr).not.toContain("could not be deleted");
    given.server.accounts.addSecret(one, 100, { id: left });
    given.server.setFaults(undefined);
    // That Atlas knows nothing of what has expired is no news.
    expect(await given.run(["--renew-before", "10d"])).toMatchObject({ exitCode: 0, stderr: "" });
    expect(liveIds(given, one)).not.toContain(left);
    for (const account of [one, two]) expect(given.state()[account]?.kept).toEqual([]);
    const deleted = given.server.requests.flatMap(({ kind, secretId }) => (kind === "delete" ? secretId : []));
    expect(deleted.slice(-2)).toEqual([left, "9".repeat(24)]);
  });

  it("starts no other rotation after --max-failures in a row", async () => {
    const given = await nights([1, 2, 3, 4]);
    given.server.setFaults(({ kind }) => (kind === "create" ? { applied: false, ends: { status: 403 } } : undefined));
    const { exitCode, json } = await given.run(["--concurrency", "1", "--max-failures", "2"]);
    expect(exitCode).toBe(1);
    expect(statusesOf(json)).toEqual(Array(4).fill("failed"));
    expect(createdIn(given)).toEqual([ACCOUNTS[0], ACCOUNTS[1]]);
  });

  it("starts nothing that is due after --max-failures among what was half-done", async () => {
    const given = await nights([1, 300, 300, 300]);
    const [, account = ""] = ACCOUNTS;
    const { record } = given.state()[account] ?? expect.fail();
    const halfDone = { record: { ...record, underWay: { step: "create" } }, kept: [] };
    const accounts = { ...given.state(), [account]: halfDone };
    writeFileSync(given.statePath, JSON.stringify({ version: 1, accounts }));
    const { exitCode, json } = await given.run(["--renew-before", "10d", "--max-failures", "1"]);
    expect(exitCode).toBe(3);
    expect(json).toMatchObject({
      rotations: [
        { status: "failed", exitCode: 1, error: { outcome: "not-applied" }, remedies: [] },
        { status: "failed", exitCode: 3 },
        ...Array(2).fill({ status: "not-due" }),
      ],
    });
    expect(createdIn(given)).toEqual([]);
  });

  it("shows with --dry-run what is due, locks nothing and sends nothing", async () => {
    const given = await nights([1, 300, 300, 300]);
    const before = readFileSync(given.statePath, "utf8");
    const { json, exitCode } = await given.run(["--renew-before", "10d", "--dry-run"]);
    expect(exitCode).toBe(0);
    expect(json).toMatchObject({
      rotations: [
        {
          condition: "due",
          steps: [{ step: "create" }, { step: "verify" }, { step: "store" }, { step: "delete-previous" }],
        },
        ...Array(3).fill({ condition: "not-due", steps: [] }),
      ],
    });
    expect(given.server.requests).toEqual([]);
    expect(readFileSync(given.statePath, "utf8")).toBe(before);
  });

  it("tries only the secret files of accounts that are due", async () => {
    const given = await nights([1, 300, 300, 300], [{}, { secretFile: "gone/1.secret" }]);
    expect(await given.run(["--renew-before", "10d"])).toMatchObject({ exitCode: 0 });
    const later = () => Date.now() + 295 * DAY_MS;
    const ended = await given.run(["--renew-before", "10d"], later);
    expect(ended.exitCode).toBe(2);
    expect(ended.stderr).toContain("/rotations/1/secretFile: cannot write to");
  });

  it("leaves to the next run what becomes due while this one waits, because its file has not been tried", async () => {
    const given = await nights([11, 300, 300, 300]);
    let calls = 0;
    const args = ["--renew-before", "10d", "--jitter", "0.01"];
    const ended = await given.run(args, () => Date.now() + (calls++ === 0 ? 0 : 2 * DAY_MS));
    expect(ended.exitCode).toBe(0);
    expect(createdIn(given)).toEqual([]);
  });

  it.each(["fleet.state.json", "fleet.state.json.journal", "fleet.state.json.lock", "./fleet.json"])(
    "refuses to put a secret into %s, which the command itself needs",
    async (secretFile) => {
      const given = await nights([], [{ secretFile }]);
      chmodSync(join(given.directory, "fleet.json"), 0o600);
      const { exitCode, stderr } = await given.run();
      expect(exitCode).toBe(2);
      expect(stderr).toContain("/rotations/0/secretFile: ");
      expect(stderr).toMatch(/ is the (state|fleet file)\n/);
      expect(given.server.requests).toEqual([]);
      expect(existsSync(given.statePath)).toBe(false);
    },
  );

  it("of one account refuses to put the secret into the state, however that is spelled", async () => {
    const given = await nights();
    symlinkSync(given.directory, join(given.directory, "link"));
    const [state, file] = [join(given.directory, "new.json"), join(given.directory, "link", "new.json")];
    const args = ["rotate", "--expires-after-hours", "8", "--state", state, "--secret-file", file];
    expect(await command(args, { env: given.env })).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining(`--secret-file: ${file} is the state`),
    });
    expect(given.server.requests).toEqual([]);
  });

  it("never takes another destination's word for it that a secret was not stored", async () => {
    const given = await nights([300]);
    const [account = ""] = ACCOUNTS;
    const file = join(given.directory, "taken");
    // It may have been stored before the command failed.
    const failed = await given.runFirst("--exec", "exit 1");
    expect(failed.stderr).toContain("Then tell the state which secret is in use: `atlas-secrets adopt --help`.");
    const both = liveIds(given, account);
    expect(await given.runFirst("--secret-file", file)).toMatchObject({ exitCode: 3, json: { step: "store" } });
    const written = (secretFile: string) => {
      const entry = { ...given.state()[account], secretFile };
      writeFileSync(given.statePath, JSON.stringify({ version: 1, accounts: { [account]: entry } }));
    };
    written(join(given.directory, "elsewhere"));
    expect(await given.runFirst("--secret-file", file)).toMatchObject({ exitCode: 3, json: { step: "store" } });
    expect(liveIds(given, account)).toEqual(both);
    written(file);
    expect(await given.runFirst("--secret-file", file)).toMatchObject({ exitCode: 0, json: { status: "rotated" } });
  });

  it("does not say of what an earlier run has stored that it is where this one would store", async () => {
    const given = await nights([300]);
    given.server.setFaults(({ kind }) => (kind === "delete" ? { applied: false, ends: { status: 403 } } : undefined));
    expect(await given.runFirst("--exec", "cat > /dev/null")).toMatchObject({
      exitCode: 3,
      json: { step: "delete-previous" },
    });
    given.server.setFaults(undefined);
    const { json } = await given.runFirst("--secret-file", join(given.directory, "other"));
    expect(json).toMatchObject({ status: "rotated", previous: "deleted" });
    expect(json).not.toHaveProperty("secretFile");
  });

  it("says how to go on once a person has looked whether a secret was created", async () => {
    const given = await nights([1]);
    given.server.setFaults(({ kind }) => (kind === "create" ? { applied: false, ends: "reset" } : undefined));
    for (const args of [[], ["--renew-before", "10d"]]) {
      const { exitCode, stderr } = await given.run(args);
      expect(exitCode).toBe(3);
      expect(stderr).toContain("run this command again with --accept-unknown");
    }
    given.server.setFaults(undefined);
    expect(await given.run(["--accept-unknown"])).toMatchObject({ exitCode: 0 });
  });

  it("of one account with --state prints that it is not due", async () => {
    const given = await nights([300]);
    const args = [
      "rotate",
      "--state",
      given.statePath,
      "--renew-before",
      "10d",
      "--expires-after-hours",
      "8",
      "--exec",
      "cat",
    ];
    const ended = await command(args, { env: { ...given.env, ATLAS_SECRETS_CLIENT_ID: ACCOUNTS[0] ?? "" } });
    expect(ended).toMatchObject({ exitCode: 0, json: { status: "not-due", clientId: ACCOUNTS[0] } });
    expect(given.server.requests).toEqual([]);
  });

  it("waits for a random time with --jitter, and stops waiting when it is told to stop", async () => {
    const given = await nights([1]);
    const signals = new EventEmitter();
    const onStderr = (text: string) => void (text.includes("before the start") && signals.emit("SIGTERM"));
    const args = ["rotate", "--fleet", join(given.directory, "fleet.json"), "--jitter", "100000"];
    const ended = await command(args, { env: given.env, signals, onStderr, columns: 100 });
    expect(ended.exitCode).toBe(130);
    expect(given.server.requests).toEqual([]);
  });

  it("needs a state for --renew-before, and a state that can be used", async () => {
    const given = await nights([1]);
    const unusable = await given.run(["--no-state", "--renew-before", "10d"]);
    expect(unusable).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("--renew-before needs --state") });
    writeFileSync(given.statePath, "{");
    const unreadable = await given.run();
    expect(unreadable).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("is not a state that can be read"),
    });
    expect(readFileSync(given.statePath, "utf8")).toBe("{");
    rmSync(given.statePath);
    expect(await given.run(["--renew-before", "ten days"])).toMatchObject({ exitCode: 2 });
  });
});
