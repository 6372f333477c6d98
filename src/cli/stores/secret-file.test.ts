import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  closeSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import fs from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { SecretNotStoredError } from "../../index.js";
import { errorOf } from "../../testing/scripted-client.js";
import { codeOf } from "../terminal/exit-code.js";
import { clientId, temporaryDirectory } from "../testing/command.js";
import { replaceFile } from "./atomic-file.js";
import { fileStore, type SecretStore } from "./secret-file.js";

const secret = "mdb_sa_sk_fake-not-a-real-secret";

const storeOf = (path: string, leftovers: string[] = []) =>
  fileStore(path, { onLeftover: (name) => leftovers.push(name), rehearsed: new Set() });
const problemOf = (path: string) => storeOf(path).check();

async function checked(path: string, leftovers: string[] = []): Promise<SecretStore> {
  const file = storeOf(path, leftovers);
  expect(await file.check()).toBeUndefined();
  return file;
}

const writeSecretFile = (file: SecretStore, value: string) =>
  file.store({
    clientId,
    groupId: "5f".repeat(12),
    id: "32b6e34b3d91647abb20e7b8",
    createdAt: "",
    expiresAt: "",
    secret: value,
  });

const modeOf = (path: string) => statSync(path).mode & 0o7777;
const isRoot = process.geteuid?.() === 0;

/** Whether the system lets this process do such a thing to a file; most need to be root for it. */
function can(make: readonly [string, ...string[]], undo: readonly [string, ...string[]]): boolean {
  const directory = mkdtempSync(join(tmpdir(), "atlas-secrets-can-"));
  writeFileSync(join(directory, "file"), "");
  const [done, undone] = [make, undo].map(([program, ...args]) => {
    return spawnSync(program, [...args, join(directory, "file")]).status === 0;
  });
  if (done !== true || undone === true) rmSync(directory, { recursive: true });
  return done === true && undone === true;
}
const canMount = can(["mount", "--bind", "/proc/version"], ["umount"]);
const canMakeImmutable = can(["chattr", "+i"], ["chattr", "-i"]);

describe("a secret file", () => {
  it("writes the secret and nothing else, readable for the owner alone, and leaves nothing beside it", async () => {
    const directory = temporaryDirectory();
    const path = join(directory, "secret");
    await writeSecretFile(await checked(path), secret);
    expect(readFileSync(path, "utf8")).toBe(secret);
    expect(modeOf(path)).toBe(0o600);
    expect(readdirSync(directory)).toEqual(["secret"]);
  });

  it("puts a new file in the place of the old one, so that nobody ever reads a part", async () => {
    const path = join(temporaryDirectory(), "secret");
    writeFileSync(path, "the old one", { mode: 0o600 });
    const reader = openSync(path, "r");
    await writeSecretFile(await checked(path), secret);
    expect(readFileSync(reader, "utf8")).toBe("the old one");
    closeSync(reader);
    expect(readFileSync(path, "utf8")).toBe(secret);
  });

  it.each([0o400, 0o600, 0o640])("keeps the mode of the file that it replaces: %o", async (mode) => {
    const path = join(temporaryDirectory(), "secret");
    writeFileSync(path, "the old one");
    chmodSync(path, mode);
    await writeSecretFile(await checked(path), secret);
    expect(modeOf(path)).toBe(mode);
  });

  it.runIf(isRoot)("keeps the owner and the group of the file that it replaces", async () => {
    const path = join(temporaryDirectory(), "secret");
    writeFileSync(path, "the old one");
    chmodSync(path, 0o640);
    chownSync(path, 4711, 4712);
    await writeSecretFile(await checked(path), secret);
    expect(statSync(path)).toMatchObject({ uid: 4711, gid: 4712 });
    expect(modeOf(path)).toBe(0o640);
  });

  it.each<[string, (path: string, directory: string) => void]>([
    ["a symbolic link", (path, directory) => symlinkSync(join(directory, "elsewhere"), path)],
    ["another file", (path) => writeFileSync(path, "another's")],
    ["a second name of the file", (path, directory) => linkSync(path, join(directory, "second"))],
  ])("stores nothing if the path has become %s since it was checked", async (what, change) => {
    const directory = temporaryDirectory();
    const path = join(directory, "secret");
    if (what.startsWith("a second")) writeFileSync(path, "the old one", { mode: 0o600 });
    const file = await checked(path);
    change(path, directory);
    const before = readdirSync(directory);
    const error = await errorOf(writeSecretFile(file, secret), SecretNotStoredError);
    expect(error.message).toBe(`${path} has been changed by another program since it was checked`);
    expect(readdirSync(directory)).toEqual(before);
  });

  it("stores nothing if the directory has been replaced since it was checked", async () => {
    const directory = join(temporaryDirectory(), "inner");
    mkdirSync(directory);
    const file = await checked(join(directory, "secret"));
    renameSync(directory, `${directory}-moved`);
    mkdirSync(directory);
    await errorOf(writeSecretFile(file, secret), SecretNotStoredError);
    expect(readdirSync(directory)).toEqual([]);
  });

  it("says that nothing is stored if the directory has gone", async () => {
    const directory = temporaryDirectory();
    const path = join(directory, "secret");
    const file = await checked(path);
    rmSync(directory, { recursive: true });
    const error = await errorOf(writeSecretFile(file, secret), SecretNotStoredError);
    expect(error).toMatchObject({ code: "ERR_SECRET_NOT_STORED", message: `${path} could not be written (ENOENT)` });
  });
});

describe("the check of a path, before there is a secret", () => {
  it("accepts a file that can be created or replaced, and leaves nothing behind", async () => {
    const directory = temporaryDirectory();
    const path = join(directory, "secret");
    await checked(path);
    expect(readdirSync(directory)).toEqual([]);
    writeFileSync(path, "the old one", { mode: 0o600 });
    await checked(path);
    expect(readFileSync(path, "utf8")).toBe("the old one");
    expect(readdirSync(directory)).toEqual(["secret"]);
  });

  it("refuses a directory that is not there, or is none", async () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, "file"), "");
    expect(await problemOf(join(directory, "gone", "secret"))).toBe(`cannot write to ${directory}/gone (ENOENT)`);
    expect(await problemOf(join(directory, "file", "secret"))).toBe(`cannot write to ${directory}/file (ENOTDIR)`);
  });

  it("refuses a symbolic link, because whoever reads the file behind it would keep the old secret", async () => {
    const directory = temporaryDirectory();
    const link = join(directory, "link");
    symlinkSync(join(directory, "behind"), link);
    expect(await problemOf(link)).toBe(`${link} is a symbolic link; name the file itself`);
  });

  it("refuses a file with several hard links, for the same reason", async () => {
    const path = join(temporaryDirectory(), "secret");
    writeFileSync(path, "the old one", { mode: 0o600 });
    linkSync(path, `${path}-too`);
    expect(await problemOf(path)).toMatch(/has 2 names \(hard links\)/);
  });

  it.each([0o644, 0o660, 0o4600, 0o604])("refuses a file whose mode allows more than 0640: %o", async (mode) => {
    const path = join(temporaryDirectory(), "secret");
    writeFileSync(path, "the old one");
    chmodSync(path, mode);
    expect(await problemOf(path)).toBe(
      `${path} has mode ${mode.toString(8).padStart(4, "0")}; a file with a secret may have at most 0640`,
    );
  });

  it("refuses whatever is no file", async () => {
    const directory = temporaryDirectory();
    expect(await problemOf(directory)).toBe(`${directory} is not a file`);
    expect(await problemOf("/dev/null")).toBe("/dev/null is not a file");
    execFileSync("mkfifo", [join(directory, "pipe")]);
    expect(await problemOf(join(directory, "pipe"))).toBe(`${join(directory, "pipe")} is not a file`);
  });

  it.runIf(canMount)("refuses a mount point, which no rename can replace", async () => {
    const path = join(temporaryDirectory(), "secret with a space");
    writeFileSync(path, "", { mode: 0o600 });
    execFileSync("mount", ["--bind", path, path]);
    onTestFinished(() => void execFileSync("umount", [path]));
    expect(await problemOf(path)).toBe(`${path} is a mount point and cannot be replaced; mount its directory`);
  });

  it.runIf(canMakeImmutable)("refuses an immutable file and an immutable directory", async () => {
    const directory = temporaryDirectory();
    const path = join(directory, "secret");
    writeFileSync(path, "", { mode: 0o600 });
    for (const immutable of [path, directory]) {
      execFileSync("chattr", ["+i", immutable]);
      onTestFinished(() => void execFileSync("chattr", ["-i", immutable]));
    }
    expect(await problemOf(path)).toBe(`${path} cannot be changed (EPERM): it may be immutable`);
    expect(await problemOf(join(directory, "other"))).toBe(`cannot write to ${directory} (EPERM)`);
  });

  it.runIf(!isRoot)("refuses a directory in which no file can be made", async () => {
    const directory = temporaryDirectory();
    chmodSync(directory, 0o500);
    expect(await problemOf(join(directory, "secret"))).toBe(`cannot write to ${directory} (EACCES)`);
  });

  it("finds what a run that was killed has left behind, names it and removes it, and nothing of a run that lives", async () => {
    const directory = temporaryDirectory();
    const { pid: ended } = spawnSync("true");
    const nameOf = (pid: number | undefined) => `.atlas-secrets-${pid}-${"0".repeat(16)}.tmp`;
    // One has the number of this process, as in a container every run may have; but it is not this run's.
    for (const pid of [ended, process.pid, process.ppid])
      writeFileSync(join(directory, nameOf(pid)), "part of a secret");
    const leftovers: string[] = [];
    await checked(join(directory, "secret"), leftovers);
    const removed = [ended, process.pid].map(
      (pid) => `removed ${join(directory, nameOf(pid))}, which a run that was killed`,
    );
    expect(leftovers.sort()).toEqual(removed.sort().map((each) => `${each} had left behind`));
    expect(readdirSync(directory)).toEqual([nameOf(process.ppid)]);
  });

  it.each([
    ["win32", 3, "moved"],
    ["win32", 100, "EPERM"],
    ["linux", 1, "EPERM"],
  ] as const)("on %s, a file that is held open %i times is: %s", async (platform, times, end) => {
    const directory = temporaryDirectory();
    const { rename } = fs;
    let held = 0;
    fs.rename = async (...args) => {
      held += 1;
      if (held <= times) throw Object.assign(new Error("planted"), { code: "EPERM" });
      return rename(...args);
    };
    syncBuiltinESMExports();
    onTestFinished(() => {
      fs.rename = rename;
      syncBuiltinESMExports();
    });
    const moved = replaceFile(join(directory, "secret"), "x", { platform });
    expect(await moved.then(() => "moved", codeOf)).toBe(end);
    expect(readdirSync(directory)).toEqual(end === "moved" ? ["secret"] : []);
  });
});
