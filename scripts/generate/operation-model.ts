/**
 * The neutral description of the operations that every writer of generated/ works from.
 */
import {
  ContractError,
  elementsOf,
  follow,
  type Json,
  type JsonObject,
  member,
  memberPlace,
  membersOf,
  type Place,
} from "./json-document.js";

export const METHODS = ["get", "put", "post", "delete", "options", "head", "patch", "trace"] as const;
export type Method = (typeof METHODS)[number];
export type ParameterLocation = "path" | "query" | "header";

export interface Parameter {
  readonly name: string;
  readonly in: ParameterLocation;
  readonly required: boolean;
  readonly deprecated: boolean;
  readonly description: string | undefined;
  readonly schema: Place;
}

/** One media type of a body, with its schema if the contract gives one. */
export interface Content {
  readonly mediaType: string;
  readonly schema: Place | undefined;
}

export interface Body {
  readonly required: boolean;
  readonly description: string | undefined;
  readonly content: readonly Content[];
}

export interface SuccessResponse {
  readonly status: number;
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
  if (operationId === undefined) throw new ContractError(pointer, "the operation has no operationId");
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
    responses: successPlaces(place).map(({ status, place: response }) => ({
      status,
      content: contentOf(follow(document, response)).map(({ mediaType, schema }) => ({
        mediaType,
        // HTTP gives these no body, whatever the contract says.
        schema: method === "head" || status === 204 || status === 205 ? undefined : schema,
      })),
    })),
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
      merged.set(JSON.stringify([member(target.value, "in"), member(target.value, "name")]), { at, target });
    }
  }
  return [...merged.values()];
}

/** The responses of an operation whose status is 200 to 299, by status. */
export function successPlaces(operation: Place): { status: number; place: Place }[] {
  const responses = memberPlace(operation, "responses");
  return (responses === undefined ? [] : membersOf(responses))
    .filter(({ name }) => /^2\d\d$/.test(name))
    .map(({ name, place }) => ({ status: Number(name), place }));
}

function parameterOf(place: Place): Parameter {
  const location = text(place.value, "in");
  const name = text(place.value, "name");
  const schema = memberPlace(place, "schema");
  if (name === undefined || schema === undefined || !isLocation(location)) {
    throw new ContractError(place.pointer, "the parameter needs a name, a schema, and to be in path, query or header");
  }
  return {
    name,
    in: location,
    required: member(place.value, "required") === true,
    deprecated: member(place.value, "deprecated") === true,
    description: text(place.value, "description"),
    schema,
  };
}

function isLocation(value: string | undefined): value is ParameterLocation {
  return value === "path" || value === "query" || value === "header";
}

function bodyOf(place: Place): Body {
  return {
    required: member(place.value, "required") === true,
    description: text(place.value, "description"),
    content: contentOf(place),
  };
}

function contentOf(place: Place): Content[] {
  const content = memberPlace(place, "content");
  return (content === undefined ? [] : membersOf(content)).map(({ name, place: mediaType }) => ({
    mediaType: name,
    schema: memberPlace(mediaType, "schema"),
  }));
}

function text(value: Json | undefined, name: string): string | undefined {
  const found = member(value, name);
  return typeof found === "string" && found.trim() !== "" ? found : undefined;
}

/** Whether the contract describes what the response's body holds. */
export function hasBody({ content }: SuccessResponse): boolean {
  return content.some(({ schema }) => schema !== undefined);
}

/** Of several media types, one for each different schema: versions of a media type mostly share theirs. */
export function distinctSchemas(content: readonly Content[]): (Content & { readonly schema: Place })[] {
  const distinct = new Map<string, Content & { readonly schema: Place }>();
  for (const { mediaType, schema } of content) {
    if (schema === undefined) continue;
    const key = JSON.stringify(schema.value);
    if (!distinct.has(key)) distinct.set(key, { mediaType, schema });
  }
  return [...distinct.values()];
}
