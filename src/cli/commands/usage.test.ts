import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ADMIN, GROUP_ID, ORG_ID } from "../../testing/atlas/start-atlas.js";
import { clientId, command, type Scene, scene } from "../testing/command.js";

describe("wrong usage exits 2 and", () => {
  it.each([
    ["suggests the near option", ["rotate", "--projetc-id", "x"], "(Did you mean --project-id?)"],
    ["suggests the near command", ["rotat"], "(Did you mean rotate?)"],
    ["shows the help where there is no command", [], "Usage: atlas-secrets"],
    ["refuses an argument", ["create", "mdb_sa_sk_fake-secret"], "too many arguments"],
    ["refuses an option without its value", ["create", "--secret-file"], "argument missing"],
    [
      "refuses a credential as an option, without repeating it",
      ["create", "--client-secret=mdb_sa_sk_fake-x"],
      "unknown option",
    ],
    [
      "refuses a fleet together with one account",
      ["rotate", "--fleet", "f.json", "--client-id", "x"],
      "cannot be used with option '--client-id <id>'",
    ],
  ])("%s", async (_what, args, said) => {
    const { exitCode, stdout, stderr } = await command(args, {});
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toContain(said);
  });

  it("names all that is missing at once, and the variables that would do", async () => {
    const { exitCode, stderr } = await command(["rotate"], {});
    expect(exitCode).toBe(2);
    expect(stderr.split("\n")).toEqual([
      "atlas-secrets: --project-id is missing; you can also set MONGODB_ATLAS_PROJECT_ID",
      "atlas-secrets: --client-id is missing; you can also set ATLAS_SECRETS_CLIENT_ID",
      "atlas-secrets: --expires-after-hours is missing",
      "atlas-secrets: --org-id is missing; you can also set MONGODB_ATLAS_ORG_ID",
      expect.stringContaining("atlas-secrets: --secret-file or --exec is missing"),
      expect.stringContaining("atlas-secrets: credentials: expected MONGODB_ATLAS_CLIENT_ID and"),
      "atlas-secrets: nothing was sent; see atlas-secrets rotate --help",
      "",
    ]);
  });

  it.each([
    [["--client-id", ""], '--client-id: expected a string that matches ^mdb_sa_id_[a-fA-F\\d]{24}$, got ""'],
    [
      ["--project-id", "mdb_sa_sk_fake-x"],
      '--project-id: expected a string that matches ^([a-f0-9]{24})$, got "mdb_sa_sk_…"',
    ],
    [["--base-url", ""], "--base-url: expected an https URL"],
    [["--base-url", "http://cloud.mongodb.com"], "--base-url: expected an https URL"],
    [["--timeout", "0"], '--timeout: expected a number of seconds above 0, up to 2000000, got "0"'],
    [["--timeout", "1e3"], '--timeout: expected a number of seconds above 0, up to 2000000, got "1e3"'],
    [["--retries", "-1"], '--retries: expected an integer from 0 to 1000, got "-1"'],
    [["--secret-file", ""], "--secret-file: the path is empty"],
    [["--secret-file", "caf\ufffd"], '--secret-file: expected UTF-8, got "caf\ufffd"'],
    [["--exec", ""], "--exec: the command is empty"],
    [
      ["--exec", "cat", "--secret-file", "x"],
      "option '--exec <command>' cannot be used with option '--secret-file <path>'",
    ],
  ])("says what is wrong with %j", async (args, said) => {
    const { env, server } = await scene();
    const { exitCode, stderr } = await command(["create", "--expires-after-hours", "8", ...args], { env });
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`atlas-secrets: ${said}`);
    expect(server.requests).toEqual([]);
  });

  it.each([
    ["1.5d", 'expected an integer or a duration such as 30d, got "1.5d"'],
    ["30 d", 'expected an integer or a duration such as 30d, got "30 d"'],
    ["1w", 'expected an integer or a duration such as 30d, got "1w"'],
    ["0", "expected a value > 0, got 0"],
    ["0d", "expected a value > 0, got 0"],
    ["99999999999d", "expected a value <= 2147483647, got 2399999999976"],
  ])("says what is wrong with a lifetime of %s", async (hours, said) => {
    const { env } = await scene();
    const { exitCode, stderr } = await command(["create", "--expires-after-hours", hours], { env });
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`atlas-secrets: --expires-after-hours: ${said}`);
  });

  it.each(["--jitter", "--max-wait", "--retries"])("takes 0 for %s: not waiting, not repeating", async (option) => {
    const { env } = await scene();
    const args = ["rotate", "--expires-after-hours", "8", "--exec", "cat", "--dry-run", option, "0"];
    expect(await command(args, { env })).toMatchObject({ exitCode: 0, stderr: "" });
  });

  it.each(["--exec-timeout", "--timeout", "--max-wait"])("has room for the most that %s can be", async (option) => {
    const { env } = await scene();
    const args = ["rotate", "--expires-after-hours", "8", "--exec", "cat > /dev/null", option];
    expect(await command([...args, "2000000"], { env })).toMatchObject({ exitCode: 0 });
    expect(await command([...args, "2000001"], { env })).toMatchObject({ exitCode: 2 });
  });

  it("names an empty path of a state", async () => {
    const { exitCode, stderr } = await command(["status", "--state", ""], {});
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining("--state: the path is empty")]);
  });

  it.each([
    ["--org-id", "4e1b0a9f8d7c6b5a49382716"],
    ["--secret-file", "./s"],
    ["--timeout", "5"],
    ["--base-url", "https://example.com"],
  ])("refuses %s given twice, rather than take the last", async (option, value) => {
    const { env, server } = await scene();
    const args = ["rotate", "--expires-after-hours", "8", "--exec", "cat", option, value, option, value];
    const { exitCode, stderr } = await command(args, { env });
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(new RegExp(`option '${option} <\\w+>' is given more than once`));
    expect(server.requests).toEqual([]);
  });

  it.each([
    ["--state and --no-state", ["--state", "s.json", "--no-state"]],
    ["--no-state and --state", ["--no-state", "--state", "s.json"]],
  ])("refuses %s together, rather than take the last", async (_what, args) => {
    const { exitCode, stderr } = await command(["rotate", "--fleet", "fleet.json", ...args], {});
    expect(exitCode).toBe(2);
    expect(stderr).toContain("cannot be used with its opposite");
  });

  it.each([
    ["--exec-timeout", ["--exec-timeout", "5", "--secret-file", "s"], "--exec"],
    ["--exec-inherit-credentials", ["--exec-inherit-credentials", "--secret-file", "s"], "--exec"],
    ["--concurrency", ["--concurrency", "2", "--exec", "cat"], "--fleet"],
    ["--max-failures", ["--max-failures", "2", "--exec", "cat"], "--fleet"],
    ["--accept-unknown", ["--accept-unknown", "--exec", "cat"], "--state"],
    ["--renew-before", ["--renew-before", "10d", "--exec", "cat"], "--state"],
  ])("refuses %s where it would do nothing", async (option, args, needed) => {
    const { env, server, directory } = await scene();
    const given = args.map((each) => (each === "s" ? `${directory}/s` : each));
    const { exitCode, stderr } = await command(["rotate", "--expires-after-hours", "8", ...given], { env });
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`atlas-secrets: ${option} needs ${needed}\n`);
    expect(server.requests).toEqual([]);
  });

  it("refuses --group-id, the other name of --project-id, together with it", async () => {
    const id = "5f0c1a2b3c4d5e6f70819203";
    const { exitCode, stderr } = await command(["create", "--project-id", id, "--group-id", id], {});
    expect(exitCode).toBe(2);
    expect(stderr).toContain("cannot be used with option '--project-id <id>'");
  });

  it("does not take the signing account for the one that is meant", async () => {
    const { env } = await scene();
    const { ATLAS_SECRETS_CLIENT_ID: _unset, ...without } = env;
    const { exitCode, stderr } = await command(["create", "--expires-after-hours", "8"], { env: without });
    expect(exitCode).toBe(2);
    expect(stderr).toContain("--client-id is missing");
  });
});

const creation = {
  step: "create",
  method: "POST",
  path: `/api/atlas/v2/groups/${GROUP_ID}/serviceAccounts/${clientId}/secrets`,
  body: { secretExpiresAfterHours: 8 },
};
const verification = { step: "verify", method: "POST", path: "/api/oauth/token" };
const deletionOf = (step: string, secretId: string) => ({
  step,
  method: "DELETE",
  path: `/api/atlas/v2/orgs/${ORG_ID}/serviceAccounts/${clientId}/secrets/${secretId}`,
});

async function planned(given: Scene, ...args: string[]) {
  const ended = await command([...args, "--dry-run"], { env: given.env });
  expect(ended).toMatchObject({ exitCode: 0, stderr: "" });
  expect(given.server.requests).toEqual([]);
  return JSON.parse(ended.stdout);
}

describe("--dry-run", () => {
  it("says what create would send, and sends nothing", async () => {
    const given = await scene();
    expect(await planned(given, "create", "--expires-after-hours", "8")).toEqual({
      dryRun: true,
      baseUrl: given.server.url,
      steps: [creation],
    });
  });

  it("says what delete would send, and sends nothing", async () => {
    const given = await scene();
    const { steps } = await planned(given, "delete", "--secret-id", given.previous.id);
    expect(steps).toEqual([deletionOf("delete", given.previous.id)]);
  });

  it("says every step of a rotation, and writes nothing", async () => {
    const given = await scene();
    const secretFile = join(given.directory, "atlas.secret");
    const ids = ["--expires-after-hours", "8", "--previous-secret-id", given.previous.id];
    const { steps } = await planned(given, "rotate", ...ids, "--secret-file", secretFile);
    expect(steps).toEqual([
      creation,
      verification,
      { step: "store", secretFile },
      deletionOf("delete-previous", given.previous.id),
    ]);
    expect(readdirSync(given.directory)).toEqual([]);
  });

  it("says every rotation of a fleet", async () => {
    const given = await scene();
    const fleet = join(given.directory, "fleet.json");
    const entry = { groupId: GROUP_ID, orgId: ORG_ID, clientId, secretExpiresAfterHours: 8, exec: "cat" };
    writeFileSync(fleet, JSON.stringify({ rotations: [entry] }));
    const { rotations } = await planned(given, "rotate", "--fleet", fleet);
    expect(rotations).toEqual([{ clientId, steps: [creation, verification, { step: "store", exec: "cat" }] }]);
  });

  it.each([
    ["7", "Atlas allows 8 hours to 365 days, and refuses 7 hours"],
    ["366d", "Atlas allows 8 hours to 365 days, and refuses 8784 hours"],
  ])("warns of a lifetime of %s, which Atlas refuses", async (hours, warning) => {
    const { env, directory } = await scene();
    const args = ["rotate", "--expires-after-hours", hours, "--secret-file", join(directory, "s"), "--dry-run"];
    const ended = await command(args, { env });
    expect(ended).toMatchObject({ exitCode: 0, stderr: `atlas-secrets: warning: ${warning}\n` });
    expect(ended.json).toMatchObject({ warnings: [warning] });
    const fleet = join(directory, "fleet.json");
    writeFileSync(
      fleet,
      JSON.stringify({
        rotations: [{ clientId, secretExpiresAfterHours: Number.parseInt(hours, 10) === 7 ? 7 : hours, exec: "cat" }],
      }),
    );
    const ofFleet = await command(["rotate", "--fleet", fleet, "--dry-run"], { env });
    expect(ofFleet.json).toMatchObject({ warnings: [`/rotations/0: ${warning}`] });
  });

  it("shows nothing of the credentials", async () => {
    const given = await scene();
    const args = ["create", "--expires-after-hours", "8", "--dry-run"];
    const { stdout } = await command(args, { env: given.env });
    expect(stdout).not.toContain(ADMIN.clientSecret);
    expect(stdout).not.toContain(ADMIN.clientId);
  });

  it("refuses what the command would refuse", async () => {
    const { env } = await scene();
    const { exitCode } = await command(["create", "--expires-after-hours", "0", "--dry-run"], { env });
    expect(exitCode).toBe(2);
    const withoutCredentials = { ...env, MONGODB_ATLAS_CLIENT_SECRET: "" };
    const args = ["create", "--expires-after-hours", "8", "--dry-run"];
    const ended = await command(args, { env: withoutCredentials });
    expect(ended.exitCode).toBe(2);
    expect(ended.stderr).toContain("MONGODB_ATLAS_CLIENT_SECRET");
  });

  it("exits 1 where the plan cannot be printed: nothing was changed", async () => {
    const { env } = await scene();
    const write = () => Promise.reject(new Error("closed"));
    const args = ["create", "--expires-after-hours", "8", "--dry-run"];
    expect(await command(args, { env, stdout: { write } })).toMatchObject({ exitCode: 1 });
  });
});
