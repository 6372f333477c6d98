/**
 * Whether a request is signed by somebody who may sign it, and OAuth 2.0 as Atlas has it: `POST /api/oauth/token` with client
 * credentials (RFC 6749 section 4.4) and `POST /api/oauth/revoke` (RFC 7009).
 */
import type { IncomingHttpHeaders } from "node:http";
import { type DigestCheck, type DigestedRequest, type Refusal, readBasic } from "./credentials.js";
import { type AtlasResponse, mediaTypeOf } from "./http.js";
import type { ServiceAccounts, SignIn } from "./service-accounts.js";

/** What a server keeps. */
export interface AtlasState {
  readonly accounts: ServiceAccounts;
  /** Tokens that work and were not issued. */
  readonly accessTokens: ReadonlySet<string>;
  /** @internal */
  readonly digests: DigestCheck;
}

/**
 * Judges the `Authorization` of a request; an accepted digest uses up its count.
 *
 * @returns `undefined` if the request may pass.
 */
export function refusalOf(
  authorization: string | undefined,
  request: DigestedRequest,
  { accounts, accessTokens, digests }: AtlasState,
): Refusal | undefined {
  const token = bearerOf(authorization);
  if (token !== undefined) {
    const holder = accounts.holderOf(token);
    return "refusal" in holder && !accessTokens.has(token) ? { reason: holder.refusal } : undefined;
  }
  const [scheme = ""] = authorization?.toLowerCase().split(" ", 1) ?? [];
  if (scheme === "digest") return digests.refusalOf(authorization, request);
  return { reason: FAULTS.get(scheme) ?? "The Authorization header has another scheme than Bearer and Digest." };
}

/** What is wrong with a header that is neither a bearer token nor a digest, by its scheme. */
const FAULTS: ReadonlyMap<string, string> = new Map([
  ["", "There is no Authorization header."],
  ["basic", "Basic credentials sign in to the token endpoint only."],
  ["bearer", "The bearer token is missing or malformed."],
]);

/** The token of a bearer header. */
export function bearerOf(authorization: string | undefined): string | undefined {
  return /^bearer +(\S+)$/i.exec(authorization ?? "")?.[1];
}

export interface OAuthRequest {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const NOT_STORED = { "cache-control": "no-store" };

/** Who sends a request to the token endpoint. */
export function signInByBasic({ headers }: Pick<OAuthRequest, "headers">, accounts: ServiceAccounts): SignIn {
  const credentials = readBasic(headers.authorization);
  if (credentials === undefined)
    return { refusal: "The Authorization header is not Basic with clientId:clientSecret." };
  const signIn = accounts.signIn(credentials);
  const isOverEncoded = /%(5F|2D|2E|7E)/i.test(`${credentials.clientId}:${credentials.clientSecret}`);
  if (!("refusal" in signIn && isOverEncoded)) return signIn;
  return { refusal: "In Basic, `_`, `-`, `.` and `~` stay as they are: Atlas does not undo `%5F`." };
}

/** @param endpoint - `token`, which issues tokens, or `revoke`, which revokes them. */
export function oauthResponse(endpoint: string, request: OAuthRequest, accounts: ServiceAccounts): AtlasResponse {
  const { method, headers, body } = request;
  if (method !== "POST") return oauthError(405, "invalid_request", "Only POST is served here.", { allow: "POST" });
  const signedIn = signInByBasic(request, accounts);
  if ("refusal" in signedIn) {
    const challenge = { "www-authenticate": 'Basic realm="MMS Public API"' };
    return oauthError(401, "invalid_client", signedIn.refusal, challenge);
  }
  if (mediaTypeOf(headers["content-type"]) !== "application/x-www-form-urlencoded") {
    return oauthError(400, "invalid_request", "The body has to be application/x-www-form-urlencoded.");
  }
  const form = new URLSearchParams(body);
  if (endpoint === "revoke") {
    const token = form.get("token");
    if (token === null || token === "") return oauthError(400, "invalid_request", "token is missing.");
    const holder = accounts.holderOf(token);
    if ("account" in holder && holder.account !== signedIn.account) {
      return oauthError(400, "invalid_grant", "The token was issued to another client.");
    }
    accounts.revoke(token);
    return { status: 200, headers: NOT_STORED };
  }
  const [grantType, ...others] = form.getAll("grant_type");
  if (others.length > 0) return oauthError(400, "invalid_request", "grant_type is there more than once.");
  if (grantType !== "client_credentials") {
    return oauthError(400, "unsupported_grant_type", "grant_type has to be client_credentials.");
  }
  const access_token = accounts.issueToken(signedIn);
  const issued = { access_token, expires_in: accounts.tokenLifetimeSeconds, token_type: "Bearer" };
  return { status: 200, headers: NOT_STORED, body: issued };
}

function oauthError(
  status: number,
  error: string,
  description: string,
  headers: Readonly<Record<string, string>> = {},
): AtlasResponse {
  const body = { error, error_description: description };
  return { status, headers: { ...NOT_STORED, ...headers }, body };
}
