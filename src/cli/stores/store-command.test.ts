import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { SecretNotStoredError } from "../../index.js";
import { errorOf } from "../../testing/scripted-client.js";
import { clientId, temporaryDirectory } from "../testing/command.js";
import { isAlive } from "./atomic-file.js";
import type { HandedSecret } from "./secret-file.js";
import { commandStore } from "./store-command.js";

const secret: HandedSecret = {
  clientId,
  groupId: "5f".repeat(12),
  id: "32b6e34b3d91647abb20e7b8",
  createdAt: "2025-05-04T09:42:00Z",
  expiresAt: "2025-05-04T17:42:00Z",
  secret: "not-a-real-secret-of-any-known-form",
};

/** Longer than any argument of a process can be. */
const TOO_LONG = `true ${"x".repeat(200_000)}`;

function context() {
  const lines: string[] = [];
  const { PATH, HOME } = process.env;
  return {
    lines,
    env: { PATH, HOME },
    directory: temporaryDirectory(),
    onLine: (line: string) => void lines.push(line),
    credentials: ["fake-credential-of-the-client"],
    timeoutMs: 60_000,
  };
}

type Context = ReturnType<typeof context>;
const runStoreCommand = (command: string, handed: HandedSecret, around: Context) =>
  commandStore(command, around).store(handed);
const storeCommandProblem = (command: string, around: Context) => commandStore(command, around).check();

describe("a command that stores a secret", () => {
  it("hands the secret over as one JSON document on standard input, in the given directory", async () => {
    const around = context();
    await runStoreCommand("cat > taken", secret, around);
    expect(JSON.parse(readFileSync(join(around.directory, "taken"), "utf8"))).toEqual(secret);
  });

  it("takes exit 0 as stored, even where the command did not read its input", async () => {
    await runStoreCommand("true", secret, context());
  });

  it.each([
    ["exit 1", "the command ended with exit code 1"],
    ["cat > /dev/null; exit 127", "the command ended with exit code 127"],
    ["no-such-command-here | cat > /dev/null; no-such-command-here", "the command ended with exit code 127"],
    ["kill -9 $$", "the command was ended by SIGKILL"],
  ])("after %s it may have been stored", async (command, message) => {
    const error = await errorOf(runStoreCommand(command, secret, context()), Error);
    expect(error).not.toBeInstanceOf(SecretNotStoredError);
    expect(error.message).toBe(message);
  });

  it("a program that exits with 127 by itself may have stored it", async () => {
    const around = context();
    const program = join(around.directory, "store");
    writeFileSync(program, "#!/bin/sh\ncat > stored\nno-such-command-here\n", { mode: 0o755 });
    const error = await errorOf(runStoreCommand(program, secret, around), Error);
    expect(error).not.toBeInstanceOf(SecretNotStoredError);
    expect(existsSync(join(around.directory, "stored"))).toBe(true);
  });

  it.each([
    [
      "there is no such program",
      "no-such-command-here --quiet 'an argument'",
      "no-such-command-here is not found or not executable",
    ],
    ["there is no such file", "./store", "./store is not found or not executable"],
    ["the program is a directory", "/bin", "/bin is not found or not executable"],
    ["the system cannot start it", TOO_LONG, "the command could not be started (E2BIG)"],
  ])("where %s, it certainly was not stored", async (_why, command, message) => {
    const error = await errorOf(runStoreCommand(command, secret, context()), SecretNotStoredError);
    expect(error).toMatchObject({ code: "ERR_SECRET_NOT_STORED", message });
  });

  it("where no process can be started, it certainly was not stored", async () => {
    const around = context();
    rmSync(around.directory, { recursive: true });
    const error = await errorOf(runStoreCommand("true", secret, around), SecretNotStoredError);
    expect(error).toMatchObject({
      code: "ERR_SECRET_NOT_STORED",
      message: "the command could not be started (ENOENT)",
    });
  });

  it("passes both outputs on line by line, with the secret masked", async () => {
    const around = context();
    await runStoreCommand("cat; echo done; echo 'no end of line' >&2 | printf unended >&2", secret, around);
    expect(around.lines.join("\n")).not.toContain(secret.secret);
    expect(around.lines).toContain(JSON.stringify({ ...secret, secret: "…" }));
    expect(around.lines).toContain("done");
    expect(around.lines.some((line) => line.includes("unended"))).toBe(true);
  });

  it.each([
    ["of this process's credentials", "echo fake-credential-of-the-client"],
    ["of the secret in base64, wrapped", "printf %s not-a-real-secret-of-any-known-form | base64 -w 20"],
    [
      "of the secret in hexadecimal digits",
      "printf %s not-a-real-secret-of-any-known-form | od -An -v -tx1 | tr -d ' '",
    ],
    ["of the secret, piece by piece", "printf not-a-real-; sleep 0.05; echo secret-of-any-known-form"],
  ])("shows nothing %s", async (_what, command) => {
    const around = context();
    await runStoreCommand(command, secret, around);
    expect(around.lines.join("")).toMatch(/^…+$/);
  });

  it("ends a command that has not finished in time, and all that it has started, first politely", async () => {
    const around = { ...context(), timeoutMs: 2000 };
    const command = "trap 'echo asked' TERM; sleep 60 & echo $! > started; wait; sleep 60";
    const error = await errorOf(runStoreCommand(command, secret, around), Error);
    expect(error).not.toBeInstanceOf(SecretNotStoredError);
    expect(error.message).toBe("the command was ended, because it had not finished after 2 s");
    expect(around.lines).toContain("asked");
    expect(isAlive(Number(readFileSync(join(around.directory, "started"), "utf8")))).toBe(false);
  });

  it("does not let a command go on that ignores being asked", async () => {
    const around = { ...context(), timeoutMs: 2000 };
    const command = "trap '' TERM; echo $$ > started; while true; do sleep 0.1; done";
    await errorOf(runStoreCommand(command, secret, around), Error);
    const pid = Number(readFileSync(join(around.directory, "started"), "utf8"));
    await expect.poll(() => isAlive(pid)).toBe(false);
  });

  it("does not wait for what the command leaves in the background", async () => {
    const around = context();
    const started = performance.now();
    await runStoreCommand("sleep 30 & echo $! > background", secret, around);
    expect(performance.now() - started).toBeLessThan(25_000);
    process.kill(Number(readFileSync(join(around.directory, "background"), "utf8")));
  });
});

describe("what speaks against a command, before there is a secret", () => {
  it.each([
    ["", "the command is empty"],
    ["  ", "the command is empty"],
    ["no-such-command-here --quiet", "no-such-command-here is not found or not executable"],
    ["./store", "./store is not found or not executable"],
    ["/bin", "/bin is not found or not executable"],
    ["/etc/passwd x", "/etc/passwd is not found or not executable"],
  ])("%j: %s", async (command, problem) => {
    expect(await storeCommandProblem(command, context())).toBe(problem);
  });

  it("is that the system cannot start it", async () => {
    expect(await storeCommandProblem(TOO_LONG, context())).toBe("the command cannot be started (E2BIG)");
  });

  it("is what the shell cannot read", async () => {
    expect(await storeCommandProblem("if true", context())).toMatch(/^the shell cannot read it: .*\S$/);
  });

  it.each([
    "cat",
    "/bin/cat -n",
    "FILE=x no-such-command-here",
    "test -t 0 && no-such-command-here",
    "exit 1",
    ": > file",
  ])("is nothing that can only be known by running it: %s", async (command) => {
    const around = context();
    expect(await storeCommandProblem(command, around)).toBeUndefined();
    expect(existsSync(join(around.directory, "file"))).toBe(false);
  });
});
