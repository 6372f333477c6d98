/**
 * OAuth 2.0 as Atlas has it: `POST /api/oauth/token` with client credentials (RFC 6749 section 4.4) and
 * `POST /api/oauth/revoke` (RFC 7009).
 */
import type { IncomingHttpHeaders } from "node:http";
import type { AccessTokens } from "./access-tokens.js";
import { type Answer, jsonAnswer } from "./answer.js";
import { isBasicFor } from "./basic-authorization.js";
import type { ContractFacts } from "./contract-facts.js";
import { mediaTypeOf } from "./request-body.js";

/** Where the endpoints are, whom they serve and what they hand out. */
export interface OAuthOptions {
  readonly contract: Pick<ContractFacts, "tokenPath" | "revokePath">;
  /** Who can sign in; an account with two secrets stands here twice. */
  readonly accounts: readonly { readonly clientId: string; readonly clientSecret: string }[];
  readonly tokens: AccessTokens;
}

/** A request to one of the endpoints. */
export interface OAuthRequest {
  readonly method: string;
  readonly path: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: { readonly bytes: Buffer };
}

/** The token endpoint and the revocation endpoint. */
export class OAuthEndpoints {
  readonly #options: OAuthOptions;

  constructor(options: OAuthOptions) {
    this.#options = options;
  }

  /** Whether a path is one of the two. */
  serves(path: string | undefined): boolean {
    return path === this.#options.contract.tokenPath || path === this.#options.contract.revokePath;
  }

  answer({ method, path, headers, body }: OAuthRequest): Answer {
    if (method !== "POST") return oauthError(405, "invalid_request", "Only POST is served here.", { Allow: "POST" });
    const isFor = ({ clientId, clientSecret }: OAuthOptions["accounts"][number]) =>
      isBasicFor(headers.authorization, clientId, clientSecret);
    if (!this.#options.accounts.some(isFor)) {
      const challenge = { "WWW-Authenticate": 'Basic realm="MMS Public API"' };
      return oauthError(401, "invalid_client", "The client id or the client secret is wrong.", challenge);
    }
    if (mediaTypeOf(headers["content-type"]) !== "application/x-www-form-urlencoded") {
      return oauthError(400, "invalid_request", "The body has to be application/x-www-form-urlencoded.");
    }
    const form = new URLSearchParams(body.bytes.toString("utf8"));
    return path === this.#options.contract.tokenPath ? this.#token(form) : this.#revoke(form);
  }

  #token(form: URLSearchParams): Answer {
    const [grantType, ...others] = form.getAll("grant_type");
    if (others.length > 0) return oauthError(400, "invalid_request", "grant_type is there more than once.");
    if (grantType !== "client_credentials") {
      return oauthError(400, "unsupported_grant_type", "grant_type has to be client_credentials.");
    }
    const { tokens } = this.#options;
    const issued = { access_token: tokens.issue(), expires_in: tokens.lifetimeSeconds, token_type: "Bearer" };
    return jsonAnswer(200, issued, NOT_STORED);
  }

  #revoke(form: URLSearchParams): Answer {
    const token = form.get("token");
    if (token === null || token === "") return oauthError(400, "invalid_request", "token is missing.");
    this.#options.tokens.revoke(token);
    return { status: 200, headers: NOT_STORED, body: "" };
  }
}

const NOT_STORED = { "Cache-Control": "no-store" };

function oauthError(
  status: number,
  error: string,
  description: string,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return jsonAnswer(status, { error, error_description: description }, { ...NOT_STORED, ...headers });
}
