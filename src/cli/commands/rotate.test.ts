import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ADMIN, ORG_ID } from "../../testing/atlas/start-atlas.js";
import { clientId, command, liveIds, scene } from "../testing/command.js";

/** Everything but where the new secret goes. */
const rotation = (previousSecretId: string) => [
  ...["rotate", "--expires-after-hours", "720"],
  ...["--previous-secret-id", previousSecretId],
];

afterEach(() => vi.restoreAllMocks());

describe("rotate", () => {
  it("leaves the new secret in the file and nothing of the old one in Atlas", async () => {
    const { server, env, previous, directory } = await scene();
    const secretFile = join(directory, "atlas.secret");
    const ended = await command([...rotation(previous.id), "--secret-file", secretFile], { env });
    const [{ id, value, createdAt, expiresAt } = expect.fail("No secret is left.")] =
      server.accounts.secretsOf(clientId);
    expect(ended.exitCode).toBe(0);
    expect(ended.stderr).toBe(`atlas-secrets: created secret ${id} of ${clientId}\n`);
    expect(JSON.parse(ended.stdout)).toEqual({
      ...{ status: "rotated", clientId, id, createdAt, expiresAt },
      ...{ previous: "deleted", previousSecretId: previous.id, secretFile },
    });
    expect(readFileSync(secretFile, "utf8")).toBe(value);
    expect(liveIds({ server })).toEqual([id]);
  });

  it("keeps the previous secret where none is named", async () => {
    const { server, env, previous } = await scene();
    const ended = await command(["rotate", "--expires-after-hours", "720", "--exec", "cat > /dev/null"], { env });
    expect(JSON.parse(ended.stdout)).toMatchObject({ status: "rotated", previous: "kept" });
    expect(liveIds({ server })).toContain(previous.id);
  });

  it("goes on with the new secret where it rotates the account that it signs in with", async () => {
    const { server, env, directory } = await scene();
    const [previous = expect.fail("The admin has no secret.")] = server.accounts.secretsOf(ADMIN.clientId);
    const secretFile = join(directory, "admin.secret");
    const own = { ...env, ATLAS_SECRETS_CLIENT_ID: ADMIN.clientId };
    const ended = await command([...rotation(previous.id), "--secret-file", secretFile], { env: own });
    expect(ended.exitCode).toBe(0);
    const [{ id, value } = expect.fail("No secret is left.")] = server.accounts.secretsOf(ADMIN.clientId);
    expect(readFileSync(secretFile, "utf8")).toBe(value);
    expect(server.requests.find(({ kind }) => kind === "delete")?.signedWith).toBe(id);
  });

  it("refuses to start where the secret would go nowhere", async () => {
    const { server, env, previous } = await scene();
    const ended = await command(rotation(previous.id), { env });
    expect(ended).toMatchObject({ exitCode: 2, stdout: "" });
    expect(ended.stderr).toContain("--secret-file or --exec is missing");
    expect(server.requests).toEqual([]);
  });

  it("deletes the new secret again where the file cannot be written after all", async () => {
    const { server, env, previous, directory } = await scene();
    server.setFaults(({ kind }) => {
      if (kind === "create") rmSync(directory, { recursive: true });
      return undefined;
    });
    const ended = await command([...rotation(previous.id), "--secret-file", join(directory, "s")], { env });
    expect(ended).toMatchObject({
      exitCode: 3,
      json: { status: "failed", clientId, error: { code: "ERR_SECRET_ROTATION" } },
    });
    expect(ended.stderr).toMatch(/created secret [a-f0-9]{24} of/);
    expect(ended.stderr).toContain("has been deleted again");
    expect(liveIds({ server })).toEqual([previous.id]);
  });

  it("deletes the new secret again where the command has vanished", async () => {
    const { server, env, previous, directory } = await scene();
    const program = join(directory, "store");
    writeFileSync(program, "#!/bin/sh\n", { mode: 0o755 });
    server.setFaults(({ kind }) => {
      if (kind === "create") rmSync(program);
      return undefined;
    });
    const ended = await command([...rotation(previous.id), "--exec", `${program} --quiet`], { env });
    expect(ended.exitCode).toBe(3);
    expect(ended.stderr).toContain(`${program} is not found or not executable`);
    expect(liveIds({ server })).toEqual([previous.id]);
  });

  it("leaves both alive where the command fails, and says so in commands", async () => {
    const { server, env, previous } = await scene();
    const ended = await command([...rotation(previous.id), "--exec", "exit 1"], { env });
    const [, id] = liveIds({ server });
    expect(ended).toMatchObject({
      exitCode: 3,
      json: { status: "failed", clientId, error: { code: "ERR_SECRET_ROTATION" } },
    });
    expect(liveIds({ server })).toEqual([previous.id, id]);
    expect(ended.stderr).toContain(`atlas-secrets delete --org-id ${ORG_ID} --client-id ${clientId} --secret-id ${id}`);
    expect(ended.stderr).not.toContain("deleteOrgServiceAccountSecret(");
  });

  it("lets the command see the credentials of the client only if it is told to", async () => {
    const { env, directory } = await scene();
    const names = ["MONGODB_ATLAS_CLIENT_SECRET", "MONGODB_ATLAS_PRIVATE_API_KEY", "MONGODB_ATLAS_ACCESS_TOKEN"];
    const exec = `cat > /dev/null; env > ${join(directory, "env")}`;
    const args = ["rotate", "--expires-after-hours", "8", "--exec", exec];
    const seen = () => readFileSync(join(directory, "env"), "utf8");
    expect(await command(args, { env })).toMatchObject({ exitCode: 0 });
    for (const name of names) expect(seen()).not.toContain(name);
    expect(seen()).toContain("MONGODB_ATLAS_PROJECT_ID");
    const { server, env: other } = await scene();
    expect(await command([...args, "--exec-inherit-credentials"], { env: other })).toMatchObject({ exitCode: 0 });
    expect(seen()).toContain(`MONGODB_ATLAS_CLIENT_SECRET=${ADMIN.clientSecret}`);
    expect(server.requests.length).toBeGreaterThan(0);
  });

  it("ends a command that does not come to its end, and leaves both alive: it may have stored", async () => {
    const { server, env, previous } = await scene();
    const args = [...rotation(previous.id), "--exec", "cat > /dev/null; sleep 60", "--exec-timeout", "0.2"];
    const ended = await command(args, { env });
    expect(ended).toMatchObject({ exitCode: 3, json: { step: "store", created: { now: "alive" }, previous: "kept" } });
    expect(ended.stderr).toContain("the command was ended, because it had not finished after 0.2 s");
    expect(liveIds({ server })).toHaveLength(2);
  });

  it("says that the previous secret is gone if only a repeat did not find it, and exits 0", async () => {
    const { server, env, previous } = await scene();
    const lost = { applied: true, ends: { status: 503 } } as const;
    server.setFaults(({ kind, nth }) => (kind === "delete" && nth === 1 ? lost : undefined));
    const ended = await command([...rotation(previous.id), "--exec", "cat > /dev/null"], { env });
    expect(ended).toMatchObject({ exitCode: 0, json: { status: "rotated", previous: "gone" } });
    expect(ended.stderr).toContain(`secret ${previous.id} of ${clientId} was not found: it is gone, or it belongs to`);
  });

  it.each([
    [
      "MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET",
      { MONGODB_ATLAS_CLIENT_SECRET: "mdb_sa_sk_fake-wrong" },
    ],
    [
      "MONGODB_ATLAS_ACCESS_TOKEN",
      { MONGODB_ATLAS_CLIENT_ID: "", MONGODB_ATLAS_CLIENT_SECRET: "", MONGODB_ATLAS_ACCESS_TOKEN: "fake-token-wrong" },
    ],
  ])("names %s if the client cannot sign in", async (variables, more) => {
    const { env } = await scene();
    const args = ["rotate", "--expires-after-hours", "8", "--exec", "cat"];
    const ended = await command(args, { env: { ...env, ...more } });
    expect(ended.exitCode).toBe(1);
    expect(ended.stderr).toContain(`The command signs in with ${variables}.`);
  });

  it("waits no longer than --max-wait, and names it", async () => {
    const { server, env, previous } = await scene();
    const limited = { status: 429, headers: { "retry-after": "90" } };
    server.setFaults(({ kind }) => (kind === "create" ? { applied: false, ends: limited } : undefined));
    const args = [...rotation(previous.id), "--exec", "cat", "--max-wait", "80"];
    const ended = await command(args, { env });
    expect(ended.exitCode).toBe(1);
    expect(ended.stderr).toContain("To let the command wait that long, use --max-wait 90.");
    expect(server.requests.filter(({ kind }) => kind === "create")).toHaveLength(1);
  });

  it("exits 1 where the creation is refused, and says how to make room", async () => {
    const { server, env, previous } = await scene();
    server.accounts.addSecret(clientId, 8);
    const ended = await command([...rotation(previous.id), "--exec", "cat"], { env });
    expect(ended).toMatchObject({
      exitCode: 1,
      json: { status: "failed", step: "create", previous: "kept", error: { outcome: "not-applied" } },
    });
    expect(ended.stderr).toContain(
      `atlas-secrets delete --org-id ${ORG_ID} --client-id ${clientId} --secret-id SECRET_ID`,
    );
    expect(ended.stderr).not.toContain("deleteOrgServiceAccountSecret(");
  });

  it.each([
    ["the response to the creation is lost", { kind: "create", fault: { applied: true, ends: "reset" } }],
    ["the new secret does not work", { kind: "token", fault: { applied: false, ends: { status: 401, body: {} } } }],
    ["the previous secret cannot be deleted", { kind: "delete", fault: { applied: false, ends: { status: 403 } } }],
  ] as const)("exits 3 where %s", async (_what, { kind, fault }) => {
    const { server, env, previous } = await scene();
    server.setFaults((request) => {
      const hit = request.kind === kind && request.clientId === clientId;
      if (!hit || (request.secretId !== undefined) !== (kind === "delete")) return undefined;
      // As if the time in which a new secret may become known everywhere were over.
      vi.spyOn(performance, "now").mockReturnValue(performance.now() + 60_000);
      return fault;
    });
    const ended = await command([...rotation(previous.id), "--exec", "cat > /dev/null"], { env });
    expect(ended).toMatchObject({
      exitCode: 3,
      json: { status: "failed", clientId, error: { code: "ERR_SECRET_ROTATION" } },
    });
    expect(ended.stderr).toContain(clientId);
    expect(liveIds({ server })).toContain(previous.id);
  });

  it("exits 3 where stdout is closed, and says that all is done", async () => {
    const { server, env, previous } = await scene();
    const write = () => Promise.reject(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
    const args = [...rotation(previous.id), "--exec", "cat > /dev/null"];
    const { exitCode, stderr } = await command(args, { env, stdout: { write } });
    const [id] = liveIds({ server });
    expect(exitCode).toBe(3);
    expect(stderr).toContain(`secret ${id} of ${clientId} is stored; the previous one is deleted`);
  });
});
