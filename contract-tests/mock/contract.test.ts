/**
 * What the front knows of a contract, how the mock starts on it and does not, and the mock on one that it was not written for.
 */
import { once } from "node:events";
import { createServer } from "node:http";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { close, listen } from "../../src/testing/atlas/http.js";
import { nonceOf } from "../../src/testing/sign-digest.js";
import { contractOf } from "../contract/operations.js";
import { documentOf } from "../contract/read-document.js";
import { type ContractFacts, credentialsOf, exampleOf, factsOf, mediaTypesOf } from "./contract.js";
import { type Mock, mockCredentials, startMock } from "./start-mock.js";
import {
  bearer,
  type ContractFile,
  creation,
  exchange,
  otherContract,
  sign,
  writeContract,
} from "./testing/requests.js";

const factsIn = (contract: unknown): ContractFacts => factsOf(contractOf(documentOf(contract)));
const operationAt = (facts: ContractFacts, path: string) => facts.at(path).find(({ method }) => method === "GET");

describe("what the front knows of a contract", () => {
  it("is which operation a request addresses, a path without parameters first", () => {
    const facts = factsIn(otherContract);
    const pathsAt = (path: string) => facts.at(path).map((operation) => operation.path);
    expect(pathsAt("/things/special")).toEqual(["/things/special", "/things/{thing}"]);
    expect(pathsAt("/things/x.y")).toEqual(["/things/{thing}"]);
    expect(pathsAt("/things/")).toEqual(["/things/{thing}"]);
    expect(pathsAt("/things/x/y")).toEqual([]);
    expect(pathsAt("/nothing")).toEqual([]);
  });

  it("is a path whose characters a URL has percent-encoded", () => {
    const get = { responses: { "200": { description: "ok" } } };
    const facts = factsIn({ ...otherContract, security: [{}], paths: { "/größe": { get }, "/a b/{c}": { get } } });
    expect(facts.at(new URL("http://x/größe").pathname)).toMatchObject([{ path: "/größe" }]);
    expect(facts.at("/a%20b/x")).toMatchObject([{ path: "/a b/{c}" }]);
  });

  it("is the media types of success and the kinds of credentials of each operation", () => {
    const facts = factsIn(otherContract);
    expect(mediaTypesOf(operationAt(facts, "/things/x"))).toEqual(["application/vnd.other.2030-01-01+json"]);
    const kindsAt = (path: string) => [...credentialsOf(operationAt(facts, path) ?? { security: [] })];
    expect(["/things/x", "/things/special", "/news", "/either"].map(kindsAt)).toEqual([
      ["bearer"],
      ["digest"],
      [],
      ["bearer"],
    ]);
  });

  it("is a documented 401 with an example", () => {
    const { unauthorized } = factsIn(otherContract);
    expect(unauthorized && exampleOf(unauthorized)).toEqual({ error: 401, errorCode: "OTHER" });
  });

  it("is the path of the token endpoint, and the revocation endpoint beside it", () => {
    const { endpointAt } = factsIn(otherContract);
    expect(["/sign/in", "/sign/revoke", "/sign", "/news"].map(endpointAt)).toEqual([
      "token",
      "revoke",
      undefined,
      undefined,
    ]);
  });

  it("is Atlas's token endpoint if the contract names none", () => {
    const facts = factsIn({
      ...otherContract,
      paths: { "/a": { get: { security: [], responses: {} } } },
      components: {},
    });
    expect(["/api/oauth/token", "/api/oauth/revoke"].map(facts.endpointAt)).toEqual(["token", "revoke"]);
  });

  it("takes the security of the whole contract if an operation has none of its own", async () => {
    const responses = { "200": { description: "ok" } };
    const facts = factsIn({
      ...otherContract,
      security: [{ Keys: [] }],
      paths: { "/a": { get: { responses } } },
    });
    expect(credentialsOf(operationAt(facts, "/a") ?? { security: [] })).toEqual(new Set(["digest"]));
  });
});

it("a contract whose credentials the mock cannot check is refused, and the operation named", () => {
  const get = { security: [{ Cookie: [] }], responses: { "200": { description: "ok" } } };
  expect(() => factsIn({ ...otherContract, paths: { "/a": { get } } })).toThrow(
    /^GET \/a: the mock can check none of its security requirements$/,
  );
});

const errorOf = (action: Promise<unknown>) =>
  action.then(
    () => undefined,
    (error: unknown) => error,
  );

/** The other contract, in which the schema of a parameter is this one. */
const withThing = (schema: object) =>
  `{"openapi":"3.0.3",\n"paths":{"/a/{a}":{"get":{"parameters":[{"name":"a","in":"path","required":true,"schema":${JSON.stringify(schema)}}],"responses":{"200":{"description":"ok"}}}}},
  "info":{"title":"other","version":"1"}}`;

describe("the mock does not start", () => {
  it("on a port that is taken, and says which", async () => {
    const other = createServer();
    const port = Number(new URL(await listen(other)).port);
    const error = await errorOf(startMock({ port }));
    await close(other);
    expect(error).toBeInstanceOf(Error);
    expect(error).toHaveProperty(
      "message",
      expect.stringMatching(new RegExp(`^Port ${port} of 127.0.0.1 is taken.*$`)),
    );
  });

  it.each([
    ["without operations", { ...otherContract, paths: {} }, /contract\.json describes no operation$/],
    ["that is not OpenAPI", { hello: 1 }, /contract\.json is not an OpenAPI 3 document: its "openapi" is "missing"$/],
    ["that is not YAML", "openapi: [\n - }", /contract\.json is not YAML: .+$/],
    [
      "that breaks OpenAPI's rules",
      withThing({ type: "texts" }),
      /^The contract \S+ is not usable: #\S+\/schema\/type must be equal to one of the allowed values \(line 2\)$/,
    ],
    [
      "with a reference that leads nowhere",
      withThing({ $ref: "#/none" }),
      /: the reference "#\/none" leads nowhere \(line 2, #/,
    ],
    [
      "with a pattern that is none",
      withThing({ pattern: "(" }),
      /: "\(" is no regular expression \(line 2, #\S+\/pattern\)$/,
    ],
    [
      "with such a pattern in a default response",
      {
        ...otherContract,
        paths: {
          "/a": {
            get: {
              responses: { default: { content: { "a/b": { schema: { properties: { default: { pattern: "(" } } } } } } },
            },
          },
        },
      },
      /"\(" is no regular expression/,
    ],
  ])("on a contract %s, and says so in one line", async (_what, given, reason) => {
    const contract = await writeContract(given);
    const error = await errorOf(startMock({ spec: contract.path }));
    await contract.remove();
    expect(error).toHaveProperty("message", expect.stringMatching(reason));
    expect(error).toHaveProperty("message", expect.not.stringContaining("\n"));
  });

  it("without its contract, and says so", async () => {
    const error = await errorOf(startMock({ spec: "/nowhere/contract.yaml" }));
    expect(error).toHaveProperty("message", "cannot read /nowhere/contract.yaml: no such file or directory");
  });

  it("on a port that is none", async () => {
    for (const port of [-1, 65_536, 1.5]) {
      const error = await errorOf(startMock({ port }));
      expect(error).toBeInstanceOf(RangeError);
      expect(error).toHaveProperty("message", expect.stringContaining("port"));
    }
  });
});

describe("two mocks side by side", () => {
  it("respond independently, and a stopped one frees its port and its connections", async () => {
    const mocks = await Promise.all(Array.from({ length: 2 }, () => startMock()));
    const urls = new Set(mocks.map(({ url }) => url));
    expect(urls.size).toBe(2);
    const responses = await Promise.all(mocks.map(({ url }) => exchange(url, creation(bearer))));
    expect(responses.map(({ status }) => status)).toEqual([201, 201]);
    expect(mocks.map(({ requests }) => requests.length)).toEqual([1, 1]);

    const idle = connect(Number(new URL(mocks[0]?.url ?? "").port), "127.0.0.1");
    await once(idle, "connect");
    const closed = once(idle, "close");
    await Promise.all(mocks.map((mock) => mock.stop()));
    await closed;
    const after = await Promise.all(mocks.map(({ url }) => errorOf(exchange(url, creation(bearer)))));
    for (const error of after) expect(error).toHaveProperty("code", "ECONNREFUSED");
    await Promise.all(mocks.map((mock) => mock.stop()));
  });
});

let contract: ContractFile;
let mock: Mock;
const reloads: (string | undefined)[] = [];
beforeAll(async () => {
  contract = await writeContract(otherContract);
  mock = await startMock({
    spec: contract.path,
    tokenLifetimeSeconds: 5,
    onReload: (problem) => reloads.push(problem?.message),
  });
});
afterAll(async () => {
  await mock.stop();
  await contract.remove();
});

const get = (path: string, headers: Record<string, string> = {}) => exchange(mock.url, { path, headers });
const versioned = { Accept: "application/vnd.other.2030-01-01+json" };

it("an operation for tokens alone takes a token, and challenges for one with the documented 401", async () => {
  expect(await get("/things/x", { ...bearer, ...versioned })).toMatchObject({ status: 200, json: { ok: true } });
  const { status, headers, json } = await get("/things/x", versioned);
  expect([status, json, headers["www-authenticate"]]).toEqual([
    401,
    { error: 401, errorCode: "OTHER", "x-reason": "There is no Authorization header." },
    "Bearer",
  ]);
  const digest = sign({ nonce: "unknown", method: "GET", uri: "/things/x" });
  expect(await get("/things/x", { ...versioned, Authorization: digest })).toMatchObject({ status: 401 });
});

it("its version is asked for", async () => {
  expect(await get("/things/x", { ...bearer, Accept: "application/json" })).toMatchObject({ status: 406 });
});

it("an operation for API keys alone takes a digest and no token", async () => {
  const { status, headers } = await get("/things/special", bearer);
  expect(status).toBe(401);
  const nonce = nonceOf(headers["www-authenticate"]);
  const Authorization = sign({ nonce, method: "GET", uri: "/things/special" });
  expect(await get("/things/special", { Authorization })).toMatchObject({ status: 200, json: { ok: true } });
});

it("an operation without security takes everybody", async () => {
  expect(await get("/news")).toMatchObject({ status: 200 });
  expect(await get("/news", { Authorization: "Bearer whatever" })).toMatchObject({ status: 200 });
});

it("an operation whose security may be left out takes nobody with wrong credentials", async () => {
  expect(await get("/either")).toMatchObject({ status: 200 });
  expect(await get("/either", bearer)).toMatchObject({ status: 200 });
  expect(await get("/either", { Authorization: "Bearer wrong" })).toMatchObject({ status: 401 });
});

it.each([
  ["default", ["default"]],
  ["4XX", ["default", "4XX"]],
  ["400", ["default", "4XX", "400"]],
])("a request that breaks the contract is refused as documented for %s, if %j are", async (documented, statuses) => {
  const schema = { type: "object", required: ["as"] };
  const responseFor = (status: string) => ({
    description: "no",
    content: { "application/json": { schema, example: { as: status } } },
  });
  const responses = Object.fromEntries(statuses.map((status) => [status, responseFor(status)]));
  const parameters = [{ name: "page", in: "query", schema: { type: "integer" } }];
  const get = { security: [], parameters, responses: { "200": { description: "ok" }, ...responses } };
  const file = await writeContract({ ...otherContract, paths: { "/pages": { get } } });
  const other = await startMock({ spec: file.path });
  onTestFinished(() => Promise.all([other.stop(), file.remove()]).then(() => undefined));
  const refused = await exchange(other.url, { path: "/pages?page=x" });
  expect(refused).toMatchObject({ status: 400, json: { as: documented } });
});

it("a refusal that is documented as text is JSON all the same, as its header says", async () => {
  const text = { "text/plain": { schema: { type: "string" }, example: "no" } };
  const responses = { "200": { description: "ok" }, default: { description: "no", content: text } };
  const parameters = [{ name: "page", in: "query", schema: { type: "integer" } }];
  const get = { security: [{ Tokens: [] }], parameters, responses };
  const file = await writeContract({ ...otherContract, paths: { "/pages": { get } } });
  const other = await startMock({ spec: file.path });
  onTestFinished(() => Promise.all([other.stop(), file.remove()]).then(() => undefined));
  const path = "/pages?page=x";
  expect(await exchange(other.url, { path })).toMatchObject({ status: 401, json: { errorCode: "UNAUTHORIZED" } });
  const refused = await exchange(other.url, { path, headers: bearer });
  expect(refused).toMatchObject({ status: 400, json: { errorCode: "VALIDATION_ERROR" } });
});

it("the token endpoint has the path that the contract names, and the lifetime that was asked for", async () => {
  const { clientId, clientSecret } = mockCredentials;
  const Authorization = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}`;
  const headers = { Authorization, "Content-Type": "application/x-www-form-urlencoded" };
  const token = { method: "POST", path: "/sign/in", headers, body: "grant_type=client_credentials" };
  expect(await exchange(mock.url, token)).toMatchObject({ status: 200, json: { expires_in: 5 } });
});

it("an operation that the mock does not know gives examples, but 404 for a secret that is not there", async () => {
  const path = "/orgs/{orgId}/accounts/{clientId}/secrets/{secretId}";
  const parameters = ["orgId", "clientId", "secretId"].map((name) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
  const missing = { description: "gone", content: { "application/json": {} } };
  const get = { security: [], parameters, responses: { "200": { description: "there" }, "404": missing } };
  const file = await writeContract({ ...otherContract, paths: { [path]: { get } } });
  const other = await startMock({ spec: file.path });
  onTestFinished(() => Promise.all([other.stop(), file.remove()]).then(() => undefined));
  const at = (secretId: string) => exchange(other.url, { path: `/orgs/o/accounts/a/secrets/${secretId}` });
  expect(await at(mockCredentials.firstSecretId)).toMatchObject({ status: 200 });
  expect(await at("another")).toMatchObject({ status: 404, json: { error: 404 } });
});

it("a contract that changes is loaded as a whole, and a broken one not at all", async () => {
  const { "/news": news, ...others } = otherContract.paths;
  await contract.replace(JSON.stringify({ ...otherContract, paths: { ...others, "/olds": news } }));
  await expect.poll(() => reloads).toEqual([undefined]);
  expect(await get("/olds")).toMatchObject({ status: 200 });
  expect(await get("/news", bearer)).toMatchObject({ status: 404 });
  await contract.replace('{\n  "openapi": "3.0.3",\n  "paths": {');
  await expect.poll(() => reloads.length).toBe(2);
  expect(reloads[1]).toMatch(/contract\.json is not JSON: /);
  expect(await get("/olds")).toMatchObject({ status: 200 });
});
