/**
 * The operations of the contract, as far as requests are made and answers judged by them. Nothing here knows a
 * particular operation.
 */
import { loadPrismOperations, type PrismOperation } from "../prism/operations.js";
import { type ContractDocument, ContractError, type Located, readContractDocument } from "./document.js";

/** Methods that OpenAPI 3.0 knows, in capitals. */
export const METHODS = ["GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"] as const;
export type Method = (typeof METHODS)[number];

/** A parameter of an operation. */
export interface Parameter {
  readonly name: string;
  /** `path`, `query`, `header`, or `cookie`. */
  readonly in: string;
  readonly required: boolean;
  readonly schema: Located | undefined;
  readonly at: Located;
}

/** One media type of a body. */
export interface MediaType {
  /** As the contract writes it. */
  readonly name: string;
  readonly schema: Located | undefined;
  readonly at: Located;
}

/** The body that an operation takes. */
export interface RequestBody {
  readonly required: boolean;
  readonly mediaTypes: readonly MediaType[];
  readonly at: Located;
}

/** One documented answer. */
export interface DocumentedResponse {
  /** A status, a range such as `4XX`, or `default`. */
  readonly status: string;
  readonly mediaTypes: readonly MediaType[];
  readonly at: Located;
}

/** A way to sign in that the contract admits for an operation. */
export interface SecurityScheme {
  readonly kind: "bearer" | "digest" | "basic" | "other";
  readonly name: string;
}

/** One operation. */
export interface Operation {
  /** Its operationId, or method and path where it has none. */
  readonly operationId: string;
  readonly method: Method;
  /** Template, with the names of the parameters in braces. */
  readonly path: string;
  /** Those of the path item included. */
  readonly parameters: readonly Parameter[];
  readonly body: RequestBody | undefined;
  readonly responses: readonly DocumentedResponse[];
  /** Schemes of its security requirements. */
  readonly schemes: readonly SecurityScheme[];
  /** Whether it can be called without credentials. */
  readonly open: boolean;
  readonly at: Located;
  readonly pathItem: Located;
  /** The same operation as Prism's validators take it. */
  readonly prism: PrismOperation;
}

/** A contract to check a server by. */
export interface Contract {
  readonly document: ContractDocument;
  readonly operations: readonly Operation[];
}

/**
 * Reads the contract.
 *
 * @param file - Path of an OpenAPI 3.0 document.
 * @throws ContractError of one line where it cannot be used.
 */
export async function readContract(file: string): Promise<Contract> {
  const document = await readContractDocument(file);
  const prism = await loadPrismOperations(file);
  const operations = (document.root.get("paths")?.entries() ?? []).flatMap(([path, pathItem]) =>
    METHODS.flatMap((method) => {
      const at = pathItem.get(method.toLowerCase());
      if (at === undefined) return [];
      const own = prism.find((each) => each.path === path && each.method.toUpperCase() === method);
      if (own === undefined) throw new ContractError(`${at.place.pointer}: Prism does not see this operation`);
      return [describe(document, path, method, pathItem, at, own)];
    }),
  );
  if (operations.length === 0) throw new ContractError(`${file} describes no operation`);
  return { document, operations };
}

function describe(
  document: ContractDocument,
  path: string,
  method: Method,
  pathItem: Located,
  at: Located,
  prism: PrismOperation,
): Operation {
  const body = at.get("requestBody");
  return {
    operationId: at.get("operationId")?.text ?? `${method} ${path}`,
    method,
    path,
    parameters: parametersOf(pathItem, at),
    body: body && { required: body.get("required")?.value === true, mediaTypes: mediaTypesOf(body), at: body },
    responses: (at.get("responses")?.entries() ?? [])
      .filter(([status]) => !status.startsWith("x-"))
      .map(([status, response]) => ({ status, mediaTypes: mediaTypesOf(response), at: response })),
    ...securityOf(document, at),
    at,
    pathItem,
    prism,
  };
}

/** An operation's parameter takes the place of the path item's one with the same name and place. */
function parametersOf(pathItem: Located, operation: Located): Parameter[] {
  const found = new Map<string, Parameter>();
  for (const owner of [pathItem, operation]) {
    for (const [, at] of owner.get("parameters")?.entries() ?? []) {
      const name = at.get("name")?.text ?? "";
      const place = at.get("in")?.text ?? "";
      const required = at.get("required")?.value === true;
      found.set(`${place} ${name}`, { name, in: place, required, schema: at.get("schema"), at });
    }
  }
  return [...found.values()];
}

function mediaTypesOf(holder: Located): MediaType[] {
  const content = holder.get("content")?.entries() ?? [];
  return content.map(([name, at]) => ({ name, schema: at.get("schema"), at }));
}

function securityOf(document: ContractDocument, operation: Located): Pick<Operation, "schemes" | "open"> {
  const requirements = (operation.get("security") ?? document.root.get("security"))?.entries() ?? [];
  const alternatives = requirements.map(([, requirement]) => requirement.entries().map(([name]) => name));
  const names = [...new Set(alternatives.flat())];
  return {
    open: alternatives.length === 0 || alternatives.some((schemes) => schemes.length === 0),
    schemes: names.map((name) => ({ name, kind: kindOf(document, name) })),
  };
}

function kindOf(document: ContractDocument, name: string): SecurityScheme["kind"] {
  const scheme = document.root.get("components", "securitySchemes", name);
  const type = scheme?.get("type")?.text;
  if (type === "oauth2" || type === "openIdConnect") return "bearer";
  const httpScheme = type === "http" ? scheme?.get("scheme")?.text?.toLowerCase() : undefined;
  return httpScheme === "bearer" || httpScheme === "digest" || httpScheme === "basic" ? httpScheme : "other";
}
