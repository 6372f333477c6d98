/**
 * The whole mock on the project's own contract, through the network, with the documented examples in place of state. What it
 * keeps is in state.test.ts.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { nonceOf } from "../../src/testing/sign-digest.js";
import { type Mock, mockCredentials, startMock } from "./start-mock.js";
import {
  bearer,
  createPath,
  creation,
  deletePath,
  deletion,
  exchange,
  type Outgoing,
  sign,
} from "./testing/requests.js";

let mock: Mock;
beforeAll(async () => {
  mock = await startMock({ stateless: true });
});
afterAll(() => mock.stop());

const ask = (outgoing: Outgoing) => exchange(mock.url, outgoing);

const documented401 = {
  error: 401,
  detail: "(This is just an example, the exception may not be related to this endpoint)",
  reason: "Unauthorized",
  errorCode: "NOT_ORG_GROUP_CREATOR",
};
const challenge = /^Digest realm="MMS Public API", domain="", nonce="[\w-]+", algorithm=MD5, qop="auth", stale=false$/;

describe("a caller with the access token", () => {
  it("creates a secret", async () => {
    const { status, headers, json } = await ask(creation(bearer));
    expect(status).toBe(201);
    expect(headers["content-type"]).toBe("application/vnd.atlas.2024-08-05+json");
    expect(json).toMatchObject({ id: "32b6e34b3d91647abb20e7b8", secret: "mdb_sa_sk_..." });
  });

  it("deletes a secret", async () => {
    expect(await ask(deletion(bearer))).toMatchObject({ status: 204, text: "" });
  });

  it("gets the version that it asks for", async () => {
    const { status, headers } = await ask(creation({ ...bearer, Accept: "application/vnd.atlas.2025-03-12+json" }));
    expect(status).toBe(201);
    expect(headers["content-type"]).toBe("application/vnd.atlas.2025-03-12+json");
  });

  it("may send the body as a versioned type", async () => {
    const versioned = { ...bearer, "Content-Type": "application/vnd.atlas.2024-08-05+json" };
    expect(await ask(creation(versioned))).toMatchObject({ status: 201 });
  });
});

describe("a caller who may not pass", () => {
  it.each([
    ["no credentials", undefined],
    ["another token", "Bearer mock-access-token-2"],
    ["an empty token", "Bearer "],
    ["a scheme that the contract does not have", "Basic bW9jazptb2Nr"],
    ["a digest that does not parse", "Digest username="],
  ])("with %s is told so as documented, with Atlas's challenge", async (_what, Authorization) => {
    for (const request of [creation({ Authorization }), deletion({ Authorization })]) {
      const { status, headers, json } = await ask(request);
      expect(status).toBe(401);
      expect(json).toEqual({ ...documented401, "x-reason": expect.any(String) });
      expect(headers["content-type"]).toBe("application/json");
      expect(headers["www-authenticate"]).toMatch(challenge);
    }
  });

  it.each([
    ["no header", undefined, /no Authorization header/],
    ["a token alone", "mock-access-token", /another scheme/],
    ["a scheme alone", "Bearer ", /bearer token is missing/],
    ["an old token", "Bearer fake-token-of-yesterday", /token is unknown, expired or revoked/],
    ["the service account itself", "Basic bW9jazptb2Nr", /token endpoint only/],
    ["half a digest", "Digest username=", /digest is malformed/],
    ["an API key that nobody has", sign({ nonce: "n", username: "nobody" }), /no API key with this public key/],
    [
      "another private key",
      sign({ nonce: "n", password: "not-the-key" }),
      /^The digest was made with another private key/,
    ],
  ])("with %s learns what is wrong with it", async (_what, Authorization, reason) => {
    const { json } = await ask(deletion({ Authorization }));
    expect(json).toMatchObject({ "x-reason": expect.stringMatching(reason) });
  });

  it("learns nothing else: the credentials are judged first", async () => {
    const everythingWrong = creation({ Accept: "text/html", Prefer: "code=404" }, "{");
    expect(await ask(everythingWrong)).toMatchObject({ status: 401, json: documented401 });
    expect(await ask({ path: "/nowhere" })).toMatchObject({ status: 401, json: documented401 });
    expect(await ask({ path: `${createPath}/%zz` })).toMatchObject({ status: 401, json: documented401 });
  });
});

describe("after the credentials", () => {
  it.each([
    ["unknown", "application/vnd.atlas.2019-01-01+json"],
    ["a wildcard", "*/*"],
    ["absent", undefined],
    ["only that of the errors", "application/json"],
  ])("the version is judged: %s is 406", async (_what, Accept) => {
    for (const request of [creation({ ...bearer, Accept }, "{"), deletion({ ...bearer, Accept })]) {
      const { status, json } = await ask(request);
      expect(status).toBe(406);
      expect(json).toMatchObject({ error: 406, reason: "Not Acceptable", errorCode: "NOT_ACCEPTABLE" });
    }
  });

  it("then whether the body is JSON: 400 with an error as Atlas writes them", async () => {
    const { status, headers, json } = await ask(creation({ ...bearer, Prefer: "code=404" }, '{"secretExpires'));
    expect(status).toBe(400);
    expect(headers["content-type"]).toBe("application/json");
    expect(json).toEqual({
      error: 400,
      reason: "Bad Request",
      errorCode: "MALFORMED_JSON",
      detail: "The body is not well-formed JSON in UTF-8.",
    });
  });

  it("then Prism judges by the schema, whatever response is preferred", async () => {
    const invalid = await ask(creation({ ...bearer, Prefer: "code=404" }, '{"secretExpiresAfterHours":0}'));
    expect(invalid).toMatchObject({
      status: 400,
      headers: { "content-type": "application/json" },
      json: {
        error: 400,
        errorCode: "VALIDATION_ERROR",
        badRequestDetail: {
          fields: [{ field: "secretExpiresAfterHours", description: expect.stringContaining("must be > 0") }],
        },
      },
    });
    // The contract documents no 400 for it, and Prism's own 422 is nothing that Atlas gives.
    const invalidDelete = await ask({ ...deletion(bearer), path: `${deletePath}?pretty=x` });
    expect(invalidDelete).toMatchObject({
      status: 404,
      headers: { "content-type": "application/json" },
      json: { error: 404, detail: expect.stringMatching(/^query\.pretty: .*boolean/) },
    });
  });

  it("says that a body without a media type, or of another one, is of the wrong type, whatever is in it", async () => {
    for (const contentType of [undefined, "text/plain", ";"]) {
      const { status, json } = await ask(creation({ ...bearer, "Content-Type": contentType }));
      expect([status, json]).toMatchObject([
        400,
        { detail: expect.stringMatching(/^request: Supported content types: /) },
      ]);
    }
  });

  it("names the parameter that is wrong as the contract spells it", async () => {
    const wrong = { ...creation(bearer), path: createPath.replace("5f0c1a2b3c4d5e6f70819203", "mine") };
    const words = 'Request path parameter groupId must match pattern "^([a-f0-9]{24})$"';
    expect((await ask(wrong)).json).toMatchObject({
      detail: `path.groupId: ${words}`,
      badRequestDetail: { fields: [{ field: "groupId", description: words }] },
    });
    const unknown = await ask({ ...deletion(bearer), path: `${deletePath}z` });
    expect(unknown.json).toMatchObject({ error: 404, errorCode: "RESOURCE_NOT_FOUND" });
    expect(unknown.text).toContain("secretId");
  });

  it("and a path or a method that the contract does not have is 404 or 405, as an error of the API", async () => {
    expect(await ask({ path: "/nowhere", headers: bearer })).toMatchObject({
      status: 404,
      json: { error: 404, errorCode: "RESOURCE_NOT_FOUND", detail: "There is nothing at /nowhere." },
    });
    expect(await ask({ method: "OPTIONS", path: createPath, headers: bearer })).toMatchObject({
      status: 405,
      headers: { allow: expect.stringContaining("POST"), "content-type": "application/json" },
      json: { error: 405, errorCode: "METHOD_NOT_ALLOWED" },
    });
    expect(await ask({ method: "DELETE", path: deletePath.replace(/[^/]*$/, ".."), headers: bearer })).toMatchObject({
      status: 404,
    });
  });
});

describe("a caller with an API key", () => {
  const challenged = async () => nonceOf((await ask(deletion())).headers["www-authenticate"]);

  it("answers the challenge and may then count on with the same nonce", async () => {
    const nonce = await challenged();
    expect(await ask(deletion({ Authorization: sign({ nonce }) }))).toMatchObject({ status: 204 });
    const next = sign({ nonce, nc: "00000002", method: "POST", uri: createPath });
    expect(await ask(creation({ Authorization: next }))).toMatchObject({ status: 201 });
  });

  it("is refused with a wrong key, a repeated count, or a digest made for another target", async () => {
    const nonce = await challenged();
    const spent = sign({ nonce });
    expect(await ask(deletion({ Authorization: spent }))).toMatchObject({ status: 204 });
    for (const wrong of [
      spent,
      sign({ nonce, nc: "00000002", password: "wrong" }),
      sign({ nonce, nc: "00000002", uri: createPath }),
    ]) {
      const { status, headers, json } = await ask(deletion({ Authorization: wrong }));
      expect(status).toBe(401);
      expect(json).toMatchObject(documented401);
      expect(headers["www-authenticate"]).toMatch(challenge);
    }
  });

  it("signs the query too", async () => {
    const path = `${deletePath}?pretty=true`;
    const withQuery = (uri: string, nonce: string) => ({ ...deletion({ Authorization: sign({ nonce, uri }) }), path });
    expect(await ask(withQuery(path, await challenged()))).toMatchObject({ status: 204 });
    expect(await ask(withQuery(deletePath, await challenged()))).toMatchObject({ status: 401 });
  });

  it("is given a new nonce marked stale for one that is not known any more", async () => {
    const { status, headers } = await ask(deletion({ Authorization: sign({ nonce: "unknown" }) }));
    expect(status).toBe(401);
    expect(headers["www-authenticate"]).toMatch(/stale=true$/);
    const nonce = nonceOf(headers["www-authenticate"]);
    expect(await ask(deletion({ Authorization: sign({ nonce }) }))).toMatchObject({ status: 204 });
  });
});

describe("a caller with a service account", () => {
  const { clientId, clientSecret } = mockCredentials;
  const post = (path: string, body: string, secret: string = clientSecret) => {
    const Authorization = `Basic ${Buffer.from(`${clientId}:${secret}`).toString("base64")}`;
    const headers = { Authorization, "Content-Type": "application/x-www-form-urlencoded" };
    return ask({ method: "POST", path, headers, body });
  };

  it("signs in, calls, and signs out", async () => {
    const { status, json } = await post("/api/oauth/token", "grant_type=client_credentials");
    expect(status).toBe(200);
    expect(json).toEqual({ access_token: expect.any(String), expires_in: 3600, token_type: "Bearer" });
    const token = String(Object(json).access_token);
    const authorized = { Authorization: `Bearer ${token}` };
    expect(await ask(creation(authorized))).toMatchObject({ status: 201 });
    expect(await ask(deletion(authorized))).toMatchObject({ status: 204 });
    expect(await post("/api/oauth/revoke", `token=${token}&token_type_hint=access_token`)).toMatchObject({
      status: 200,
    });
    expect(await ask(creation(authorized))).toMatchObject({ status: 401, json: documented401 });
  });

  it("signs in with the secret that a creation returned, so that a rotation can be tried", async () => {
    const { json } = await ask(creation({ Authorization: `Bearer ${mockCredentials.accessToken}` }));
    const created = String(Object(json).secret);
    expect(created).toBe(mockCredentials.createdSecret);
    expect(await post("/api/oauth/token", "grant_type=client_credentials", created)).toMatchObject({ status: 200 });
  });

  it("is refused with another secret", async () => {
    const { status, json } = await post("/api/oauth/token", "grant_type=client_credentials", "wrong");
    expect(status).toBe(401);
    expect(json).toMatchObject({ error: "invalid_client" });
  });
});

describe("the record of requests", () => {
  it("holds each with its query, headers, body and response status", async () => {
    const before = mock.requests.length;
    await ask({ ...creation(bearer, '{"secretExpiresAfterHours":24}'), path: `${createPath}?pretty=true` });
    await ask(deletion());
    expect(mock.requests.slice(before)).toEqual([
      expect.objectContaining({
        method: "POST",
        path: `${createPath}?pretty=true`,
        headers: expect.objectContaining({
          authorization: "Bearer mock-access-token",
          "content-type": "application/json",
        }),
        body: '{"secretExpiresAfterHours":24}',
        status: 201,
      }),
      expect.objectContaining({ method: "DELETE", path: deletePath, body: "", status: 401 }),
    ]);
  });
});
