/**
 * What the front has to know of the contract: paths, versions, who may call, and what a refused caller is told. Nothing
 * here knows a particular operation.
 */

import type { Contract, SecurityScheme } from "../contract/operations.js";
import { isSuccess, type Operation } from "../contract/operations.js";

/** How a caller may prove who it is. */
export type CredentialKind = "bearer" | "digest";

/** One operation as the front sees it. */
export interface ContractOperation {
  /** In capitals. */
  readonly method: string;
  /** Template, with `{name}` for a parameter. */
  readonly path: string;
  /** Media types of the success responses, in contract order. */
  readonly successMediaTypes: readonly string[];
  /** Kinds of credentials that the contract's security requirements admit. */
  readonly admits: ReadonlySet<CredentialKind>;
  /** Whether it can be called without credentials. */
  readonly open: boolean;
  /** The contract's own example of the 401. */
  readonly unauthorizedExample: unknown;
}

/** The contract, as far as the front needs it. */
export interface ContractFacts {
  /** Path of the token endpoint, from the OAuth 2.0 scheme's token URL. */
  readonly tokenPath: string;
  /** Path of the revocation endpoint: beside the token endpoint. */
  readonly revokePath: string;
  /** What a caller without credentials is told where the contract describes no operation. */
  readonly unauthorizedExample: unknown;
  /**
   * The operation that a request is for; `undefined` if the contract describes none.
   *
   * @param path - The request's path without its query.
   */
  find(method: string, path: string): ContractOperation | undefined;
}

const ATLAS_TOKEN_PATH = "/api/oauth/token";

/** @throws Error of one line if the contract asks for credentials that the mock cannot check. */
export function factsOf(contract: Contract): ContractFacts {
  // Paths without parameters come first, as OpenAPI matches them.
  const operations = contract.operations
    .map(describeOperation)
    .sort((one, other) => parameterCount(one.path) - parameterCount(other.path));
  const tokenPath = tokenPathOf(contract);
  return {
    tokenPath,
    revokePath: tokenPath.replace(/[^/]*$/, "revoke"),
    unauthorizedExample: operations.find((operation) => operation.unauthorizedExample !== undefined)
      ?.unauthorizedExample,
    find(method, path) {
      return operations.find((operation) => operation.method === method && fits(operation.path, path));
    },
  };
}

function describeOperation(operation: Operation): ContractOperation {
  const { method, path, responses, security, open } = operation;
  const mediaTypes = responses.filter(isSuccess).flatMap((response) => response.mediaTypes.map(({ name }) => name));
  const admits = new Set(security.flatMap(kindOf));
  if (!open && admits.size === 0) {
    throw new Error(`${method} ${path}: the mock can check none of its security requirements`);
  }
  const [unauthorized] = responses.find(({ status }) => status === "401")?.mediaTypes ?? [];
  const [example] = unauthorized?.at.get("examples")?.entries() ?? [];
  return {
    method,
    path,
    successMediaTypes: [...new Set(mediaTypes)],
    admits,
    open,
    unauthorizedExample: unauthorized?.at.get("example")?.value ?? example?.[1].get("value")?.value,
  };
}

/** The kind of credentials that one alternative asks for; none if it asks for several, or for one that nobody checks. */
function kindOf([only, ...others]: readonly SecurityScheme[]): readonly CredentialKind[] {
  return others.length === 0 && (only?.kind === "bearer" || only?.kind === "digest") ? [only.kind] : [];
}

function tokenPathOf({ document }: Contract): string {
  const schemes = document.root.get("components", "securitySchemes")?.entries() ?? [];
  const url = schemes.map(([, scheme]) => scheme.get("flows", "clientCredentials", "tokenUrl")?.text).find(Boolean);
  return url === undefined ? ATLAS_TOKEN_PATH : new URL(url, "http://127.0.0.1").pathname;
}

function fits(template: string, path: string): boolean {
  // Prism, too, lets a parameter be empty and then finds it invalid.
  const literals = template.split(/\{[^}]*\}/).map((literal) => literal.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  return new RegExp(`^${literals.join("[^/]*")}$`).test(path);
}

function parameterCount(template: string): number {
  return template.split("{").length - 1;
}
