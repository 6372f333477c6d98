/**
 * What only many nights or many accounts show: a year of nightly runs on the fake Atlas, with a clock of its own and faults at
 * random; and a state of 10,000 accounts: what a run needs of memory, and what a change writes. No time is asserted: a loaded
 * machine needs more of it.
 */
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { type SeededRandom, seededRandom } from "../../testing/atlas/seeded-random.js";
import { ADMIN, type Fault, GROUP_ID, ORG_ID, startAtlas } from "../../testing/atlas/start-atlas.js";
import { bundledProgram, command, start, temporaryDirectory } from "../testing/command.js";
import { StateFile } from "./state-file.js";

const DAY_MS = 86_400_000;
const BEGIN = Date.parse("2026-01-01T02:00:00Z");
const ACCOUNTS = ["a", "b", "c"].map((digit) => `mdb_sa_id_${digit.repeat(24)}`);
const SECRETS_REFUSED = "MAXIMUM_SECRETS_REACHED";

interface Event {
  readonly day: number;
  readonly what: string;
}

it("a year of nightly runs with faults leaves no secret that expires in use, none too many and none behind", async () => {
  let now = BEGIN;
  const clock = () => now;
  const random = seededRandom(14);
  const server = await startAtlas({ clock, accounts: [{ ...ADMIN_FOR_YEARS }] });
  onTestFinished(() => server.close());
  const directory = temporaryDirectory();
  const secretOf = (index: number) => readFileSync(join(directory, `${index}.secret`), "utf8");
  const rotations = ACCOUNTS.map((clientId, index) => {
    const { id, value } = server.addAccount(clientId);
    writeFileSync(join(directory, `${index}.secret`), value, { mode: 0o600 });
    return { clientId, previousSecretId: id, secretFile: `${index}.secret` };
  });
  const fleet = join(directory, "fleet.json");
  const defaults = { groupId: GROUP_ID, orgId: ORG_ID, secretExpiresAfterHours: "30d" };
  writeFileSync(fleet, JSON.stringify({ defaults, rotations }));
  const env = {
    MONGODB_ATLAS_CLIENT_ID: ADMIN.clientId,
    MONGODB_ATLAS_CLIENT_SECRET: ADMIN.clientSecret,
    MONGODB_ATLAS_BASE_URL: server.url,
  };

  const events: Event[] = [];
  const rotated = new Map<string, number>();
  let day = 0;
  let unknown: readonly string[] = [];
  server.setFaults(({ kind, clientId, secretId }) => {
    const fault = random.chance(0.15) ? faultFor(kind, clientId, random) : undefined;
    if (fault !== undefined && clientId === ACCOUNTS[0]) {
      const how = typeof fault.ends === "object" ? fault.ends.status : fault.ends;
      events.push({
        day,
        what: `${kind} ${secretId ?? ""} fails: ${how}, ${fault.applied ? "applied" : "not applied"}`,
      });
    }
    return fault;
  });
  for (; day < 365; day += 1, now = BEGIN + day * DAY_MS) {
    // What is in use works, every day.
    for (const [index, account] of ACCOUNTS.entries()) {
      const live = server.accounts.secretsOf(account).map(({ value }) => value);
      expect(live, `day ${day}`).toContain(secretOf(index));
    }
    // Somebody looks in Atlas on the morning after a run that says so.
    for (const account of unknown) {
      const stored = secretOf(ACCOUNTS.indexOf(account));
      for (const { id, value } of server.accounts.secretsOf(account)) {
        if (value !== stored) server.accounts.deleteSecret(account, id);
      }
    }
    const args = ["rotate", "--fleet", fleet, "--renew-before", "10d", "--retries", "0"];
    const accept = unknown.length === 0 ? [] : ["--accept-unknown"];
    const { json, stderr } = await command([...args, ...accept], { env, now: clock });
    expect(stderr).not.toContain(SECRETS_REFUSED);
    const reports: readonly Report[] = json === undefined ? [] : JSON.parse(JSON.stringify(json)).rotations;
    expect(reports, stderr).toHaveLength(ACCOUNTS.length);
    unknown = reports
      .filter(({ remedies }) => remedies?.some(({ action }) => action === "look-in-atlas"))
      .map(({ clientId }) => clientId);
    for (const { clientId, status, id, previous, step, error } of reports) {
      if (status === "rotated") rotated.set(clientId, (rotated.get(clientId) ?? 0) + 1);
      if (clientId !== ACCOUNTS[0] || status === "not-due") continue;
      events.push({
        day,
        what: status === "rotated" ? `rotated to ${id}, previous ${previous}` : `${status} at ${step}: ${error?.code}`,
      });
    }
  }
  server.setFaults(undefined);
  const last = await command(
    ["rotate", "--fleet", fleet, "--renew-before", "10d", ...(unknown.length > 0 ? ["--accept-unknown"] : [])],
    { env, now: clock },
  );
  expect(last).toMatchObject({ exitCode: 0 });
  for (const [index, account] of ACCOUNTS.entries()) {
    expect(server.accounts.secretsOf(account).map(({ value }) => value)).toEqual([secretOf(index)]);
    // Every twenty days, and not every night.
    expect(rotated.get(account)).toBeGreaterThanOrEqual(17);
    expect(rotated.get(account)).toBeLessThanOrEqual(30);
  }
  expect(server.requests.some(({ response }) => JSON.stringify(response?.body ?? "").includes(SECRETS_REFUSED))).toBe(
    false,
  );
  console.log(events.map(({ day, what }) => `${String(day).padStart(3)}  ${what}`).join("\n"));
}, 300_000);

interface Report {
  readonly clientId: string;
  readonly status: string;
  readonly id?: string;
  readonly previous?: string;
  readonly step?: string;
  readonly error?: { readonly code: string };
  readonly remedies?: readonly { readonly action: string }[];
}

const ADMIN_FOR_YEARS = {
  clientId: ADMIN.clientId,
  secrets: [{ value: ADMIN.clientSecret, expiresAfterHours: 24 * 800 }],
};

/** Only what fails at once: a test that waits for repeats would take a year itself. */
function faultFor(kind: string, clientId: string, { pick }: SeededRandom): Fault | undefined {
  if (kind === "create") return pick([REFUSED, UNAVAILABLE, LIMITED, LOST, CUT]);
  if (kind === "delete") return pick([REFUSED, UNAVAILABLE, LIMITED, LOST, DONE_BUT_UNAVAILABLE]);
  return kind === "token" && clientId === ADMIN.clientId ? pick([REFUSED_TOKEN]) : undefined;
}

const failing = (status: number, applied = false): Fault => ({
  applied,
  ends: { status, body: { error: status, errorCode: "PLANTED" } },
});
const REFUSED = failing(403);
const UNAVAILABLE = failing(503);
const LIMITED = failing(429);
const DONE_BUT_UNAVAILABLE = failing(503, true);
const LOST: Fault = { applied: true, ends: "reset" };
const CUT: Fault = { applied: true, ends: "cut" };
const REFUSED_TOKEN: Fault = { applied: false, ends: { status: 400, body: { error: "unauthorized_client" } } };

const MANY = Array.from({ length: 10_000 }, (_, index) => `mdb_sa_id_${index.toString(16).padStart(24, "0")}`);
const CHANGES = 100;

const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();

function entryOf(clientId: string): object {
  const current = { id: clientId.slice(-24), createdAt: inDays(-5), expiresAt: inDays(25) };
  return {
    record: { version: 1, groupId: GROUP_ID, orgId: ORG_ID, clientId, current },
    kept: [],
    rotatedAt: inDays(-5),
  };
}

/** A fleet of all accounts, and the state beside it. */
function largeFleet(): string {
  const directory = temporaryDirectory();
  const defaults = { groupId: GROUP_ID, orgId: ORG_ID, secretExpiresAfterHours: 720 };
  const rotations = MANY.map((clientId, index) => ({ clientId, secretFile: `${index}.secret` }));
  writeFileSync(join(directory, "fleet.json"), JSON.stringify({ defaults, rotations }, undefined, 2));
  const accounts = Object.fromEntries(MANY.map((clientId) => [clientId, entryOf(clientId)]));
  writeFileSync(join(directory, "fleet.state.json"), JSON.stringify({ version: 1, accounts }, undefined, 1));
  return directory;
}

it("a night in which nothing of 10,000 accounts is due gets by with a heap of 96 MB", async (test) => {
  const program = await bundledProgram();
  test.onTestFinished(() => program.remove());
  const directory = largeFleet();
  const env = {
    PATH: process.env["PATH"] ?? "",
    NODE_OPTIONS: "--max-old-space-size=96",
    MONGODB_ATLAS_ACCESS_TOKEN: "fake-token-that-is-never-sent",
    MONGODB_ATLAS_BASE_URL: "http://127.0.0.1:1",
  };
  const args = [program.path, "rotate", "--fleet", "fleet.json", "--renew-before", "10d"];
  const { exitCode, stdout } = await start(test, process.execPath, args, { env, cwd: directory }).ended;
  expect(exitCode).toBe(0);
  const { rotations } = JSON.parse(stdout);
  expect(rotations).toHaveLength(MANY.length);
  expect(new Set(rotations.map(({ status }: { status: string }) => status))).toEqual(new Set(["not-due"]));
});

it("a change writes no more than a few times its own entry, with 10,000 accounts", async () => {
  const path = join(largeFleet(), "fleet.state.json");
  const before = statSync(path);
  const state = await StateFile.open(path, Date.now, expect.fail);
  const [clientId = ""] = MANY;
  const entry = state.get(clientId);
  for (let count = 0; count < CHANGES; count += 1) await state.put(clientId, entry);
  expect(statSync(`${path}.journal`).size / CHANGES).toBeLessThan(3 * JSON.stringify(entry).length);
  expect(statSync(path)).toMatchObject({ ino: before.ino, mtimeMs: before.mtimeMs });
  await state.close(expect.fail);
});
