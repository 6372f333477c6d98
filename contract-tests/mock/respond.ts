/**
 * The responses to callers who may pass, as far as they are not examples of the contract.
 */
import type { AtlasState } from "../../src/testing/atlas/authenticate.js";
import { type RequestParts, readRequest } from "../../src/testing/atlas/request.js";
import { type AtlasResponse, apiError } from "../../src/testing/atlas/response.js";
import { correctSteps } from "../../src/testing/atlas/steps.js";
import { type ContractFacts, type ContractOperation, pathParameters } from "./contract-facts.js";
import { versionOf } from "./negotiation.js";
import type { ReceivedBody } from "./request-body.js";

/** A request as the front has read it. */
export interface ReceivedRequest extends RequestParts {
  /** `undefined` if the target cannot be read. */
  readonly url: URL | undefined;
  readonly received: ReceivedBody;
  readonly operation: ContractOperation | undefined;
}

const { find, create, delete: remove } = correctSteps();

/** What Atlas does with the request, if it is valid; `undefined` if an example is all that can be given. */
export function respondTo(parts: ReceivedRequest, state: AtlasState): (() => AtlasResponse) | undefined {
  const request = { ...readRequest(parts, state.accounts), nth: 0 };
  if (request.kind !== "create" && request.kind !== "delete") return absence(parts, state);
  const perform = request.kind === "create" ? create : remove;
  const version = versionOf(parts.headers.accept, parts.operation?.successMediaTypes ?? []);
  return () => {
    const response = find(request, state) ?? perform(request, state) ?? { status: 500 };
    if (response.status >= 300 || version === undefined) return response;
    return { ...response, headers: { ...response.headers, "content-type": version } };
  };
}

/** The 404 of any other operation on a secret that is not there, if its contract documents one. */
function absence({ path, operation }: ReceivedRequest, { accounts }: AtlasState): (() => AtlasResponse) | undefined {
  if (operation === undefined || !operation.responses.some(({ status }) => status === "404")) return undefined;
  const { groupId, orgId, clientId, secretId } = pathParameters(operation, path);
  const place = groupId === undefined ? orgId && { orgId } : { groupId };
  if (!place || clientId === undefined || secretId === undefined) return undefined;
  const isThere = accounts.isIn(clientId, place) && accounts.secretsOf(clientId).some(({ id }) => id === secretId);
  if (isThere) return undefined;
  return () => apiError(404, "RESOURCE_NOT_FOUND", `There is no secret ${secretId} of ${clientId} here.`);
}

/** What Prism has no response for, in words of the API. */
export function undocumented(
  status: number,
  problem: string,
  { method, path }: ReceivedRequest,
  { methodsOf }: ContractFacts,
): AtlasResponse {
  const methods = methodsOf(path);
  if (methods.length === 0) return apiError(404, "RESOURCE_NOT_FOUND", `There is nothing at ${path}.`);
  if (!methods.includes(method)) {
    const response = apiError(405, "METHOD_NOT_ALLOWED", `Only ${methods.join(", ")} is served here.`);
    return { ...response, headers: { ...response.headers, allow: methods.join(", ") } };
  }
  // Else the caller prefers what is not documented, which is neither absent nor a failure of the service.
  return apiError(status === 406 ? 406 : 400, "NOT_DOCUMENTED", problem);
}
