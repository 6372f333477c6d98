/**
 * Every way out of the library is searched for every credential that was planted in it.
 */
import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type AtlasClient,
  type AtlasClientOptions,
  AtlasError,
  type Credentials,
  createAtlasClient,
  optionsFromEnv,
  rotateSecret,
} from "../index.js";
import { type FakeAtlas, GROUP_ID, ORG_ID, startAtlas } from "../testing/atlas/start-atlas.js";
import { warningsDuring } from "../testing/scripted-client.js";

const clientId = "mdb_sa_id_000000000000000000000001";
const clientSecret = "planted-client-secret";
const publicKey = "fakepublic";
const privateKey = "planted-private-key";
const accessToken = "planted-access-token";
const created = "mdb_sa_sk_planted_new_secret";
const planted = [
  clientSecret,
  privateKey,
  accessToken,
  created,
  // What every token of the fake Atlas begins with.
  "fake-token-",
  Buffer.from(`${clientId}:${clientSecret}`).toString("base64"),
];

const kinds: readonly (readonly [string, Credentials])[] = [
  ["an access token", { accessToken }],
  ["a token function", { accessToken: () => accessToken }],
  ["a service account", { clientId, clientSecret }],
  ["an API key", { publicKey, privateKey }],
];

const creation = { groupId: GROUP_ID, clientId, body: { secretExpiresAfterHours: 8 } };
const deletion = { orgId: ORG_ID, clientId, secretId: "c".repeat(24) };

/** Everything that a program, a logger or a debugger would print of a value. */
function shown(value: unknown): string {
  const printed = [
    inspect(value, { showHidden: true, depth: 12, getters: false }),
    inspect(value, { showHidden: true, depth: 12, getters: true }),
    inspect(value),
    String(value),
    JSON.stringify(value) ?? "",
  ];
  if (value instanceof Error) printed.push(value.message, value.stack ?? "", shown(value.cause));
  return printed.join("\n");
}

function expectNothingShown(value: unknown): void {
  const text = shown(value);
  for (const secret of planted) expect(text).not.toContain(secret);
}

/** What the request carried, quoted back: a server, a proxy or a broken fetch may do that. */
const echo = (init: RequestInit) => `sent ${JSON.stringify(init.headers)} ${String(init.body)} ${created}`;

const failures: readonly (readonly [string, (url: string, init: RequestInit) => Promise<Response>])[] = [
  [
    "an error that quotes the request",
    async (_url, init) =>
      new Response(JSON.stringify({ detail: echo(init), errorCode: echo(init), parameters: [echo(init)] }), {
        status: 403,
        headers: { "x-echo": echo(init), location: `https://${created}@a.example/${created}`, "set-cookie": created },
      }),
  ],
  ["an error page that quotes the request", async (_url, init) => new Response(`<html>${echo(init)}`, { status: 502 })],
  [
    "a broken success that quotes the request",
    async (_url, init) => new Response(`{"secret": "${created}", ${echo(init)}`, { status: 201 }),
  ],
  ["a success without an id", async () => new Response(JSON.stringify({ secret: created }), { status: 201 })],
  [
    "a fetch that quotes the request",
    async (_url, init) => Promise.reject(new TypeError(echo(init), { cause: new Error(echo(init)) })),
  ],
  ["a fetch that throws no error", async (_url, init) => Promise.reject(echo(init))],
];

async function errorOf(call: Promise<unknown>): Promise<AtlasError> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof AtlasError ? error : expect.fail(`not an AtlasError: ${String(error)}`);
}

describe.each(kinds)("with %s, nothing shows a credential:", (_kind, credentials) => {
  let server: FakeAtlas;
  beforeAll(async () => {
    server = await startAtlas({
      accounts: [{ clientId, secrets: [{ value: clientSecret }, { id: deletion.secretId }] }],
      accessTokens: [accessToken],
      apiKeys: [{ publicKey, privateKey }],
    });
  });
  afterAll(() => server.close());

  /** Token requests work; everything else fails in the given way. */
  const client = (options: Partial<AtlasClientOptions>): AtlasClient =>
    createAtlasClient({ credentials, baseUrl: server.url, retry: false, ...options });

  it("the client, after it has signed in", async () => {
    const atlas = client({});
    await atlas.deleteOrgServiceAccountSecret(deletion);
    expectNothingShown(atlas);
    expectNothingShown(atlas.raw);
  });

  it.each(failures)("%s", async (_name, fail) => {
    const fetchFailing = (url: string, init: RequestInit) =>
      url.includes("/oauth/") ? fetch(url, init) : fail(url, init);
    expectNothingShown(await errorOf(client({ fetch: fetchFailing }).createGroupServiceAccountSecret(creation)));
    const raw = client({ fetch: fetchFailing }).raw;
    const path = { groupId: creation.groupId, clientId };
    const { body } = creation;
    const result = await raw
      .POST("/api/atlas/v2/groups/{groupId}/serviceAccounts/{clientId}/secrets", {
        params: { path },
        body,
        parseAs: "stream",
      })
      .catch((error: unknown) => error);
    if (result instanceof Error) expectNothingShown(result);
  });

  it.each(failures)("%s, to a request for a token", async (_name, fail) => {
    const error = await errorOf(client({ fetch: fail }).createGroupServiceAccountSecret(creation));
    expectNothingShown(error);
  });

  it("a secret's value where its id belongs", async () => {
    const error = await errorOf(client({}).deleteOrgServiceAccountSecret({ ...deletion, secretId: created }));
    expect(error.code).toBe("ERR_ATLAS_REQUEST");
    expectNothingShown(error);
  });

  it("a header that cannot be sent", async () => {
    const headers = { "x-copy": `${accessToken}\n${clientSecret}\n${privateKey}` };
    expectNothingShown(await errorOf(client({}).deleteOrgServiceAccountSecret(deletion, { headers })));
  });
});

describe("what optionsFromEnv returns", () => {
  it.each([
    ["a service account", { MONGODB_ATLAS_CLIENT_ID: clientId, MONGODB_ATLAS_CLIENT_SECRET: clientSecret }],
    ["an API key", { MONGODB_ATLAS_PUBLIC_API_KEY: "fakepublic", MONGODB_ATLAS_PRIVATE_API_KEY: privateKey }],
    ["an access token", { MONGODB_ATLAS_ACCESS_TOKEN: accessToken }],
  ])("can be used, but not seen: %s", (_name, env) => {
    const options = optionsFromEnv(env);
    expect(() => createAtlasClient(options)).not.toThrow();
    expectNothingShown(options);
    expectNothingShown(options.credentials);
  });
});

describe("this search", () => {
  it("finds what is shown", () => {
    expect(() => expectNothingShown(new Error("no", { cause: { header: `Bearer ${accessToken}` } }))).toThrow();
    expect(() => expectNothingShown({ clientSecret })).toThrow();
    expect(() => expectNothingShown(Object.defineProperty({}, "hidden", { value: privateKey }))).toThrow();
  });
});

describe("a credential that was put where it does not belong is not quoted", () => {
  const service = { clientId, clientSecret };
  const refused = (make: () => unknown) => {
    try {
      make();
    } catch (error) {
      return error;
    }
    return expect.fail("it was not refused");
  };

  it.each<[string, object]>([
    ["as an option's value", { userAgent: `${clientSecret}\n` }],
    ["as a base URL", { baseUrl: clientSecret }],
    ["as an option's name", { [clientSecret]: 1 }],
    ["as a retry option's name", { retry: { [clientSecret]: 1 } }],
    ["in base64", { userAgent: `${Buffer.from(clientSecret).toString("base64")}\n` }],
  ])("of a client, %s", (_name, options) => {
    expectNothingShown(refused(() => createAtlasClient({ credentials: service, ...options })));
  });

  it("of the environment", () => {
    const env = { MONGODB_ATLAS_ACCESS_TOKEN: accessToken, MONGODB_ATLAS_BASE_URL: accessToken };
    expectNothingShown(refused(() => optionsFromEnv(env)));
  });

  const atlas = createAtlasClient({ credentials: service });
  it.each<[string, () => Promise<unknown>]>([
    ["as an argument", () => atlas.deleteOrgServiceAccountSecret({ ...deletion, secretId: clientSecret })],
    // As JavaScript would pass it, past the types.
    ["as a call option", () => atlas.deleteOrgServiceAccountSecret(deletion, { [clientSecret]: 1 } as object)],
    [
      "as a header's name",
      () => atlas.deleteOrgServiceAccountSecret(deletion, { headers: { [`${clientSecret} `]: "x" } }),
    ],
    ["as a path", () => atlas.raw.GET(clientSecret as never, {} as never)],
    [
      "as an id in a plan",
      () =>
        rotateSecret(atlas, {
          groupId: clientSecret,
          orgId: ORG_ID,
          clientId,
          secretExpiresAfterHours: 8,
          store: () => undefined,
        }),
    ],
  ])("of a call, %s", async (_name, call) => {
    expectNothingShown(await call().catch((error: unknown) => error));
  });

  it("by an observer that throws it", async () => {
    const fetch = async () => new Response(null, { status: 503 });
    const onRetry = () => {
      throw new Error(`observer broke with ${clientSecret}`);
    };
    const retry = { maxAttempts: 2, maxDelayMs: 0 };
    const own = createAtlasClient({ credentials: { accessToken: clientSecret }, fetch, onRetry, retry });
    const warnings = await warningsDuring("ATLAS_OBSERVER_THREW", async () => {
      await own.deleteOrgServiceAccountSecret(deletion).catch(() => undefined);
    });
    expect(warnings).toEqual(["AtlasClientWarning: onRetry threw: observer broke with …"]);
  });
});

describe("client.redact", () => {
  it("masks the client's credentials, plain and encoded, and a new secret whatever its form", async () => {
    const fetch = async () =>
      Response.json(
        { id: "a".repeat(24), createdAt: "x", expiresAt: "y", secret: "planted of a new form" },
        { status: 201 },
      );
    const atlas = createAtlasClient({ credentials: { accessToken }, fetch });
    await atlas.createGroupServiceAccountSecret(creation);
    const text = `${accessToken} ${encodeURIComponent("planted of a new form")} ${Buffer.from(accessToken).toString("hex")}`;
    expect(atlas.redact(text)).toBe("… … …");
  });
});
