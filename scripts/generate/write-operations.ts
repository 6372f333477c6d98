/**
 * generated/operations.ts: what each operation looks like on the wire, as data.
 */

import { follow, type Json, member, type Place } from "./json-document.js";
import { type Content, mayBe, type Operation, type Parameter, type Serialization } from "./operation-model.js";
import { HEADER, literal, literalList, propertyName } from "./typescript-text.js";

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

export function writeOperations(document: Json, operations: readonly Operation[]): string {
  return [
    HEADER,
    TYPES,
    "\nexport const operations = {\n",
    ...operations.map((operation) => describe(document, operation)),
    "} as const satisfies Record<string, OperationDescription>;\n",
    "\nexport type OperationId = keyof typeof operations;\n",
  ].join("");
}

function describe(document: Json, operation: Operation): string {
  const { operationId, method, path, parameters, body, responses, requiredRoles } = operation;
  const listed = parameters.map((parameter) => `      ${describeParameter(document, parameter)},\n`).join("");
  const statuses = responses.map(({ status }) => status);
  const bytes = responses.filter(({ encoding }) => encoding === "bytes").map(({ status }) => status);
  const sunsets = sunsetsOf(operation);
  return `  ${propertyName(operationId)}: {
    operationId: ${literal(operationId)},
    method: ${literal(method.toUpperCase())},
    path: ${literal(path)},
    parameters: [${listed === "" ? "" : `\n${listed}    `}],
    requestMediaTypes: ${literalList(mediaTypesOf(body?.content ?? []))},
    responseMediaTypes: ${literalList(mediaTypesOf(responses.flatMap(({ content }) => content)))},
${sunsets === "" ? "" : `    sunsets: { ${sunsets} },\n`}    successStatuses: ${literalList(statuses.length > 0 ? statuses : ["2XX"])},
${bytes.length === 0 ? "" : `    bytesStatuses: ${literalList(bytes)},\n`}${
  requiredRoles.length === 0 ? "" : `    requiredRoles: ${literalList(requiredRoles)},\n`
}  },
`;
}

function describeParameter(document: Json, parameter: Parameter): string {
  const { schema, serialization } = parameter;
  const value = schema === undefined ? null : follow(document, schema).value;
  const pattern = parameter.in === "path" ? member(value, "pattern") : undefined;
  const members = [
    `name: ${literal(parameter.name)}`,
    `in: ${literal(parameter.in)}`,
    `required: ${parameter.required}`,
    ...(typeof pattern === "string" ? [`pattern: ${literal(pattern)}`] : []),
    ...(parameter.in === "query" && schema !== undefined ? describeSerialization(document, schema, serialization) : []),
  ];
  return `{ ${members.join(", ")} }`;
}

/** What differs from openapi-fetch's defaults: `form` for arrays, `deepObject` for objects, both exploded. */
function describeSerialization(
  document: Json,
  schema: Place,
  { style, explode, allowReserved }: Serialization,
): string[] {
  const isObject = mayBe(document, schema, "object");
  const isArray = mayBe(document, schema, "array");
  const isDefault = explode && style === (isObject ? "deepObject" : "form");
  return [
    ...((isObject || isArray) && !isDefault ? [`style: ${literal(style)}`, `explode: ${explode}`] : []),
    ...(allowReserved ? ["allowReserved: true"] : []),
  ];
}

/** Any media type is read as JSON. */
function mediaTypesOf(content: readonly Content[]): string[] {
  return [...new Set(content.map(({ mediaType }) => (mediaType === "*/*" ? "application/json" : mediaType)))];
}

function sunsetsOf({ body, responses }: Operation): string {
  const content = [...(body?.content ?? []), ...responses.flatMap((response) => response.content)];
  const sunsets = content.flatMap(({ mediaType, sunset }) =>
    sunset === undefined ? [] : [[mediaType, sunset] as const],
  );
  return [...new Map(sunsets)].map(([mediaType, sunset]) => `${literal(mediaType)}: ${literal(sunset)}`).join(", ");
}
