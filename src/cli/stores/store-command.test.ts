import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { SecretNotStoredError } from "../../index.js";
import { errorOf } from "../../testing/scripted-client.js";
import { clientId, temporaryDirectory } from "../testing/command.js";
import { type HandedSecret, runStoreCommand, storeCommandProblem } from "./store-command.js";

const secret: HandedSecret = {
  clientId,
  groupId: "5f".repeat(12),
  id: "32b6e34b3d91647abb20e7b8",
  createdAt: "2025-05-04T09:42:00Z",
  expiresAt: "2025-05-04T17:42:00Z",
  secret: "not-a-real-secret-of-any-known-form",
};

function surroundings() {
  const lines: string[] = [];
  const { PATH, HOME } = process.env;
  return {
    lines,
    env: { PATH, HOME },
    directory: temporaryDirectory(),
    onLine: (line: string) => void lines.push(line),
  };
}

describe("runStoreCommand", () => {
  it("hands the secret over as one JSON document on standard input, in the given directory", async () => {
    const around = surroundings();
    await runStoreCommand("cat > taken", secret, around);
    expect(JSON.parse(readFileSync(join(around.directory, "taken"), "utf8"))).toEqual(secret);
  });

  it("takes exit 0 as stored, even where the command did not read its input", async () => {
    await runStoreCommand("true", secret, surroundings());
  });

  it.each([
    ["exit 1", "the command ended with exit code 1"],
    ["cat > /dev/null; exit 127", "the command ended with exit code 127"],
    ["no-such-command-here | cat > /dev/null; no-such-command-here", "the command ended with exit code 127"],
    ["kill -9 $$", "the command was ended by SIGKILL"],
  ])("after %s it may have been stored", async (command, message) => {
    const error = await errorOf(runStoreCommand(command, secret, surroundings()), Error);
    expect(error).not.toBeInstanceOf(SecretNotStoredError);
    expect(error.message).toBe(message);
  });

  it("a program that exits with 127 by itself may have stored it", async () => {
    const around = surroundings();
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
      "the command is not found: no-such-command-here",
    ],
    ["there is no such file", "./store", "the command is not found: ./store"],
  ])("where %s, it certainly was not stored", async (_why, command, message) => {
    const error = await errorOf(runStoreCommand(command, secret, surroundings()), SecretNotStoredError);
    expect(error).toMatchObject({ code: "ERR_SECRET_NOT_STORED", message });
  });

  it("where no process can be started, it certainly was not stored", async () => {
    const around = surroundings();
    rmSync(around.directory, { recursive: true });
    const error = await errorOf(runStoreCommand("true", secret, around), SecretNotStoredError);
    expect(error).toMatchObject({
      code: "ERR_SECRET_NOT_STORED",
      message: "the command could not be started (ENOENT)",
    });
  });

  it("passes both outputs on line by line, with the secret masked", async () => {
    const around = surroundings();
    await runStoreCommand("cat; echo done; echo 'no end of line' >&2 | printf unended >&2", secret, around);
    expect(around.lines.join("\n")).not.toContain(secret.secret);
    expect(around.lines).toContain(JSON.stringify({ ...secret, secret: "…" }));
    expect(around.lines).toContain("done");
    expect(around.lines.some((line) => line.includes("unended"))).toBe(true);
  });

  it("does not wait for what the command leaves in the background", async () => {
    const around = surroundings();
    const started = performance.now();
    await runStoreCommand("sleep 30 & echo $! > background", secret, around);
    expect(performance.now() - started).toBeLessThan(10_000);
    process.kill(Number(readFileSync(join(around.directory, "background"), "utf8")));
  });
});

describe("what speaks against a command, before there is a secret", () => {
  it.each([
    ["", "the command is empty"],
    ["  ", "the command is empty"],
    ["no-such-command-here --quiet", "no-such-command-here is not found"],
    ["./store", "./store is not found"],
  ])("%j: %s", (command, problem) => {
    expect(storeCommandProblem(command, surroundings())).toBe(problem);
  });

  it("is what the shell cannot read", () => {
    expect(storeCommandProblem("if true", surroundings())).toMatch(/^the shell cannot read it: .*\S$/);
  });

  it.each([
    "cat",
    "/bin/cat -n",
    "FILE=x no-such-command-here",
    "test -t 0 && no-such-command-here",
    "exit 1",
    ": > file",
  ])("is nothing that can only be known by running it: %s", (command) => {
    const around = surroundings();
    expect(storeCommandProblem(command, around)).toBeUndefined();
    expect(existsSync(join(around.directory, "file"))).toBe(false);
  });
});
