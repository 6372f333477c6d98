/**
 * generated/client.ts: one typed, documented function for each operation. And generated/types.ts: what the functions take
 * and return; the library exports all of it. Each type refers to schema.ts, nothing is written a second time.
 */
import { type Body, bodiesOf, type Content, distinctSchemas, type Operation } from "./operation-model.js";
import { docComment, HEADER, literal, seeAlso, typeName } from "./typescript-text.js";
import { hasOneWay, type OneWayProperties } from "./write-schema.js";

export function writeClient(operations: readonly Operation[]): string {
  const types = operations.flatMap(({ operationId }) => [
    `  ${typeName(operationId)}Arguments,\n`,
    `  ${typeName(operationId)}Result,\n`,
  ]);
  return `${HEADER}/**
 * One typed function for each operation of the contract.
 *
 * In what \`runOperation\` sends, openapi-fetch writes the queries (\`createQuerySerializer\`), and lists and objects in paths
 * (\`defaultPathSerializer\`). Its own client over the same pipeline is \`raw\`.
 */

import type { OperationId } from "./operations.js";
import type {
${types.join("")}} from "./types.js";

/** The versions of the API that the contract's media types name. */
export const API_VERSIONS = ${literal(versionsOf(operations))} as const;
export type ApiVersion = (typeof API_VERSIONS)[number];

/** The result of a call, and on demand what else the response says. */
export interface ResponsePromise<Result, Response> extends Promise<Result> {
  /** Resolves when the call does, and rejects as it does. */
  withResponse(): Promise<{ readonly data: Result; readonly response: Response }>;
}

/** The operations of the contract. \`CallOptions\` is the second argument of every call. */
export interface Operations<CallOptions, Response = unknown> {
${operations.map(signature).join("\n")}}

/** Runs one operation: checks the arguments, sends the request and reads the response. */
export type RunOperation<CallOptions, Response = unknown> = <Result>(
  operationId: OperationId,
  args: object,
  options: CallOptions | undefined,
) => ResponsePromise<Result, Response>;

/** The operations of the contract, each run by \`runOperation\`. */
export function createOperations<CallOptions, Response>(
  runOperation: RunOperation<CallOptions, Response>,
): Operations<CallOptions, Response> {
  return {
${operations.map(implementation).join("")}  };
}
`;
}

/** The versions by date, and what is not yet one at the end: `application/vnd.atlas.2025-03-12+json` is of a version. */
function versionsOf(operations: readonly Operation[]): string[] {
  const versions = operations
    .flatMap(bodiesOf)
    .flatMap(({ mediaType }) => /\.(\d{4}-\d{2}-\d{2}|preview)\+/.exec(mediaType)?.[1] ?? []);
  return [...new Set(versions)].sort();
}

function isOptional({ parameters, body }: Operation): boolean {
  return !parameters.some(({ required }) => required) && body?.required !== true;
}

function signature(operation: Operation): string {
  const { operationId, requiredRoles, place } = operation;
  const type = typeName(operationId);
  const url = place.at("externalDocs")?.text("url");
  const role = requiredRoles.length === 1 ? "Required role" : "Required roles";
  const comment = docComment("  ", [
    place.text("summary"),
    place.text("description"),
    requiredRoles.length > 0 && `${role}: ${requiredRoles.join(", ")}`,
    place.flag("deprecated") && "@deprecated",
    url && seeAlso(url, place.at("externalDocs")?.text("description")),
  ]);
  const args = `args${isOptional(operation) ? "?" : ""}: ${type}Arguments`;
  return `${comment}  ${operationId}(${args}, options?: CallOptions): ResponsePromise<${type}Result, Response>;\n`;
}

function implementation(operation: Operation): string {
  const { operationId } = operation;
  // Not a default of the parameter: `{}` has what it inherits, which is of no type that an argument named like it has.
  const args = isOptional(operation) ? "args ?? {}" : "args";
  return `    ${operationId}: (args, options) => runOperation(${literal(operationId)}, ${args}, options),\n`;
}

const PARAMETERS_TYPE = `/** The parameters of an operation by name, wherever they are sent. */
type ParametersOf<Id extends keyof operations> = Listed<operations[Id]["parameters"]["path"]> &
  Listed<operations[Id]["parameters"]["query"]> &
  Listed<operations[Id]["parameters"]["header"]>;
/** schema.ts has \`never\` if there are none. */
type Listed<Parameters> = [NonNullable<Parameters>] extends [never] ? unknown : NonNullable<Parameters>;
`;

export function writeTypes(operations: readonly Operation[], oneWay: OneWayProperties): string {
  const text = [
    ...operations.map((operation) => argumentsType(operation, oneWay)),
    ...operations.map((operation) => resultType(operation, oneWay)),
    ...(operations.some(({ parameters }) => parameters.length > 0) ? [PARAMETERS_TYPE] : []),
  ].join("\n");
  const names = ["Readable", "Writable", "operations"].filter((name) => new RegExp(`\\b${name}[<[>]`).test(text));
  const imports = names.length === 0 ? "" : `import type { ${names.join(", ")} } from "./schema.js";\n\n`;
  return `${HEADER}/**
 * What the function of each operation takes and returns: the types that openapi-typescript wrote to schema.ts.
 */

${imports}${text}`;
}

/** The flat arguments of an operation. */
function argumentsType({ operationId, parameters, body }: Operation, oneWay: OneWayProperties): string {
  const type = `${typeName(operationId)}Arguments`;
  const base = parameters.length > 0 ? ` extends ParametersOf<${literal(operationId)}>` : "";
  const member = body === undefined ? "" : `\n${bodyMember(operationId, body, oneWay)}`;
  const isEmpty = base === "" && member === "";
  const declaration = isEmpty ? `type ${type} = Record<string, never>;` : `interface ${type}${base} {${member}}`;
  return `/** Arguments of \`${operationId}\`. */\nexport ${declaration}\n`;
}

function bodyMember(operationId: string, body: Body, oneWay: OneWayProperties): string {
  const { required, encoding, content, place } = body;
  const owner = `NonNullable<operations[${literal(operationId)}]["requestBody"]>`;
  const types = encoding === "bytes" ? ["Blob", "string"] : contentTypes(owner, content, oneWay, "Writable");
  const description = place.text("description") ?? distinctSchemas(content)[0]?.schema.target.text("description");
  return `${docComment("  ", [description])}  body${required ? "" : "?"}: ${types.join(" | ")};\n`;
}

/** What an operation returns: the body of any of its success responses, or nothing. */
function resultType({ operationId, responses }: Operation, oneWay: OneWayProperties): string {
  const owner = `operations[${literal(operationId)}]["responses"]`;
  const types = responses.flatMap(({ key, encoding, content }) => {
    if (encoding === "json") return contentTypes(`${owner}[${literal(key)}]`, content, oneWay, "Readable");
    return encoding === undefined ? "void" : "Blob";
  });
  const union = [...new Set(types)].join(" | ") || "void";
  return `/** What \`${operationId}\` returns. */\nexport type ${typeName(operationId)}Result = ${union};\n`;
}

/** The types of the different schemas; of the first media type if none has a schema. */
function contentTypes(
  owner: string,
  content: readonly Content[],
  oneWay: OneWayProperties,
  view: "Readable" | "Writable",
): string[] {
  const distinct = distinctSchemas(content);
  return (distinct.length > 0 ? distinct : content.slice(0, 1)).map(({ mediaType, schema }) => {
    const type = `${owner}["content"][${literal(mediaType)}]`;
    return schema !== undefined && hasOneWay(schema, oneWay) ? `${view}<${type}>` : type;
  });
}
