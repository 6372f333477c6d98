/**
 * Sends calls with a bearer token, and once more with a fresh one if Atlas refuses the token.
 */
import { outcomeIfNotApplied, type Stage, type TransportRequest } from "../transport/pipeline.js";
import type { TokenSource } from "./service-account-tokens.js";
import { authErrorOf } from "./token-endpoint.js";

/** @throws AtlasAuthError if it cannot get a token */
export function bearerAuthentication(tokens: TokenSource): Stage {
  return (next) => async (request) => {
    const token = await tokenFor(request, tokens);
    const response = await next(withToken(request, token));
    if (response.status !== 401 || !tokens.refused(token)) return response;
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
    const { operation } = request;
    throw authErrorOf(error, "Could not get an access token", { operation, outcome: outcomeIfNotApplied(request) });
  }
}
