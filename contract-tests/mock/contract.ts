/**
 * Loading the contract, as a whole or not at all, and what the front has to know of it: paths, versions, who may call, and
 * what a refused caller is told. Nothing here knows a particular operation.
 */
import { stat } from "node:fs/promises";
import SwaggerParser from "@apidevtools/swagger-parser";
import type { CredentialKind } from "../../src/testing/atlas/authenticate.js";
import type { ContractDocument } from "../contract/document.js";
import { keysOf } from "../contract/json.js";
import {
  type Contract,
  type DocumentedResponse,
  isSuccess,
  type Operation,
  readContract,
  type SecurityScheme,
} from "../contract/operations.js";
import { Prism } from "./prism.js";

/** One operation as the front sees it. */
export interface ContractOperation extends Pick<Operation, "method" | "path" | "open" | "responses"> {
  /** Media types of the success responses, in contract order. */
  readonly successMediaTypes: readonly string[];
  /** Kinds of credentials that the contract's security requirements admit. */
  readonly admits: ReadonlySet<CredentialKind>;
  /** Names of the query parameters. */
  readonly query: ReadonlySet<string>;
}

/** The contract, as far as the front needs it. */
export interface ContractFacts {
  /** Path of the token endpoint, from the OAuth 2.0 scheme's token URL. */
  readonly tokenPath: string;
  /** Path of the revocation endpoint: beside the token endpoint. */
  readonly revokePath: string;
  /** The 401 of a caller without credentials, if the contract describes no operation. */
  readonly unauthorized: DocumentedResponse | undefined;
  /**
   * The operation that a request is for; `undefined` if the contract describes none.
   *
   * @param path - The request's path without its query.
   */
  find(method: string, path: string): ContractOperation | undefined;
  /** The methods that a path serves; none if the contract describes nothing there. */
  methodsOf(path: string): readonly string[];
}

/** What a mock of it is made from. */
export interface LoadedContract {
  readonly contract: ContractFacts;
  readonly prism: Prism;
  readonly document: unknown;
  /** Of the file, before it was read. */
  readonly version: string;
}

/** Contracts by path, as they were last: loading one takes far longer than starting a mock on it. */
const LOADED = new Map<string, LoadedContract>();
const MOST_LOADED = 4;

/** @throws Error of one line, with the line in the file if there is one, if the contract is not usable. */
export async function loadContract(spec: string): Promise<LoadedContract> {
  const version = await versionOf(spec);
  const known = LOADED.get(spec);
  if (known?.version === version) return known;
  const { document, ...contract } = await readContract(spec);
  document.check();
  const loaded = {
    contract: factsOf({ document, ...contract }),
    prism: await prismOf(document),
    document: document.root.value,
    version,
  };
  if (LOADED.size >= MOST_LOADED) LOADED.clear();
  LOADED.set(spec, loaded);
  return loaded;
}

/** What changes when a file changes, or goes. */
export async function versionOf(file: string): Promise<string> {
  try {
    const { ino, mtimeMs, size } = await stat(file);
    return [ino, mtimeMs, size].join(" ");
  } catch {
    // Reading it says why.
    return "none";
  }
}

async function prismOf(document: ContractDocument): Promise<Prism> {
  try {
    // Both change what they are given.
    await SwaggerParser.validate(Object(structuredClone(document.root.value)));
    return await Prism.load(Object(structuredClone(document.root.value)));
  } catch (error) {
    throw new Error(`The contract ${document.source} is not usable: ${problemOf(error, document)}`);
  }
}

/** In one line, with the place if it is known: the deepest of all that breaks OpenAPI's schema, what is around it fails only with it. */
function problemOf(error: unknown, document: ContractDocument): string {
  const details: readonly { readonly instancePath: string; readonly message: string }[] = Object(error).details ?? [];
  const [deepest] = details
    .map(({ instancePath, message }) => ({ keys: keysOf(instancePath), message }))
    .toSorted((one, other) => other.keys.length - one.keys.length);
  if (deepest === undefined) {
    return (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, " ").trim();
  }
  const at = document.root.get(...deepest.keys) ?? document.root;
  return `${at.pointer} ${deepest.message} (line ${at.line})`;
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
    unauthorized: operations
      .flatMap(({ responses }) => responses)
      .find((response) => response.status === "401" && exampleOf(response) !== undefined),
    find(method, path) {
      return operations.find((operation) => operation.method === method && fits(operation.path, path));
    },
    methodsOf(path) {
      return operations.filter((operation) => fits(operation.path, path)).map(({ method }) => method);
    },
  };
}

function describeOperation(operation: Operation): ContractOperation {
  const { method, path, parameters, responses, security, open } = operation;
  const mediaTypes = responses.filter(isSuccess).flatMap((response) => response.mediaTypes.map(({ name }) => name));
  const admits = new Set(security.flatMap(kindOf));
  if (!open && admits.size === 0) {
    throw new Error(`${method} ${path}: the mock can check none of its security requirements`);
  }
  const query = new Set(parameters.flatMap((parameter) => (parameter.in === "query" ? [parameter.name] : [])));
  return { method, path, successMediaTypes: [...new Set(mediaTypes)], admits, open, responses, query };
}

/** The example of a documented response: `example`, or the first of `examples`, of the first media type. */
export function exampleOf({ mediaTypes: [first] }: DocumentedResponse): unknown {
  const [example] = first?.at.get("examples")?.entries() ?? [];
  return first?.at.get("example")?.value ?? example?.[1].get("value")?.value;
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
  return patternOf(template).test(path);
}

function patternOf(template: string): RegExp {
  // Prism, too, lets a parameter be empty and then finds it invalid.
  const literals = template.split(/\{[^}]*\}/).map((literal) => literal.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  return new RegExp(`^${literals.join("([^/]*)")}$`);
}

/** The values of a path's parameters by name, percent-decoded. */
export function pathParameters({ path: template }: ContractOperation, path: string): Readonly<Record<string, string>> {
  const names = [...template.matchAll(/\{([^}]*)\}/g)].map(([, name = ""]) => name);
  const values = patternOf(template).exec(path)?.slice(1) ?? [];
  return Object.fromEntries(names.map((name, index) => [name, decodeURIComponent(values[index] ?? "")]));
}

function parameterCount(template: string): number {
  return template.split("{").length - 1;
}
