/**
 * What the server of the tests goes by: rules that a test may replace to plant a fault.
 */
import type { IncomingHttpHeaders } from "node:http";

export const account = {
  accessToken: "test-access-token-not-real",
  adminId: "mdb_sa_id_ffffffffffffffffffffffff",
  adminSecret: "mdb_sa_sk_test_admin_secret_not_real",
  publicKey: "testpubk",
  privateKey: "test-private-key-not-real",
  groupId: "5f0c1a2b3c4d5e6f70819203",
  orgId: "4e1b0a9f8d7c6b5a49382716",
  clientId: "mdb_sa_id_65a1b2c3d4e5f60718293a4b",
} as const;

export const VERSIONS = ["application/vnd.atlas.2024-08-05+json", "application/vnd.atlas.2025-03-12+json"];

/** A request as the steps see it. */
export interface Received {
  readonly method: string;
  /** Without its query. */
  readonly path: string;
  readonly target: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** `undefined` where the path names nothing. */
  readonly operation: "create" | "delete" | undefined;
  readonly ids: Readonly<Record<string, string>>;
}

/** An answer before it is sent. */
export interface Plain {
  status: number;
  headers: Record<string, string>;
  body: unknown;
}

/** What happens instead of an answer; `raw` is written to the connection as it stands. */
export type Violence = "hang" | "reset" | "cut off" | { readonly raw: string };

type Step = (request: Received, server: Rules) => Plain | undefined;

/** The rules that a fault may replace. */
export interface Rules {
  readonly secrets: Map<string, { readonly secret: string }>;
  readonly nonces: Set<string>;
  readonly tokens: Set<string>;
  /** Whether the token endpoint hands out tokens. */
  issuesTokens: boolean;
  /** In the order in which they are asked; the first answer stands. */
  steps: Record<
    | "authenticate"
    | "route"
    | "negotiate"
    | "readType"
    | "readJson"
    | "checkPath"
    | "checkQuery"
    | "checkBody"
    | "find",
    Step
  >;
  perform(request: Received, server: Rules): Plain;
  /** The last word on every answer. */
  finish(answer: Plain, request: Received, server: Rules): Plain | Violence;
}

export function apiError(status: number, errorCode: string, detail: string): Plain {
  return { status, headers: { "content-type": "application/json" }, body: { error: status, errorCode, detail } };
}
