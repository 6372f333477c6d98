/**
 * generated/operations.ts: what each operation looks like on the wire, as data.
 */

import { follow, type Json, member } from "./json-document.js";
import type { Operation, Parameter } from "./operation-model.js";
import { HEADER, literal, literalList, propertyName } from "./typescript-text.js";

const types = `
export interface OperationParameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required: boolean;
  /** The regular expression that a value in the path fits. */
  readonly pattern?: string;
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
  readonly successStatuses: readonly number[];
}
`;

export function writeOperations(document: Json, operations: readonly Operation[]): string {
  const versions = versionsOf(operations);
  return [
    HEADER,
    "\n/** The versions of the API that the contract's media types name. */\n",
    `export type ApiVersion = ${versions.length === 0 ? "never" : versions.map(literal).join(" | ")};\n`,
    types,
    "\nexport const operations = {\n",
    ...operations.map((operation) => describe(document, operation)),
    "} as const satisfies Record<string, OperationDescription>;\n",
    "\nexport type OperationId = keyof typeof operations;\n",
  ].join("");
}

function describe(document: Json, operation: Operation): string {
  const { operationId, method, path, parameters } = operation;
  const listed = parameters.map((parameter) => `      ${describeParameter(document, parameter)},\n`).join("");
  return `  ${propertyName(operationId)}: {
    operationId: ${literal(operationId)},
    method: ${literal(method.toUpperCase())},
    path: ${literal(path)},
    parameters: [${listed === "" ? "" : `\n${listed}    `}],
    requestMediaTypes: ${literalList(operation.body?.content.map(({ mediaType }) => mediaType) ?? [])},
    responseMediaTypes: ${literalList(responseMediaTypes(operation))},
    successStatuses: ${literalList(operation.responses.map(({ status }) => status))},
  },
`;
}

function describeParameter(document: Json, parameter: Parameter): string {
  const pattern = parameter.in === "path" ? member(follow(document, parameter.schema).value, "pattern") : undefined;
  const members = [
    `name: ${literal(parameter.name)}`,
    `in: ${literal(parameter.in)}`,
    `required: ${parameter.required}`,
    ...(typeof pattern === "string" ? [`pattern: ${literal(pattern)}`] : []),
  ];
  return `{ ${members.join(", ")} }`;
}

function responseMediaTypes({ responses }: Operation): string[] {
  return [...new Set(responses.flatMap(({ content }) => content.map(({ mediaType }) => mediaType)))];
}

/** The dates in media types such as application/vnd.atlas.2025-03-12+json. */
function versionsOf(operations: readonly Operation[]): string[] {
  const mediaTypes = operations.flatMap((operation) => [
    ...(operation.body?.content.map(({ mediaType }) => mediaType) ?? []),
    ...responseMediaTypes(operation),
  ]);
  const versions = mediaTypes.flatMap((mediaType) => mediaType.match(/\d{4}-\d{2}-\d{2}(?=\+json)/) ?? []);
  return [...new Set(versions)].sort();
}
