/** The operations of a contract, each as one record whose parts know where they stand. */
import { fileURLToPath } from "node:url";
import { type ContractDocument, ContractError, type Place } from "./document.js";
import { isObject, objectOf } from "./json.js";
import { readDocument } from "./read-document.js";

/** Methods that OpenAPI 3.0 knows, as HTTP writes them. */
export const METHODS = ["GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"] as const;
export type Method = (typeof METHODS)[number];

export type Parameter = ReturnType<typeof parametersOf>[number];
/** One media type of a body, or one header of a response. */
export type MediaType = ReturnType<typeof describedIn>[number];
export type DocumentedResponse = ReturnType<typeof responsesOf>[number];
export type SecurityScheme = ReturnType<typeof securityOf>[number][number];
export type Operation = ReturnType<typeof operationOf>;

export interface Contract {
  readonly document: ContractDocument;
  readonly operations: readonly Operation[];
}

export const CONTRACT_FILE = fileURLToPath(
  new URL("../../openapi/atlas-service-account-secrets.yaml", import.meta.url),
);
/** For the tests of tools: a contract that does not change when the project's own does. */
export const FROZEN_CONTRACT = fileURLToPath(new URL("testing/frozen-contract.yaml", import.meta.url));

/** @throws ContractError of one line if the file cannot be used. */
export async function readContract(file = CONTRACT_FILE): Promise<Contract> {
  return contractOf(await readDocument(file));
}

/** @throws ContractError if the document describes no operation or a reference cannot be followed. */
export function contractOf(document: ContractDocument): Contract {
  const operations = operationsOf(document);
  if (operations.length === 0) throw new ContractError(`${document.source} describes no operation`);
  return { document, operations };
}

export function operationsOf(document: ContractDocument): Operation[] {
  return document.root
    .entries("paths")
    .filter(([path]) => path.startsWith("/"))
    .flatMap(([path, pathItem]) =>
      METHODS.flatMap((method) => {
        const at = pathItem.get(method.toLowerCase());
        return at === undefined ? [] : [operationOf(path, method, pathItem, at)];
      }),
    );
}

/** @throws ContractError if a reference in the operation cannot be followed. */
export function operationOf(path: string, method: Method, pathItem: Place, at: Place) {
  const body = at.get("requestBody");
  const security = securityOf(at);
  return {
    /** Its operationId, or method and path if it has none. */
    operationId: at.get("operationId")?.text ?? `${method} ${path}`,
    method,
    /** Template, with the names of the parameters in braces. */
    path,
    /** Those of the path item included. */
    parameters: parametersOf(pathItem, at),
    body: body && { required: body.flag("required"), mediaTypes: describedIn(body, "content"), at: body },
    responses: responsesOf(at),
    /** Each alternative is the list of schemes that it asks for together. */
    security,
    /** Whether it can be called without credentials. */
    open: security.length === 0 || security.some((schemes) => schemes.length === 0),
    at,
    pathItem,
  };
}

/** Headers that OpenAPI leaves to other parts of the document; parameters of these names are ignored. */
const IGNORED_HEADERS: ReadonlySet<string> = new Set(["accept", "content-type", "authorization"]);

function parametersOf(pathItem: Place, operation: Place) {
  const described = [pathItem, operation]
    .flatMap((owner) => owner.items("parameters"))
    .map((at) => ({
      name: at.get("name")?.text ?? "",
      /** `path`, `query`, `header`, or `cookie`. */
      in: at.get("in")?.text ?? "",
      required: at.flag("required"),
      /** Its own, or that of its `content`. */
      schema: at.get("schema") ?? at.entries("content")[0]?.[1].get("schema"),
      at,
    }))
    .filter((each) => each.in !== "header" || !IGNORED_HEADERS.has(each.name.toLowerCase()));
  // An operation's parameter takes the place of the path item's one with the same name and place.
  return [...new Map(described.map((each) => [`${each.in} ${each.name}`, each])).values()];
}

function responsesOf(operation: Place) {
  return operation
    .entries("responses")
    .filter(([status]) => !status.startsWith("x-"))
    .map(([status, at]) => ({
      /** A status, a range such as `4XX`, or `default`. */
      status,
      mediaTypes: describedIn(at, "content"),
      headers: describedIn(at, "headers").filter(({ name }) => name.toLowerCase() !== "content-type"),
      at,
    }));
}

/** The schema is absent if the contract only names what it describes, as media types under 204. */
function describedIn(owner: Place, key: string) {
  return owner.entries(key).map(([name, at]) => ({ name, schema: at.get("schema"), at }));
}

/** The place of a scheme is absent if the contract uses its name without describing it. */
function securityOf(operation: Place) {
  const { root } = operation.document;
  const requirements = operation.get("security") === undefined ? root : operation;
  return requirements.items("security").map((requirement) =>
    requirement.keys().map((name) => {
      const at = root.get("components", "securitySchemes", name);
      return { name, kind: kindOf(at), at };
    }),
  );
}

function kindOf(scheme: Place | undefined): "bearer" | "digest" | "basic" | "other" {
  const type = scheme?.get("type")?.text;
  if (type === "oauth2" || type === "openIdConnect") return "bearer";
  const name = scheme?.get("scheme")?.text?.toLowerCase();
  return type === "http" && (name === "bearer" || name === "digest" || name === "basic") ? name : "other";
}

export function isSuccess({ status }: Pick<DocumentedResponse, "status">): boolean {
  return status.startsWith("2");
}

/**
 * The operation with the media type first in which its body is sent: that of the version asked for, or the newest before it.
 *
 * @param version Default: the newest of its successes.
 */
export function asCalled(operation: Operation, version?: string): Operation {
  const { body } = operation;
  if (body === undefined) return operation;
  const responses = successesOf(operation).flatMap(({ mediaTypes }) => mediaTypes);
  const asked = version ?? versionIn(newest(responses)?.name) ?? "9999";
  const until = body.mediaTypes.filter(({ name }) => (versionIn(name) ?? "9999") <= asked);
  const sent = newest(until);
  const mediaTypes = sent === undefined ? body.mediaTypes : [sent, ...body.mediaTypes.filter((each) => each !== sent)];
  return { ...operation, body: { ...body, mediaTypes } };
}

/** The newest version that the contract does not say has ended; the first one if none has a version. */
export function newest(mediaTypes: readonly MediaType[]): MediaType | undefined {
  const today = new Date().toISOString().slice(0, 10);
  const alive = mediaTypes.filter(({ name, at }) => versionIn(name) && (at.get("x-sunset")?.text ?? "9999") > today);
  return alive.toSorted((one, other) => (one.name < other.name ? -1 : 1)).at(-1) ?? mediaTypes[0];
}

/** The date in a media type such as `application/vnd.atlas.2025-03-12+json`. */
export function versionIn(mediaType: string | undefined): string | undefined {
  return /\.(\d{4}-\d{2}-\d{2})\+/.exec(mediaType ?? "")?.[1];
}

export function successesOf({ responses }: Pick<Operation, "responses">): DocumentedResponse[] {
  return responses.filter(isSuccess);
}

/** The values of `example` and `examples` of a media type, parameter, header or schema, in this order. */
export function examplesOf(holder: Place | undefined): readonly unknown[] {
  const single = holder?.has("example") === true ? [objectOf(holder.value)["example"]] : [];
  const named = holder?.entries("examples") ?? [];
  return [...single, ...named.map(([, example]) => (isObject(example.value) ? example.value["value"] : example.value))];
}
