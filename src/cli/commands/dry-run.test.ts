import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ADMIN, GROUP_ID, ORG_ID } from "../../testing/atlas/start-atlas.js";
import { clientId, command, type Scene, scene } from "../testing/command.js";

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
