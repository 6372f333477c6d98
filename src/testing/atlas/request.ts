/**
 * A request as the fake Atlas reads it.
 */
import type { IncomingHttpHeaders } from "node:http";
import { bearerOf, signInByBasic } from "./authenticate.js";
import { readBasic } from "./credentials.js";
import type { ServiceAccounts } from "./service-accounts.js";

export interface AtlasRequest {
  /** What it asks for; `other` is everything that Atlas's two operations and its OAuth endpoints do not serve. */
  readonly kind: "token" | "revoke" | "create" | "delete" | "other";
  readonly method: string;
  /** Path and query, as they stand in the request line. */
  readonly target: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** Empty if there is none. */
  readonly body: string;
  /** The account that a token is asked for, or whose secrets are asked for; empty if none is named. */
  readonly clientId: string;
  /** Of a creation. */
  readonly groupId: string | undefined;
  /** Of a deletion. */
  readonly orgId: string | undefined;
  /** Of a deletion. */
  readonly secretId: string | undefined;
  /** Id of the live secret that signed the request, by itself or by a token that was issued for it. */
  readonly signedWith: string | undefined;
  /** Which request of its kind for this account it is, from 1. */
  readonly nth: number;
}

/** What a path names, percent-decoded. */
export type PathNames = Pick<AtlasRequest, "kind" | "groupId" | "orgId" | "secretId"> & {
  /** `undefined` if it is not in the path. */
  readonly clientId: string | undefined;
  /** The methods that the path serves; none if nothing is there. */
  readonly methods: readonly string[];
};

const CREATE_PATH = /^\/api\/atlas\/v2\/groups\/([^/]*)\/serviceAccounts\/([^/]*)\/secrets$/;
const DELETE_PATH = /^\/api\/atlas\/v2\/orgs\/([^/]*)\/serviceAccounts\/([^/]*)\/secrets\/([^/]*)$/;

/** Reads method and path; what is not served is `other`. */
export function readPath(method: string, path: string): PathNames {
  const none = { groupId: undefined, orgId: undefined, clientId: undefined, secretId: undefined };
  const kindOf = <Kind extends AtlasRequest["kind"]>(kind: Kind, served: string) =>
    method === served ? kind : "other";
  if (path === "/api/oauth/token") return { ...none, kind: "token", methods: ["POST"] };
  if (path === "/api/oauth/revoke") return { ...none, kind: "revoke", methods: ["POST"] };
  const creation = CREATE_PATH.exec(path)?.slice(1).map(decoded);
  if (creation !== undefined) {
    const [groupId, clientId] = creation;
    return { ...none, kind: kindOf("create", "POST"), groupId, clientId, methods: ["POST"] };
  }
  const deletion = DELETE_PATH.exec(path)?.slice(1).map(decoded);
  if (deletion !== undefined) {
    const [orgId, clientId, secretId] = deletion;
    return { ...none, kind: kindOf("delete", "DELETE"), orgId, clientId, secretId, methods: ["DELETE"] };
  }
  return { ...none, kind: "other", methods: [] };
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    // Not percent-encoding: it stays as it is and fits no pattern.
    return segment;
  }
}

/** A request before anything is known about it. */
export interface RequestParts {
  readonly method: string;
  readonly target: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Reads what a request asks for and who signed it. */
export function readRequest(parts: RequestParts, accounts: ServiceAccounts): Omit<AtlasRequest, "nth"> {
  const { authorization } = parts.headers;
  const { methods: _, ...names } = readPath(parts.method, parts.path);
  const bearer = bearerOf(authorization);
  const signIn = bearer === undefined ? signInByBasic(parts, accounts) : accounts.holderOf(bearer);
  return {
    ...parts,
    ...names,
    clientId: names.clientId ?? readBasic(authorization)?.clientId ?? "",
    signedWith: "refusal" in signIn ? undefined : signIn.secret.id,
  };
}
