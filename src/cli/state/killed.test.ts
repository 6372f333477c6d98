/**
 * Runs that are killed at every moment of a rotation, and the run after them with the same state.
 */
import fs, { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { seededRandom } from "../../testing/atlas/seeded-random.js";
import { ADMIN, type AtlasRequest, GROUP_ID, ORG_ID } from "../../testing/atlas/start-atlas.js";
import {
  bundledProgram,
  clientId,
  command,
  type Program,
  type Scene,
  scene,
  start,
  type TestEnd,
} from "../testing/command.js";

let program: Program;
beforeAll(async () => {
  program = await bundledProgram();
});
afterAll(() => program.remove());

interface KilledScene extends Scene {
  readonly test: TestEnd;
  /** Arguments as a cron job has them, every night. */
  readonly nightly: readonly string[];
  /** The same, with a file that the secret is stored in. */
  readonly rotation: readonly string[];
  readonly stored: () => string;
}

const TOMORROW = () => new Date(Date.now() + 24 * 3_600_000).toISOString();

/** Starts the command line as a process that can be killed. */
function startProcess(
  { test, env, directory }: Pick<KilledScene, "test" | "env" | "directory">,
  args: readonly string[],
  planted?: string,
) {
  const options =
    planted === undefined ? {} : { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(planted)}` };
  return start(test, process.execPath, [program.path, ...args], { env: { ...env, ...options }, cwd: directory });
}

const stateOf = ({ directory }: Pick<Scene, "directory">) => ["--state", join(directory, "state.json")];
const status = (given: KilledScene) => command(["status", ...stateOf(given), "--renew-before", "10d"], given);

/** The account has one secret, which the store and the state know, and which is due. */
async function killedScene(test: TestEnd): Promise<KilledScene> {
  const plain = await scene(test);
  const file = join(plain.directory, "stored");
  writeFileSync(file, plain.previous.value, { mode: 0o600 });
  const nightly = ["rotate", ...stateOf(plain), "--renew-before", "10d", "--expires-after-hours", "720"];
  const adoption = ["adopt", ...stateOf(plain), "--secret-id", plain.previous.id, "--expires-at", TOMORROW()];
  expect(await command(adoption, plain)).toMatchObject({ exitCode: 0 });
  const stored = () => readFileSync(file, "utf8");
  return { ...plain, test, nightly, rotation: [...nightly, "--secret-file", file], stored };
}

const live = ({ server }: Scene, account = clientId) => server.accounts.secretsOf(account);

/** What every run has to leave: the stored secret works, and after the last one nothing else is alive. */
async function expectFinished(given: KilledScene): Promise<void> {
  const creations = () => given.server.requests.filter(({ kind }) => kind === "create").length;
  const earlier = creations();
  const ended = await command(given.rotation, given);
  expect(ended.exitCode, ended.stderr).toBe(0);
  expect(ended.stderr.match(/created secret/g) ?? []).toHaveLength(creations() - earlier);
  expect(live(given).map(({ value }) => value)).toEqual([given.stored()]);
  expect(live(given).map(({ id }) => id)).not.toEqual([given.previous.id]);
  const { exitCode, stdout } = await status(given);
  expect(exitCode, stdout).toBe(0);
  // Nothing is due any more: another night changes nothing.
  const before = given.server.requests.length;
  expect(await command(given.rotation, given)).toMatchObject({ exitCode: 0 });
  expect(given.server.requests.length).toBe(before);
}

const isOf = (kind: AtlasRequest["kind"], account?: string) => (request: AtlasRequest) =>
  request.kind === kind && (account === undefined || request.clientId === account);

const REQUESTS = [
  ["a token", isOf("token", ADMIN.clientId)],
  ["the creation", isOf("create")],
  ["the verification", isOf("token", clientId)],
  ["the deletion", isOf("delete")],
  ["the revocation", isOf("revoke")],
] as const;

/** Code for the front of the program: something happens at the sync of a change to the journal. */
const atSync = (count: number, code: string) => `
  import fs from "node:fs";
  import { syncBuiltinESMExports } from "node:module";
  const { fdatasyncSync, ftruncateSync, fstatSync } = fs;
  const kill = () => process.kill(process.pid, "SIGKILL");
  let synced = 0;
  fs.fdatasyncSync = (file) => {
    synced += 1;
    if (synced !== ${count}) return fdatasyncSync(file);
    ${code}
  };
  syncBuiltinESMExports();`;

const RECORDS = [1, 2, 3, 4, 5];
// A record that is written and not yet synced outlives the process: before the sync and after it are one moment.
const MOMENTS = [
  ["killed at", "kill();"],
  ["killed with half of it written, at", "ftruncateSync(file, fstatSync(file).size - 20); kill();"],
] as const;

describe.concurrent("a run with a state", () => {
  it.for(
    REQUESTS.flatMap(([what, at]) => [false, true].map((applied) => [applied ? "after" : "before", what, at] as const)),
  )("that is killed %s %s is finished by the next", async ([when, what, at], test) => {
    const applied = when === "after";
    const given = await killedScene(test);
    const running = startProcess(given, given.rotation);
    let hit = false;
    given.server.setFaults(async (request) => {
      if (hit || !at(request)) return undefined;
      hit = true;
      const kill = async () => {
        running.child.kill("SIGKILL");
        await running.ended;
      };
      if (!applied) await kill();
      return { applied, meanwhile: applied ? kill : () => undefined, ends: "reset" };
    });
    const { signal, stderr } = await running.ended;
    expect(signal).toBe("SIGKILL");
    expect(live(given).map(({ value }) => value)).toContain(given.stored());
    const created = live(given).find(({ id }) => id !== given.previous.id);
    // The id of what was created is named as soon as it is known.
    const isKnown = !["a token", "the creation"].includes(what);
    expect(stderr).toBe(isKnown ? `atlas-secrets: created secret ${created?.id} of ${clientId}\n` : "");
    // Before the creation itself comes the token for it; the record already says that the creation begins.
    const isUnknown = what === "a token" || what === "the creation";
    await (isUnknown ? expectFinishedByPerson(given) : expectFinished(given));
  });

  it.for(RECORDS.flatMap((count) => MOMENTS.map(([when, code]) => [when, count, code] as const)))(
    "that is %s its record %i is finished by the next",
    async ([when, count, code], test) => {
      const given = await killedScene(test);
      expect(await startProcess(given, given.rotation, atSync(count, code)).ended).toMatchObject({ signal: "SIGKILL" });
      expect(live(given).map(({ value }) => value)).toContain(given.stored());
      // The first record says that the creation begins, the second what its id is. Only a power cut takes away what has
      // been written and not been synced.
      const isUnknown = when.includes("half") ? count === 2 : count === 1;
      await (isUnknown ? expectFinishedByPerson(given) : expectFinished(given));
    },
  );

  it("that cannot write its lock sends nothing and leaves no file behind", async (test) => {
    const given = await killedScene(test);
    const before = [readdirSync(given.directory), given.server.requests.length];
    const limited = `ulimit -f 0; exec "$0" "$@"`;
    const args = ["-c", limited, process.execPath, program.path, ...given.nightly, "--exec", "cat"];
    const { exitCode, stderr } = await start(test, "/bin/sh", args, { env: given.env, cwd: given.directory }).ended;
    expect(exitCode).toBe(2);
    expect(stderr).toContain("state.json cannot be used (EFBIG)");
    expect([readdirSync(given.directory), given.server.requests.length]).toEqual(before);
  });

  it("that starts together with another leaves the work to one of them", async (test) => {
    const given = await killedScene(test);
    const both = await Promise.all([1, 2].map(() => startProcess(given, given.rotation).ended));
    const codes = both.map(({ exitCode }) => exitCode).sort();
    // The second may only have started when the first was done, and then nothing was due.
    expect([
      [0, 0],
      [0, 2],
    ]).toContainEqual(codes);
    if (codes[1] === 2)
      expect(both.map(({ stderr }) => stderr).join()).toMatch(/state\.json is in use by process \d+ on /);
    await expectFinishedAlready(given);
  });

  it("and a command that was killed while it stored says that a person has to look", async (test) => {
    const given = await killedScene(test);
    const withCommand = [
      ...given.nightly,
      "--exec",
      "cat > /dev/null; touch here; while [ -e here ]; do sleep 0.1; done",
    ];
    const running = startProcess(given, withCommand);
    while (!existsSync(join(given.directory, "here"))) await new Promise((resolve) => setTimeout(resolve, 50));
    running.child.kill("SIGKILL");
    await running.ended;
    const next = await command(withCommand, given);
    expect(next.exitCode).toBe(3);
    expect(next.json).toMatchObject({ step: "store", remedies: [{ action: "look-in-atlas" }] });
    expect(live(given)).toHaveLength(2);
  });
});

/** In this process, the disk is full at the sync of one change; returns what makes room again. */
function fillDiskAt(count: number): () => void {
  const { fdatasyncSync } = fs;
  const restore = () => {
    fs.fdatasyncSync = fdatasyncSync;
    syncBuiltinESMExports();
  };
  onTestFinished(restore);
  let synced = 0;
  fs.fdatasyncSync = (file) => {
    synced += 1;
    if (synced === count) throw Object.assign(new Error("full"), { code: "ENOSPC" });
    fdatasyncSync(file);
  };
  syncBuiltinESMExports();
  return restore;
}

describe("a run with a state", () => {
  it.each(["adopt", "forget"])("that only changes it by %s and cannot, says so", async (name) => {
    const given = await killedScene({ onTestFinished });
    const before = await status(given);
    const restore = fillDiskAt(1);
    const secret = name === "adopt" ? ["--secret-id", "9".repeat(24)] : [];
    const { exitCode, stderr } = await command([name, ...stateOf(given), ...secret], given);
    restore();
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/state\.json cannot be used \(ENOSPC\)\n.*nothing was sent/);
    expect(await status(given)).toEqual(before);
  });

  it("that cannot remove its lock at the end has done its work all the same", async () => {
    const given = await killedScene({ onTestFinished });
    const { rmSync } = fs;
    onTestFinished(() => {
      fs.rmSync = rmSync;
      syncBuiltinESMExports();
    });
    fs.rmSync = (path, options) => {
      if (String(path).endsWith(".lock")) throw Object.assign(new Error("read-only"), { code: "EROFS" });
      rmSync(path, options);
    };
    syncBuiltinESMExports();
    expect(await command(given.rotation, given)).toMatchObject({ exitCode: 0, json: { status: "rotated" } });
  });

  it.each(RECORDS)(
    "whose disk is full at its record %i stops where nothing is lost, and the next one finishes it",
    async (count) => {
      const given = await killedScene({ onTestFinished });
      const restore = fillDiskAt(count);
      const { exitCode, stderr } = await command(given.rotation, given);
      restore();
      expect(exitCode).not.toBe(0);
      expect(stderr).toContain("the record could not be kept");
      expect(live(given).map(({ value }) => value)).toContain(given.stored());
      await expectFinished(given);
    },
  );
});

/** Nobody can know whether a secret was created: the next run says so, and after a person has looked, another goes on. */
async function expectFinishedByPerson(given: KilledScene): Promise<void> {
  const next = await command(given.rotation, given);
  expect(next.exitCode, next.stderr).toBe(3);
  expect(next.json).toMatchObject({
    step: "create",
    remedies: [{ action: "look-in-atlas", orgId: ORG_ID, clientId }],
  });
  expect(next.stderr).toContain(`Look in Atlas at the secrets of ${clientId} and delete the one that nothing uses`);
  expect(await status(given)).toMatchObject({
    exitCode: 3,
    stdout: expect.stringContaining("needs a person (create)"),
  });
  for (const { id, value } of live(given)) {
    if (value !== given.stored()) given.server.accounts.deleteSecret(clientId, id);
  }
  const accepted = await command([...given.rotation, "--accept-unknown"], given);
  expect(accepted.exitCode, accepted.stderr).toBe(0);
  await expectFinishedAlready(given);
}

/** A run has come to its end: one secret is alive, and it is the stored one. */
async function expectFinishedAlready(given: KilledScene): Promise<void> {
  expect(live(given).map(({ value }) => value)).toEqual([given.stored()]);
  expect(live(given).map(({ id }) => id)).not.toEqual([given.previous.id]);
}

describe("a fleet of 200 that is killed 40 times", { timeout: 600_000 }, () => {
  it("ends with one live, stored secret for every account, and rotates none twice", async (test) => {
    const plain = await scene(test);
    const { server, directory } = plain;
    const accounts = Array.from(
      { length: 200 },
      (_, index) => `mdb_sa_id_${(index + 1).toString(16).padStart(24, "0")}`,
    );
    const rotations = accounts.map((account, index) => {
      const { id, value } = server.addAccount(account);
      writeFileSync(join(directory, `${index}.secret`), value, { mode: 0o600 });
      return { clientId: account, previousSecretId: id, secretFile: `${index}.secret` };
    });
    const defaults = { groupId: GROUP_ID, orgId: ORG_ID, secretExpiresAfterHours: 720 };
    writeFileSync(join(directory, "fleet.json"), JSON.stringify({ defaults, rotations }));
    const fleet = ["rotate", "--fleet", join(directory, "fleet.json"), "--renew-before", "10d", "--concurrency", "8"];
    const storedIn = (index: number) => readFileSync(join(directory, `${index}.secret`), "utf8");
    const everStored = accounts.map((_account, index) => new Set([storedIn(index)]));
    const random = seededRandom(20261126);

    const kill = async (args: readonly string[]) => {
      const running = startProcess({ ...plain, test }, args);
      let left = 1 + random.integer(30);
      server.setFaults(async () => {
        left -= 1;
        if (left !== 0) return undefined;
        const applied = random.chance(0.5);
        const end = async () => {
          running.child.kill("SIGKILL");
          await running.ended;
        };
        if (!applied) await end();
        return { applied, meanwhile: applied ? end : () => undefined, ends: "reset" };
      });
      const { signal } = await running.ended;
      server.setFaults(undefined);
      for (const [index, values] of everStored.entries()) values.add(storedIn(index));
      return signal === "SIGKILL";
    };
    /** What an operator does whom a remedy tells to look: deletes what nothing uses. */
    const lookInAtlas = (stdout: string) => {
      const named = accounts.filter((account) => stdout.includes(account));
      for (const account of named) {
        const stored = storedIn(accounts.indexOf(account));
        for (const { id, value } of live(plain, account))
          if (value !== stored) server.accounts.deleteSecret(account, id);
      }
    };

    let kills = 0;
    for (let night = 0; kills < 40 && night < 200; night += 1) if (await kill(fleet)) kills += 1;
    expect(kills).toBe(40);
    const finishing = await command(fleet, plain);
    expect([0, 3]).toContain(finishing.exitCode);
    const unknown = JSON.parse(finishing.stdout).rotations.filter(
      ({ status }: { status: string }) => status === "failed",
    );
    // Whatever could not be finished is named, each with what to do.
    for (const each of unknown) expect(each).toMatchObject({ remedies: [{ action: "look-in-atlas" }] });
    lookInAtlas(JSON.stringify(unknown));
    const last = await command([...fleet, "--accept-unknown"], plain);
    expect(last.exitCode, last.stderr).toBe(0);
    for (const [index, account] of accounts.entries()) {
      everStored[index]?.add(storedIn(index));
      expect(live(plain, account).map(({ value }) => value)).toEqual([storedIn(index)]);
      // The one from before and the new one: no third has ever been stored.
      expect(everStored[index]?.size, account).toBe(2);
    }
  });
});
