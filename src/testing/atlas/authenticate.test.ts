import { describe, expect, it } from "vitest";
import { oauthResponse } from "./authenticate.js";
import { contentHeaders } from "./http.js";
import { ServiceAccounts } from "./service-accounts.js";

const clientId = "mdb_sa_id_0123456789abcdef01234567";
const value = "mdb_sa_sk_not_real";
const basic = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`;
const authorization = basic(`${clientId}:${value}`);
const headers = { authorization, "content-type": "application/x-www-form-urlencoded;charset=UTF-8" };

function start(tokenLifetimeSeconds = 3600, secret = value) {
  const clock = { now: 0 };
  const accounts = new ServiceAccounts({ clock: () => clock.now, tokenLifetimeSeconds });
  accounts.add({ clientId, secrets: [{ value: secret }] });
  const post = (endpoint: "token" | "revoke", body: string, changed: Record<string, string | undefined> = {}) =>
    oauthResponse(endpoint, { method: "POST", headers: { ...headers, ...changed }, body }, accounts);
  const issue = (): string => Object(post("token", "grant_type=client_credentials").body).access_token;
  const accepts = (token: string) => "secret" in accounts.holderOf(token);
  return { accounts, accepts, post, issue, clock };
}

describe("the token endpoint", () => {
  it("issues a bearer token with its lifetime, not to be stored", () => {
    const { accepts, post } = start(90);
    const response = post("token", "grant_type=client_credentials");
    const { status, body } = response;
    expect(status).toBe(200);
    expect(body).toEqual({ access_token: expect.stringMatching(/^fake-token-/), expires_in: 90, token_type: "Bearer" });
    expect(contentHeaders(response)).toEqual({ "content-type": "application/json", "cache-control": "no-store" });
    expect(accepts(Object(body).access_token)).toBe(true);
  });

  it("issues another token every time", () => {
    const { issue } = start();
    expect(issue()).not.toBe(issue());
  });

  it("issues tokens that work for their lifetime and no longer", () => {
    const { accepts, issue, clock } = start(60);
    const token = issue();
    clock.now = 59_999;
    expect(accepts(token)).toBe(true);
    clock.now = 60_000;
    expect(accepts(token)).toBe(false);
  });

  it.each([
    ["no credentials", undefined],
    ["another secret", basic(`${clientId}:wrong`)],
    ["%5F for _", basic(`${clientId}:mdb%5Fsa%5Fsk%5Fnot%5Freal`)],
  ])("refuses %s with invalid_client", (_what, authorization) => {
    const { post } = start();
    const { status, body, headers } = post("token", "grant_type=client_credentials", { authorization });
    expect(status).toBe(401);
    expect(body).toEqual({ error: "invalid_client", error_description: expect.any(String) });
    expect(headers?.["www-authenticate"]).toMatch(/^Basic realm=/);
  });

  it.each([
    ["another grant", "grant_type=password", {}, "unsupported_grant_type"],
    ["no grant", "", {}, "unsupported_grant_type"],
    ["two grants", "grant_type=client_credentials&grant_type=client_credentials", {}, "invalid_request"],
    ["JSON", '{"grant_type":"client_credentials"}', { "content-type": "application/json" }, "invalid_request"],
  ])("refuses %s with 400", (_what, form, changed, error) => {
    const { post } = start();
    expect(post("token", form, changed)).toMatchObject({ status: 400, body: { error } });
  });

  it("serves POST alone", () => {
    const { accounts } = start();
    const response = oauthResponse("token", { method: "GET", headers, body: "" }, accounts);
    expect(response).toMatchObject({ status: 405, headers: { allow: "POST" } });
  });
});

describe("the revocation endpoint", () => {
  it("ends a token that was issued, and no other", () => {
    const { accepts, post, issue } = start();
    const [revoked, other] = [issue(), issue()];
    expect(post("revoke", `token=${revoked}&token_type_hint=access_token`)).toEqual({
      status: 200,
      headers: { "cache-control": "no-store" },
    });
    expect(accepts(revoked)).toBe(false);
    expect(accepts(other)).toBe(true);
  });

  it("responds with 200 for a token that it does not know", () => {
    const { post } = start();
    expect(post("revoke", "token=unknown")).toEqual({ status: 200, headers: { "cache-control": "no-store" } });
  });

  it("refuses to end a token of another client", () => {
    const { accounts, accepts, issue } = start();
    const [{ value: secret } = expect.fail("it has no secret")] = accounts.add({ clientId: "another" });
    const token = issue();
    const authorization = basic(`another:${secret}`);
    const request = { method: "POST", headers: { ...headers, authorization }, body: `token=${token}` };
    expect(oauthResponse("revoke", request, accounts)).toMatchObject({ status: 400, body: { error: "invalid_grant" } });
    expect(accepts(token)).toBe(true);
  });

  it("wants the client's credentials", () => {
    const { accepts, post, issue } = start();
    const token = issue();
    const response = post("revoke", `token=${token}`, { authorization: undefined });
    expect(response).toMatchObject({ status: 401, body: { error: "invalid_client" } });
    expect(accepts(token)).toBe(true);
  });

  it("wants a token", () => {
    expect(start().post("revoke", "token=")).toMatchObject({ status: 400, body: { error: "invalid_request" } });
  });
});

describe("Basic credentials of a token request", () => {
  const secret = "not_a-real.secret~ !*'()/+:é";
  const signsIn = (given: string | undefined, own = secret) =>
    start(3600, own).post("token", "grant_type=client_credentials", { authorization: given }).status === 200;

  it("are taken raw, as curl sends them", () => {
    expect(signsIn(basic(`${clientId}:${secret}`))).toBe(true);
  });

  it("are taken form-encoded, as MongoDB's Go SDK sends them", () => {
    const asGoEncodes = "not_a-real.secret~+%21%2A%27%28%29%2F%2B%3A%C3%A9";
    expect(signsIn(basic(`${clientId}:${asGoEncodes}`))).toBe(true);
  });

  it("are refused with unreserved characters percent-encoded, as Atlas refuses them", () => {
    const encoded = (text: string) => encodeURIComponent(text).replaceAll("_", "%5F");
    expect(signsIn(basic(`${encoded(clientId)}:not-a-real-secret`), "not-a-real-secret")).toBe(false);
    expect(signsIn(basic(`${clientId}:${encoded("not_real")}`), "not_real")).toBe(false);
  });

  it.each([
    ["absent", undefined],
    ["of another scheme", basic(`${clientId}:${secret}`).replace("Basic", "Bearer")],
    ["not base64", `Basic ${clientId}:${secret}`],
    ["without a colon", basic(clientId)],
    ["of another secret", basic(`${clientId}:other`)],
    ["of another client", basic(`mdb_sa_id_ffffffffffffffffffffffff:${secret}`)],
    ["followed by more", basic(`${clientId}:${secret} `)],
  ])("are refused when %s", (_how, given) => {
    expect(signsIn(given)).toBe(false);
  });

  it("may be written with the scheme in any case", () => {
    expect(signsIn(basic(`${clientId}:${secret}`).replace("Basic", "bASIC"))).toBe(true);
  });
});
