/**
 * Who may pass the front: the first of its decisions.
 */
import { type AtlasState, EVERY_KIND, refusalOf } from "../../src/testing/atlas/authenticate.js";
import type { DigestedRequest } from "../../src/testing/atlas/digest.js";
import { type AtlasResponse, apiError, JSON_TYPE } from "../../src/testing/atlas/response.js";
import type { ContractFacts, ContractOperation } from "./contract-facts.js";

/**
 * @param operation - What the request is for; `undefined` if the contract describes nothing there, which does not excuse
 * from signing in.
 * @returns The 401 of a request that may not pass, else `undefined`.
 */
export function refuseUnsigned(
  authorization: string | undefined,
  request: DigestedRequest,
  operation: ContractOperation | undefined,
  contract: ContractFacts,
  state: AtlasState,
): AtlasResponse | undefined {
  const admits = operation?.admits ?? EVERY_KIND;
  // If the contract asks for no credentials at all, those that come with every call are not looked at.
  if (operation?.open === true && (authorization === undefined || admits.size === 0)) return undefined;
  const refusal = refusalOf(authorization, request, state, admits);
  if (refusal === undefined) return undefined;
  const headers = { "www-authenticate": challengeFor(operation, state, refusal.stale) };
  const documented = operation?.unauthorizedExample ?? contract.unauthorizedExample;
  if (documented !== undefined) return { status: 401, headers: { ...JSON_TYPE, ...headers }, body: documented };
  const response = apiError(401, "UNAUTHORIZED", refusal.reason);
  return { ...response, headers: { ...response.headers, ...headers } };
}

/** The challenge that belongs to every 401. */
export function challengeFor(operation: ContractOperation | undefined, { digests }: AtlasState, stale = false): string {
  return (operation?.admits ?? EVERY_KIND).has("digest") ? digests.challenge(stale) : "Bearer";
}
