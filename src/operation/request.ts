/**
 * What a call sends, of the generated functions or of `raw`: queries, and what is no text in a path, are openapi-fetch's. It is a
 * plain record and never the platform's `Request`: building one and reading it again costs more than the rest of a call.
 */
import { createQuerySerializer, defaultPathSerializer } from "openapi-fetch";
import { type OperationDescription, type OperationParameter, operations } from "../../generated/operations.js";
import { AtlasRequestError } from "../errors.js";
import { retryPolicy, type Settings } from "../options/client-options.js";
import { tryTo } from "../safe/foreign-error.js";
import type { TransportRequest } from "../transport/pipeline.js";
import { acceptFor, contentTypeFor } from "../transport/versions.js";
import { type Arguments, bodyEncodingOf, type CallOptions, headerValueFaults } from "./arguments.js";

export interface RequestSettings
  extends Pick<Settings, "baseUrl" | "userAgent">,
    Partial<Pick<Settings, "apiVersion" | "retry" | "platformFetch">> {}

/**
 * @param args what `checkArguments` has let through
 * @param json the body as JSON, if it has been written already
 * @throws AtlasRequestError if a value would lead to another resource, or a URL or header cannot carry it
 */
export function operationRequest(
  operation: OperationDescription,
  args: Arguments,
  options: CallOptions,
  settings: RequestSettings,
  json?: string,
): TransportRequest {
  const headers = contractHeaders(operation, settings);
  const { body: given } = args;
  const contentType =
    given === undefined ? undefined : contentTypeFor(operation, headers["accept"], settings.apiVersion);
  if (contentType !== undefined) headers["content-type"] = contentType;
  if (options.headers !== undefined) {
    for (const [name, value] of Object.entries(options.headers)) headers[name.toLowerCase()] = value;
  }
  const body = given === undefined ? undefined : (json ?? writtenBody(given, operation));
  if (body !== undefined && settings.platformFetch === true && ["GET", "HEAD"].includes(operation.method)) {
    const problem = `fetch cannot send a body with ${operation.method}; give the client one that can`;
    throw new AtlasRequestError(problem, [], { operation });
  }
  const target = written(operation, "A path or query argument cannot be written into a URL", () =>
    writtenParameters(operation, args, headers),
  );
  return recordOf(operation, `${settings.baseUrl}${target}`, headers, body, options, settings);
}

function recordOf(
  operation: OperationDescription,
  url: string,
  headers: TransportRequest["headers"],
  body: TransportRequest["body"],
  { signal, timeoutMs, retry }: CallOptions,
  settings: RequestSettings,
): TransportRequest {
  const account = { mayHaveBeenApplied: false };
  return { operation, url, headers, body, signal, timeoutMs, retry: retryPolicy(retry, settings.retry), account };
}

/** By the media types of the operation, which are all written in the same way. */
function writtenBody(body: unknown, operation: OperationDescription): string | Blob {
  switch (bodyEncodingOf(operation)) {
    case "json":
      return JSON.stringify(body);
    case "form":
      return written(operation, "The body cannot be written as a form", () => {
        const members = Object.entries(Object(body));
        return joined(members.map(([name, value]) => writtenQuery({ name: encodeURIComponent(name) }, value)));
      });
    case "bytes":
      return body instanceof Blob ? body : String(body);
  }
}

/** Half a surrogate pair has no encoding, and openapi-fetch writes no objects inside of objects. */
function written(operation: OperationDescription, problem: string, write: () => string): string {
  try {
    return write();
  } catch (error) {
    throw error instanceof AtlasRequestError ? error : new AtlasRequestError(problem, [], { operation });
  }
}

/** What openapi-fetch's own client has built. */
type BuiltRequest = Pick<TransportRequest, "url" | "headers" | "body"> & {
  readonly method: string;
  readonly options: Omit<CallOptions, "headers">;
};

/** @throws AtlasRequestError if the contract has no operation at this method and path, or the host is another one */
export function rawRequest(built: BuiltRequest, settings: RequestSettings): TransportRequest {
  const { url, method, body, headers, options } = built;
  const path = url.startsWith(`${settings.baseUrl}/`) ? url.slice(settings.baseUrl.length).split(/[?#]/, 1)[0] : "";
  const operation = operationAt(method, path ?? "");
  if (operation === undefined) {
    // The URL itself is not shown: what does not fit the contract may hold anything.
    throw new AtlasRequestError(
      `The contract has no ${/^[A-Z]+$/.test(method) ? method : "such"} operation at the URL that was built; it was not sent`,
    );
  }
  const allHeaders = { ...contractHeaders(operation, settings), ...headers };
  return { ...recordOf(operation, url, allHeaders, body, options, settings), keepsEnvelope: true };
}

/** Path and query; what belongs into headers is added there. */
function writtenParameters(operation: OperationDescription, args: Arguments, headers: Record<string, string>): string {
  // Left out, whatever the arguments inherit.
  const valueFor = ({ name }: Placeholder) => (Object.hasOwn(args, name) ? args[name] : undefined);
  let path = "";
  for (const piece of templateOf(operation)) {
    path += typeof piece === "string" ? piece : writtenSegment(operation, piece, valueFor(piece));
  }
  const query: string[] = [];
  for (const parameter of operation.parameters) {
    if (parameter.in === "path") continue;
    const value = valueFor(parameter);
    if (value !== undefined && parameter.in === "query") {
      query.push(writtenQuery(parameter, value));
    } else if (value !== undefined && value !== null) {
      const { name } = parameter;
      const text = Array.isArray(value) ? value.join(", ") : String(value);
      const violations = headerValueFaults(name, text);
      if (violations.length > 0)
        throw new AtlasRequestError("The arguments break the contract", violations, { operation });
      headers[name.toLowerCase()] = text;
    }
  }
  const given = query.length > 0 ? joined(query) : "";
  return given === "" ? path : `${path}?${given}`;
}

type Placeholder = Pick<OperationParameter, "name" | "pattern">;
const templates = new WeakMap<OperationDescription, readonly (string | Placeholder)[]>();

/** The path with its parameters in their places, which costs a call as much as a layer to find: once for each operation. */
function templateOf(operation: OperationDescription): readonly (string | Placeholder)[] {
  let template = templates.get(operation);
  if (template === undefined) {
    const { path, parameters } = operation;
    const described = (name: string) => parameters.find((each) => each.in === "path" && each.name === name) ?? { name };
    // Every second piece is the name of a placeholder.
    template = path.split(/\{([^{}]+)\}/).map((piece, index) => (index % 2 === 1 ? described(piece) : piece));
    templates.set(operation, template);
  }
  return template;
}

function writtenSegment(operation: OperationDescription, { pattern }: Placeholder, value: unknown): string {
  const text = Array.isArray(value) ? value.join(",") : String(value ?? "");
  if (!staysInPlace(text, pattern)) {
    throw new AtlasRequestError("A path argument is empty, a dot segment, or contains a slash", [], { operation });
  }
  // Ids are texts. openapi-fetch writes the rest.
  return typeof value === "string" ? encodeURIComponent(value) : defaultPathSerializer("{value}", { value });
}

/** Of empty values, the texts are empty. */
function joined(texts: readonly string[]): string {
  return texts.filter((text) => text !== "").join("&");
}

function writtenQuery(
  { name, style, explode = true, allowReserved = false }: Omit<OperationParameter, "in" | "required">,
  value: unknown,
): string {
  const array = { style: style === undefined || style === "deepObject" ? "form" : style, explode } as const;
  const object = { style: style === "form" ? "form" : "deepObject", explode } as const;
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  // openapi-fetch writes the names of members as they are.
  const member = ([each, of]: [string, unknown]) => [encodeURIComponent(each), of];
  const encoded = isObject ? Object.fromEntries(Object.entries(value).map(member)) : value;
  const text = createQuerySerializer({ array, object, allowReserved })({ [name]: encoded });
  // Allowed or not, it would end the query.
  return text.replaceAll("#", "%23");
}

function contractHeaders(
  operation: OperationDescription,
  { userAgent, apiVersion }: RequestSettings,
): Record<string, string> {
  const accept = acceptFor(operation, apiVersion);
  return { "user-agent": userAgent, ...(accept === undefined ? undefined : { accept }) };
}

/** The operation that a method and a path (without the base URL) belong to; undefined if the contract has none. */
export function operationAt(
  method: string,
  path: string,
  contract: readonly OperationDescription[] = Object.values(operations),
): OperationDescription | undefined {
  return contract.find((operation) => operation.method === method && matches(operation, path));
}

function matches(operation: OperationDescription, path: string): boolean {
  const template = templateOf(operation);
  const escaped = template.map((piece) =>
    typeof piece === "string" ? piece.replace(/[.*+?^${}()|[\]\\]/g, "\\$&") : "([^/]+)",
  );
  const values = new RegExp(`^${escaped.join("")}$`).exec(path)?.slice(1);
  const parameters = template.filter((piece) => typeof piece !== "string");
  const fits = (segment: string, index: number) => {
    // Malformed as it stands, it matches no pattern that a decoded value matches.
    const value = tryTo(() => decodeURIComponent(segment)) ?? segment;
    const pattern = parameters[index]?.pattern;
    if (!staysInPlace(value, pattern)) return false;
    if (pattern === undefined) return true;
    // As the validators read it: with Unicode's rules, unless it is a regular expression only without them.
    return (tryTo(() => new RegExp(pattern, "u")) ?? new RegExp(pattern)).test(value);
  };
  return values?.every(fits) === true;
}

/** Whether a value in a path leads to no other resource; a separator may, unless the contract's pattern speaks for it. */
export function staysInPlace(value: string, pattern: unknown): boolean {
  if (value === "" || value === "." || value === "..") return false;
  return pattern !== undefined || !/[/\\\0]/.test(value);
}
