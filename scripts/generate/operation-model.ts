/**
 * The neutral description of the operations that every writer of generated/ works from.
 */
import {
  elementsOf,
  follow,
  type Json,
  type JsonObject,
  member,
  memberPlace,
  membersOf,
  type Place,
  refuse,
} from "./json-document.js";
import { type Encoding, encodingOf, preferred } from "./media-types.js";
import { listed } from "./walk-document.js";

export const METHODS = ["get", "put", "post", "delete", "options", "head", "patch", "trace"] as const;
export type Method = (typeof METHODS)[number];
export type ParameterLocation = "path" | "query" | "header";

export interface Parameter {
  readonly name: string;
  readonly in: ParameterLocation;
  readonly required: boolean;
  readonly deprecated: boolean;
  readonly description: string | undefined;
  /** None if the contract describes a text that holds the value, by `content`. */
  readonly schema: Place | undefined;
  readonly serialization: Serialization;
}

/** How an array or an object is written. */
export interface Serialization {
  readonly style: string;
  readonly explode: boolean;
  readonly allowReserved: boolean;
}

/** The styles that openapi-fetch's serializers know. */
export const STYLES = { query: ["form", "spaceDelimited", "pipeDelimited", "deepObject"], other: ["simple"] } as const;

/** One media type of a body, with its schema if the contract gives one. */
export interface Content {
  readonly mediaType: string;
  readonly schema: Place | undefined;
  /** The date on which Atlas ends it. */
  readonly sunset: string | undefined;
}

export interface Body {
  readonly required: boolean;
  readonly description: string | undefined;
  readonly encoding: Encoding;
  /** All of that encoding. */
  readonly content: readonly Content[];
}

export interface SuccessResponse {
  /** `2XX` for every success status that is not listed. */
  readonly status: number | "2XX";
  /** Its name among the responses of the contract. */
  readonly key: string;
  /** Undefined if HTTP or the contract gives it no body. */
  readonly encoding: "json" | "bytes" | undefined;
  /** All of that encoding. */
  readonly content: readonly Content[];
}

export interface Operation {
  readonly operationId: string;
  readonly method: Method;
  readonly path: string;
  readonly pointer: string;
  readonly summary: string | undefined;
  readonly description: string | undefined;
  readonly deprecated: boolean;
  readonly requiredRoles: readonly string[];
  readonly documentation: { readonly url: string; readonly description: string | undefined } | undefined;
  readonly parameters: readonly Parameter[];
  readonly body: Body | undefined;
  /** The success responses, by status. */
  readonly responses: readonly SuccessResponse[];
}

/** The operations in contract order. Expects what `checkSupported` has passed. */
export function operationsOf(document: JsonObject): Operation[] {
  return pathItemsOf(document).flatMap(({ path, place: pathItem }) =>
    operationPlaces(pathItem).map(({ method, place }) => operationOf(document, path, pathItem, method, place)),
  );
}

/** The paths of the contract; specification extensions among them are none. */
export function pathItemsOf(document: JsonObject): { path: string; place: Place }[] {
  const paths = memberPlace({ value: document, pointer: "" }, "paths");
  return (paths === undefined ? [] : membersOf(paths))
    .filter(({ name }) => name.startsWith("/"))
    .map(({ name, place }) => ({ path: name, place }));
}

/** The operations of a path, in the order of `METHODS`. */
export function operationPlaces(pathItem: Place): { method: Method; place: Place }[] {
  return METHODS.flatMap((method) => {
    const place = memberPlace(pathItem, method);
    return place === undefined ? [] : [{ method, place }];
  });
}

function operationOf(document: Json, path: string, pathItem: Place, method: Method, place: Place): Operation {
  const { value, pointer } = place;
  const operationId = text(value, "operationId");
  if (operationId === undefined) refuse(pointer, "the operation has no operationId");
  const roles = member(value, "x-rolesRequirements");
  const documentation = member(value, "externalDocs");
  const url = text(documentation, "url");
  const requestBody = memberPlace(place, "requestBody");
  return {
    operationId,
    method,
    path,
    pointer,
    summary: text(value, "summary"),
    description: text(value, "description"),
    deprecated: member(value, "deprecated") === true,
    requiredRoles: Array.isArray(roles) ? roles.filter((role) => typeof role === "string") : [],
    documentation: url === undefined ? undefined : { url, description: text(documentation, "description") },
    parameters: parameterPlaces(document, pathItem, place).map(({ target }) => parameterOf(target)),
    body: requestBody === undefined ? undefined : bodyOf(follow(document, requestBody)),
    responses: successesOf(document, method, place),
  };
}

/**
 * The parameters of an operation: the path item's, each replaced by the operation's own of that name and place, then the
 * operation's others. `at` is where each is listed, `target` what its reference leads to.
 */
export function parameterPlaces(document: Json, pathItem: Place, operation: Place): { at: Place; target: Place }[] {
  const merged = new Map<string, { at: Place; target: Place }>();
  for (const owner of [pathItem, operation]) {
    const list = memberPlace(owner, "parameters");
    for (const at of list === undefined ? [] : elementsOf(list)) {
      const target = follow(document, at);
      if (isIgnored(target.value)) continue;
      merged.set(JSON.stringify([member(target.value, "in"), member(target.value, "name")]), { at, target });
    }
  }
  return [...merged.values()];
}

/** OpenAPI ignores these headers as parameters: media types and security schemes say what they hold. */
export function isIgnored(parameter: Json): boolean {
  return (
    member(parameter, "in") === "header" &&
    /^(accept|content-type|authorization)$/i.test(String(member(parameter, "name")))
  );
}

/** The success responses of an operation. If there are none with a status of 200 to 299, `default` describes them all. */
function successesOf(document: Json, method: Method, operation: Place): SuccessResponse[] {
  const responses = memberPlace(operation, "responses");
  const all = responses === undefined ? [] : membersOf(responses);
  const successes = all.filter(({ name }) => /^2(\d\d|XX)$/i.test(name));
  const described = successes.length > 0 ? successes : all.filter(({ name }) => name === "default");
  return described.map(({ name, place }) => responseOf(document, method, name, place));
}

function responseOf(document: Json, method: Method, key: string, place: Place): SuccessResponse {
  const status = /^\d+$/.test(key) ? Number(key) : "2XX";
  const all = contentOf(follow(document, place));
  const json = all.filter(({ mediaType }) => encodingOf(mediaType) === "json");
  // JSON without a schema says nothing; a body that is not JSON needs none.
  const isDescribed = json.length > 0 ? json.some(({ schema }) => schema !== undefined) : all.length > 0;
  // HTTP gives these no body, whatever the contract says.
  const isEmpty = method === "head" || status === 204 || status === 205;
  return {
    status,
    key,
    content: json.length > 0 ? json : all,
    encoding: isEmpty || !isDescribed ? undefined : json.length > 0 ? "json" : "bytes",
  };
}

function parameterOf(place: Place): Parameter {
  const location = text(place.value, "in");
  const name = text(place.value, "name");
  if (name === undefined || !isLocation(location)) {
    return refuse(place.pointer, "the parameter needs a name, and to be in path, query or header");
  }
  return {
    name,
    in: location,
    required: member(place.value, "required") === true,
    deprecated: member(place.value, "deprecated") === true,
    description: text(place.value, "description"),
    schema: memberPlace(place, "schema"),
    serialization: serializationOf(place.value),
  };
}

/** How the contract wants the values of a parameter written, with OpenAPI's defaults. */
export function serializationOf(parameter: Json): Serialization {
  const style = text(parameter, "style") ?? (member(parameter, "in") === "query" ? "form" : "simple");
  const explode = member(parameter, "explode") ?? style === "form";
  return { style, explode: explode === true, allowReserved: member(parameter, "allowReserved") === true };
}

function isLocation(value: string | undefined): value is ParameterLocation {
  return value === "path" || value === "query" || value === "header";
}

function bodyOf(place: Place): Body {
  const content = preferred(contentOf(place));
  return {
    required: member(place.value, "required") === true,
    description: text(place.value, "description"),
    encoding: encodingOf(content[0]?.mediaType ?? "application/json"),
    content,
  };
}

function contentOf(place: Place): Content[] {
  const content = memberPlace(place, "content");
  return (content === undefined ? [] : membersOf(content)).map(({ name, place: mediaType }) => ({
    mediaType: name,
    schema: memberPlace(mediaType, "schema"),
    sunset: text(mediaType.value, "x-sunset"),
  }));
}

function text(value: Json | undefined, name: string): string | undefined {
  const found = member(value, name);
  return typeof found === "string" && found.trim() !== "" ? found : undefined;
}

/** Of several media types, one for each different schema: versions of a media type mostly share theirs. */
export function distinctSchemas(content: readonly Content[]): (Content & { readonly schema: Place })[] {
  const distinct = new Map<string, Content & { readonly schema: Place }>();
  for (const { schema, ...rest } of content) {
    if (schema === undefined) continue;
    const key = JSON.stringify(schema.value);
    if (!distinct.has(key)) distinct.set(key, { ...rest, schema });
  }
  return [...distinct.values()];
}

/** Whether a value of the schema may be of that type, as far as the schema and its parts say so. */
export function mayBe(document: Json, schema: Place, type: "object" | "array", seen = new Set<string>()): boolean {
  const target = follow(document, schema);
  if (seen.has(target.pointer)) return false;
  seen.add(target.pointer);
  const implied = type === "object" ? "properties" : "items";
  const declared = member(target.value, "type");
  if (declared === type || (Array.isArray(declared) && declared.includes(type))) return true;
  if (declared === undefined && member(target.value, implied) !== undefined) return true;
  const parts = ["allOf", "oneOf", "anyOf"].flatMap((keyword) => listed(target, keyword));
  return parts.some((part) => mayBe(document, part, type, seen));
}
