/**
 * Loading the contract, as a whole or not at all, and what the front has to know of it: paths, versions, who may call, and
 * what a refused caller is told. Nothing here knows a particular operation.
 */
import { stat } from "node:fs/promises";
import SwaggerParser from "@apidevtools/swagger-parser";
import { type ContractDocument, firstLineOf } from "../contract/document.js";
import { keysOf } from "../contract/json.js";
import {
  type Contract,
  type DocumentedResponse,
  examplesOf,
  type Operation,
  readContract,
  successesOf,
} from "../contract/operations.js";
import { isJsonType } from "../contract/requests.js";
import { loadPrism } from "./prism.js";

export type ContractFacts = ReturnType<typeof factsOf>;

/** The schemes that the mock can check. */
export const EVERY_KIND: ReadonlySet<string> = new Set(["bearer", "digest"]);

/** What a mock is made from, by the contract's path: loading one takes far longer than starting a mock on it. */
const LOADED = new Map<string, Awaited<ReturnType<typeof readAnew>>>();

/** @throws Error of one line, with the line in the file if there is one, if the contract is not usable. */
export async function loadContract(spec: string) {
  const version = await versionOf(spec);
  const known = LOADED.get(spec);
  if (known?.version === version) return known;
  const loaded = await readAnew(spec, version);
  LOADED.set(spec, loaded);
  return loaded;
}

/** What changes when a file changes, or goes. */
export function versionOf(file: string): Promise<string> {
  return stat(file).then(
    ({ ino, mtimeMs, size }) => [ino, mtimeMs, size].join(" "),
    // Reading it says why.
    () => "none",
  );
}

/** @param version - Of the file, before it is read. */
async function readAnew(spec: string, version: string) {
  const contract = await readContract(spec);
  const { document } = contract;
  document.check();
  const facts = factsOf(contract);
  try {
    // Both change what they are given.
    await SwaggerParser.validate(Object(structuredClone(document.root.value)));
    const prism = await loadPrism(Object(structuredClone(document.root.value)));
    return { contract: facts, prism, document: document.root.value, version };
  } catch (error) {
    throw new Error(`The contract ${document.source} is not usable: ${problemOf(error, document)}`);
  }
}

/** In one line, with the place if it is known: of all that breaks OpenAPI's schema the deepest, the cause of what is around it. */
function problemOf(error: unknown, document: ContractDocument): string {
  const details: readonly { readonly instancePath: string; readonly message: string }[] = Object(error).details ?? [];
  const [deepest] = details
    .map(({ instancePath, message }) => ({ keys: keysOf(instancePath), message }))
    .toSorted((one, other) => other.keys.length - one.keys.length);
  if (deepest === undefined) return firstLineOf(error);
  const at = document.root.get(...deepest.keys) ?? document.root;
  return `${at.pointer} ${deepest.message} (line ${at.line})`;
}

/** @throws Error of one line if the contract asks for credentials that the mock cannot check. */
export function factsOf({ document, operations }: Contract) {
  for (const { method, path, open, security } of operations) {
    if (open || credentialsOf({ security }).size > 0) continue;
    throw new Error(`${method} ${path}: the mock can check none of its security requirements`);
  }
  const schemes = document.root.entries("components", "securitySchemes");
  const [tokenUrl = "/api/oauth/token"] = schemes.flatMap(
    ([, scheme]) => scheme.get("flows", "clientCredentials", "tokenUrl")?.text ?? [],
  );
  const tokenPath = new URL(tokenUrl, "http://127.0.0.1").pathname;
  const endpoints = new Map([
    [tokenPath.replace(/[^/]*$/, "revoke"), "revoke"],
    [tokenPath, "token"],
  ]);
  // Paths without parameters come first, as OpenAPI matches them.
  const inOrder = operations.toSorted((one, other) => namesIn(one.path).length - namesIn(other.path).length);
  return {
    /** Which endpoint is at a path: that of the OAuth 2.0 scheme's token URL, or of revocation, which is beside it. */
    endpointAt: (path: string) => endpoints.get(path),
    /** The 401 of a caller without credentials, if the contract describes no operation. */
    unauthorized: inOrder
      .flatMap(({ responses }) => responses)
      .find((response) => response.status === "401" && exampleOf(response) !== undefined),
    /** The operations at a path, the likeliest first; none if the contract describes nothing there. */
    at: (path: string): readonly Operation[] => inOrder.filter((each) => patternOf(each.path).test(path)),
  };
}

export function mediaTypesOf(operation: Operation | undefined): readonly string[] {
  const names = operation && successesOf(operation).flatMap(({ mediaTypes }) => mediaTypes.map(({ name }) => name));
  return [...new Set(names)];
}

/** The kinds of credentials that are checked: of each alternative that asks for one alone; without an operation all. */
export function credentialsOf(operation: Pick<Operation, "security"> | undefined): ReadonlySet<string> {
  if (operation === undefined) return EVERY_KIND;
  const kinds = operation.security.flatMap(([only, ...others]) => (others.length === 0 && only ? [only.kind] : []));
  return new Set(kinds.filter((kind) => EVERY_KIND.has(kind)));
}

export function hasQuery(operation: Operation | undefined, name: string): boolean {
  return operation?.parameters.some((parameter) => parameter.in === "query" && parameter.name === name) === true;
}

/** The example of a documented response: `example`, or the first of `examples`, of the first media type that JSON fits. */
export function exampleOf({ mediaTypes }: DocumentedResponse): unknown {
  return examplesOf(mediaTypes.find(({ name }) => isJsonType(name) || name.endsWith("/*"))?.at)[0];
}

function patternOf(template: string): RegExp {
  // A URL has its spaces and what is not ASCII percent-encoded; half a surrogate pair cannot be.
  const encoded = template.replaceAll(/[^!-~\p{Cs}]/gu, encodeURIComponent);
  // Prism, too, lets a parameter be empty and then finds it invalid.
  const literals = encoded.split(/\{[^}]*\}/).map((literal) => literal.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  return new RegExp(`^${literals.join("([^/]*)")}$`);
}

function namesIn(template: string): readonly string[] {
  return [...template.matchAll(/\{([^}]*)\}/g)].map(([, name = ""]) => name);
}

export function pathParameters({ path: template }: Operation, path: string): Readonly<Record<string, string>> {
  const values = patternOf(template).exec(path)?.slice(1) ?? [];
  return Object.fromEntries(namesIn(template).map((name, index) => [name, decodeURIComponent(values[index] ?? "")]));
}
