/**
 * `timeoutMs`: for each attempt anew, from sending to the end of the body.
 */
import { describe, expect, it, vi } from "vitest";
import { AtlasApiError, AtlasError, AtlasNetworkError, AtlasResponseError } from "../index.js";
import { creation, deletion, errorOf, scripted, secret } from "../testing/scripted-client.js";
import { atlasError, hang, hangInBody, reply, type Step } from "../testing/scripted-server.js";

/** Long enough for an answer on loopback, whatever else the machine does. */
const timeoutMs = 400;

/** Answers after so many milliseconds: the time is what these tests are about. */
function slowly(milliseconds: number, step: Step): Step {
  return async (...exchange) => {
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    return step(...exchange);
  };
}

describe("timeoutMs", () => {
  it("ends an attempt that gets no answer, and says so", async () => {
    const { server, atlas } = await scripted([hang], { timeoutMs });
    const start = performance.now();
    const error = await errorOf(atlas.createGroupServiceAccountSecret(creation), AtlasNetworkError);
    expect(performance.now() - start).toBeGreaterThanOrEqual(timeoutMs - 2);
    expect(error).toMatchObject({ timedOut: true, connected: true, outcome: "unknown" });
    expect(error.message).toContain("No response within 400 ms. Whether the call took effect is unknown.");
    expect(error.cause).toMatchObject({ name: "TimeoutError" });
    await server.connectionsEnded(1);
  });

  it("is fresh for each attempt: three slow ones together may take longer", async () => {
    const slow = slowly(150, atlasError(503, "DOWN"));
    const { server, atlas } = await scripted([slow, slow, slowly(150, reply(204))], { timeoutMs });
    const start = performance.now();
    await atlas.deleteOrgServiceAccountSecret(deletion);
    expect(performance.now() - start).toBeGreaterThan(timeoutMs);
    expect(server.count("DELETE")).toBe(3);
  });

  it("ends each attempt of a server that never answers", async () => {
    const { server, atlas } = await scripted(() => hang, { timeoutMs: 40, retry: { maxAttempts: 3, maxDelayMs: 1 } });
    const error = await errorOf(atlas.deleteOrgServiceAccountSecret(deletion), AtlasNetworkError);
    expect(error).toMatchObject({ timedOut: true, outcome: "unknown" });
    expect(server.count("DELETE")).toBe(3);
    await server.connectionsEnded(3);
  });

  it("covers the body of a success: the secret exists, its value is lost", async () => {
    const { server, atlas } = await scripted([hangInBody(201, '{"id": "32b6')], { timeoutMs });
    const error = await errorOf(atlas.createGroupServiceAccountSecret(creation), AtlasResponseError);
    expect(error).toMatchObject({ status: 201, outcome: "applied", cause: { name: "TimeoutError" } });
    expect(error.message).toContain('the body could not be read to its end. It begins: {"id": "32b6');
    expect(server.count("POST")).toBe(1);
    await server.connectionsEnded(1);
  });

  it("covers the body of an error, whose status is known all the same", async () => {
    const { server, atlas } = await scripted([hangInBody(403, '{"error": 403')], { timeoutMs });
    const error = await errorOf(atlas.createGroupServiceAccountSecret(creation), AtlasApiError);
    expect(error).toMatchObject({ status: 403, outcome: "not-applied", cause: { name: "TimeoutError" } });
    expect(error.message).toContain('The response begins: {"error": 403');
    await server.connectionsEnded(1);
  });

  it("in the body of an error that may be repeated, repeats by its status", async () => {
    const { server, atlas, retries } = await scripted([hangInBody(503, "<html>"), reply(204)], { timeoutMs });
    await atlas.deleteOrgServiceAccountSecret(deletion);
    expect(server.count("DELETE")).toBe(2);
    expect(retries.map(({ reason }) => reason)).toEqual([503]);
  });

  it("does not count the waits between attempts", async () => {
    const body = { error: 429, errorCode: "RATE_LIMITED", parameters: ["x", 0.5] };
    const { atlas } = await scripted([reply(429, body), reply(201, secret)], {
      timeoutMs,
      retry: { maxDelayMs: 1000 },
    });
    expect(await atlas.createGroupServiceAccountSecret(creation)).toEqual(secret);
  });

  it("ends also a fetch that takes no notice of its signal", async () => {
    const { atlas } = await scripted([], { timeoutMs: 30, fetch: () => new Promise(() => undefined) });
    const error = await errorOf(atlas.createGroupServiceAccountSecret(creation), AtlasNetworkError);
    expect(error).toMatchObject({ timedOut: true, outcome: "unknown" });
  });

  it.each([201, 403])("ends also the body of a %d that such a fetch leaves open", async (status) => {
    const cancelled = vi.fn();
    const fetch = async () => new Response(new ReadableStream({ cancel: cancelled }), { status });
    const { atlas } = await scripted([], { timeoutMs: 30, fetch });
    const error = await errorOf(atlas.createGroupServiceAccountSecret(creation), AtlasError);
    expect(error).toMatchObject({ status, cause: { name: "TimeoutError" } });
    expect(cancelled).toHaveBeenCalledOnce();
  });

  it("lets go of an answer that such a fetch brings too late", async () => {
    let bring: (response: Response) => void = () => undefined;
    let letGo: (reason: unknown) => void = () => undefined;
    const cancelled = new Promise((resolve) => {
      letGo = resolve;
    });
    const late = new Promise<Response>((resolve) => {
      bring = resolve;
    });
    const { atlas } = await scripted([], { timeoutMs: 30, fetch: () => late });
    await errorOf(atlas.createGroupServiceAccountSecret(creation), AtlasNetworkError);
    bring(new Response(new ReadableStream({ cancel: letGo }), { status: 201 }));
    await cancelled;
  });

  it("leaves no timer behind", async () => {
    const { atlas } = await scripted([reply(204), atlasError(404, "NONE")], { timeoutMs: 2 ** 31 - 1 });
    const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
    const before = timers();
    await atlas.deleteOrgServiceAccountSecret(deletion);
    await errorOf(atlas.deleteOrgServiceAccountSecret(deletion), AtlasApiError);
    // fetch itself keeps timers of its own for its connections; one of ours would be of 25 days.
    expect(timers()).toBeLessThanOrEqual(before + 1);
  });
});
