/**
 * What is shown of a response's headers, on errors and beside data.
 */
import { describe, expect, it } from "vitest";
import { clientOf } from "../testing/scripted-client.js";
import { createRedactor, metadataOf } from "./redaction.js";

const credential = "planted+credential/1";
const { protect, redact } = createRedactor();
protect(credential);

const shown = (headers: Record<string, string>) =>
  metadataOf({ status: 200, headers: new Headers(headers) }, redact).headers;

describe("a header is shown", () => {
  it.each([
    ["Date", "Thu, 26 Nov 2026 04:00:00 GMT"],
    ["RateLimit-Remaining", "9997"],
    ["X-Java-Method", "ApiAtlasServiceAccountsResource::createSecret"],
    ["X-MongoDB-Service-Version", "gitHash=203ac0360368239eed8f27b82e06b1be8429648c; versionString=master"],
    ["WWW-Authenticate", 'Digest realm="MMS Public API", domain="", nonce="AAAA", qop="auth"'],
    ["Proxy-Authenticate", "Negotiate"],
  ])("as it came: %s", (name, value) => {
    expect(shown({ [name]: value })).toEqual({ [name.toLowerCase()]: value });
  });

  it.each([
    "Set-Cookie",
    "Authorization",
    "Proxy-Authorization",
    "Authentication-Info",
    "X-Auth-Token",
    "X-Amz-Security-Token",
    "X-API-Key",
    "X-Session-Id",
    "X-Csrf-Token",
  ])("without its value, which may be a credential: %s", (name) => {
    expect(shown({ [name]: "never-to-be-seen" })).toEqual({ [name.toLowerCase()]: "…" });
  });

  it.each([
    [
      "Location",
      "https://user:planted@login.example.com/path/planted?token=planted#planted",
      "https://login.example.com/…",
    ],
    ["Location", "/login/planted?token=planted", "…"],
    ["Location", "//login.example.com/planted", "…"],
    ["Content-Location", "planted/planted", "…"],
    ["Refresh", "5; url=/planted", "…"],
    [
      "Link",
      '<https://a.example/planted>; rel="next", <https://b.example?planted>',
      '<https://a.example/…>; rel="next", <https://b.example/…>',
    ],
    ["Report-To", '{"url":"https://planted@c.example/planted"}', '{"url":"https://c.example/…"}'],
  ])("without what a URL may hold: %s: %s", (name, value, expected) => {
    expect(shown({ [name]: value })).toEqual({ [name.toLowerCase()]: expected });
  });

  it.each([
    ["plain", credential],
    ["URL-escaped", encodeURIComponent(credential)],
    ["in base64", btoa(credential)],
    ["in hexadecimal digits", Buffer.from(credential).toString("hex")],
    ["JSON-escaped", credential.replace("/", "\\/")],
  ])("without the client's credentials, %s", (_name, form) => {
    expect(shown({ "x-debug": `sent ${form} there` })).toEqual({ "x-debug": "sent … there" });
  });

  it("without a credential in its name, on one line, and cut if it is long", () => {
    expect(shown({ "x-mdb_sa_sk_planted": "a\tb" })).toEqual({ "x-mdb_sa_sk_…": "a b" });
    expect(shown({ via: "x".repeat(5000) })["via"]).toHaveLength(1001);
  });
});

it("the id of a request is what a gateway says it is", () => {
  const requestId = (headers: Record<string, string>) =>
    metadataOf({ status: 200, headers: new Headers(headers) }, redact).requestId;
  expect(requestId({ "X-Request-Id": "0815" })).toBe("0815");
  expect(requestId({ "X-Request-Id": `${credential}-0815` })).toBe("…-0815");
  expect(requestId({ "X-Correlation-Id": "0815" })).toBeUndefined();
});

describe("every error that comes from a response holds its headers and the id of its request", () => {
  const headers = { "x-request-id": "0815", "set-cookie": "planted", "x-java-method": "A::b" };
  const safe = { "x-request-id": "0815", "set-cookie": "…", "x-java-method": "A::b" };
  const deletion = {
    orgId: "4e1b0a9f8d7c6b5a49382716",
    clientId: `mdb_sa_id_${"0".repeat(24)}`,
    secretId: "c".repeat(24),
  };
  const creation = { groupId: deletion.orgId, clientId: deletion.clientId, body: { secretExpiresAfterHours: 8 } };
  const service = { clientId: deletion.clientId, clientSecret: "planted-client-secret" };

  it.each<[string, number, string | null, Parameters<typeof clientOf>[1]]>([
    ["AtlasApiError", 403, "{}", {}],
    ["AtlasApiError", 302, null, {}],
    ["AtlasResponseError", 201, "{", {}],
    ["AtlasAuthError", 401, '{"error":"invalid_client"}', { credentials: service }],
    ["AtlasAuthError", 418, "teapot", { credentials: service }],
    ["AtlasAuthError", 200, "{}", { credentials: service }],
  ])("%s, by status %d", async (name, status, text, options) => {
    const { atlas } = clientOf(
      { url: "https://atlas.invalid" },
      { fetch: async () => new Response(text, { status, headers }), ...options },
    );
    const error = await atlas.createGroupServiceAccountSecret(creation).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name, status, headers: safe, requestId: "0815" });
  });

  it("AtlasResponseError of a raw call", async () => {
    const fetch = async () => new Response("{", { status: 201, headers });
    const { atlas } = clientOf({ url: "https://atlas.invalid" }, { fetch });
    const { groupId, clientId, body } = creation;
    const path = "/api/atlas/v2/groups/{groupId}/serviceAccounts/{clientId}/secrets";
    const call = atlas.raw.POST(path, { params: { path: { groupId, clientId } }, body });
    await expect(call).rejects.toMatchObject({ name: "AtlasResponseError", headers: safe, requestId: "0815" });
  });
});
