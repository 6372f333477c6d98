/**
 * The responses that are no examples of the contract: what Atlas does with a valid request, and refusals as the contract
 * documents them, with the reason in them as far as its schemas allow.
 */
import { type AtlasState, refusalOf } from "../../src/testing/atlas/authenticate.js";
import type { DigestedRequest, Refusal } from "../../src/testing/atlas/credentials.js";
import { type AtlasResponse, apiError } from "../../src/testing/atlas/http.js";
import { correctSteps } from "../../src/testing/atlas/steps.js";
import { isObject } from "../contract/json.js";
import type { DocumentedResponse, Operation } from "../contract/operations.js";
import { violationsOf } from "../contract/validation.js";
import { type ContractFacts, credentialsOf, EVERY_KIND, exampleOf, pathParameters } from "./contract.js";
import type { ReceivedRequest, Violation } from "./prism.js";

const { find, create, delete: remove } = correctSteps();

/** What Atlas does with the request, if it is valid; `undefined` if an example is all that can be given. */
export function respondTo(request: ReceivedRequest, state: AtlasState): (() => AtlasResponse) | undefined {
  const { kind, mediaType } = request;
  if (kind !== "create" && kind !== "delete") return absence(request, state);
  const perform = kind === "create" ? create : remove;
  return () => {
    const response = find(request, state) ?? perform(request, state) ?? { status: 500 };
    if (response.status >= 300 || mediaType === undefined) return response;
    return { ...response, headers: { ...response.headers, "content-type": mediaType } };
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

export interface Decision extends AtlasResponse {
  /** Why it refuses, if that is not in its body. */
  readonly reason?: string;
  /** Whether it is the operation's own; what is refused before comes in no envelope, for a challenge in one could not be met. */
  readonly isOfOperation?: true;
}

/**
 * The 401 of a request that may not pass, else `undefined`: the documented example, with the reason under a name of its own
 * if the schema admits one.
 *
 * @param operation - What the request is for; `undefined` if the contract describes nothing there, which does not excuse
 * from signing in.
 */
export function refuseUnsigned(
  authorization: string | undefined,
  request: DigestedRequest,
  operation: Operation | undefined,
  contract: ContractFacts,
  state: AtlasState,
): Decision | undefined {
  const admits = credentialsOf(operation);
  // If the contract asks for no credentials at all, those that come with every call are not looked at.
  if (operation?.open === true && (authorization === undefined || admits.size === 0)) return undefined;
  const [scheme = ""] = authorization?.toLowerCase().split(" ", 1) ?? [];
  const isAdmitted = admits.has(scheme) || !EVERY_KIND.has(scheme);
  const unfit: Refusal = { reason: `${[...admits].join(" or ")} is needed, not ${scheme}.` };
  const refusal = isAdmitted ? refusalOf(authorization, request, state) : unfit;
  if (refusal === undefined) return undefined;
  const { reason, stale } = refusal;
  const headers = { "www-authenticate": challengeFor(operation, state, stale) };
  const documented = documentedAs(operation, 401) ?? contract.unauthorized;
  const example = (documented && exampleOf(documented)) ?? apiError(401, "UNAUTHORIZED", reason).body;
  const explained = isObject(example) ? { ...example, "x-reason": reason } : example;
  return { status: 401, headers, body: fits(explained, documented) ? explained : example, reason };
}

/** The challenge that belongs to every 401. */
export function challengeFor(operation: Operation | undefined, { digests }: AtlasState, stale = false): string {
  return credentialsOf(operation).has("digest") ? digests.challenge(stale) : "Bearer";
}

/** The refusal of a request that breaks the contract: a status that the operation documents, in the schema documented. */
export function refuseInvalid(operation: Operation | undefined, violations: readonly Violation[]): Decision {
  const found = violations.map((violation) => spelledAs(operation, violation));
  const fields = found.map(({ path: [part = "request", ...inner], message }) => ({
    field: inner.join(".") || part,
    description: message,
  }));
  const reason = found.map(({ path, message }) => `${path.join(".") || "request"}: ${message}`).join("; ");
  const isOfUnknownType = violations.some(({ code }) => String(code) === "415");
  const refusalWith = (status: number) => {
    const errorCode = status === 404 ? "RESOURCE_NOT_FOUND" : "VALIDATION_ERROR";
    return { ...apiError(status, errorCode, reason, { badRequestDetail: { fields } }), reason };
  };
  // A 404 is all that Atlas documents for a deletion; of a media type it would be a lie.
  for (const status of isOfUnknownType ? [415, 400, 422] : [400, 422, 404]) {
    const documented = documentedAs(operation, status);
    if (documented === undefined) continue;
    const refusal = refusalWith(status);
    const body = fits(refusal.body, documented) ? refusal.body : exampleOf(documented);
    if (body !== undefined) return { ...refusal, body };
  }
  return refusalWith(isOfUnknownType ? 415 : 400);
}

/** Prism writes the names of parameters in small letters. */
function spelledAs(operation: Operation | undefined, { path = [], message }: Violation) {
  const [part = "", given = "", ...inner] = path.map(String);
  const { name = given } =
    operation?.parameters.find((each) => each.in === part && each.name.toLowerCase() === given.toLowerCase()) ?? {};
  const words = message.replace(`parameter ${given}`, () => `parameter ${name}`);
  return { path: name === "" ? path : [part, name, ...inner], message: words };
}

function documentedAs(operation: Operation | undefined, status: number): DocumentedResponse | undefined {
  const byStatus = new Map(operation?.responses.map((response) => [response.status.toUpperCase(), response]));
  return byStatus.get(String(status)) ?? byStatus.get(`${Math.floor(status / 100)}XX`) ?? byStatus.get("DEFAULT");
}

/** @param documented - Without it everything fits. */
function fits(body: unknown, documented: DocumentedResponse | undefined): boolean {
  return violationsOf(documented?.mediaTypes[0]?.schema, body, "response").length === 0;
}
