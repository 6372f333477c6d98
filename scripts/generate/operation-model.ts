/** The neutral description of the operations that every writer of generated/ works from. */
import type { Place } from "./json-document.js";

const METHODS = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/** How a body travels: as JSON, as a form, or as text or bytes that the caller writes or reads. */
const ENCODINGS = ["json", "form", "bytes"] as const;

export type Operation = ReturnType<typeof operationOf>;
export type Parameter = Operation["parameters"][number];
export type Body = NonNullable<Operation["body"]>;
export type Content = ReturnType<typeof contentOf>[number];

/** The operations in contract order, of which the writers know only what `checkSupported` lets pass. */
export function operationsOf(document: Place): Operation[] {
  return pathItemsOf(document).flatMap(operationsIn);
}

/** The paths of the contract, by which they are named; specification extensions among them are none. */
export function pathItemsOf(document: Place): Place[] {
  return document.children("paths").filter(({ name }) => name.startsWith("/"));
}

export function operationsIn(pathItem: Place): Operation[] {
  return METHODS.flatMap((method) => pathItem.at(method) ?? []).map((place) => operationOf(pathItem, place));
}

function operationOf(pathItem: Place, place: Place) {
  const requestBody = place.at("requestBody");
  return {
    operationId: String(place.read("operationId")),
    /** In lower case. */
    method: place.name,
    path: pathItem.name,
    /** Of which the caller needs one. */
    requiredRoles: place
      .children("x-rolesRequirements")
      .flatMap(({ value }) => (typeof value === "string" ? value : [])),
    parameters: parametersOf(pathItem, place),
    body: requestBody && bodyOf(requestBody.target),
    /** The success responses, by status. */
    responses: successesOf(place).map((response) => responseOf(place.name, response)),
    place,
  };
}

/** The path item's parameters, each replaced by the operation's own of that name and place, then the operation's others. */
function parametersOf(pathItem: Place, operation: Place) {
  const listed = [pathItem, operation].flatMap((owner) => owner.children("parameters"));
  const merged = new Map(listed.map((at) => [parameterKey(at.target), at]));
  return [...merged].flatMap(([key, at]) => (IGNORED.has(key) ? [] : parameterOf(at)));
}

/** OpenAPI ignores these headers as parameters: media types and security schemes say what they hold. */
const IGNORED = new Set(["header accept", "header content-type", "header authorization"]);

/** What makes two parameters the same one; HTTP takes a header's name in any case. */
export function parameterKey(parameter: Place): string {
  const [location, name] = [parameter.read("in"), String(parameter.read("name"))];
  return `${location} ${location === "header" ? name.toLowerCase() : name}`;
}

function parameterOf(at: Place) {
  const place = at.target;
  const style = place.text("style") ?? (place.read("in") === "query" ? "form" : "simple");
  return {
    name: String(place.read("name")),
    /** `path`, `query` or `header`. */
    in: String(place.read("in")),
    required: place.flag("required"),
    /** None if the contract describes a text that holds the value, by `content`. */
    schema: place.at("schema"),
    // How an array or an object is written, with OpenAPI's defaults.
    style,
    explode: (place.read("explode") ?? style === "form") === true,
    allowReserved: place.flag("allowReserved"),
    /** Where it is listed: there may be a reference to its place. */
    at,
    place,
  };
}

/** The success responses of an operation. If there are none with a status of 200 to 299, `default` describes them all. */
function successesOf(operation: Place): Place[] {
  const all = operation.children("responses");
  const successes = all.filter(({ name }) => /^2(\d\d|XX)$/i.test(name));
  return successes.length > 0 ? successes : all.filter(({ name }) => name === "default");
}

function responseOf(method: string, { name: key, target }: Place) {
  /** `2XX` for every success status that is not listed. */
  const status = /^\d+$/.test(key) ? Number(key) : ("2XX" as const);
  const all = contentOf(target);
  const json = all.filter(({ mediaType }) => encodingOf(mediaType) === "json");
  // JSON without a schema says nothing; a body that is not JSON needs none.
  const isDescribed = json.length > 0 ? json.some(({ schema }) => schema !== undefined) : all.length > 0;
  // HTTP gives these no body, whatever the contract says.
  const isEmpty = method === "head" || status === 204 || status === 205;
  const encoding = json.length > 0 ? ("json" as const) : ("bytes" as const);
  return {
    status,
    /** Its name among the responses of the contract. */
    key,
    content: json.length > 0 ? json : all,
    /** Undefined if HTTP or the contract gives it no body. */
    encoding: isEmpty || !isDescribed ? undefined : encoding,
  };
}

/** A request body in the first encoding that any of its media types has. The client writes no parts. */
function bodyOf(place: Place) {
  const writable = contentOf(place).filter(({ mediaType }) => !/^multipart\//i.test(mediaType));
  const used = new Set(writable.map(({ mediaType }) => encodingOf(mediaType)));
  const encoding = ENCODINGS.find((each) => used.has(each)) ?? "json";
  const content = writable.filter(({ mediaType }) => encodingOf(mediaType) === encoding);
  return { required: place.flag("required"), encoding, content, place };
}

function contentOf(body: Place) {
  return body.children("content").map((place) => ({ mediaType: place.name, schema: place.at("schema"), place }));
}

function encodingOf(mediaType: string): (typeof ENCODINGS)[number] {
  const essence = mediaType.split(";")[0]?.trim().toLowerCase() ?? "";
  if (essence === "application/x-www-form-urlencoded") return "form";
  return /^[^/]+\/(?:[^/]+\+)?json$|^\*\/\*$/.test(essence) ? "json" : "bytes";
}

export function bodiesOf({ body, responses }: Operation): Content[] {
  return [...(body?.content ?? []), ...responses.flatMap(({ content }) => content)];
}

/** Of several media types, one for each different schema: versions of a media type mostly share theirs. */
export function distinctSchemas(content: readonly Content[]): (Content & { readonly schema: Place })[] {
  const described = content.flatMap(({ schema, ...rest }) => (schema === undefined ? [] : { ...rest, schema }));
  const texts = described.map(({ schema }) => JSON.stringify(schema.value));
  return described.filter((_, index) => texts.indexOf(texts[index] ?? "") === index);
}
