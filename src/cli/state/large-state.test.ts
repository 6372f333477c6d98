/**
 * A state of 10,000 accounts: what a run needs of memory, and what a change writes. No time is asserted: a loaded machine
 * needs more of it.
 */
import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { GROUP_ID, ORG_ID } from "../../testing/atlas/start-atlas.js";
import { bundledProgram, start, temporaryDirectory } from "../testing/command.js";
import { StateFile } from "./state-file.js";

const ACCOUNTS = Array.from({ length: 10_000 }, (_, index) => `mdb_sa_id_${index.toString(16).padStart(24, "0")}`);
const RUNS = 100;

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
  const rotations = ACCOUNTS.map((clientId, index) => ({ clientId, secretFile: `${index}.secret` }));
  writeFileSync(join(directory, "fleet.json"), JSON.stringify({ defaults, rotations }, undefined, 2));
  const accounts = Object.fromEntries(ACCOUNTS.map((clientId) => [clientId, entryOf(clientId)]));
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
  expect(rotations).toHaveLength(ACCOUNTS.length);
  expect(new Set(rotations.map(({ status }: { status: string }) => status))).toEqual(new Set(["not-due"]));
});

it("a change writes no more than a few times its own entry, with 10,000 accounts", async () => {
  const path = join(largeFleet(), "fleet.state.json");
  const before = statSync(path);
  const state = await StateFile.open(path, Date.now, expect.fail);
  const [clientId = ""] = ACCOUNTS;
  const entry = state.get(clientId);
  for (let count = 0; count < RUNS; count += 1) await state.put(clientId, entry);
  expect(statSync(`${path}.journal`).size / RUNS).toBeLessThan(3 * JSON.stringify(entry).length);
  expect(statSync(path)).toMatchObject({ ino: before.ino, mtimeMs: before.mtimeMs });
  await state.close(expect.fail);
});
