/**
 * What `client.raw` sends, and what it refuses before anything is sent: as every other call.
 */
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { AtlasRequestError } from "../index.js";
import { unreadable } from "../testing/hostile-values.js";
import { creation, deletion, errorOf, scripted, secret } from "../testing/scripted-client.js";
import { reply, reset } from "../testing/scripted-server.js";
import type { TransportRequest } from "../transport/pipeline.js";
import { createRunRaw } from "./raw.js";
import { createRawClient } from "./raw-client.js";

const CREATE = "/api/atlas/v2/groups/{groupId}/serviceAccounts/{clientId}/secrets";
const DELETE = "/api/atlas/v2/orgs/{orgId}/serviceAccounts/{clientId}/secrets/{secretId}";
const { groupId, clientId, body } = creation;
const { orgId, secretId } = deletion;

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
