/**
 * The documentation as tests: what the pages' curl lines send is what the client sends, and what the pages show as
 * responses is what the client gives.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AtlasApiError, type AtlasClient, type CallOptions, createAtlasClient } from "../../src/index.js";
import { revealed } from "../derived/testing/calling.js";
import { type Mock, mockCredentials, startMock } from "../mock/start-mock.js";
import { createdSecret, errorPayloads } from "./documented.js";

const ids = {
  groupId: "5f0c1a2b3c4d5e6f70819203",
  orgId: "4e1b0a9f8d7c6b5a49382716",
  clientId: "mdb_sa_id_65a1b2c3d4e5f60718293a4b",
  secretId: "32b6e34b3d91647abb20e7b8",
};
const { groupId, orgId, clientId, secretId } = ids;
const { accessToken, publicKey, privateKey } = mockCredentials;

/** The two pages' own lines, with the payload that the page shows. */
const pages = {
  create: {
    version: "2024-08-05",
    payload: '{\n"secretExpiresAfterHours": 8\n}',
    bearer: `curl --include --header "Authorization: Bearer \${ACCESS_TOKEN}" \\
--header "Accept: application/vnd.atlas.2024-08-05+json" \\
--header "Content-Type: application/json" \\
-X POST "https://cloud.mongodb.com/api/atlas/v2/groups/{groupId}/serviceAccounts/{clientId}/secrets" \\
-d '{ <Payload> }'`,
    digest: `curl --user "\${PUBLIC_KEY}:\${PRIVATE_KEY}" \\
--digest --include \\
--header "Accept: application/vnd.atlas.2024-08-05+json" \\
--header "Content-Type: application/json" \\
-X POST "https://cloud.mongodb.com/api/atlas/v2/groups/{groupId}/serviceAccounts/{clientId}/secrets" \\
-d '{ <Payload> }'`,
    status: 201,
    result: createdSecret,
    call: (atlas: AtlasClient, options?: CallOptions) =>
      atlas.createGroupServiceAccountSecret({ groupId, clientId, body: { secretExpiresAfterHours: 8 } }, options),
  },
  delete: {
    version: "2025-03-12",
    payload: undefined,
    bearer: `curl --include --header "Authorization: Bearer \${ACCESS_TOKEN}" \\
--header "Accept: application/vnd.atlas.2025-03-12+json" \\
-X DELETE "https://cloud.mongodb.com/api/atlas/v2/orgs/{orgId}/serviceAccounts/{clientId}/secrets/{secretId}"`,
    digest: `curl --user "\${PUBLIC_KEY}:\${PRIVATE_KEY}" \\
--digest --include \\
--header "Accept: application/vnd.atlas.2025-03-12+json" \\
-X DELETE "https://cloud.mongodb.com/api/atlas/v2/orgs/{orgId}/serviceAccounts/{clientId}/secrets/{secretId}"`,
    status: 204,
    result: undefined,
    call: (atlas: AtlasClient, options?: CallOptions) =>
      atlas.deleteOrgServiceAccountSecret({ orgId, clientId, secretId }, options),
  },
} as const;

let mock: Mock;
beforeAll(async () => {
  mock = await startMock({ stateless: true });
});
afterAll(() => mock.stop());

describe.each(Object.entries(pages))("%s", (_, page) => {
  const line = filledIn(page.bearer, page.payload);

  test("the page's bearer line gets the documented status and body from the mock", async () => {
    const url = line.url.replace("https://cloud.mongodb.com", mock.url);
    const { method, headers, body } = line;
    const response = await fetch(url, { method, headers, ...(body === undefined ? {} : { body }) });
    expect(response.status).toBe(page.status);
    const text = await response.text();
    expect(text === "" ? undefined : JSON.parse(text)).toStrictEqual(page.result);
  });

  test("the client, asked for the page's version, sends what its bearer line sends and gives what it shows", async () => {
    const atlas = createAtlasClient({ credentials: { accessToken }, baseUrl: mock.url, apiVersion: page.version });
    expect(revealed(await page.call(atlas))).toStrictEqual(page.result);
    expectSent(line, /^Bearer mock-access-token$/);
  });

  test("the client, asked for the page's version, sends what its digest line sends and gives what it shows", async () => {
    const digestLine = filledIn(page.digest, page.payload);
    expect(digestLine.digest).toBe(true);
    const credentials = { publicKey, privateKey };
    const atlas = createAtlasClient({ credentials, baseUrl: mock.url, apiVersion: page.version });
    expect(revealed(await page.call(atlas))).toStrictEqual(page.result);
    expectSent(digestLine, /^Digest .*username="mockpubk"/);
  });

  test("the client goes to the host of the page unless it is told another", async () => {
    const urls: string[] = [];
    const respond = async (url: string): Promise<Response> => {
      urls.push(url);
      return new Response(page.result === undefined ? null : JSON.stringify(page.result), { status: page.status });
    };
    const atlas = createAtlasClient({ credentials: { accessToken }, fetch: respond });
    await page.call(atlas);
    expect(urls).toStrictEqual([line.url]);
  });

  const documented = Object.entries(errorPayloads).filter(([status]) => page.status === 201 || status !== "400");
  test.each(documented)("%s is the error that the page shows", async (status, payload) => {
    const atlas = createAtlasClient({ credentials: { accessToken }, baseUrl: mock.url, retry: false });
    const error = await page.call(atlas, { headers: { Prefer: `code=${status}` } }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(AtlasApiError);
    const { error: number, ...fields } = payload;
    expect(error).toMatchObject({ code: "ERR_ATLAS_API", status: number, ...fields });
  });
});

test("a rate limit says how long to wait", async () => {
  const atlas = createAtlasClient({ credentials: { accessToken }, baseUrl: mock.url, retry: false });
  const call = atlas.deleteOrgServiceAccountSecret({ orgId, clientId, secretId }, { headers: { Prefer: "code=429" } });
  const error = await call.catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(AtlasApiError);
  expect(error).toMatchObject({ code: "ERR_ATLAS_API", status: 429, retryAfterSeconds: 55 });
});

function filledIn(line: string, payload: string | undefined): CurlRequest {
  const withValues = Object.entries(ids).reduce((text, [name, id]) => text.replace(`{${name}}`, id), line);
  return readCurlLine(withValues.replace(/\$\{ACCESS_TOKEN\}/, accessToken).replace("{ <Payload> }", payload ?? ""));
}

/** The last request that the mock received is the page's: same method, path and headers but one, and the same JSON. */
function expectSent(line: CurlRequest, authorization: RegExp): void {
  const sent = mock.requests.at(-1);
  const { authorization: _ofLine, "content-type": type, ...headers } = line.headers;
  expect(sent).toMatchObject({
    method: line.method,
    path: line.url.replace("https://cloud.mongodb.com", ""),
    headers: { ...headers, authorization: expect.stringMatching(authorization) },
  });
  // MongoDB's own programs send the versioned type, which the published document lists alone; the pages' is accepted.
  expect(sent?.headers["content-type"]).toBe(type === "application/json" ? line.headers["accept"] : type);
  expect(sent?.body === "" ? undefined : JSON.parse(sent?.body ?? "")).toStrictEqual(
    line.body === undefined ? undefined : JSON.parse(line.body),
  );
}

/** A curl line of the documentation, read as the request that curl sends. */
interface CurlRequest {
  readonly method: string;
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly digest: boolean;
  readonly body: string | undefined;
}

/** Knows the options that the pages use and throws for any other: a line that is half understood proves nothing. */
function readCurlLine(line: string): CurlRequest {
  const [program, ...words] = wordsOf(line);
  if (program !== "curl") throw new Error(`Not a curl line: ${line}`);
  const headers: Record<string, string> = {};
  let method = "GET";
  let url = "";
  let body: string | undefined;
  let digest = false;
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word === "--header") {
      const [, name = "", value = ""] = /^([^:]+): (.*)$/.exec(words.shift() ?? "") ?? [];
      headers[name.toLowerCase()] = value;
    } else if (word === "-X") method = words.shift() ?? "";
    else if (word === "-d") body = words.shift();
    else if (word === "--digest") digest = true;
    else if (word === "--user") words.shift();
    else if (word.startsWith("https://")) url = word;
    else if (word !== "--include") throw new Error(`Unknown curl option ${word}`);
  }
  return { method, url, headers, digest, body };
}

/** As a shell splits them: quotes hold together, a backslash joins lines. */
function wordsOf(line: string): string[] {
  const words = line.replaceAll("\\\n", " ").match(/"[^"]*"|'[^']*'|\S+/g) ?? [];
  return words.map((word) => word.replace(/^(["'])(.*)\1$/s, "$2"));
}
