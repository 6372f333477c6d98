import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  closeSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { SecretNotStoredError } from "../../index.js";
import { errorOf } from "../../testing/scripted-client.js";
import { temporaryDirectory } from "../testing/command.js";
import { secretFileProblem, writeSecretFile } from "./secret-file.js";

const secret = "mdb_sa_sk_fake-not-a-real-secret";

describe("writeSecretFile", () => {
  it("writes the secret and nothing else, readable for the owner alone, and leaves nothing beside it", async () => {
    const directory = temporaryDirectory();
    await writeSecretFile(join(directory, "secret"), secret);
    expect(readFileSync(join(directory, "secret"), "utf8")).toBe(secret);
    expect(statSync(join(directory, "secret")).mode & 0o7777).toBe(0o600);
    expect(readdirSync(directory)).toEqual(["secret"]);
  });

  it("puts a new file in the place of the old one, so that nobody ever reads a part", async () => {
    const path = join(temporaryDirectory(), "secret");
    writeFileSync(path, "the old one");
    chmodSync(path, 0o644);
    const reader = openSync(path, "r");
    await writeSecretFile(path, secret);
    expect(readFileSync(reader, "utf8")).toBe("the old one");
    closeSync(reader);
    expect(readFileSync(path, "utf8")).toBe(secret);
    expect(statSync(path).mode & 0o7777).toBe(0o600);
  });

  it("does not write through another name of the old file", async () => {
    const directory = temporaryDirectory();
    const path = join(directory, "secret");
    writeFileSync(path, "the old one");
    linkSync(path, join(directory, "other"));
    await writeSecretFile(path, secret);
    expect(readFileSync(join(directory, "other"), "utf8")).toBe("the old one");
  });

  it.runIf(process.geteuid?.() === 0)("keeps the owner of the file that it replaces", async () => {
    const path = join(temporaryDirectory(), "secret");
    writeFileSync(path, "the old one");
    chownSync(path, 4711, 4712);
    await writeSecretFile(path, secret);
    expect(statSync(path)).toMatchObject({ uid: 4711, gid: 4712 });
    expect(statSync(path).mode & 0o7777).toBe(0o600);
  });

  it("leaves everything as it was where the name cannot be taken, and says that nothing is stored", async () => {
    const directory = temporaryDirectory();
    const path = join(directory, "taken");
    mkdirSync(path);
    const error = await errorOf(writeSecretFile(path, secret), SecretNotStoredError);
    expect(error).toMatchObject({ code: "ERR_SECRET_NOT_STORED", message: `${path} could not be written (EISDIR)` });
    expect(readdirSync(directory)).toEqual(["taken"]);
  });

  it("says that nothing is stored where the directory has gone", async () => {
    const path = join(temporaryDirectory(), "gone", "secret");
    const error = await errorOf(writeSecretFile(path, secret), SecretNotStoredError);
    expect(error).toMatchObject({ code: "ERR_SECRET_NOT_STORED", message: `${path} could not be written (ENOENT)` });
  });
});

describe("what speaks against a path, before there is a secret", () => {
  it("is nothing where a file can be made or replaced", () => {
    const path = join(temporaryDirectory(), "secret");
    expect(secretFileProblem(path)).toBeUndefined();
    writeFileSync(path, "the old one");
    expect(secretFileProblem(path)).toBeUndefined();
  });

  it("is a directory that is not there, or is none", () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, "file"), "");
    expect(secretFileProblem(join(directory, "gone", "secret"))).toBe(
      `${directory}/gone cannot be written to (ENOENT)`,
    );
    expect(secretFileProblem(join(directory, "file", "secret"))).toBe(`${directory}/file is not a directory`);
  });

  it("is a symbolic link, because whoever reads the file behind it would keep the old secret", () => {
    const directory = temporaryDirectory();
    const link = join(directory, "link");
    symlinkSync(join(directory, "behind"), link);
    expect(secretFileProblem(link)).toBe(`${link} is a symbolic link; name the file itself`);
  });

  it("is whatever is no file", () => {
    const directory = temporaryDirectory();
    expect(secretFileProblem(directory)).toBe(`${directory} is not a file`);
    expect(secretFileProblem("/dev/null")).toBe("/dev/null is not a file");
    execFileSync("mkfifo", [join(directory, "pipe")]);
    expect(secretFileProblem(join(directory, "pipe"))).toBe(`${join(directory, "pipe")} is not a file`);
  });
});
