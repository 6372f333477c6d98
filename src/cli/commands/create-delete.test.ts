import { readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ADMIN, GROUP_ID, ORG_ID } from "../../testing/atlas/start-atlas.js";
import { clientId, command, liveIds, scene } from "../testing/command.js";

const args = ["create", "--expires-after-hours", "720"];

describe("create", () => {
  it("prints the whole secret once, as JSON, and names it on stderr", async () => {
    const { server, env } = await scene();
    const { exitCode, stdout, stderr } = await command(args, { env }, { printsSecret: true });
    const [, created] = server.accounts.secretsOf(clientId);
    const { id, value, createdAt, expiresAt } = created ?? expect.fail("Nothing was created.");
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ status: "created", clientId, id, createdAt, expiresAt, secret: value });
    expect(stderr).toBe(`atlas-secrets: created secret ${id} of ${clientId}\n`);
  });

  it("with --secret-file writes the value there, for the owner alone, and does not print it", async () => {
    const { server, env, directory } = await scene();
    const secretFile = join(directory, "atlas.secret");
    const { exitCode, stdout } = await command([...args, "--secret-file", secretFile], { env });
    const [, created] = server.accounts.secretsOf(clientId);
    expect(exitCode).toBe(0);
    expect(readFileSync(secretFile, "utf8")).toBe(created?.value);
    expect(statSync(secretFile).mode & 0o777).toBe(0o600);
    expect(JSON.parse(stdout)).toMatchObject({ status: "created", id: created?.id, secretFile });
  });

  it("with --exec hands the whole response and the ids to the command", async () => {
    const { server, env, directory } = await scene();
    const taken = join(directory, "taken.json");
    const { exitCode, stdout } = await command([...args, "--exec", `cat > ${taken}`], { env });
    const [, created] = server.accounts.secretsOf(clientId);
    const { value: secret, id, createdAt, expiresAt } = created ?? expect.fail("Nothing was created.");
    expect(exitCode).toBe(0);
    expect(JSON.parse(readFileSync(taken, "utf8"))).toMatchObject({
      clientId,
      groupId: GROUP_ID,
      id,
      createdAt,
      expiresAt,
      secret,
    });
    expect(JSON.parse(stdout)).toMatchObject({ status: "created", id, exec: `cat > ${taken}` });
  });

  it("exits 3 and says how to delete the secret where the file cannot be written after all", async () => {
    const { server, env, directory } = await scene();
    server.setFaults(({ kind }) => {
      if (kind === "create") rmSync(directory, { recursive: true });
      return undefined;
    });
    const { exitCode, json, stderr } = await command([...args, "--secret-file", join(directory, "s")], { env });
    const [, id] = liveIds({ server });
    expect(exitCode).toBe(3);
    const remedies = [{ action: "delete-secret", orgId: ORG_ID, clientId, secretId: id }];
    expect(json).toMatchObject({ status: "failed", step: "store", created: { id, now: "alive" }, remedies });
    expect(stderr).toContain(`${join(directory, "s")} could not be written (ENOENT)`);
    expect(stderr).toContain(`atlas-secrets delete --org-id ${ORG_ID} --client-id ${clientId} --secret-id ${id}`);
  });

  it("exits 3 and says that it may be stored where the command fails", async () => {
    const { server, env } = await scene();
    const { exitCode, json, stderr } = await command([...args, "--exec", "exit 7"], { env });
    const [, id] = liveIds({ server });
    expect(exitCode).toBe(3);
    const remedies = [{ action: "look-in-atlas", orgId: ORG_ID, clientId, secretId: id }];
    expect(json).toMatchObject({ status: "failed", step: "store", created: { id, now: "alive" }, remedies });
    expect(stderr).toContain("the command ended with exit code 7");
    expect(stderr).toContain(`secret ${id} of ${clientId} is alive and may have been stored`);
    expect(stderr).toContain("Find out which secret is in use and delete the other one.");
  });

  it("exits 3 and names the secret where stdout is closed", async () => {
    const { server, env } = await scene();
    const write = () => Promise.reject(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
    const { exitCode, stderr } = await command(args, { env, stdout: { write } });
    const [, id] = liveIds({ server });
    expect(exitCode).toBe(3);
    expect(stderr).toContain("cannot write to stdout (EPIPE)");
    expect(stderr).toContain(`secret ${id} of ${clientId} is alive and its value is lost`);
    expect(stderr).toContain(`Delete secret ${id}: \`atlas-secrets delete --org-id`);
  });

  it("refuses before anything is sent where stdout goes nowhere and nothing else takes the value", async () => {
    const { server, env } = await scene();
    const { exitCode, stderr } = await command(args, { env, stdout: { isDiscarded: () => true } });
    expect(exitCode).toBe(2);
    expect(stderr).toContain("stdout is discarded");
    expect(server.requests).toEqual([]);
  });

  it.each([
    ["is refused", { applied: false, ends: { status: 403, body: { error: 403, errorCode: "FORBIDDEN" } } }, 1],
    ["gets no answer", { applied: true, ends: "reset" }, 3],
    ["is answered with what nobody can read", { applied: true, ends: { status: 201, body: "}" } }, 3],
  ] as const)("exits with what may have happened where it %s", async (_how, fault, expected) => {
    const { server, env } = await scene();
    server.setFaults(({ kind }) => (kind === "create" ? fault : undefined));
    const { exitCode, json, stderr } = await command(args, { env });
    expect(exitCode).toBe(expected);
    const remedies = expected === 3 ? [{ action: "look-in-atlas", orgId: ORG_ID, clientId }] : [];
    expect(json).toMatchObject({ status: "failed", clientId, remedies });
    if (expected === 3) expect(stderr).toContain(`Look in Atlas at the secrets of ${clientId}`);
    else expect(stderr).toContain("403 FORBIDDEN");
  });

  it("exits 3 and names the secret where Atlas tells no value", async () => {
    const { server, env } = await scene();
    const without = ({ status, body }: { status: number; body?: unknown }) => ({
      status,
      body: { ...Object(body), secret: undefined },
    });
    server.setFaults(({ kind }) => (kind === "create" ? { applied: true, ends: without } : undefined));
    const { exitCode, json, stderr } = await command(args, { env });
    const [, id] = liveIds({ server });
    expect({ exitCode, json }).toMatchObject({
      exitCode: 3,
      json: { status: "failed", created: { id, now: "alive" } },
    });
    expect(stderr).toContain(`--secret-id ${id}`);
  });

  it("revokes its token at the end", async () => {
    const { server, env } = await scene();
    await command(args, { env }, { printsSecret: true });
    expect(server.requests.map(({ kind, clientId: account }) => [kind, account])).toEqual([
      ["token", ADMIN.clientId],
      ["create", clientId],
      ["revoke", ADMIN.clientId],
    ]);
  });
});

describe("delete", () => {
  it("ends the secret and says so as JSON", async () => {
    const { server, env, previous } = await scene();
    const ended = await command(["delete", "--secret-id", previous.id], { env });
    expect(ended).toMatchObject({ exitCode: 0, stderr: "" });
    expect(JSON.parse(ended.stdout)).toEqual({ status: "deleted", clientId, id: previous.id });
    expect(liveIds({ server })).toEqual([]);
  });

  it("exits 1 where there is no such secret", async () => {
    const { server, env, previous } = await scene();
    const ended = await command(["delete", "--secret-id", "0".repeat(24)], { env });
    expect(ended).toMatchObject({
      exitCode: 1,
      json: { status: "failed", clientId, error: { code: "ERR_ATLAS_API" } },
    });
    expect(ended.stderr).toContain("404 RESOURCE_NOT_FOUND");
    expect(liveIds({ server })).toEqual([previous.id]);
  });

  it("says gone if only a repeat found no such secret, because a wrong organization looks the same", async () => {
    const { server, env } = await scene();
    server.setFaults(({ kind, nth }) =>
      kind === "delete" && nth === 1 ? { applied: false, ends: { status: 503 } } : undefined,
    );
    const id = "0".repeat(24);
    const ended = await command(["delete", "--secret-id", id], { env });
    expect(ended).toMatchObject({ exitCode: 0, json: { status: "gone", clientId, id } });
    expect(ended.stderr).toContain(`secret ${id} of ${clientId} was not found: it is gone, or it belongs to another`);
  });

  it("exits 3 where no attempt was answered", async () => {
    const { server, env, previous } = await scene();
    server.setFaults(({ kind }) => (kind === "delete" ? { applied: true, ends: "reset" } : undefined));
    const ended = await command(["delete", "--secret-id", previous.id, "--retries", "0"], { env });
    expect(ended).toMatchObject({
      exitCode: 3,
      json: { status: "failed", id: previous.id, error: { outcome: "unknown" } },
    });
    expect(ended.stderr).toContain("Whether the call took effect is unknown.");
  });

  it("exits 3 where stdout is closed, and says what was done", async () => {
    const { env, previous } = await scene();
    const write = () => Promise.reject(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
    const { exitCode, stderr } = await command(["delete", "--secret-id", previous.id], { env, stdout: { write } });
    expect(exitCode).toBe(3);
    expect(stderr).toContain(`secret ${previous.id} of ${clientId} was deleted`);
  });
});
