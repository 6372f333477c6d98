/**
 * The command as a process: what only shows when it is really killed, cut off or told to stop.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { VERSION } from "../index.js";
import { ADMIN, type AtlasRequest } from "../testing/atlas/start-atlas.js";
import {
  bundledProgram,
  clientId,
  liveIds,
  type Program,
  type Running,
  type Scene,
  scene,
  start,
  type TestEnd,
} from "./testing/command.js";

let program: Program;
beforeAll(async () => {
  program = await bundledProgram();
});
afterAll(() => program.remove());

const run = ({ test, env, directory }: ProcessScene, args: readonly string[]): Running =>
  start(test, process.execPath, [program.path, ...args], { env, cwd: directory });

const shell = (
  { test, env, directory }: ProcessScene,
  redirection: string,
  args: readonly string[],
  before = "",
): Running =>
  start(test, "/bin/sh", ["-c", `${before} exec "$0" "$@" ${redirection}`, process.execPath, program.path, ...args], {
    env,
    cwd: directory,
  });

const rotation = ({ previous }: Scene, ...store: string[]) => [
  ...["rotate", "--expires-after-hours", "720", "--previous-secret-id", previous.id],
  ...store,
];

interface ProcessScene extends Scene {
  readonly test: TestEnd;
  readonly stored: () => string;
}

/** The store holds the previous secret, and a rotation has to leave one in it that works. */
async function sceneWithStore(test: TestEnd): Promise<ProcessScene> {
  const given = await scene(test);
  const file = join(given.directory, "stored");
  writeFileSync(file, given.previous.value, { mode: 0o600 });
  return { ...given, test, stored: () => readFileSync(file, "utf8") };
}

/** Of a store's command: it waits until the directory, and with it the test, has gone. */
const WAIT = "touch here; echo ready; while [ -e here ]; do sleep 0.1; done";

const VIA_FILE = ["--secret-file", "stored"];

/** Requests of this kind, for this account or for any. */
const isOf = (kind: AtlasRequest["kind"], account?: string) => (request: AtlasRequest) =>
  request.kind === kind && (account === undefined || request.clientId === account);

// Between all others: state/killed.test.ts.
describe.concurrent("killed with SIGKILL", () => {
  it.for([
    ["before the command has stored it", `${WAIT}; cat > stored`],
    ["after the command has stored it", `cat > taken; mv taken stored; ${WAIT}`],
  ] as const)("%s, leaves a stored secret that works, and the new id", async ([_when, exec], test) => {
    const given = await sceneWithStore(test);
    const running = run(given, rotation(given, "--exec", exec));
    await running.said("ready");
    running.child.kill("SIGKILL");
    const { stderr } = await running.ended;
    const live = given.server.accounts.secretsOf(clientId);
    const stored = given.stored().startsWith("{") ? JSON.parse(given.stored()).secret : given.stored();
    expect(live.map(({ value }) => value)).toContain(stored);
    expect(live).toHaveLength(2);
    expect(stderr).toContain(`created secret ${live[1]?.id} of ${clientId}`);
  });
});

describe.concurrent("told to stop", () => {
  it.for(["SIGINT", "SIGTERM"] as const)("by %s deletes the new secret again and exits 3", async (name, test) => {
    const given = await sceneWithStore(test);
    const running = run(given, rotation(given, ...VIA_FILE));
    given.server.setFaults(async (request) => {
      if (!isOf("token", clientId)(request)) return undefined;
      running.child.kill(name);
      await running.said(`${name}: finishing`);
      return undefined;
    });
    const { exitCode, signal, stdout, stderr } = await running.ended;
    expect({ exitCode, signal }).toEqual({ exitCode: 3, signal: null });
    expect(JSON.parse(stdout)).toMatchObject({ status: "failed", step: "verify", created: { now: "deleted" } });
    expect(stderr).toContain("has been deleted again");
    expect(liveIds(given)).toEqual([given.previous.id]);
    expect(given.stored()).toBe(given.previous.value);
  });

  it("by SIGHUP under nohup, goes on to its end", async (test) => {
    const given = await sceneWithStore(test);
    const { env, directory } = given;
    const args = [process.execPath, program.path, ...rotation(given, ...VIA_FILE)];
    const running = start(test, "nohup", args, { env, cwd: directory });
    given.server.setFaults((request) => void (isOf("create")(request) && running.child.kill("SIGHUP")));
    const { exitCode, stdout } = await running.ended;
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ status: "rotated", previous: "deleted" });
  });

  it("by Ctrl-C, which reaches the whole process group, lets the command store the secret", async (test) => {
    const given = await sceneWithStore(test);
    const running = run(given, rotation(given, "--exec", `${WAIT}; cat > stored; echo stored`));
    await running.said("ready");
    const { pid = expect.fail("It has not started.") } = running.child;
    process.kill(-pid, "SIGINT");
    await running.said("SIGINT: finishing");
    rmSync(join(given.directory, "here"));
    const { exitCode, stderr } = await running.ended;
    expect(exitCode).toBe(3);
    expect(stderr).toContain("\nstored\n");
    const live = given.server.accounts.secretsOf(clientId);
    expect(live.map(({ value }) => value)).toContain(JSON.parse(given.stored()).secret);
  });

  it("twice exits at once and says what to check, as JSON too", async (test) => {
    const given = await sceneWithStore(test);
    const running = run(given, rotation(given, "--exec", `cat > /dev/null; ${WAIT}`));
    await running.said("ready");
    running.child.kill("SIGINT");
    await running.said("finishing");
    // Within half a second it would be taken for the same press of Ctrl-C.
    await new Promise((resolve) => setTimeout(resolve, 600));
    running.child.kill("SIGINT");
    const { exitCode, stdout, stderr } = await running.ended;
    expect(exitCode).toBe(3);
    expect(stderr).toContain(`stopped while storing the new secret of ${clientId}. Find out which secret is in use`);
    const created = { id: liveIds(given)[1], now: "alive" };
    expect(JSON.parse(stdout)).toMatchObject({ status: "failed", step: "store", created });
  });
});

describe.concurrent("cut off", () => {
  const creation = ["create", "--expires-after-hours", "8"];

  it("from a reader that has gone, exits 3 and names the secret", async (test) => {
    const given = await sceneWithStore(test);
    const running = run(given, creation);
    running.child.stdout?.destroy();
    const { exitCode, stderr } = await running.ended;
    expect(exitCode).toBe(3);
    expect(stderr).toContain("cannot write to stdout (EPIPE)");
    expect(stderr).toContain(`secret ${liveIds(given)[1]} of ${clientId} is alive and its value is lost`);
  });

  it.runIf(existsSync("/dev/full"))("by a full disk, exits 3 and names the secret", async (test) => {
    const given = await sceneWithStore(test);
    const { exitCode, stderr } = await shell(given, "> /dev/full", creation).ended;
    expect(exitCode).toBe(3);
    expect(stderr).toContain("cannot write to stdout (ENOSPC)");
    expect(stderr).toContain(`secret ${liveIds(given)[1]} of ${clientId} is alive and its value is lost`);
  });

  it("by a limit that lets only a part of the JSON through, exits 3 and says what was done", async (test) => {
    const given = await sceneWithStore(test);
    // A block is 512 bytes to some shells and 1024 to others; either way only a part fits.
    writeFileSync(join(given.directory, "out"), "x".repeat(400));
    const args = rotation(given, "--exec", "cat > /dev/null");
    const { exitCode, stderr } = await shell(given, ">> out", args, "ulimit -f 1 &&").ended;
    expect(exitCode).toBe(3);
    expect(stderr).toContain("cannot write to stdout (EFBIG)");
    expect(stderr).toContain(`secret ${liveIds(given)[0]} of ${clientId} is stored; the previous one is deleted`);
  });

  it.for([">&-", "> /dev/null"])("by %s, creates nothing", async (redirection, test) => {
    const given = await sceneWithStore(test);
    const { exitCode, stderr } = await shell(given, redirection, creation).ended;
    expect(exitCode).toBe(2);
    expect(stderr).toContain("stdout is discarded");
    expect(given.server.requests).toEqual([]);
  });

  it("from whoever read stderr, still comes to its end", async (test) => {
    const given = await sceneWithStore(test);
    const running = run(given, rotation(given, ...VIA_FILE));
    running.child.stderr?.destroy();
    const { exitCode, stdout } = await running.ended;
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ status: "rotated", previous: "deleted" });
    expect(given.server.accounts.secretsOf(clientId).map(({ value }) => value)).toEqual([given.stored()]);
  });
});

/** Puts code in front of the program, to make the runtime behave in another way. */
const planted = (code: string) => ({ NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(code)}` });

const FILE_HANDLE = `
  import { existsSync, writeFileSync } from "node:fs";
  import { open } from "node:fs/promises";
  const handle = await open("/dev/null");
  const { constructor: { prototype } } = handle;
  await handle.close();`;

describe.concurrent("a secret file is tried before anything is created, and", () => {
  it.for([
    ["by a limit on the size of files, is", "ulimit -f 1 &&", {}, "cannot write to .* \\(EFBIG\\)"],
    [
      "by a runtime without sync, is",
      "",
      planted(`${FILE_HANDLE} prototype.sync = undefined;`),
      "sync is not a function",
    ],
    [
      "as its owner's, is",
      "",
      planted(`${FILE_HANDLE} prototype.stat = async () => ({ uid: -1, gid: -1 });
        prototype.chown = async () => { throw Object.assign(new Error(), { code: "EPERM" }); };`),
      "--secret-file: the file's owner and group \\(\\d+:\\d+\\) cannot be kept \\(EPERM\\); run the command as its owner",
    ],
    [
      "by a working directory that has gone, is",
      "mkdir gone && cd gone && rmdir ../gone &&",
      {},
      "the working directory cannot be used \\(ENOENT\\)",
    ],
  ] as const)("kept from being written %s wrong usage", async ([_how, limit, more, said], test) => {
    const given = await sceneWithStore(test);
    const { exitCode, stderr } = await shell(
      { ...given, env: { ...given.env, ...more } },
      "",
      rotation(given, ...VIA_FILE),
      limit,
    ).ended;
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(new RegExp(said));
    expect(given.server.requests).toEqual([]);
  });

  it.for(["SIGINT", "SIGKILL"] as const)("leaves no part of the secret behind after %s", async (name, test) => {
    const given = await sceneWithStore(test);
    // The first two syncs are those of the rehearsal, the third that of the secret itself.
    const stuck = `${FILE_HANDLE}
      const { sync } = prototype;
      let count = 0;
      prototype.sync = function () {
        count += 1;
        if (count < 3) return sync.call(this);
        writeFileSync("stuck", "");
        return new Promise(() => setInterval(() => undefined, 1000));
      };`;
    const running = run({ ...given, env: { ...given.env, ...planted(stuck) } }, rotation(given, ...VIA_FILE));
    while (!existsSync(join(given.directory, "stuck"))) await new Promise((resolve) => setTimeout(resolve, 50));
    const leftovers = () => readdirSync(given.directory).filter((file) => file.endsWith(".tmp"));
    expect(leftovers()).toHaveLength(1);
    running.child.kill(name);
    if (name === "SIGINT") {
      await running.said("finishing");
      await new Promise((resolve) => setTimeout(resolve, 600));
      running.child.kill(name);
    }
    await running.ended;
    const left = leftovers();
    expect(left).toHaveLength(name === "SIGKILL" ? 1 : 0);
    const secretFile = join(given.directory, "stored");
    const again = run(given, ["rotate", "--expires-after-hours", "8", "--secret-file", secretFile, "--dry-run"]);
    const { exitCode, stderr } = await again.ended;
    expect(exitCode).toBe(0);
    for (const file of left) expect(stderr).toContain(`removed ${join(given.directory, file)}`);
    expect(leftovers()).toEqual([]);
    expect(given.stored()).toBe(given.previous.value);
  });
});

describe("atlas-secrets", () => {
  it("exits 3 at a defect: Node's own code for it would say that nothing was changed", async (test) => {
    const given = await sceneWithStore(test);
    const planted = `process.once("SIGUSR2",()=>{throw new Error("planted")})`;
    const env = { ...given.env, NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(planted)}` };
    const running = run({ ...given, env }, rotation(given, ...VIA_FILE));
    given.server.setFaults((request) => {
      if (isOf("token", clientId)(request)) running.child.kill("SIGUSR2");
      return undefined;
    });
    const { exitCode, stderr } = await running.ended;
    expect(exitCode).toBe(3);
    expect(stderr).toContain(`created secret ${liveIds(given)[1]} of ${clientId}`);
    expect(stderr).toContain("stopped by a defect; look in Atlas at what exists: Error: planted");
  });

  it("keeps its exit code, whatever signals come after the last step", async (test) => {
    const given = await sceneWithStore(test);
    const running = run(given, rotation(given, ...VIA_FILE));
    given.server.setFaults(async ({ kind, clientId: of }) => {
      if (kind !== "revoke" || of !== ADMIN.clientId) return undefined;
      running.child.kill("SIGTERM");
      return { applied: true, ends: "hang" };
    });
    const { exitCode, signal, stdout } = await running.ended;
    expect({ exitCode, signal }).toEqual({ exitCode: 0, signal: null });
    expect(JSON.parse(stdout)).toMatchObject({ status: "rotated" });
  });

  it("starts from its source", () => {
    const main = fileURLToPath(new URL("main.ts", import.meta.url));
    const version = execFileSync(process.execPath, ["--import", "tsx", main, "--version"], { encoding: "utf8" });
    expect(version).toBe(`${VERSION}\n`);
    expect(readFileSync(main, "utf8")).toMatch(/^#!\/usr\/bin\/env node\n/);
  });
});
