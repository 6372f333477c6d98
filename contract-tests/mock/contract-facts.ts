/**
 * What the front has to know of the contract, read from the contract: paths, versions, who may call, and what a refused
 * caller is told. Nothing here knows a particular operation.
 */
import SwaggerParser from "@apidevtools/swagger-parser";

/** How a caller may prove who it is. */
export type CredentialKind = "bearer" | "digest";

/** One operation as the front sees it. */
export interface ContractOperation {
  /** In capitals. */
  readonly method: string;
  /** As in the contract, with `{name}` for a parameter. */
  readonly path: string;
  /** Media types of the success answers, in the order of the contract. */
  readonly successMediaTypes: readonly string[];
  /** Kinds of credentials that the contract's security requirements admit. */
  readonly admits: ReadonlySet<CredentialKind>;
  /** Whether the contract lets the operation be called without credentials. */
  readonly open: boolean;
  /** The contract's own example of the 401 answer. */
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
   * The operation that a request addresses; `undefined` where the contract describes none.
   *
   * @param path - The request's path without its query.
   */
  find(method: string, path: string): ContractOperation | undefined;
}

const ATLAS_TOKEN_PATH = "/api/oauth/token";
const METHODS = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/**
 * Reads and validates a contract.
 *
 * @param spec - Path of the OpenAPI 3.0 document.
 * @throws Error of one line where the document cannot be read, is not valid OpenAPI, or asks for credentials that the
 * mock cannot check.
 */
export async function readContractFacts(spec: string): Promise<ContractFacts> {
  const contract = await readContract(spec);
  const operations = operationsOf(contract);
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

async function readContract(spec: string): Promise<JsonObject> {
  try {
    return asObject(await SwaggerParser.validate(spec));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(`The contract ${spec} is not usable: ${message.replaceAll(/\s+/g, " ").trim()}`);
  }
}

function operationsOf(contract: JsonObject): ContractOperation[] {
  const operations: ContractOperation[] = [];
  // Paths without parameters come first, as OpenAPI matches them.
  const paths = Object.entries(asObject(contract["paths"])).sort(
    ([one], [other]) => parameterCount(one) - parameterCount(other),
  );
  for (const [path, pathItem] of paths) {
    for (const method of METHODS) {
      const operation = asObject(pathItem)[method];
      if (operation !== undefined) operations.push(describeOperation(contract, path, method, asObject(operation)));
    }
  }
  return operations;
}

function describeOperation(
  contract: JsonObject,
  path: string,
  method: string,
  operation: JsonObject,
): ContractOperation {
  const responses = Object.entries(asObject(operation["responses"]));
  const successes = responses.filter(([status]) => status.startsWith("2"));
  const mediaTypes = successes.flatMap(([, response]) => Object.keys(asObject(asObject(response)["content"])));
  const unauthorized = asObject(operation["responses"])["401"];
  return {
    method: method.toUpperCase(),
    path,
    successMediaTypes: [...new Set(mediaTypes)],
    ...whoMayCall(contract, operation, `${method.toUpperCase()} ${path}`),
    unauthorizedExample: exampleOf(asObject(unauthorized)),
  };
}

function whoMayCall(
  contract: JsonObject,
  operation: JsonObject,
  name: string,
): { admits: Set<CredentialKind>; open: boolean } {
  const alternatives = asArray(operation["security"] ?? contract["security"]).map((each) =>
    Object.keys(asObject(each)),
  );
  const admits = new Set<CredentialKind>();
  for (const schemes of alternatives) {
    const [only, ...others] = schemes;
    const kind = others.length === 0 && only !== undefined ? kindOf(contract, only) : undefined;
    if (kind !== undefined) admits.add(kind);
  }
  const open = alternatives.length === 0 || alternatives.some((schemes) => schemes.length === 0);
  if (!open && admits.size === 0) throw new Error(`${name}: the mock can check none of its security requirements`);
  return { admits, open };
}

function kindOf(contract: JsonObject, schemeName: string): CredentialKind | undefined {
  const scheme = asObject(asObject(asObject(contract["components"])["securitySchemes"])[schemeName]);
  if (scheme["type"] === "oauth2") return "bearer";
  if (scheme["type"] !== "http") return undefined;
  const httpScheme = String(scheme["scheme"]).toLowerCase();
  return httpScheme === "bearer" || httpScheme === "digest" ? httpScheme : undefined;
}

function tokenPathOf(contract: JsonObject): string {
  const schemes = Object.values(asObject(asObject(contract["components"])["securitySchemes"]));
  for (const scheme of schemes) {
    const flow = asObject(asObject(asObject(scheme)["flows"])["clientCredentials"]);
    const url = flow["tokenUrl"];
    if (typeof url === "string") return new URL(url, "http://127.0.0.1").pathname;
  }
  return ATLAS_TOKEN_PATH;
}

/** The example of a response's first media type: `example`, or the first of `examples`. */
function exampleOf(response: JsonObject): unknown {
  const [media] = Object.values(asObject(response["content"]));
  const [first] = Object.values(asObject(asObject(media)["examples"]));
  return asObject(media)["example"] ?? asObject(first)["value"];
}

function fits(template: string, path: string): boolean {
  // Prism, too, lets a parameter be empty and then finds it invalid.
  const literals = template.split(/\{[^}]*\}/).map((literal) => literal.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  return new RegExp(`^${literals.join("[^/]*")}$`).test(path);
}

function parameterCount(template: string): number {
  return template.split("{").length - 1;
}

type JsonObject = Readonly<Record<string, unknown>>;

/** The value as an object; one without members where it is none, so that an absent part needs no case of its own. */
function asObject(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
