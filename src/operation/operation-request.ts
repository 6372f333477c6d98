/**
 * What a call of one operation sends: its arguments put where the contract wants them.
 *
 * A plain record and never the platform's `Request`: building one and reading it again costs more than the rest of a call.
 */
import { createQuerySerializer } from "openapi-fetch";
import type { OperationDescription, OperationParameter } from "../../generated/operations.js";
import { AtlasRequestError } from "../errors.js";
import type { TransportRequest } from "../transport/pipeline.js";
import type { Arguments } from "./arguments.js";
import { type CallOptions, isHeaderValue } from "./call-options.js";
import { filledPath } from "./path-template.js";
import { contractHeaders, type RequestSettings } from "./request.js";

const serializeQuery = createQuerySerializer();

/**
 * @param args what `checkArguments` has let through
 * @throws AtlasRequestError where a value would lead to another resource, or a header cannot carry it
 */
export function operationRequest(
  operation: OperationDescription,
  args: Arguments,
  { headers, signal }: CallOptions,
  settings: RequestSettings,
): TransportRequest {
  const path = filledPath(operation, args);
  if (path === undefined) {
    throw new AtlasRequestError("The arguments lead to no resource of the contract", [], { operation });
  }
  const query = serializeQuery(argumentsIn("query", operation, args));
  const body = args["body"] === undefined ? undefined : JSON.stringify(args["body"]);
  const contentType = body === undefined ? undefined : operation.requestMediaTypes[0];
  return {
    operation,
    url: `${settings.baseUrl}${path}${query === "" ? "" : `?${query}`}`,
    headers: {
      ...contractHeaders(operation, settings),
      ...(contentType === undefined ? undefined : { "content-type": contentType }),
      ...lowerCased(headers),
      ...headerParameters(operation, args),
    },
    body,
    signal,
    enveloped: args["envelope"] === true,
  };
}

/** The arguments that travel in one place; what was left out stays out. */
function argumentsIn(
  location: OperationParameter["in"],
  { parameters }: OperationDescription,
  args: Arguments,
): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const parameter of parameters) {
    if (parameter.in === location && Object.hasOwn(args, parameter.name)) values[parameter.name] = args[parameter.name];
  }
  return values;
}

/** The elements of an array one after the other, and nothing for null. */
function headerParameters(operation: OperationDescription, args: Arguments): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(argumentsIn("header", operation, args))) {
    if (value === null) continue;
    const text = Array.isArray(value) ? value.join(", ") : String(value);
    if (!isHeaderValue(text)) {
      const violation = { argument: name, expected: "text that a header can carry", received: "text that it cannot" };
      throw new AtlasRequestError("The arguments break the contract", [violation], { operation });
    }
    headers[name.toLowerCase()] = text;
  }
  return headers;
}

function lowerCased(headers: Readonly<Record<string, string>> | undefined): Record<string, string> | undefined {
  return headers && Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
