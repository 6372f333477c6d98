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
import { unreadable } from "../testing/hostile-values.js";
import { creation, deletion, errorOf, scripted, secret, secretValue } from "../testing/scripted-client.js";
import { atlasError, hang, hangInBody, reply, reset, type Step, truncated } from "../testing/scripted-server.js";
import type { TransportRequest } from "../transport/pipeline.js";
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

const nothing = "Nothing was changed.";

describe("raw refuses, before anything is sent,", () => {
  it.each([
    ["that cannot be read", unreadable()],
    ["that is no plain object", new Headers({ "x-sample": "1" })],
  ])("an init %s, the first time and later", async (_what, init) => {
    const { server, atlas } = await scripted([]);
    for (let call = 0; call < 2; call += 1) {
      const error = await errorOf(atlas.raw.DELETE(DELETE, init as never), AtlasRequestError);
      expect(error.violations).toMatchObject([{ argument: "init", expected: "a plain object" }]);
    }
    expect(server.requests).toEqual([]);
  });

  it.each([
    "..",
    ".",
    "",
    "%2e%2e",
    "a/b",
    "?x",
    "#",
    "\0",
    "x\n",
    secretId.toUpperCase(),
    `${secretId}0`,
    "{secretId}",
  ])("a secretId of %j", async (hostile) => {
    const { server, atlas } = await scripted([]);
    const call = atlas.raw.DELETE(DELETE, { params: { path: { orgId, clientId, secretId: hostile } } });
    const error = await errorOf(call, AtlasRequestError);
    expect(error).toMatchObject({ outcome: "not-applied", violations: [] });
    expect(error.message).toContain("The contract has no DELETE operation at the URL that was built; it was not sent");
    expect(server.requests).toEqual([]);
  });

  it.each<[string, string]>([
    ["another path", "/api/atlas/v2/groups"],
    ["the token endpoint", "/api/oauth/token"],
    ["a template with what is left out", CREATE],
    ["one segment more", `/api/atlas/v2/groups/${groupId}/serviceAccounts/${clientId}/secrets/`],
    ["a path that climbs", `/api/atlas/v2/groups/${groupId}/serviceAccounts/${clientId}/secrets/..`],
    ["a path that climbs over the base", `/../../api/atlas/v2/groups/${groupId}/serviceAccounts/${clientId}/x`],
    ["an encoded slash", `/api/atlas/v2/groups/${groupId}/serviceAccounts/${clientId}%2Fsecrets`],
    ["a malformed encoding", `/api/atlas/v2/groups/%/serviceAccounts/${clientId}/secrets`],
  ])("%s", async (_name, path) => {
    const { server, atlas } = await scripted([]);
    // TypeScript would refuse these paths; JavaScript does not.
    const error = await errorOf(atlas.raw.POST(path as typeof CREATE, { body } as never), AtlasRequestError);
    expect(error.outcome).toBe("not-applied");
    expect(server.requests).toEqual([]);
  });

  it.each<[string, unknown]>([
    ["another host behind an @", `@example.invalid/api/atlas/v2/groups/${groupId}/serviceAccounts/${clientId}/secrets`],
    ["another port", `1/api/atlas/v2/groups/${groupId}/serviceAccounts/${clientId}/secrets`],
    ["no text", { startsWith: () => true, toString: () => CREATE }],
    ["nothing", undefined],
  ])("what is no path: %s", async (_name, path) => {
    const { server, atlas } = await scripted([]);
    // TypeScript would refuse these paths; JavaScript does not.
    const error = await errorOf(atlas.raw.POST(path as typeof CREATE, { body } as never), AtlasRequestError);
    expect(error.message).toContain("The call was not sent: path: expected a path of the contract, got ");
    expect(server.requests).toEqual([]);
  });

  it("a method that the contract does not have at the path", async () => {
    const { server, atlas } = await scripted([]);
    const path = `/api/atlas/v2/groups/${groupId}/serviceAccounts/${clientId}/secrets`;
    // Atlas has these nowhere, so no operation that is added makes the test wrong.
    const { OPTIONS, HEAD } = atlas.raw;
    for (const [method, call] of Object.entries({ OPTIONS, HEAD })) {
      // TypeScript would refuse these calls; JavaScript does not.
      const error = await errorOf((call as (path: string) => Promise<unknown>)(path), AtlasRequestError);
      expect(error.message).toContain(`The contract has no ${method} operation`);
    }
    expect(server.requests).toEqual([]);
  });

  it.each([undefined, null, 5, "params"])("options that are %j, for want of ids", async (options) => {
    const { server, atlas } = await scripted([]);
    // TypeScript would refuse these options; JavaScript does not.
    await errorOf(atlas.raw.DELETE(DELETE, options as never), AtlasRequestError);
    expect(server.requests).toEqual([]);
  });

  it.each(["formData", "xml", "then", null])("a response parsed as %j, which would be lost", async (parseAs) => {
    const { server, atlas } = await scripted([]);
    // TypeScript refuses it; JavaScript does not.
    const init = { params: { path: { groupId, clientId } }, body, parseAs } as never;
    const { violations } = await errorOf(atlas.raw.POST(CREATE, init), AtlasRequestError);
    const expected = "one of json, text, blob, arrayBuffer, stream";
    expect(violations).toEqual([{ argument: "parseAs", expected, received: JSON.stringify(parseAs) }]);
    expect(server.requests).toEqual([]);
  });

  it("a middleware's own request to somewhere else", async () => {
    const { server, atlas } = await scripted([]);
    const other = await scripted([]);
    atlas.raw.use({
      onRequest: ({ request }) => new Request(request.url.replace(server.url, other.server.url), request),
    });
    const call = atlas.raw.DELETE(DELETE, { params: { path: { orgId, clientId, secretId } } });
    await errorOf(call, AtlasRequestError);
    expect([server.requests, other.server.requests]).toEqual([[], []]);
  });

  it.each(["fetch", "Request", "baseUrl", "pathSerializer"])("the option %s, even undefined", async (name) => {
    const { server, atlas } = await scripted([]);
    const options = { params: { path: { orgId, clientId, secretId } }, [name]: undefined };
    // TypeScript refuses the name; JavaScript does not.
    const error = await errorOf(atlas.raw.DELETE(DELETE, options as never), AtlasRequestError);
    expect(error.message).toBe(`Cannot use the call options: ${name}: is set by the client; remove it. ${nothing}`);
    expect(server.requests).toEqual([]);
  });

  it("calls after close", async () => {
    const { server, atlas } = await scripted([]);
    await atlas.close();
    const call = atlas.raw.DELETE(DELETE, { params: { path: { orgId, clientId, secretId } } });
    expect((await errorOf(call, AtlasRequestError)).message).toContain("The client is closed.");
    expect(server.requests).toEqual([]);
  });
});

it("raw signs over whatever Authorization it is given", async () => {
  const { server, atlas } = await scripted([reply(204)]);
  const headers = { authorization: "Basic bm90OnJlYWw=" };
  await atlas.raw.DELETE(DELETE, { params: { path: { orgId, clientId, secretId } }, headers });
  expect(server.requests[0]?.headers.authorization).toBe("Bearer test-access-token");
});

describe("raw headers", () => {
  const refused = ["transfer-encoding", "Upgrade", "expect", "keep-alive", "Content-Length", "connection", "host"];
  it.each(refused)("of one connection are refused before anything is sent: %s", async (name) => {
    const { server, atlas } = await scripted([]);
    const call = atlas.raw.DELETE(DELETE, {
      params: { path: { orgId, clientId, secretId } },
      headers: { [name]: "100-continue" },
    });
    const error = await errorOf(call, AtlasRequestError);
    expect(error.message).toContain(
      `: Cannot use the call options: headers.${name.toLowerCase()}: is set by the client; remove it. ${nothing}`,
    );
    expect(server.requests).toEqual([]);
  });

  it("that a middleware adds are held to the same", async () => {
    const { atlas } = await scripted([]);
    atlas.raw.use({ onRequest: ({ request }) => void request.headers.set("expect", "100-continue") });
    const call = atlas.raw.DELETE(DELETE, { params: { path: { orgId, clientId, secretId } } });
    await errorOf(call, AtlasRequestError);
  });

  const hidden = "planted-in-a-header";
  it.each<[string, unknown]>([
    ["a value with a line break", { "x-key": `${hidden}\r\nx: y` }],
    ["a value with a character that no header can carry", { "x-key": `${hidden}\u2028` }],
    ["one of several values", { "x-key": ["fine", `${hidden}\0`] }],
    ["a name", { "bad name": hidden }],
    ["pairs", [["x-key", `${hidden}\n`]]],
  ])("that cannot be sent are refused as everywhere: %s", async (_name, headers) => {
    const { server, atlas } = await scripted([]);
    // The types let some of it through; JavaScript all.
    const call = atlas.raw.DELETE(DELETE, { params: { path: { orgId, clientId, secretId } }, headers } as never);
    const error = await errorOf(call, AtlasRequestError);
    expect(error.message).toMatch(/^Cannot use the call options: headers\..* Nothing was changed\.$/);
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(hidden);
    expect(server.requests).toEqual([]);
  });

  it("may be anything that openapi-fetch takes", async () => {
    const { server, atlas } = await scripted([reply(204), reply(204)]);
    const params = { path: { orgId, clientId, secretId } };
    await atlas.raw.DELETE(DELETE, { params, headers: { "x-a": ["1", "2"], "x-b": null, "x-c": undefined, "x-d": 5 } });
    await atlas.raw.DELETE(DELETE, { params, headers: new Headers({ "x-a": "3" }) });
    expect(server.requests).toMatchObject([{ headers: { "x-a": "1, 2", "x-d": "5" } }, { headers: { "x-a": "3" } }]);
    expect(server.requests[0]?.headers).not.toHaveProperty("x-b");
  });
});

describe("a raw request that cannot be built is refused as everywhere", () => {
  const params = { path: { orgId, clientId, secretId } };
  it.each<[string, object]>([
    ["half a surrogate pair in the path", { params: { path: { ...params.path, secretId: "\ud800" } } }],
    ["a body that is no JSON", { params, body: { value: 8n } }],
    ["a serializer that throws", { params, body: {}, bodySerializer: () => expect.fail("planted") }],
    ["what the platform's Request refuses", { params, mode: "planted" }],
  ])("%s", async (_name, init) => {
    const { server, atlas } = await scripted([]);
    const error = await errorOf(atlas.raw.DELETE(DELETE, init as never), AtlasRequestError);
    expect(error).toMatchObject({ outcome: "not-applied", violations: [], cause: expect.any(Error) });
    expect(error.message).toContain("The request cannot be built: ");
    expect(server.requests).toEqual([]);
  });

  it.each<[string, (request: Request) => Request | Promise<undefined>]>([
    ["that it has read before", (request) => request.text().then(() => undefined)],
    [
      "that fails, and may quote anything",
      ({ url, method }) => {
        const stream = new ReadableStream({ start: (to) => to.error(new Error("mdb_sa_sk_fake-planted")) });
        return new Request(url, { method, body: stream, duplex: "half" } as RequestInit);
      },
    ],
  ])("a middleware's body %s", async (_name, onRequest) => {
    const { server, atlas } = await scripted([]);
    atlas.raw.use({ onRequest: ({ request }) => onRequest(request) });
    const call = atlas.raw.POST(CREATE, { params: { path: { groupId, clientId } }, body });
    const error = await errorOf(call, AtlasRequestError);
    expect(error.message).toMatch(/^The request cannot be built: (Body|mdb_sa_sk_…)/);
    expect(inspect(error)).not.toContain("planted");
    expect(server.requests).toEqual([]);
  });

  it.each<[string, "onRequest" | "onResponse", unknown]>([
    ["error", "onRequest", new TypeError("the program's own")],
    ["parse error, as long as there is no response that it may quote", "onRequest", new SyntaxError("its own")],
    ["error after the response", "onResponse", new TypeError("the program's own")],
    ["reason that is no error", "onResponse", undefined],
  ])("but a middleware's own %s is thrown as it is", async (_name, at, own) => {
    const { atlas } = await scripted([reply(204)]);
    const fail = () => {
      throw own;
    };
    atlas.raw.use(at === "onRequest" ? { onRequest: fail } : { onResponse: fail });
    await expect(atlas.raw.DELETE(DELETE, { params })).rejects.toBe(own);
  });
});

describe("raw middleware", () => {
  const params = { path: { orgId, clientId, secretId } };
  const failing = {
    onRequest() {
      throw new Error("used");
    },
  };

  it.each([null, 5, {}, () => undefined])("is refused if it is none: %j", async (none) => {
    const { atlas } = await scripted([reply(204)]);
    // As JavaScript would pass it, past the types.
    expect(() => atlas.raw.use(failing, none as never)).toThrow(
      "Cannot use the middleware: middleware: expected an object with onRequest, onResponse or onError, got ",
    );
    // Of those that were given together, none is used.
    expect((await atlas.raw.DELETE(DELETE, { params })).response.status).toBe(204);
  });

  it("may be for nothing but responses, or nothing but errors", async () => {
    const { atlas } = await scripted([reply(204), reset]);
    atlas.raw.use({ onError: () => new Error("told") }, { onResponse: () => new Response(null, { status: 205 }) });
    expect((await atlas.raw.DELETE(DELETE, { params })).response.status).toBe(205);
    await expect(atlas.raw.DELETE(DELETE, { params, retry: false })).rejects.toThrow("told");
  });

  it("stays if another one is ejected, or the same that is used twice, as in openapi-fetch", async () => {
    const { atlas } = await scripted([]);
    atlas.raw.use(failing, failing);
    atlas.raw.eject({ onRequest: () => undefined }, failing);
    await expect(atlas.raw.DELETE(DELETE, { params })).rejects.toThrow("used");
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

it("raw sends text, or bytes as openapi-fetch's serializer gives them", async () => {
  const bytes = Buffer.from([0x1f, 0x8b, 0xff, 0x00]);
  const bodies: TransportRequest["body"][] = [];
  const settings = { baseUrl: "https://cloud.mongodb.com", userAgent: "test", redact: (text: string) => text };
  const raw = createRawClient(
    createRunRaw(settings, async ({ body }) => {
      bodies.push(body);
      return { status: 201, headers: new Headers(), text: JSON.stringify(secret) };
    }),
  );
  const params = { path: { groupId, clientId } };
  const post = (type: string) =>
    raw.POST(CREATE, { params, body, headers: { "Content-Type": type }, bodySerializer: () => new Blob([bytes]) });
  await post("application/octet-stream");
  await post("text/plain");
  await raw.POST(CREATE, { params, body });
  await raw.DELETE(DELETE, { params: { path: { orgId, clientId, secretId } } });
  const [sent, ...others] = bodies;
  expect(others).toEqual([bytes.toString(), JSON.stringify(body), undefined]);
  if (!(sent instanceof Blob)) expect.fail("no Blob");
  expect(Buffer.from(await sent.arrayBuffer()).equals(bytes)).toBe(true);
});
