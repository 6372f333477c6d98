/**
 * The neutral description of the operations that every writer of generated/ works from.
 */
import type { Place } from "./json-document.js";

export const METHODS = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

export interface Parameter {
  readonly name: string;
  /** `path`, `query` or `header`. */
  readonly in: string;
  readonly required: boolean;
  /** None if the contract describes a text that holds the value, by `content`. */
  readonly schema: Place | undefined;
  readonly place: Place;
}

/** How an array or an object is written. */
export interface Serialization {
  readonly style: string;
  readonly explode: boolean;
  readonly allowReserved: boolean;
}

/** The styles that openapi-fetch's serializers know. */
export const STYLES = { query: ["form", "spaceDelimited", "pipeDelimited", "deepObject"], other: ["simple"] } as const;

/** How a body travels: as JSON, as a form, or as text or bytes that the caller writes or reads. */
const ENCODINGS = ["json", "form", "bytes"] as const;
export type Encoding = (typeof ENCODINGS)[number];

/** One media type of a body, with its schema if the contract gives one. */
export interface Content {
  readonly mediaType: string;
  readonly schema: Place | undefined;
  readonly place: Place;
}

export interface Body {
  readonly required: boolean;
  readonly encoding: Encoding;
  /** All of that encoding. */
  readonly content: readonly Content[];
  readonly place: Place;
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
  /** In lower case. */
  readonly method: string;
  readonly path: string;
  /** Of which the caller needs one. */
  readonly requiredRoles: readonly string[];
  readonly parameters: readonly Parameter[];
  readonly body: Body | undefined;
  /** The success responses, by status. */
  readonly responses: readonly SuccessResponse[];
  readonly place: Place;
}

/** The operations in contract order. Expects what `checkSupported` has passed. */
export function operationsOf(document: Place): Operation[] {
  return pathItemsOf(document).flatMap((pathItem) =>
    operationPlaces(pathItem).map((place) => operationOf(pathItem, place)),
  );
}

/** The paths of the contract, by which they are named; specification extensions among them are none. */
export function pathItemsOf(document: Place): Place[] {
  return document.members("paths").filter(({ name }) => name.startsWith("/"));
}

/** The operations of a path, each named by its method, in the order of `METHODS`. */
export function operationPlaces(pathItem: Place): Place[] {
  return METHODS.flatMap((method) => pathItem.at(method) ?? []);
}

function operationOf(pathItem: Place, place: Place): Operation {
  const roles = place.read("x-rolesRequirements");
  const requestBody = place.at("requestBody");
  return {
    operationId: String(place.read("operationId")),
    method: place.name,
    path: pathItem.name,
    requiredRoles: Array.isArray(roles) ? roles.filter((role) => typeof role === "string") : [],
    parameters: parameterPlaces(pathItem, place).map(({ target }) => parameterOf(target)),
    body: requestBody && bodyOf(requestBody.target),
    responses: successesOf(place).map((response) => responseOf(place.name, response)),
    place,
  };
}

/**
 * The parameters of an operation: the path item's, each replaced by the operation's own of that name and place, then the
 * operation's others. `at` is where each is listed, `target` what its reference leads to.
 */
export function parameterPlaces(pathItem: Place, operation: Place): { at: Place; target: Place }[] {
  const merged = new Map<string, { at: Place; target: Place }>();
  for (const at of [pathItem, operation].flatMap((owner) => owner.elements("parameters"))) {
    const { target } = at;
    if (!isIgnored(target)) merged.set(parameterKey(target), { at, target });
  }
  return [...merged.values()];
}

/** What makes two parameters the same one; HTTP takes a header's name in any case. */
export function parameterKey(parameter: Place): string {
  const [location, name] = [parameter.read("in"), parameter.read("name")];
  return JSON.stringify([location, location === "header" ? String(name).toLowerCase() : name]);
}

/** OpenAPI ignores these headers as parameters: media types and security schemes say what they hold. */
export function isIgnored(parameter: Place): boolean {
  const name = String(parameter.read("name"));
  return parameter.read("in") === "header" && /^(accept|content-type|authorization)$/i.test(name);
}

function parameterOf(place: Place): Parameter {
  const [name, location] = [String(place.read("name")), String(place.read("in"))];
  return { name, in: location, required: place.flag("required"), schema: place.at("schema"), place };
}

/** How the contract wants the values of a parameter written, with OpenAPI's defaults. */
export function serializationOf(parameter: Place): Serialization {
  const style = parameter.text("style") ?? (parameter.read("in") === "query" ? "form" : "simple");
  const explode = parameter.read("explode") ?? style === "form";
  return { style, explode: explode === true, allowReserved: parameter.flag("allowReserved") };
}

/** The success responses of an operation. If there are none with a status of 200 to 299, `default` describes them all. */
function successesOf(operation: Place): Place[] {
  const all = operation.members("responses");
  const successes = all.filter(({ name }) => /^2(\d\d|XX)$/i.test(name));
  return successes.length > 0 ? successes : all.filter(({ name }) => name === "default");
}

function responseOf(method: string, place: Place): SuccessResponse {
  const key = place.name;
  const status = /^\d+$/.test(key) ? Number(key) : "2XX";
  const all = contentOf(place.target);
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

function bodyOf(place: Place): Body {
  const content = preferred(contentOf(place));
  const encoding = encodingOf(content[0]?.mediaType ?? "application/json");
  return { required: place.flag("required"), encoding, content, place };
}

export function contentOf(body: Place): Content[] {
  return body.members("content").map((place) => ({ mediaType: place.name, schema: place.at("schema"), place }));
}

export function encodingOf(mediaType: string): Encoding {
  const essence = mediaType.split(";")[0]?.trim().toLowerCase() ?? "";
  if (essence === "application/x-www-form-urlencoded") return "form";
  return /^[^/]+\/(?:[^/]+\+)?json$|^\*\/\*$/.test(essence) ? "json" : "bytes";
}

/**
 * Of the media types of a request body those that are used: JSON if there is any, else a form, else text or bytes. None
 * if all of them are in parts, which the client does not write.
 */
export function preferred(content: readonly Content[]): Content[] {
  const writable = content.filter(({ mediaType }) => !/^multipart\//i.test(mediaType));
  const encodings = writable.map(({ mediaType }) => encodingOf(mediaType));
  const used = ENCODINGS.find((encoding) => encodings.includes(encoding));
  return writable.filter((_, index) => encodings[index] === used);
}

/** All that an operation sends or receives. */
export function bodiesOf({ body, responses }: Operation): Content[] {
  return [...(body?.content ?? []), ...responses.flatMap(({ content }) => content)];
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
