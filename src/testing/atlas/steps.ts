/**
 * What Atlas does with a request, step by step: the first step that responds has the last word. Written by hand from
 * Atlas's documentation and not from the contract's validators, so that a mistake in those does not hide here.
 */
import type { components } from "../../../generated/schema.js";
import { type AtlasState, oauthResponse, refusalOf } from "./authenticate.js";
import { type AtlasResponse, apiError, mediaTypeOf } from "./http.js";
import { type AtlasRequest, routesAt } from "./request.js";
import { isClientId, isId, type StoredSecret } from "./service-accounts.js";

/** Returns a response, or `undefined` to leave it to the next step. */
export type Step = (request: AtlasRequest, state: AtlasState) => AtlasResponse | undefined;

/** In the order in which they are taken. */
export interface Steps {
  oauth: Step;
  authenticate: Step;
  route: Step;
  negotiate: Step;
  checkContentType: Step;
  checkJson: Step;
  checkPath: Step;
  checkQuery: Step;
  checkBody: Step;
  find: Step;
  create: Step;
  delete: Step;
}

/** The versions that both operations are served in. */
export const VERSIONS: readonly string[] = [
  "application/vnd.atlas.2024-08-05+json",
  "application/vnd.atlas.2025-03-12+json",
];
const BODY_TYPES = ["application/json", "application/vnd.atlas.2024-08-05+json"];
const MOST_HOURS = 2 ** 31 - 1;
/** What Atlas itself allows, whatever the organization's settings are: eight hours to a year. */
const ALLOWED_HOURS = { least: 8, most: 365 * 24 };

/** The steps of an Atlas that does everything right. */
export function correctSteps(): Steps {
  return {
    oauth(request, { accounts }) {
      const [, endpoint] = /^\/api\/oauth\/(token|revoke)$/.exec(request.path) ?? [];
      return endpoint ? oauthResponse(endpoint, request, accounts) : undefined;
    },
    authenticate,
    route(request) {
      return request.kind === "other" ? refuseUnserved(request, routesAt(request.path)) : undefined;
    },
    negotiate({ headers }) {
      if (versionOf(headers.accept) !== undefined) return undefined;
      return apiError(406, "NOT_ACCEPTABLE", `Accept has to name one of ${VERSIONS.join(", ")}.`);
    },
    checkContentType({ kind, headers }) {
      if (kind !== "create" || BODY_TYPES.includes(mediaTypeOf(headers["content-type"]))) return undefined;
      return apiError(415, "UNSUPPORTED_MEDIA_TYPE", `Content-Type has to be one of ${BODY_TYPES.join(", ")}.`);
    },
    checkJson({ kind, body }) {
      if (kind !== "create" || parsed(body) !== undefined) return undefined;
      return apiError(400, "MALFORMED_JSON", "The body is not well-formed JSON.");
    },
    checkPath,
    checkQuery({ query }) {
      for (const name of ["envelope", "pretty"]) {
        const isBroken = query.getAll(name).some((value) => value !== "true" && value !== "false");
        if (isBroken) return invalid(name, "has to be true or false");
      }
      return undefined;
    },
    checkBody({ kind, body }) {
      if (kind !== "create") return undefined;
      const hours = hoursIn(body);
      const fits = typeof hours === "number" && Number.isInteger(hours) && hours > 0 && hours <= MOST_HOURS;
      return fits ? undefined : invalid("secretExpiresAfterHours", `has to be an integer from 1 to ${MOST_HOURS}`);
    },
    find,
    create(request, { accounts }) {
      if (request.kind !== "create") return undefined;
      const hours = Number(hoursIn(request.body));
      if (hours < ALLOWED_HOURS.least || hours > ALLOWED_HOURS.most) {
        return invalid("secretExpiresAfterHours", `has to be from ${ALLOWED_HOURS.least} to ${ALLOWED_HOURS.most}`);
      }
      if (accounts.isFull(request.clientId)) {
        return apiError(400, "MAXIMUM_SECRETS_REACHED", "The service account has two secrets already.");
      }
      const secret = accounts.addSecret(request.clientId, hours);
      const headers = { "content-type": versionOf(request.headers.accept) ?? "" };
      return { status: 201, headers, body: shownOnce(secret) };
    },
    delete(request, { accounts }) {
      if (request.kind !== "delete") return undefined;
      if (accounts.deleteSecret(request.clientId, request.secretId)) return { status: 204 };
      return apiError(404, "RESOURCE_NOT_FOUND", `The service account has no secret ${request.secretId}.`);
    },
  };
}

/** The 404 of a path that serves no method, or the 405 of one that serves others. */
export function refuseUnserved(
  { method, path }: Pick<AtlasRequest, "method" | "path">,
  routes: readonly { readonly method: string }[],
): AtlasResponse | undefined {
  if (routes.length === 0) return apiError(404, "RESOURCE_NOT_FOUND", `There is nothing at ${path}.`);
  const methods = routes.map((route) => route.method);
  if (methods.includes(method)) return undefined;
  const allow = methods.join(", ");
  return apiError(405, "METHOD_NOT_ALLOWED", `Only ${allow} is served here.`, {}, { allow });
}

function authenticate(request: AtlasRequest, state: AtlasState): AtlasResponse | undefined {
  const refusal = refusalOf(request.headers.authorization, request, state);
  if (refusal === undefined) return undefined;
  const challenge = { "www-authenticate": state.digests.challenge(refusal.stale) };
  return apiError(401, "UNAUTHORIZED", refusal.reason, {}, challenge);
}

function checkPath({ kind, clientId, groupId, orgId, secretId }: AtlasRequest): AtlasResponse | undefined {
  const ids = kind === "create" ? { groupId } : { orgId, secretId };
  for (const [name, id] of Object.entries(ids)) {
    if (!isId(id ?? "")) return invalid(name, "has to be 24 hexadecimal digits");
  }
  if (isClientId(clientId)) return undefined;
  return invalid("clientId", "has to be mdb_sa_id_ and 24 hexadecimal digits");
}

function find({ kind, clientId, groupId, orgId }: AtlasRequest, { accounts }: AtlasState): AtlasResponse | undefined {
  const place = kind === "create" ? { groupId: groupId ?? "" } : { orgId: orgId ?? "" };
  if (accounts.isIn(clientId, place)) return undefined;
  const where = kind === "create" ? `Project ${groupId}` : `Organization ${orgId}`;
  return apiError(404, "RESOURCE_NOT_FOUND", `${where} has no service account ${clientId}.`);
}

function invalid(field: string, description: string): AtlasResponse {
  const badRequestDetail = { fields: [{ field, description }] };
  return apiError(400, "VALIDATION_ERROR", `${field} ${description}.`, { badRequestDetail });
}

/** The secret with its value, as only the response to its creation shows it. */
function shownOnce(secret: StoredSecret): components["schemas"]["ServiceAccountSecret"] {
  const { id, createdAt, expiresAt, value } = secret;
  return { id, createdAt, expiresAt, maskedSecretValue: masked(value), secret: value };
}

/** The beginning and the end of a value, to recognize it by. */
export function masked(value: string): string {
  return `${value.slice(0, "mdb_sa_sk_".length)}...${value.slice(-4)}`;
}

/** The version that `Accept` names, by exact media type: a wildcard names none. */
function versionOf(accept: string | undefined): string | undefined {
  const ranges = (accept ?? "").split(",").map((range) => mediaTypeOf(range));
  return VERSIONS.find((version) => ranges.includes(version));
}

/** The value of a JSON text; `undefined` if it is none. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The caller is told that it is not JSON.
    return undefined;
  }
}

/** What a body asks for, whatever it is. */
export function hoursIn(body: string): unknown {
  return Object(parsed(body)).secretExpiresAfterHours;
}
