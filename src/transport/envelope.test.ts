/**
 * `envelope: true`: Atlas responds with 200 and puts the real status and body inside.
 */
import { describe, expect, it } from "vitest";
import { AtlasApiError, AtlasResponseError } from "../index.js";
import { creation, deletion, errorOf, revealed, scripted, secret, secretValue } from "../testing/scripted-client.js";
import { hangInBody, reply, reset, type Step, truncated } from "../testing/scripted-server.js";

const wrapped = (status: unknown, content?: unknown) => reply(200, { status, content });
const forbidden = { error: 403, errorCode: "FORBIDDEN", detail: "The detail.", reason: "Forbidden" };
const create = { ...creation, envelope: true };
const remove = { ...deletion, envelope: true };

describe("the result of a create is the unwrapped body", () => {
  it.each<[string, Step]>([
    ["under `content`", wrapped(201, secret)],
    ["under `envelope`, as some pages have it", reply(200, { status: 201, envelope: secret })],
    ["under both: `content` is the documented one", reply(200, { status: 201, content: secret, envelope: null })],
    ["in a response that is not wrapped at all", reply(201, secret)],
    ["in a response that is not wrapped, but has the envelope's status", reply(200, secret)],
    ["under another success status than 200", reply(206, { status: 201, content: secret })],
    ["beside members that nobody knows", reply(200, { links: [], status: 201, content: secret })],
  ])("%s", async (_name, step) => {
    const { server, atlas } = await scripted([step]);
    expect(revealed(await atlas.createGroupServiceAccountSecret(create))).toEqual(secret);
    expect(server.requests.map(({ target }) => target.split("?")[1])).toEqual(["envelope=true"]);
  });
});

describe("a delete succeeds", () => {
  it.each<[string, Step]>([
    ["with a wrapped 204", wrapped(204)],
    ["with a wrapped 204 and null for a body", wrapped(204, null)],
    ["with a wrapped 204 and an object for a body", reply(200, { status: 204, envelope: {} })],
    ["with a 204 that is not wrapped", reply(204)],
  ])("%s", async (_name, step) => {
    const { atlas } = await scripted([step]);
    expect(await atlas.deleteOrgServiceAccountSecret(remove)).toBeUndefined();
  });
});

describe("an error inside a 200", () => {
  it.each(["content", "envelope"])("is an AtlasApiError with the inner status, under `%s`", async (key) => {
    const { server, atlas } = await scripted([reply(200, { status: 403, [key]: forbidden })]);
    const error = await errorOf(atlas.createGroupServiceAccountSecret(create), AtlasApiError);
    expect(error).toMatchObject({
      status: 403,
      errorCode: "FORBIDDEN",
      detail: "The detail.",
      reason: "Forbidden",
      outcome: "not-applied",
    });
    expect(error.message).toContain(
      ": 403 FORBIDDEN. The detail. The client needs the role Project Owner. Nothing was changed.",
    );
    expect(server.requests).toHaveLength(1);
  });

  it.each([undefined, null])("without a body (%s) is one too", async (content) => {
    const { atlas } = await scripted([wrapped(500, content)]);
    const error = await errorOf(atlas.createGroupServiceAccountSecret(create), AtlasApiError);
    expect(error).toMatchObject({ status: 500, errorCode: undefined, outcome: "unknown" });
    expect(error.message).toMatch(/secrets: 500\. Whether the call took effect is unknown\.$/);
  });

  it.each([100, 599])("is one with the first and the last status that HTTP has: %d", async (status) => {
    const { atlas } = await scripted([wrapped(status)]);
    expect(await errorOf(atlas.createGroupServiceAccountSecret(create), AtlasApiError)).toMatchObject({ status });
  });

  it("is repeated by its inner status: 429 for a create, with the wait in its parameters", async () => {
    const limited = { error: 429, errorCode: "RATE_LIMITED_TOKEN_BUCKET", parameters: ["x", 0] };
    const { server, atlas, retries } = await scripted([wrapped(429, limited), wrapped(201, secret)], {
      retry: { maxAttempts: 2, maxDelayMs: 0 },
    });
    expect(revealed(await atlas.createGroupServiceAccountSecret(create))).toEqual(secret);
    expect(server.count("POST")).toBe(2);
    expect(retries.map(({ reason, delayMs }) => [reason, delayMs])).toEqual([[429, 0]]);
  });

  it("is repeated by its inner status: 503 for a delete only", async () => {
    const down = wrapped(503, { error: 503, errorCode: "DOWN" });
    const { server, atlas } = await scripted([down, wrapped(204), down]);
    await atlas.deleteOrgServiceAccountSecret(remove);
    expect(server.count("DELETE")).toBe(2);
    const error = await errorOf(atlas.createGroupServiceAccountSecret(create), AtlasApiError);
    expect(error).toMatchObject({ status: 503, outcome: "unknown" });
    expect(server.count("POST")).toBe(1);
  });

  it("that is a 401 is followed by a fresh token, once", async () => {
    const token = (value: string) => reply(200, { access_token: value, token_type: "Bearer", expires_in: 3600 });
    const { server, atlas } = await scripted(
      [token("first-token"), wrapped(401, { error: 401, errorCode: "X" }), token("second-token"), wrapped(201, secret)],
      { credentials: { clientId: creation.clientId, clientSecret: "not-a-real-client-secret" } },
    );
    expect(revealed(await atlas.createGroupServiceAccountSecret(create))).toEqual(secret);
    const sent = server.requests.filter(({ target }) => target.includes("/secrets"));
    expect(sent.map(({ headers }) => headers.authorization)).toEqual(["Bearer first-token", "Bearer second-token"]);
  });

  it("is not looked for under another status: that one counts", async () => {
    const { atlas } = await scripted([reply(503, { status: 201, content: secret })]);
    const error = await errorOf(atlas.createGroupServiceAccountSecret(create), AtlasApiError);
    expect(error).toMatchObject({ status: 503, outcome: "unknown" });
    expect(error.message).not.toContain(secretValue);
  });
});

describe("a 200 that cannot be opened may hold a success or an error: the outcome is unknown", () => {
  it.each<[string, Step]>([
    ["empty", reply(200, "")],
    ["HTML", reply(200, `<html>${secretValue}`)],
    ["null", reply(200, "null")],
    ["an array", reply(200, [{ status: 403, content: forbidden }])],
    ["a number", reply(200, "201")],
    ["cut short", truncated(200, '{"status": 40')],
    ["cut short within a secret", truncated(200, `{"status": 201, "content": ${JSON.stringify(secret).slice(0, -1)}`)],
    ["hanging", hangInBody(200, '{"status": 40')],
    ["a status in quotes", wrapped("201", forbidden)],
    ["a fraction of a status", wrapped(201.5, forbidden)],
    ["no status that HTTP has", wrapped(99, forbidden)],
    ["no status that HTTP has either", wrapped(600, forbidden)],
    ["an error that is not wrapped", reply(200, forbidden)],
  ])("%s", async (_name, step) => {
    const { server, atlas } = await scripted([step], { timeoutMs: 1_500 });
    const error = await errorOf(atlas.createGroupServiceAccountSecret(create), AtlasResponseError);
    expect(error).toMatchObject({ status: 200, outcome: "unknown" });
    expect(error.message).toContain("status 200, but the requested envelope cannot be opened.");
    expect(error.message).not.toContain(secretValue);
    expect(server.count("POST")).toBe(1);
  });

  it("of a delete too", async () => {
    const { server, atlas } = await scripted([reply(200, "")]);
    const error = await errorOf(atlas.deleteOrgServiceAccountSecret(remove), AtlasResponseError);
    expect(error).toMatchObject({ status: 200, outcome: "unknown" });
    expect(server.count("DELETE")).toBe(1);
  });

  it("also if it is nested too deeply to be read", async () => {
    const depth = 300_000;
    const deep = `{"status":201,"content":${"[".repeat(depth)}${"]".repeat(depth)}}`;
    const { atlas } = await scripted([reply(200, deep)]);
    const error = await errorOf(atlas.createGroupServiceAccountSecret(create), AtlasResponseError);
    // Newer versions of V8 read and write it, however deep it is, and then it is no secret.
    expect(error).toMatchObject(
      canBeRead(deep) ? { status: 201, outcome: "applied" } : { status: 200, outcome: "unknown" },
    );
  });
});

function canBeRead(text: string): boolean {
  try {
    JSON.stringify(JSON.parse(text));
    return true;
  } catch {
    return false;
  }
}

describe("a success inside a 200 that contradicts the contract has been applied", () => {
  it.each<[string, Step]>([
    ["no body", wrapped(201)],
    ["null", wrapped(201, null)],
    ["an array", wrapped(201, [secret])],
    ["text", wrapped(201, JSON.stringify(secret))],
    ["a body without an id", wrapped(201, { ...secret, id: undefined })],
    ["JSON with a status that the contract does not list", wrapped(202, { ...secret, id: undefined })],
  ])("%s", async (_name, step) => {
    const { atlas } = await scripted([step]);
    const error = await errorOf(atlas.createGroupServiceAccountSecret(create), AtlasResponseError);
    expect(error).toMatchObject({
      status: expect.toSatisfy((status) => [201, 202].includes(status)),
      outcome: "applied",
    });
    expect(error.message).not.toContain(secretValue);
  });
});

describe("a secret that has arrived is given, even if its envelope", () => {
  it.each<[string, Step]>([
    ["is missing, and the connection ended too early", truncated(200, JSON.stringify(secret))],
    ["is cut short behind it", truncated(200, `{"status": 201, "content": ${JSON.stringify(secret)}`)],
    ["is cut short behind it, with white space", truncated(200, `{"content" : \n${JSON.stringify(secret)}`)],
    ["is cut short in what follows", truncated(200, `{"envelope": ${JSON.stringify(secret)}, "status": 20`)],
    ["never ends", hangInBody(200, `{"status": 201, "content": ${JSON.stringify(secret)}`)],
    ["has another success's status", wrapped(202, secret)],
    ["has its status in quotes", wrapped("201", secret)],
    ["has a fraction of a status", wrapped(201.5, secret)],
    ["has no status that HTTP has", wrapped(99, secret)],
    ["has no status that HTTP has either", wrapped(600, secret)],
    ["is in an array", reply(200, [{ status: 201, content: secret }])],
    ["has no status", reply(200, { content: secret })],
    [
      "has it under the second name, and null under the first",
      reply(200, { status: 201, content: null, envelope: secret }),
    ],
  ])("%s", async (_name, step) => {
    const { atlas } = await scripted([step], { timeoutMs: 1_500 });
    expect(revealed(await atlas.createGroupServiceAccountSecret(create))).toEqual(secret);
  });

  it("is cut short behind it, whatever stands in its text", async () => {
    const odd = { ...secret, maskedSecretValue: '}"{\\' };
    const { atlas } = await scripted([truncated(200, `{"status": 201, "content": ${JSON.stringify(odd)}`)]);
    expect(revealed(await atlas.createGroupServiceAccountSecret(create))).toEqual(odd);
  });

  it("never if bytes of it were lost", async () => {
    const text = JSON.stringify({ status: 201, content: { ...secret, maskedSecretValue: "é" } });
    const { atlas } = await scripted([reply(200, Buffer.from(text, "latin1"))]);
    const error = await errorOf(atlas.createGroupServiceAccountSecret(create), AtlasResponseError);
    expect(error).toMatchObject({
      outcome: "applied",
      id: secret.id,
      cause: { message: expect.stringContaining("utf-8") },
    });
  });
});

describe("without `envelope: true`", () => {
  it.each([undefined, false])("(%s) nothing is unwrapped", async (envelope) => {
    const { server, atlas } = await scripted([wrapped(201, secret)]);
    const args = envelope === undefined ? creation : { ...creation, envelope };
    const error = await errorOf(atlas.createGroupServiceAccountSecret(args), AtlasResponseError);
    expect(error).toMatchObject({ status: 200, outcome: "applied" });
    expect(server.requests[0]?.target.split("?")[1]).toBe(envelope === undefined ? undefined : "envelope=false");
  });
});

it("a lost delete is repeated inside an envelope and its 404 means done", async () => {
  const { server, atlas } = await scripted([reset, wrapped(404, { error: 404, errorCode: "RESOURCE_NOT_FOUND" })]);
  expect(await atlas.deleteOrgServiceAccountSecret(remove)).toBeUndefined();
  expect(server.count("DELETE")).toBe(2);
});
