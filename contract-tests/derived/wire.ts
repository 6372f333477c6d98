/** Arguments written as an HTTP request by hand, as OpenAPI 3.0 says, so that not only the client's writing is tried. */
import type { Operation, Parameter } from "../contract/contract.js";
import { isObject, type JsonObject, textOf } from "../contract/json.js";
import type { Arguments, Found } from "./values.js";

export interface WireRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** Nothing where a parameter has a style that is not written here. */
export function written(
  operation: Operation,
  args: Arguments,
  mediaType = operation.body?.mediaTypes[0]?.name,
): Found<WireRequest> {
  let path = operation.path;
  const query: string[] = [];
  const headers: Record<string, string> = {};
  for (const parameter of operation.parameters) {
    const value = args[parameter.name];
    if (value === undefined) continue;
    const [text] = texts(parameter, value);
    if (text === undefined) return [];
    if (parameter.in === "path") path = path.replaceAll(`{${parameter.name}}`, text);
    else if (parameter.in === "query") query.push(text);
    else if (parameter.in === "header") headers[parameter.name] = text;
    else return [];
  }
  const body = args["body"];
  if (body !== undefined && mediaType !== undefined) headers["content-type"] = mediaType;
  return [
    {
      method: operation.method,
      target: query.length === 0 ? path : `${path}?${query.join("&")}`,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
    },
  ];
}

/** Whether a value of this schema is still another value once it is text: `5` for a string is `"5"`, which is one. */
export function survivesAsText(schema: JsonObject): (value: unknown) => boolean {
  return (value) => {
    if (schema["type"] === "array") return Array.isArray(value) && value.length > 0;
    if (schema["type"] === "string") return typeof value === "string";
    if (typeof value === "string") return value !== "";
    return (schema["type"] === "boolean" ? "boolean" : "number") === typeof value;
  };
}

function texts(parameter: Parameter, value: unknown): Found<string> {
  const { source, name } = parameter;
  if (isObject(value) || source["content"] !== undefined) return [];
  const inQuery = parameter.in === "query";
  const style = textOf(source["style"]) ?? (inQuery ? "form" : "simple");
  const encode = parameter.in === "header" ? String : encodeURIComponent;
  const values = (Array.isArray(value) ? value : [value]).map((item) => encode(String(item)));
  if (!inQuery) return style === "simple" ? [values.join(",")] : [];
  const separator = { form: ",", spaceDelimited: "%20", pipeDelimited: "%7C" }[style];
  if (separator === undefined) return [];
  const exploded = (source["explode"] ?? style === "form") === true;
  return [exploded ? values.map((item) => `${name}=${item}`).join("&") : `${name}=${values.join(separator)}`];
}
