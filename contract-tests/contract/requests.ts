/** Arguments written as an HTTP request by hand, as OpenAPI says, so that not only the client's writing is tried. */
import type { Place } from "./document.js";
import { isObject, type JsonObject } from "./json.js";
import type { Operation, Parameter } from "./operations.js";

export interface Arguments {
  /** By name; one that is absent is not sent. */
  readonly parameters: JsonObject;
  /** `undefined`: no body. */
  readonly body?: unknown;
}

/** A request without what is the same in all of them: host, credentials, `Accept`. */
export type RequestDraft = NonNullable<ReturnType<typeof writeRequest>>;

/**
 * @param contentType - Of the body; default: the media type that the contract lists first.
 * @returns `undefined` if a parameter has a style that is not written here.
 */
export function writeRequest(operation: Operation, args: Arguments, contentType = operation.body?.mediaTypes[0]?.name) {
  let { path } = operation;
  const query: string[] = [];
  /** Names in lower case. */
  const headers: Record<string, string> = {};
  for (const parameter of operation.parameters) {
    const value = args.parameters[parameter.name];
    if (value === undefined) continue;
    const text = serialized(parameter, value);
    if (text === undefined) return undefined;
    if (parameter.in === "path") path = path.replaceAll(`{${parameter.name}}`, text);
    else if (parameter.in === "query") query.push(text);
    else headers[parameter.name.toLowerCase()] = text;
  }
  const body = args.body === undefined ? undefined : writtenBody(args.body, contentType);
  if (body !== undefined && contentType !== undefined) headers["content-type"] = contentType;
  /** Path and query. */
  const target = query.length === 0 ? path : `${path}?${query.join("&")}`;
  return { method: operation.method, target, headers, body };
}

/** Whether a media type is JSON; no name is the unversioned one. */
export function isJsonType(mediaType = "application/json"): boolean {
  return /^[^;]*[/+]json\s*(;|$)/i.test(mediaType);
}

export function isFormType(mediaType = ""): boolean {
  return /^application\/x-www-form-urlencoded\b/i.test(mediaType);
}

function writtenBody(body: unknown, mediaType: string | undefined): string {
  if (isFormType(mediaType) && isObject(body)) return Object.entries(body).map(writtenField).join("&");
  return isJsonType(mediaType) || typeof body !== "string" ? JSON.stringify(body) : body;
}

function writtenField([name, value]: readonly [string, unknown]): string {
  const encoded = encodeURIComponent(name);
  const pairs = isObject(value)
    ? members(value).map(([key, each]) => `${encoded}[${key}]=${each}`)
    : [value].flat().map((each) => `${encoded}=${encodeURIComponent(String(each))}`);
  return pairs.join("&");
}

function members(value: JsonObject): string[][] {
  return Object.entries(value).map((member) => member.map((each) => encodeURIComponent(String(each))));
}

/** Whether a value of this parameter is still itself once it is text: `5` for a string is `"5"`, which is one. */
export function survivesAsText({ in: where, schema }: Parameter, value: unknown): boolean {
  if (where === "path" && ["", ".", ".."].includes(String(value))) return false;
  // A header carries no line breaks, and spaces around a value are no part of it (RFC 9110, section 5.5).
  if (where === "header" && !/^([!-~]([ -~]*[!-~])?)?$/.test(String(value))) return false;
  return survives(schema, value);
}

function survives(schema: Place | undefined, value: unknown): boolean {
  if (isObject(value)) {
    const own = Object.entries(value);
    return own.length > 0 && own.every(([name, each]) => survives(schema?.get("properties", name), each));
  }
  const type = schema?.get("type")?.text;
  if (type === "array") {
    return Array.isArray(value) && value.length > 0 && value.every((item) => survives(schema?.get("items"), item));
  }
  if (type === "string") return typeof value === "string";
  // `"8"` for 8 is the same text.
  if (typeof value === "string") return value !== "" && !/^(true|false|-?\d+(\.\d+)?)$/.test(value);
  return typeof value === "number" || typeof value === "boolean";
}

function serialized({ name, in: where, at }: Parameter, value: unknown): string | undefined {
  const inQuery = where === "query";
  if (where === "cookie" || value === null || (isObject(value) && !inQuery)) return undefined;
  const style = at.get("style")?.text ?? (inQuery ? "form" : "simple");
  const exploded = (at.get("explode")?.value ?? style === "form") === true;
  if (isObject(value)) {
    if (style === "deepObject") return writtenField([name, value]);
    if (style !== "form") return undefined;
    const pairs = members(value);
    return exploded ? pairs.map((pair) => pair.join("=")).join("&") : `${name}=${pairs.flat().join(",")}`;
  }
  const encode = where === "header" ? String : (text: unknown) => encodeURIComponent(String(text));
  const values = [value].flat().map(encode);
  if (!inQuery) return style === "simple" ? values.join(",") : undefined;
  const separator = { form: ",", spaceDelimited: "%20", pipeDelimited: "%7C" }[style];
  if (separator === undefined) return undefined;
  return exploded ? values.map((each) => `${name}=${each}`).join("&") : `${name}=${values.join(separator)}`;
}
