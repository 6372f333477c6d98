/**
 * Sends calls with a bearer token, and once more with a fresh one where Atlas refuses the token.
 */
import { AtlasAuthError } from "../errors.js";
import { outcomeIfNotApplied, type Stage, type TransportRequest } from "../transport/pipeline.js";
import type { TokenSource } from "./service-account-tokens.js";
import { TokenFailure } from "./token-endpoint.js";

/** @throws AtlasAuthError where no token can be had */
export function bearerAuthentication(tokens: TokenSource): Stage {
  return (next) => async (request) => {
    const token = await tokenFor(request, tokens);
    const answer = await next(withToken(request, token));
    if (answer.status !== 401 || !tokens.refused(token)) return answer;
    return next(withToken(request, await tokenFor(request, tokens)));
  };
}

function withToken(request: TransportRequest, token: string): TransportRequest {
  return { ...request, headers: { ...request.headers, authorization: `Bearer ${token}` } };
}

async function tokenFor(request: TransportRequest, tokens: TokenSource): Promise<string> {
  try {
    return await tokens.get(request.signal);
  } catch (error) {
    if (!(error instanceof TokenFailure)) throw error;
    const { operation } = request;
    const { status, oauthError, oauthErrorDescription, cause } = error;
    const context = { operation, outcome: outcomeIfNotApplied(request), cause };
    throw new AtlasAuthError(`No access token could be had: ${error.message}.`, {
      ...context,
      status,
      oauthError,
      oauthErrorDescription,
    });
  }
}
