/** generated/operations.ts: what each operation looks like on the wire, as data. */

import { bodiesOf, type Content, type Operation, type Parameter } from "./operation-model.js";
import { HEADER, literal } from "./typescript-text.js";
import { mayBe } from "./walk-document.js";

const TYPES = `
export interface OperationParameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required: boolean;
  /** The regular expression that a value in the path fits. */
  readonly pattern?: string;
  /** How openapi-fetch is to write an array or an object; absent if as by default. */
  readonly style?: "form" | "spaceDelimited" | "pipeDelimited" | "deepObject";
  readonly explode?: boolean;
  /** Whether reserved characters are sent as they are. */
  readonly allowReserved?: boolean;
}

/** One operation as the contract describes it. */
export interface OperationDescription {
  readonly operationId: string;
  readonly method: "GET" | "PUT" | "POST" | "DELETE" | "OPTIONS" | "HEAD" | "PATCH" | "TRACE";
  /** Path template, with the names of the parameters in braces. */
  readonly path: string;
  readonly parameters: readonly OperationParameter[];
  /** In contract order; none if the operation has no body. */
  readonly requestMediaTypes: readonly string[];
  /** Of the success responses, in contract order. */
  readonly responseMediaTypes: readonly string[];
  /** The dates on which media types end, by media type. */
  readonly sunsets?: Readonly<Record<string, string>>;
  /** \`2XX\` for every status that is not listed. */
  readonly successStatuses: readonly (number | "2XX")[];
  /** The success statuses whose body is not JSON. */
  readonly bytesStatuses?: readonly (number | "2XX")[];
  /** Of which the caller needs one; absent if the contract names none. */
  readonly requiredRoles?: readonly string[];
}
`;

export function writeOperations(operations: readonly Operation[]): string {
  const described = Object.fromEntries(operations.map((operation) => [operation.operationId, describe(operation)]));
  return `${HEADER}${TYPES}
export const operations = ${literal(described, 2)} as const satisfies Record<OperationId, OperationDescription>;

// Not \`keyof typeof operations\`, with which the package's declarations would have to describe them all.
export type OperationId = ${operations.map(({ operationId }) => literal(operationId)).join(" | ")};
`;
}

function describe(operation: Operation): object {
  const { operationId, method, path, parameters, body, responses, requiredRoles } = operation;
  const statuses = responses.map(({ status }) => status);
  const bytes = responses.filter(({ encoding }) => encoding === "bytes").map(({ status }) => status);
  // The dates on which Atlas ends media types.
  const dates = bodiesOf(operation).map(({ mediaType, place }) => [mediaType, place.text("x-sunset")]);
  const sunsets = dates.filter(([, date]) => date !== undefined);
  return {
    operationId,
    method: method.toUpperCase(),
    path,
    parameters: parameters.map(describeParameter),
    requestMediaTypes: mediaTypesOf(body?.content ?? []),
    responseMediaTypes: mediaTypesOf(responses.flatMap(({ content }) => content)),
    ...(sunsets.length > 0 && { sunsets: Object.fromEntries(sunsets) }),
    successStatuses: statuses.length === 0 ? ["2XX"] : statuses,
    ...(bytes.length > 0 && { bytesStatuses: bytes }),
    ...(requiredRoles.length > 0 && { requiredRoles }),
  };
}

function describeParameter(parameter: Parameter): object {
  const { name, in: location, required, schema } = parameter;
  const pattern = location === "path" ? schema?.target.text("pattern") : undefined;
  return { name, in: location, required, pattern, ...(location === "query" && describeSerialization(parameter)) };
}

/** What differs from openapi-fetch's defaults: `form` for arrays, `deepObject` for objects, both exploded. */
function describeSerialization({ schema, style, explode, allowReserved }: Parameter): object {
  if (schema === undefined) return {};
  const isObject = mayBe(schema, "object");
  const isDefault = explode && style === (isObject ? "deepObject" : "form");
  const isCompound = isObject || mayBe(schema, "array");
  return { ...(isCompound && !isDefault && { style, explode }), ...(allowReserved && { allowReserved }) };
}

/** Any media type is read as JSON. */
function mediaTypesOf(content: readonly Content[]): string[] {
  return [...new Set(content.map(({ mediaType }) => (mediaType === "*/*" ? "application/json" : mediaType)))];
}
