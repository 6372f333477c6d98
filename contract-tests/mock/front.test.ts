/**
 * What the front reads of a request beside its credentials, and that the mock lives on, whatever is in one.
 */
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { connect } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { digestCheck } from "../../src/testing/atlas/credentials.js";
import { close, listen } from "../../src/testing/atlas/http.js";
import { ServiceAccounts } from "../../src/testing/atlas/service-accounts.js";
import { contractOf } from "../contract/operations.js";
import { documentOf } from "../contract/read-document.js";
import { factsOf } from "./contract.js";
import { isMalformedJson, namedIn, preferenceOf, type RecordedRequest, serve } from "./front.js";
import { type Mock, mockCredentials, startMock } from "./start-mock.js";
import { bearer, createPath, creation, deletion, exchange, type Outgoing, otherContract } from "./testing/requests.js";

const versions = ["application/vnd.atlas.2024-08-05+json", "application/vnd.atlas.2025-03-12+json"];

describe("Accept names a media type", () => {
  const [older, newer] = versions;

  it.each([
    ["one of the contract's", "application/vnd.atlas.2025-03-12+json", newer],
    ["one of them among others", "text/html, application/vnd.atlas.2024-08-05+json;q=0.5, */*", older],
    ["in capitals", "APPLICATION/VND.ATLAS.2024-08-05+JSON", older],
    ["with a parameter that holds a comma", 'text/plain;a="x, y", application/vnd.atlas.2024-08-05+json', older],
    ["after empty elements", ", ,application/vnd.atlas.2024-08-05+json;;", older],
    ["one that it likes better than another", `${older};q=0.5, ${newer};q=0.6`, newer],
    ["two that it likes as much", `${newer}, ${older};q=9`, newer],
  ])("%s", (_how, accept, mediaType) => {
    expect(namedIn(accept, versions)).toBe(mediaType);
  });

  it.each([
    ["absent", undefined],
    ["empty", ""],
    ["a wildcard, as curl sends it", "*/*"],
    ["another version", "application/vnd.atlas.2023-01-01+json"],
    ["the media type of the errors", "application/json"],
    ["a version that is excluded", "application/vnd.atlas.2024-08-05+json;q=0"],
    ["a version inside a quoted parameter", 'text/plain;a=", application/vnd.atlas.2024-08-05+json"'],
  ])("but not when it is %s", (_how, accept) => {
    expect(namedIn(accept, versions)).toBeUndefined();
  });

  it("in the contract's spelling", () => {
    expect(namedIn("application/x.2024-08-05+json", ["application/X.2024-08-05+json"])).toBe(
      "application/X.2024-08-05+json",
    );
  });
});

describe("the header Prefer", () => {
  it.each([
    ["code=404", { code: 404 }],
    ["dynamic=true, Code = 404", { code: 404, dynamic: true }],
    ['code="429"; example=tokenBucket', { code: 429, exampleKey: "tokenBucket" }],
    ["code=4040, respond-async", {}],
    [undefined, {}],
  ])("%s is read as %j", (prefer, preference) => {
    expect(preferenceOf(prefer)).toEqual(preference);
  });
});

describe("a body that calls itself JSON", () => {
  it.each(["{", "{'a':1}", "\uFEFF{}", "{}{}"])("is malformed when it is %j", (text) => {
    expect(isMalformedJson("application/json", Buffer.from(text))).toBe(true);
    expect(isMalformedJson("Application/vnd.atlas.2024-08-05+JSON; charset=UTF-8", Buffer.from(text))).toBe(true);
  });

  it("is malformed when it is not UTF-8, or says that it is not", () => {
    expect(isMalformedJson("application/json", Buffer.from([0x22, 0xff, 0x22]))).toBe(true);
    expect(isMalformedJson("application/json; charset=utf-16", Buffer.from("{}"))).toBe(true);
  });

  it("is well-formed whatever its value is: that is for the schema to judge", () => {
    for (const text of ["null", "[]", '"x"', '{"secretExpiresAfterHours":"x"}']) {
      expect(isMalformedJson("application/json; charset=utf8", Buffer.from(text))).toBe(false);
    }
  });

  it("says nothing when it is empty, or is not called JSON", () => {
    expect(isMalformedJson("application/json", Buffer.alloc(0))).toBe(false);
    expect(isMalformedJson("text/plain", Buffer.from("{"))).toBe(false);
    expect(isMalformedJson(undefined, Buffer.from("{"))).toBe(false);
  });
});

let mock: Mock;
beforeAll(async () => {
  mock = await startMock({ stateless: true });
});
afterAll(() => mock.stop());

const ask = (outgoing: Outgoing) => exchange(mock.url, outgoing);

describe("Prefer", () => {
  it.each([400, 401, 403, 404, 429, 500])(
    "code=%i gives the documented response, Accept naming a version alone",
    async (code) => {
      const { status, headers, json } = await ask(creation({ ...bearer, Prefer: `code=${code}` }));
      expect(status).toBe(code);
      expect(headers["content-type"]).toBe("application/json");
      expect(json).toMatchObject({ error: code });
    },
  );

  it("gives the page's own 404", async () => {
    const documented404 = {
      error: 404,
      detail: "(This is just an example, the exception may not be related to this endpoint) Cannot find resource AWS",
      reason: "Not Found",
      errorCode: "RESOURCE_NOT_FOUND",
    };
    expect(await ask(deletion({ ...bearer, Prefer: "code=404" }))).toMatchObject({ status: 404, json: documented404 });
  });

  it("code=201 keeps the version that was asked for", async () => {
    const { headers } = await ask(
      creation({ ...bearer, Accept: "application/vnd.atlas.2025-03-12+json", Prefer: "code=201" }),
    );
    expect(headers["content-type"]).toBe("application/vnd.atlas.2025-03-12+json");
  });

  it("code=401 comes with a challenge, as every 401", async () => {
    const { headers } = await ask(deletion({ ...bearer, Prefer: "code=401" }));
    expect(headers["www-authenticate"]).toMatch(/^Digest realm="MMS Public API", /);
  });

  it("may name an example", async () => {
    const { json, headers } = await ask(deletion({ ...bearer, Prefer: "code=429, example=tokenBucket" }));
    expect(json).toMatchObject({ errorCode: "RATE_LIMITED_TOKEN_BUCKET" });
    expect(headers["retry-after"]).toBe("55");
  });
});

describe("a request that would end Prism", () => {
  it.each([
    ["a path that cannot be percent-decoded", `${createPath}%zz`, {}, 400],
    ["a path that is none", "//", {}, 400],
    ["a media type in capitals", createPath, { Accept: "APPLICATION/VND.ATLAS.2024-08-05+JSON" }, 201],
    ["a quoted comma", createPath, { Accept: 'application/vnd.atlas.2024-08-05+json;a="b,c"' }, 201],
    ["half a parameter", createPath, { "Content-Type": "application/json;charset" }, 201],
    ["a content type without a media type", createPath, { "Content-Type": ";" }, 400],
  ])("does not: %s", async (_what, path, headers, status) => {
    expect(await ask({ ...creation({ ...bearer, ...headers }), path })).toMatchObject({ status });
    expect(await ask(creation(bearer))).toMatchObject({ status: 201 });
  });

  it.each([
    ["an array as deep as the body is long", `${"[".repeat(8000)}${"]".repeat(8000)}`],
    ["an object of that depth", `${'{"a":'.repeat(2500)}1${"}".repeat(2500)}`],
    ["hours of that depth", `{"secretExpiresAfterHours":${"[".repeat(7000)}${"]".repeat(7000)}}`],
    ["a number of that length", `{"secretExpiresAfterHours":${"9".repeat(16_000)}}`],
    ["a name that is no ordinary property", '{"__proto__":{"secretExpiresAfterHours":8}}'],
  ])("does not: %s is 400, and says why", async (_what, body) => {
    expect(await ask(creation(bearer, body))).toMatchObject({
      status: 400,
      json: { errorCode: "VALIDATION_ERROR", detail: expect.stringMatching(/^body/) },
    });
  });

  it.each(["code=418", "code=201, example=__proto__", "code=201, example=nothing"])(
    "does not: a preference for what is not documented, %s, is 400",
    async (Prefer) => {
      expect(await ask(creation({ ...bearer, Prefer }))).toMatchObject({ status: 400, json: { error: 400 } });
    },
  );

  it("is 413 when the body is above the limit", async () => {
    expect(await ask(creation(bearer, " ".repeat(1024 * 1024 + 1)))).toMatchObject({
      status: 413,
      json: { error: 413 },
    });
  });
});

describe("the mock lives on, whatever happens to a request:", () => {
  let server: Server;
  let url: string;
  let requests: RecordedRequest[];
  beforeEach(async () => {
    const clock = () => 0;
    const state = {
      accounts: new ServiceAccounts({ clock }),
      digests: digestCheck([mockCredentials], clock),
      accessTokens: new Set([mockCredentials.accessToken]),
    };
    const prism = { check: () => Promise.reject(new Error("it cannot\nread this")) };
    const contract = factsOf(contractOf(documentOf(otherContract)));
    requests = [];
    const record = (request: RecordedRequest) => requests.push(request);
    const settings = { stateless: false, bucket: undefined, faults: undefined, latencyMs: 0 };
    const options = { contract, state, prism, record, ...settings };
    server = createServer((incoming, outgoing) => serve(incoming, outgoing, options));
    url = await listen(server);
  });
  afterEach(() => close(server));

  it("the response is 500 and says how if Prism fails", async () => {
    const { status, json } = await exchange(url, { path: "/news" });
    expect(status).toBe(500);
    expect(json).toMatchObject({ error: 500, errorCode: "MOCK_FAILED", detail: "Prism failed: it cannot" });
    expect(requests).toMatchObject([{ path: "/news", status: 500 }]);
  });

  it("what needs no Prism is served as ever", async () => {
    expect(await exchange(url, { path: "/things/x" })).toMatchObject({ status: 401 });
    expect(await exchange(url, { path: "/things/x", headers: bearer })).toMatchObject({ status: 406 });
  });

  it("a caller that hangs up in the middle of its body does no harm", async () => {
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    const arrived = once(server, "request");
    socket.write("POST /news HTTP/1.1\r\nHost: mock\r\nContent-Length: 10\r\n\r\n{");
    const [incoming] = await arrived;
    socket.destroy();
    await new Promise((resolve) => incoming.once("close", resolve));
    expect(await exchange(url, { path: "/things/x" })).toMatchObject({ status: 401 });
    expect(requests).toMatchObject([{ path: "/things/x" }]);
  });
});
