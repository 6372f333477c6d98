/**
 * A request as the fake Atlas reads it.
 */
import type { IncomingHttpHeaders } from "node:http";
import { bearerOf, signInByBasic } from "./authenticate.js";
import { readBasic } from "./credentials.js";
import type { AtlasResponse } from "./http.js";
import type { ServiceAccounts } from "./service-accounts.js";

/** A request as it came, and what it asks for. */
export interface AtlasRequest {
  readonly method: string;
  /** Path and query, as they stand in the request line. */
  readonly target: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** Empty if there is none. */
  readonly body: string;
  /** `other` is what neither the two operations nor the OAuth endpoints serve. */
  readonly kind: "token" | "revoke" | "create" | "delete" | "other";
  /** Of the account that it is about; empty if none is named. */
  readonly clientId: string;
  /** Of a creation. */
  readonly groupId: string | undefined;
  /** Of a deletion. */
  readonly orgId: string | undefined;
  /** Of a deletion. */
  readonly secretId: string | undefined;
  /** Id of the live secret that signed it, itself or by a token. */
  readonly signedWith: string | undefined;
}

/** A request and what became of it. */
export interface RecordedRequest extends AtlasRequest {
  /** Which request of its kind for this account it is, from 1. */
  readonly nth: number;
  /** What was sent; `undefined` as long as nothing was. */
  readonly response: AtlasResponse | undefined;
}

const ROUTES = (
  [
    ["token", "POST", "/api/oauth/token"],
    ["revoke", "POST", "/api/oauth/revoke"],
    ["create", "POST", "/api/atlas/v2/groups/{groupId}/serviceAccounts/{clientId}/secrets"],
    ["delete", "DELETE", "/api/atlas/v2/orgs/{orgId}/serviceAccounts/{clientId}/secrets/{secretId}"],
  ] as const
).map(([kind, method, template]) => {
  const path = new RegExp(`^${template.replaceAll(/\{(\w+)\}/g, "(?<$1>[^/]*)")}$`);
  return { kind, method, path };
});

/** What a path serves; none if nothing is there. */
export function routesAt(path: string) {
  return ROUTES.filter((route) => route.path.test(path));
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    // Not percent-encoding: it stays as it is and fits no pattern.
    return segment;
  }
}

/** Reads what a request asks for and who signed it; what is not served is `other`. */
export function readRequest(
  parts: Pick<AtlasRequest, "method" | "target" | "path" | "query" | "headers" | "body">,
  accounts: ServiceAccounts,
): AtlasRequest {
  const { authorization } = parts.headers;
  const [route] = routesAt(parts.path);
  const named: Record<string, string | undefined> = route?.path.exec(parts.path)?.groups ?? {};
  const inPath = (name: string) => named[name] && decoded(named[name]);
  const bearer = bearerOf(authorization);
  const signIn = bearer === undefined ? signInByBasic(parts, accounts) : accounts.holderOf(bearer);
  return {
    ...parts,
    kind: route?.method === parts.method ? route.kind : "other",
    groupId: inPath("groupId"),
    orgId: inPath("orgId"),
    secretId: inPath("secretId"),
    clientId: inPath("clientId") ?? readBasic(authorization)?.clientId ?? "",
    signedWith: "refusal" in signIn ? undefined : signIn.secret.id,
  };
}
