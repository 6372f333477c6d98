/**
 * generated/client.ts: one typed, documented function for each operation.
 */
import { bodiesOf, type Operation } from "./operation-model.js";
import {
  COLUMNS,
  docComment,
  HEADER,
  literal,
  literalList,
  propertyName,
  prose,
  seeAlso,
  typeName,
} from "./typescript-text.js";

const CLIENT_HEADER = `/**
 * One typed function for each operation of the contract.
 *
 * What \`runOperation\` sends is written by openapi-fetch: \`defaultPathSerializer\` fills in the path and
 * \`createQuerySerializer\` writes the query of every call. Its own client over the same pipeline is \`raw\`.
 */
`;

const PROMISE_TYPE = `/** The result of a call; what the response says beside it is there for whoever asks. */
export interface ResponsePromise<Result, Response> extends Promise<Result> {
  /** Resolves when the call does, and rejects as it does. */
  withResponse(): Promise<{ readonly data: Result; readonly response: Response }>;
}
`;

const RUN_OPERATION_TYPE = `/** Runs one operation: checks the arguments, sends the request and reads the response. */
export type RunOperation<CallOptions, Response = unknown> = <Result>(
  operationId: OperationId,
  args: object,
  options: CallOptions | undefined,
) => ResponsePromise<Result, Response>;
`;

export function writeClient(operations: readonly Operation[]): string {
  const types = operations.flatMap(({ operationId }) => [
    `  ${typeName(operationId)}Arguments,\n`,
    `  ${typeName(operationId)}Result,\n`,
  ]);
  return `${HEADER}${CLIENT_HEADER}
import type { OperationId } from "./operations.js";
import type {
${types.join("")}} from "./types.js";

/** The versions of the API that the contract's media types name. */
export const API_VERSIONS = ${literalList(versionsOf(operations))} as const;
export type ApiVersion = (typeof API_VERSIONS)[number];

${PROMISE_TYPE}
/** The operations of the contract. \`CallOptions\` is the second argument of every call. */
export interface Operations<CallOptions, Response = unknown> {
${operations.map(signature).join("\n")}}

${RUN_OPERATION_TYPE}
${createFunction(operations)}`;
}

/** The versions by date, and what is not yet one at the end: `application/vnd.atlas.2025-03-12+json` is of a version. */
function versionsOf(operations: readonly Operation[]): string[] {
  const versions = operations
    .flatMap(bodiesOf)
    .flatMap(({ mediaType }) => /\.(\d{4}-\d{2}-\d{2}|preview)\+/.exec(mediaType)?.[1] ?? []);
  return [...new Set(versions)].sort();
}

/** Whether an operation can be called without arguments. */
function isOptional({ parameters, body }: Operation): boolean {
  return !parameters.some(({ required }) => required) && body?.required !== true;
}

function signature(operation: Operation): string {
  const { operationId, summary, description, requiredRoles, documentation, deprecated } = operation;
  const roles = requiredRoles.length === 1 ? "Required role" : "Required roles";
  const comment = docComment(
    [
      prose(summary),
      prose(description),
      requiredRoles.length === 0 ? undefined : prose(`${roles}: ${requiredRoles.join(", ")}`),
      deprecated ? "@deprecated" : undefined,
      documentation === undefined ? undefined : seeAlso(documentation.url, documentation.description),
    ],
    "  ",
  );
  const type = typeName(operationId);
  const parameters = [`args${isOptional(operation) ? "?" : ""}: ${type}Arguments`, "options?: CallOptions"];
  const result = `ResponsePromise<${type}Result, Response>`;
  const line = `  ${propertyName(operationId)}(${parameters.join(", ")}): ${result};\n`;
  const broken = `  ${propertyName(operationId)}(\n    ${parameters.join(",\n    ")},\n  ): ${result};\n`;
  return comment + (line.length > COLUMNS + 1 ? broken : line);
}

function createFunction(operations: readonly Operation[]): string {
  return `/** The operations of the contract, each run by \`runOperation\`. */
export function createOperations<CallOptions, Response>(
  runOperation: RunOperation<CallOptions, Response>,
): Operations<CallOptions, Response> {
  return {
${operations.map(implementation).join("")}  };
}
`;
}

function implementation(operation: Operation): string {
  const { operationId } = operation;
  const args = `args${isOptional(operation) ? " = {}" : ""}`;
  return `    ${propertyName(operationId)}: (${args}, options) => runOperation(${literal(operationId)}, args, options),
`;
}
