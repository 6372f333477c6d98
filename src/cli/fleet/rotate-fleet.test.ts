import { EventEmitter } from "node:events";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { GROUP_ID, ORG_ID } from "../../testing/atlas/start-atlas.js";
import { command, liveIds, type Scene, scene } from "../testing/command.js";

const accounts = ["a", "b", "c", "d"].map((digit) => `mdb_sa_id_${digit.repeat(24)}`);
const defaults = { groupId: GROUP_ID, orgId: ORG_ID, secretExpiresAfterHours: 720 };

interface Fleet extends Scene {
  readonly file: string;
  /** Ids of the secrets at the beginning, one for each account. */
  readonly previousIds: readonly string[];
}

/** Four accounts, each with one secret, and a file that rotates them all. */
async function fleet(changes: readonly object[] = []): Promise<Fleet> {
  const given = await scene();
  const previousIds = accounts.map((account) => given.server.addAccount(account).id);
  const rotations = accounts.map((clientId, index) => ({
    clientId,
    previousSecretId: previousIds[index],
    secretFile: `${index}.secret`,
    ...changes[index],
  }));
  const file = join(given.directory, "fleet.json");
  writeFileSync(file, JSON.stringify({ defaults, rotations }, undefined, 2));
  return { ...given, file, previousIds };
}

/** Writes a file as it is, and answers what is said against it. */
async function refusalOf(given: Scene, text: string): Promise<string[]> {
  const file = join(given.directory, "fleet.json");
  writeFileSync(file, text);
  const { exitCode, stdout, stderr } = await command(["rotate", "--fleet", file], { env: given.env });
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
  expect(given.server.requests).toEqual([]);
  const lines = stderr.trimEnd().split("\n");
  expect(lines.pop()).toBe("atlas-secrets: nothing was sent; see atlas-secrets rotate --help");
  return lines.map((line) => line.replace(`atlas-secrets: ${file}`, ""));
}

describe("rotate --fleet", () => {
  it("rotates every account and prints one result for each, in the order of the file", async () => {
    const given = await fleet();
    const ended = await command(["rotate", "--fleet", given.file, "--concurrency", "3"], { env: given.env });
    expect(ended.exitCode).toBe(0);
    const { rotations } = JSON.parse(ended.stdout);
    const expected = accounts.map((clientId, index) => {
      const [{ id, createdAt, expiresAt, value } = expect.fail("No secret is left.")] =
        given.server.accounts.secretsOf(clientId);
      const secretFile = join(given.directory, `${index}.secret`);
      expect(readFileSync(secretFile, "utf8")).toBe(value);
      expect(ended.stderr).toContain(`atlas-secrets: created secret ${id} of ${clientId}\n`);
      const previousSecretId = given.previousIds[index];
      const secret = { id, createdAt, expiresAt };
      return { status: "rotated", clientId, ...secret, previous: "deleted", previousSecretId, secretFile };
    });
    expect(rotations).toEqual(expected);
  });

  it("lets one failure stop no other, says what to check, and exits with the worst", async () => {
    const given = await fleet([{}, { secretFile: undefined, exec: "exit 1" }]);
    given.server.accounts.addSecret(accounts[2] ?? "", 8);
    const ended = await command(["rotate", "--fleet", given.file], { env: given.env });
    const { rotations } = JSON.parse(ended.stdout);
    const [, newId] = liveIds(given, accounts[1]);
    expect(ended.exitCode).toBe(3);
    expect(rotations).toMatchObject([
      { status: "rotated", clientId: accounts[0] },
      {
        ...{ status: "failed", clientId: accounts[1], exitCode: 3, step: "store", previous: "kept" },
        created: { id: newId, now: "alive" },
        error: { code: "ERR_SECRET_ROTATION", outcome: "applied", message: expect.stringContaining("exit code 1") },
      },
      {
        ...{ status: "failed", clientId: accounts[2], exitCode: 1, step: "create" },
        error: { outcome: "not-applied", message: expect.stringContaining("MAXIMUM_SECRETS_REACHED") },
      },
      { status: "rotated", clientId: accounts[3] },
    ]);
    expect(ended.stderr).toContain(`--client-id ${accounts[1]} --secret-id ${newId}`);
    expect(ended.stderr).toMatch(/^atlas-secrets: \/rotations\/2: .*MAXIMUM_SECRETS_REACHED/m);
  });

  it("exits 1 where all that failed was refused", async () => {
    const given = await fleet();
    given.server.accounts.addSecret(accounts[2] ?? "", 8);
    expect(await command(["rotate", "--fleet", given.file], { env: given.env })).toMatchObject({ exitCode: 1 });
  });

  it("interrupted, leaves those alone that have not begun, and says so", async () => {
    const given = await fleet();
    const signals = new EventEmitter();
    given.server.setFaults(({ kind }) => {
      if (kind === "delete") signals.emit("SIGTERM");
      return undefined;
    });
    const args = ["rotate", "--fleet", given.file, "--concurrency", "1"];
    const ended = await command(args, { env: given.env, signals });
    expect(ended.exitCode).toBe(130);
    const untouched = { status: "interrupted", exitCode: 130 };
    expect(JSON.parse(ended.stdout).rotations).toMatchObject([{ status: "rotated" }, untouched, untouched, untouched]);
    expect(ended.stderr).toContain("3 of 4 were not rotated, and none of them was changed");
    expect(liveIds(given, accounts[1])).toEqual([given.previousIds[1]]);
  });

  it("may rotate more at the same time than Node expects to listen to one signal", async () => {
    const given = await scene();
    const many = Array.from({ length: 12 }, (_, index) => `mdb_sa_id_${index.toString(16).padStart(24, "0")}`);
    for (const account of many) given.server.addAccount(account);
    const file = join(given.directory, "fleet.json");
    const rotations = many.map((account, index) => ({ clientId: account, secretFile: `${index}.secret` }));
    writeFileSync(file, JSON.stringify({ defaults, rotations }));
    const warnings: Error[] = [];
    const onWarning = (warning: Error) => void warnings.push(warning);
    process.on("warning", onWarning);
    onTestFinished(() => void process.off("warning", onWarning));
    const ended = await command(["rotate", "--fleet", file, "--concurrency", "12"], { env: given.env });
    expect(ended.exitCode).toBe(0);
    expect(warnings).toEqual([]);
  });

  it("exits 3 where nobody can read the results", async () => {
    const given = await fleet();
    const write = () => Promise.reject(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
    const ended = await command(["rotate", "--fleet", given.file], { env: given.env, stdout: { write } });
    expect(ended.exitCode).toBe(3);
    expect(ended.stderr).toContain("cannot write to stdout (EPIPE)");
  });

  it("runs commands in the directory of the file", async () => {
    const given = await fleet(
      accounts.map((_account, index) => ({ secretFile: undefined, exec: `cat > taken${index}` })),
    );
    expect(await command(["rotate", "--fleet", given.file], { env: given.env })).toMatchObject({ exitCode: 0 });
    const taken = JSON.parse(readFileSync(join(given.directory, "taken2"), "utf8"));
    expect(taken).toMatchObject({
      clientId: accounts[2],
      secret: given.server.accounts.secretsOf(accounts[2] ?? "")[0]?.value,
    });
  });

  it("takes project and organization from options or the environment, unless the file has them", async () => {
    const given = await scene();
    const file = join(given.directory, "fleet.json");
    writeFileSync(
      file,
      JSON.stringify({ rotations: [{ clientId: accounts[0], secretExpiresAfterHours: "30d", exec: "cat" }] }),
    );
    const planned = async (args: readonly string[], env: object) => {
      const ended = await command(["rotate", "--fleet", file, "--dry-run", ...args], { env: { ...given.env, ...env } });
      return JSON.stringify(ended.json ?? ended.stderr);
    };
    const other = "0".repeat(24);
    expect(await planned([], {})).toContain(`/groups/${GROUP_ID}/`);
    expect(await planned([], {})).toContain('"secretExpiresAfterHours":720');
    expect(await planned(["--project-id", other], {})).toContain(`/groups/${other}/`);
    expect(await planned([], { MONGODB_ATLAS_PROJECT_ID: "" })).toContain("groupId is missing, here and in /defaults");
    writeFileSync(file, JSON.stringify({ defaults, rotations: [{ clientId: accounts[0], exec: "cat" }] }));
    expect(await planned(["--project-id", other], {})).toContain(`/groups/${GROUP_ID}/`);
  });

  it("puts the account in front of each line that its command prints", async () => {
    const given = await fleet(
      accounts.map((_account, index) => ({ secretFile: undefined, exec: `cat >&2; echo ${index}` })),
    );
    const { exitCode, stderr } = await command(["rotate", "--fleet", given.file], { env: given.env });
    expect(exitCode).toBe(0);
    for (const [index, account] of accounts.entries()) expect(stderr).toContain(`\n${account}: ${index}\n`);
  });

  it("does not stand still because of one command that never ends", async () => {
    const given = await fleet([{ secretFile: undefined, exec: "sleep 60" }]);
    const args = ["rotate", "--fleet", given.file, "--concurrency", "1", "--exec-timeout", "0.2"];
    const { exitCode, json } = await command(args, { env: given.env });
    expect(exitCode).toBe(3);
    expect(json).toMatchObject({ rotations: [{ status: "failed" }, ...Array(3).fill({ status: "rotated" })] });
  });
});

describe("a fleet file that cannot be used", () => {
  it("is told all that is wrong with it, with line and pointer, before anything is sent", async () => {
    const given = await scene();
    mkdirSync(join(given.directory, "there"));
    symlinkSync(join(given.directory, "there"), join(given.directory, "also-there"));
    const text = `{
  "defaults": { "groupId": "5F", "orgId": "${ORG_ID}" },
  "rotations": [
    { "clientId": "${accounts[0]}",
      "secretFile": "there/a" },
    { "clientId": "${accounts[1]}", "secretExpiresAfterHours": 8,
      "secretFile": "also-there/../also-there/a" },
    { "clientId": "${accounts[0]}", "secretExpiresAfterHours": 8, "exec": "no-such-command-here" },
    { "clientId": "${accounts[3]}", "secretExpiresAfterHours": 8, "secretExpiresAfterHours": 9,
      "secretFile": "not-there/d" }
  ]
}`;
    expect(await refusalOf(given, text)).toEqual([
      ':2: /defaults/groupId: expected 24 hexadecimal digits, got "5F"',
      ":4: /rotations/0: secretExpiresAfterHours is missing, here and in /defaults",
      ":7: /rotations/1/secretFile: the same as /rotations/0/secretFile",
      ":8: /rotations/2/clientId: the same as /rotations/0/clientId",
      ":8: /rotations/2/exec: no-such-command-here is not found or not executable",
      ":9: /rotations/3/secretExpiresAfterHours: another member has the same name",
      `:10: /rotations/3/secretFile: cannot write to ${given.directory}/not-there (ENOENT)`,
    ]);
  });

  it("is no JSON", async () => {
    const given = await scene();
    expect(await refusalOf(given, '{\n  "rotations": [\n}\n')).toEqual([":3: not JSON: expected a value"]);
  });

  it("is told together with credentials that are missing", async () => {
    const given = await fleet();
    writeFileSync(given.file, "{}");
    const env = { ...given.env, MONGODB_ATLAS_CLIENT_SECRET: undefined };
    const { exitCode, stderr } = await command(["rotate", "--fleet", given.file, "--concurrency", "0"], { env });
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`${given.file}:1: rotations is missing`);
    expect(stderr).toContain('--concurrency: expected an integer from 1 to 1000, got "0"');
    expect(stderr).toContain("MONGODB_ATLAS_CLIENT_SECRET");
  });

  it("cannot be read", async () => {
    const given = await scene();
    const none = join(given.directory, "none");
    const latin1 = join(given.directory, "latin-1");
    // Read as something else, it would name another file.
    writeFileSync(latin1, Buffer.from('{ "rotations": [{ "secretFile": "caf\u00e9" }] }', "latin1"));
    for (const [file, why] of [
      [none, "ENOENT"],
      [latin1, "not UTF-8"],
    ] as const) {
      const { exitCode, stderr } = await command(["rotate", "--fleet", file], { env: given.env });
      expect(exitCode).toBe(2);
      expect(stderr).toContain(`--fleet: cannot read ${file} (${why})`);
    }
  });
});
