/**
 * Arguments written as a request, as OpenAPI 3.0 says that parameters are serialized.
 */
import type { Operation, Parameter } from "../contract/operations.js";

/** Values for an operation. */
export interface Arguments {
  /** By name; one that is absent is not sent. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** `undefined`: no body. */
  readonly body?: unknown;
}

/** A request without what is the same in all of them: host, credentials, `Accept`. */
export interface RequestDraft {
  /** Path and query. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/**
 * @param contentType - Of the body; `undefined` sends none.
 * @returns `undefined` where a parameter has a style that is not written here.
 */
export function written(
  operation: Operation,
  args: Arguments,
  contentType: string | undefined,
): RequestDraft | undefined {
  let path = operation.path;
  const query: string[] = [];
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
  const body = args.body === undefined ? undefined : JSON.stringify(args.body);
  if (body !== undefined && contentType !== undefined) headers["content-type"] = contentType;
  return { target: query.length === 0 ? path : `${path}?${query.join("&")}`, headers, body };
}

/** Whether a value of this parameter is still itself once it is text: `5` for a string is `"5"`, which is one. */
export function survivesAsText(parameter: Parameter, value: unknown): boolean {
  const type = parameter.schema?.get("type")?.text;
  if (parameter.in === "path" && ["", ".", ".."].includes(String(value))) return false;
  if (type === "array") return Array.isArray(value) && value.length > 0;
  if (type === "string") return typeof value === "string";
  return typeof value === "string" ? value !== "" : typeof value === "number" || typeof value === "boolean";
}

function serialized({ name, in: place, at }: Parameter, value: unknown): string | undefined {
  if (place === "cookie" || at.get("content") !== undefined) return undefined;
  if (typeof value === "object" && !Array.isArray(value)) return undefined;
  const inQuery = place === "query";
  const style = at.get("style")?.text ?? (inQuery ? "form" : "simple");
  const encode = place === "header" ? String : (text: unknown) => encodeURIComponent(String(text));
  const values = (Array.isArray(value) ? value : [value]).map(encode);
  if (!inQuery) return style === "simple" ? values.join(",") : undefined;
  const separator = { form: ",", spaceDelimited: "%20", pipeDelimited: "%7C" }[style];
  if (separator === undefined) return undefined;
  const exploded = (at.get("explode")?.value ?? style === "form") === true;
  return exploded ? values.map((each) => `${name}=${each}`).join("&") : `${name}=${values.join(separator)}`;
}
