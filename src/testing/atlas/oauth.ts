/**
 * OAuth 2.0 as Atlas has it: `POST /api/oauth/token` with client credentials (RFC 6749 section 4.4) and
 * `POST /api/oauth/revoke` (RFC 7009).
 */
import type { IncomingHttpHeaders } from "node:http";
import { readBasic } from "./basic.js";
import { type AtlasResponse, JSON_TYPE } from "./response.js";
import type { ServiceAccounts, SignIn } from "./service-accounts.js";

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

/** The response of the endpoint that issues tokens, or of the one that revokes them. */
export function oauthResponse(
  endpoint: "token" | "revoke",
  request: OAuthRequest,
  accounts: ServiceAccounts,
): AtlasResponse {
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
    accounts.revoke(token);
    return { status: 200, headers: NOT_STORED };
  }
  const [grantType, ...others] = form.getAll("grant_type");
  if (others.length > 0) return oauthError(400, "invalid_request", "grant_type is there more than once.");
  if (grantType !== "client_credentials") {
    return oauthError(400, "unsupported_grant_type", "grant_type has to be client_credentials.");
  }
  const access_token = accounts.issueToken(signedIn.secret);
  const issued = { access_token, expires_in: accounts.tokenLifetimeSeconds, token_type: "Bearer" };
  return { status: 200, headers: { ...JSON_TYPE, ...NOT_STORED }, body: issued };
}

/** The media type of a `Content-Type`, in lower case and without parameters. */
export function mediaTypeOf(contentType: string | undefined): string {
  return contentType?.split(";", 1)[0]?.trim().toLowerCase() ?? "";
}

function oauthError(
  status: number,
  error: string,
  description: string,
  headers: Readonly<Record<string, string>> = {},
): AtlasResponse {
  const body = { error, error_description: description };
  return { status, headers: { ...JSON_TYPE, ...NOT_STORED, ...headers }, body };
}
