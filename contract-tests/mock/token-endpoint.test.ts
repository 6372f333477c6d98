import { describe, expect, it } from "vitest";
import { AccessTokens } from "./access-tokens.js";
import { OAuthEndpoints } from "./token-endpoint.js";

const clientId = "mdb_sa_id_0123456789abcdef01234567";
const clientSecret = "mdb_sa_sk_not_real";
const tokenPath = "/api/oauth/token";
const revokePath = "/api/oauth/revoke";
const authorization = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}`;
const headers = { authorization, "content-type": "application/x-www-form-urlencoded;charset=UTF-8" };

function start(lifetimeSeconds = 3600) {
  const clock = { now: 0 };
  const tokens = new AccessTokens({ permanentToken: "mock-access-token", lifetimeSeconds, now: () => clock.now });
  const oauth = new OAuthEndpoints({
    contract: { tokenPath, revokePath },
    accounts: [{ clientId, clientSecret }],
    tokens,
  });
  const post = (path: string, form: string, changed: Record<string, string | undefined> = {}) => {
    const answer = oauth.answer({
      method: "POST",
      path,
      headers: { ...headers, ...changed },
      body: { bytes: Buffer.from(form) },
    });
    return { ...answer, json: answer.body.length === 0 ? undefined : JSON.parse(String(answer.body)) };
  };
  const issue = (): string => post(tokenPath, "grant_type=client_credentials").json.access_token;
  return { tokens, oauth, post, issue, clock };
}

describe("the token endpoint", () => {
  it("issues a bearer token with its lifetime, not to be stored", () => {
    const { tokens, post } = start(90);
    const { status, json, headers } = post(tokenPath, "grant_type=client_credentials");
    expect(status).toBe(200);
    expect(json).toEqual({ access_token: expect.stringMatching(/^mock-token-/), expires_in: 90, token_type: "Bearer" });
    expect(headers).toMatchObject({ "Content-Type": "application/json", "Cache-Control": "no-store" });
    expect(tokens.accepts(json.access_token)).toBe(true);
  });

  it("issues another token every time", () => {
    const { issue } = start();
    expect(issue()).not.toBe(issue());
  });

  it("issues tokens that work for their lifetime and no longer", () => {
    const { tokens, issue, clock } = start(60);
    const token = issue();
    clock.now = 59_999;
    expect(tokens.accepts(token)).toBe(true);
    clock.now = 60_000;
    expect(tokens.accepts(token)).toBe(false);
  });

  it.each([
    ["no credentials", undefined],
    ["another secret", `Basic ${Buffer.from(`${clientId}:wrong`).toString("base64")}`],
    ["%5F for _", `Basic ${Buffer.from(`${clientId}:mdb%5Fsa%5Fsk%5Fnot%5Freal`).toString("base64")}`],
  ])("refuses %s with invalid_client", (_what, authorization) => {
    const { post } = start();
    const { status, json, headers } = post(tokenPath, "grant_type=client_credentials", { authorization });
    expect(status).toBe(401);
    expect(json).toEqual({ error: "invalid_client", error_description: expect.any(String) });
    expect(headers["WWW-Authenticate"]).toMatch(/^Basic realm=/);
  });

  it.each([
    ["another grant", "grant_type=password", {}, "unsupported_grant_type"],
    ["no grant", "", {}, "unsupported_grant_type"],
    ["two grants", "grant_type=client_credentials&grant_type=client_credentials", {}, "invalid_request"],
    ["JSON", '{"grant_type":"client_credentials"}', { "content-type": "application/json" }, "invalid_request"],
  ])("refuses %s with 400", (_what, form, changed, error) => {
    const { post } = start();
    expect(post(tokenPath, form, changed)).toMatchObject({ status: 400, json: { error } });
  });

  it("serves POST alone", () => {
    const { oauth } = start();
    const answer = oauth.answer({ method: "GET", path: tokenPath, headers, body: { bytes: Buffer.alloc(0) } });
    expect(answer).toMatchObject({ status: 405, headers: { Allow: "POST" } });
  });
});

describe("the revocation endpoint", () => {
  it("ends a token that was issued, and no other", () => {
    const { tokens, post, issue } = start();
    const [revoked, other] = [issue(), issue()];
    expect(post(revokePath, `token=${revoked}&token_type_hint=access_token`)).toMatchObject({ status: 200, body: "" });
    expect(tokens.accepts(revoked)).toBe(false);
    expect(tokens.accepts(other)).toBe(true);
  });

  it("answers 200 for a token that it does not know", () => {
    const { post } = start();
    expect(post(revokePath, "token=unknown")).toMatchObject({ status: 200, body: "" });
  });

  it("leaves the ready access token alone, which it did not issue", () => {
    const { tokens, post } = start();
    expect(post(revokePath, "token=mock-access-token")).toMatchObject({ status: 200 });
    expect(tokens.accepts("mock-access-token")).toBe(true);
  });

  it("wants the client's credentials", () => {
    const { tokens, post, issue } = start();
    const token = issue();
    const answer = post(revokePath, `token=${token}`, { authorization: undefined });
    expect(answer).toMatchObject({ status: 401, json: { error: "invalid_client" } });
    expect(tokens.accepts(token)).toBe(true);
  });

  it("wants a token", () => {
    expect(start().post(revokePath, "token=")).toMatchObject({ status: 400, json: { error: "invalid_request" } });
  });
});
