/**
 * `client.raw`: openapi-fetch's own ways, but never around the pipeline.
 */
import { getEventListeners } from "node:events";
import { inspect } from "node:util";
import { runInNewContext } from "node:vm";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import {
  type AtlasClientOptions,
  AtlasNetworkError,
  AtlasRequestError,
  AtlasResponseError,
  finishOnceSent,
} from "../index.js";
import { creation, deletion, errorOf, scripted, secret, secretValue } from "../testing/scripted-client.js";
import { atlasError, hang, hangInBody, reply, reset, type Step, truncated } from "../testing/scripted-server.js";
import { createRunRaw } from "./raw.js";
import { createRawClient } from "./raw-client.js";

const CREATE = "/api/atlas/v2/groups/{groupId}/serviceAccounts/{clientId}/secrets";
const DELETE = "/api/atlas/v2/orgs/{orgId}/serviceAccounts/{clientId}/secrets/{secretId}";
const { groupId, clientId, body } = creation;
const { orgId, secretId } = deletion;

describe("raw responses", () => {
  it("data and response for a success", async () => {
    const { server, atlas } = await scripted([reply(201, secret, { "ratelimit-remaining": "9" })]);
    const { data, error, response } = await atlas.raw.POST(CREATE, { params: { path: { groupId, clientId } }, body });
    expect([data, error, response.status]).toEqual([secret, undefined, 201]);
    expect(response.headers.get("ratelimit-remaining")).toBe("9");
    expect(server.requests).toMatchObject([
      {
        method: "POST",
        target: `/api/atlas/v2/groups/${groupId}/serviceAccounts/${clientId}/secrets`,
        body: '{"secretExpiresAfterHours":8}',
        headers: {
          accept: "application/vnd.atlas.2025-03-12+json",
          authorization: "Bearer test-access-token",
          "content-type": "application/json",
          "user-agent": expect.stringMatching(/^atlas-service-account-secrets\//),
        },
      },
    ]);
  });

  it("without headers that describe the body as it came over the wire", async () => {
    const bytes = gzipSync(JSON.stringify(secret));
    const headers = { "content-encoding": "gzip", "content-length": String(bytes.length) };
    const { atlas } = await scripted([reply(201, bytes, headers)]);
    const { data, response } = await atlas.raw.POST(CREATE, { params: { path: { groupId, clientId } }, body });
    expect(data).toEqual(secret);
    expect([response.headers.get("content-encoding"), response.headers.get("content-length")]).toEqual([null, null]);
  });

  it("nothing but the response for a deletion", async () => {
    const { atlas } = await scripted([reply(204)]);
    const { data, error, response } = await atlas.raw.DELETE(DELETE, {
      params: { path: { orgId, clientId, secretId } },
    });
    expect([data, error, response.ok]).toEqual([undefined, undefined, true]);
  });

  it("an error as it came, with its body if it has one", async () => {
    const { atlas } = await scripted([atlasError(403, "FORBIDDEN"), reply(403)]);
    const call = () => atlas.raw.POST(CREATE, { params: { path: { groupId, clientId } }, body });
    expect(await call()).toMatchObject({ error: { errorCode: "FORBIDDEN" }, response: { status: 403, ok: false } });
    const { error, response } = await call();
    expect([error, response.ok]).toEqual(["", false]);
  });

  it("an error whose body does not end", async () => {
    const { server, atlas } = await scripted([hangInBody(403, "<html>")], { timeoutMs: 1_500 });
    const { error, response } = await atlas.raw.POST(CREATE, { params: { path: { groupId, clientId } }, body });
    expect([error, response.status]).toEqual(["<html>", 403]);
    await server.connectionsEnded(1);
  });

  it("the body as text, if that is asked for", async () => {
    const { atlas } = await scripted([reply(201, "<html>")]);
    const options = { params: { path: { groupId, clientId } }, body, parseAs: "text" } as const;
    expect((await atlas.raw.POST(CREATE, options)).data).toBe("<html>");
  });

  it("after the same retries as every call", async () => {
    const { server, atlas } = await scripted([reset, reply(503), reply(204)]);
    const { response } = await atlas.raw.DELETE(DELETE, { params: { path: { orgId, clientId, secretId } } });
    expect([response.status, server.count("DELETE")]).toEqual([204, 3]);
  });

  it("an envelope unopened", async () => {
    const wrapped = { status: 201, content: secret };
    const { server, atlas } = await scripted([reply(200, wrapped)]);
    const params = { path: { groupId, clientId }, query: { envelope: true } };
    const { data } = await atlas.raw.POST(CREATE, { params, body });
    expect(data).toEqual(wrapped);
    expect(server.requests[0]?.target).toMatch(/\?envelope=true$/);
  });

  it("through a middleware, which sees the request and may change it", async () => {
    const { server, atlas } = await scripted([reply(204), reply(204)]);
    const middleware = {
      onRequest({ request }: { request: Request }) {
        request.headers.set("x-traced", "yes");
        return request;
      },
    };
    const call = () => atlas.raw.DELETE(DELETE, { params: { path: { orgId, clientId, secretId } } });
    atlas.raw.use(middleware);
    await call();
    atlas.raw.eject(middleware);
    await call();
    expect(server.requests.map(({ headers }) => headers["x-traced"])).toEqual(["yes", undefined]);
  });
});

describe("raw throws", () => {
  it("if no response came", async () => {
    const { atlas } = await scripted([reset]);
    const call = atlas.raw.POST(CREATE, { params: { path: { groupId, clientId } }, body });
    expect(await errorOf(call, AtlasNetworkError)).toMatchObject({ outcome: "unknown" });
  });

  const latin1 = Buffer.from(JSON.stringify({ ...secret, maskedSecretValue: "é" }), "latin1");
  it.each<[string, Step, cause: RegExp]>([
    ["was cut short", truncated(201, '{"id": "32b6'), /terminated|aborted|closed/],
    ["of the last status was cut short", truncated(299, '{"id": "32b6'), /terminated|aborted|closed/],
    ["has lost bytes", reply(201, latin1), /utf-8/],
  ])("if a success %s, also of one read as text", async (_name, step, cause) => {
    const { atlas } = await scripted([step, step]);
    for (const parseAs of ["json", "text"] as const) {
      const call = atlas.raw.POST(CREATE, { params: { path: { groupId, clientId } }, body, parseAs });
      const error = await errorOf(call, AtlasResponseError);
      expect(error.summary).toMatch(/ status 2(01|99), but the body could not be read to its end\.$/);
      expect(error.cause).toMatchObject({ message: expect.stringMatching(cause) });
    }
  });

  it("if an envelope was cut short, which may have held an error", async () => {
    const { atlas } = await scripted([truncated(200, '{"status": 40')]);
    const params = { path: { groupId, clientId }, query: { envelope: true } };
    const error = await errorOf(atlas.raw.POST(CREATE, { params, body }), AtlasResponseError);
    expect(error).toMatchObject({ status: 200, outcome: "unknown" });
  });

  it.each([
    ["no JSON", 201, `${JSON.stringify(secret)}${secretValue}`],
    ["JSON cut short", 201, JSON.stringify(secret).slice(0, -2)],
    ["HTML", 201, `<html>${secretValue}`],
    ["text behind a short prefix", 201, `[${secretValue}`],
  ])("if a success is %s, quoting none of it", async (_name, status, text) => {
    const { atlas } = await scripted([reply(status, text)]);
    const call = atlas.raw.POST(CREATE, { params: { path: { groupId, clientId } }, body });
    const error = await errorOf(call, AtlasResponseError);
    expect(error).toMatchObject({ status, outcome: "applied", operationId: "createGroupServiceAccountSecret" });
    expect(error.summary).toContain(": status 201, but the body is not JSON.");
    expect(error.cause).toBeUndefined();
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain("not-a-real");
  });

  it.each<[number, Partial<AtlasClientOptions>]>([
    [999, {}],
    [600, {}],
    [0, { fetch: async () => Response.error() }],
  ])("if a status is none that a Response can have: %i", async (status, options) => {
    const { atlas } = await scripted([reply(status, { id: secret.id })], options);
    const call = atlas.raw.POST(CREATE, { params: { path: { groupId, clientId } }, body });
    const error = await errorOf(call, AtlasResponseError);
    expect(error).toMatchObject({ status, outcome: "unknown" });
    expect(error.summary).toContain(`: status ${status}, which HTTP does not have.`);
  });

  it("nothing for the last status that HTTP has", async () => {
    const { atlas } = await scripted([reply(599, "what?")]);
    const { error, response } = await atlas.raw.POST(CREATE, { params: { path: { groupId, clientId } }, body });
    expect([error, response.status]).toEqual(["what?", 599]);
  });
});

it("a raw call's own timeoutMs and retry take the place of the client's, and are checked", async () => {
  const { server, atlas } = await scripted([reply(503), hang]);
  const params = { path: { orgId, clientId, secretId } };
  expect((await atlas.raw.DELETE(DELETE, { params, retry: false })).response.status).toBe(503);
  const refused = await errorOf(atlas.raw.DELETE(DELETE, { params, timeoutMs: 0 }), AtlasRequestError);
  expect(refused.violations).toMatchObject([{ argument: "timeoutMs" }]);
  expect(server.requests).toHaveLength(1);
  const error = await errorOf(atlas.raw.DELETE(DELETE, { params, retry: false, timeoutMs: 30 }), AtlasNetworkError);
  expect(error.message).toContain("within 30 ms");
});

describe("a raw call's signal", () => {
  it("has no listener left when the call is over", async () => {
    const { signal } = new AbortController();
    const { atlas } = await scripted([reply(204), reply(204)]);
    for (let call = 0; call < 2; call += 1) {
      await atlas.raw.DELETE(DELETE, { params: { path: { orgId, clientId, secretId } }, signal });
    }
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  it("is refused if it is none", async () => {
    const { atlas } = await scripted([]);
    // As JavaScript would pass it, past the types.
    const signal = new AbortController() as unknown as AbortSignal;
    const call = atlas.raw.DELETE(DELETE, { params: { path: { orgId, clientId, secretId } }, signal });
    expect((await errorOf(call, AtlasRequestError)).message).toContain(
      "signal: expected an AbortSignal, got an object",
    );
  });

  it("may ask for a request to finish once it is sent", async () => {
    const controller = new AbortController();
    const { atlas } = await scripted([
      (...exchange) => {
        controller.abort();
        return reply(204)(...exchange);
      },
    ]);
    const signal = finishOnceSent(controller.signal);
    const { response } = await atlas.raw.DELETE(DELETE, { params: { path: { orgId, clientId, secretId } }, signal });
    expect(response.status).toBe(204);
  });
});

it("a raw success that has arrived is given, even if the connection ended too early", async () => {
  const { atlas } = await scripted([truncated(201, JSON.stringify(secret))]);
  const { data } = await atlas.raw.POST(CREATE, { params: { path: { groupId, clientId } }, body });
  expect(data).toEqual(secret);
});

it("raw gives a file as openapi-fetch reads it", async () => {
  const file = Buffer.from([0x1f, 0x8b, 0xff, 0x00]);
  const blob = new Blob([file]);
  const settings = { baseUrl: "https://cloud.mongodb.com", userAgent: "test", redact: (text: string) => text };
  const raw = createRawClient(
    createRunRaw(settings, async () => ({ status: 200, headers: new Headers(), text: "", blob })),
  );
  const path = { orgId, clientId, secretId };
  const { data } = await raw.DELETE(DELETE, { params: { path }, parseAs: "arrayBuffer" });
  expect(Buffer.from(data ?? new ArrayBuffer(0)).equals(file)).toBe(true);
});

it("a parse error of another realm, which quotes the text, is no way out for the secret", async () => {
  const { atlas } = await scripted([reply(201, secret)]);
  atlas.raw.use({
    async onResponse({ response }) {
      throw runInNewContext("new SyntaxError(text)", { text: await response.clone().text() });
    },
  });
  const call = atlas.raw.POST(CREATE, { params: { path: { groupId, clientId } }, body });
  const error = await errorOf(call, AtlasResponseError);
  expect(error).toMatchObject({ status: 201, outcome: "applied", id: secret.id });
  expect(inspect(error, { depth: 9, showHidden: true })).not.toContain("not-a-real");
});
