import { describe, expect, it } from "vitest";
import { clientId, command, liveIds, scene } from "../testing/command.js";

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
