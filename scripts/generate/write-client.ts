// generated/client.ts: one typed, documented function for each operation.
import { argumentsType, isOptional, resultType } from "./client-types.js";
import { docComment, prose, seeAlso } from "./doc-comment.js";
import { header } from "./header.js";
import type { Json } from "./json-document.js";
import { hasBody, type Operation, type Parameter, type ParameterLocation } from "./operation-model.js";
import { columns, literal, literalList, propertyName, typeName } from "./typescript-text.js";

/** @param readWriteMarkers whether schema.ts marks readOnly and writeOnly properties */
export function writeClient(document: Json, operations: readonly Operation[], readWriteMarkers: boolean): string {
  const text = [
    ...operations.map((operation) => argumentsType(document, operation, readWriteMarkers)),
    ...operations.map((operation) => resultType(operation, readWriteMarkers)),
    `/** The operations of the contract. \`CallOptions\` is what a call takes beside its arguments. */
export interface Operations<CallOptions> {
${operations.map(signature).join("\n")}}
`,
    performType,
    createFunction(operations),
    ...[parameterType, pickFunction].filter(({ usedAs }) => operations.some(usedAs)).map(({ text }) => text),
  ].join("\n");
  return `${header}
import type { Client, FetchOptions } from "openapi-fetch";
import type { OperationId } from "./operations.js";
import type { ${namesFromSchema(operations, readWriteMarkers).join(", ")} } from "./schema.js";

${text}`;
}

const performType = `/** What openapi-fetch is given beside the arguments: headers, signal and so on. */
export type FetchInit = Omit<
  FetchOptions<unknown>,
  "params" | "body" | "method" | "bodySerializer" | "querySerializer" | "pathSerializer"
>;

/** How one operation is carried out: \`send\` builds the request from arguments and makes it with the client given. */
export type Perform<CallOptions> = <Args extends object, Result>(
  operationId: OperationId,
  args: Args,
  options: CallOptions | undefined,
  send: (
    client: Client<paths>,
    args: Args,
    init: FetchInit,
  ) => Promise<{ response: Response; data?: unknown; error?: unknown }>,
) => Promise<Result>;
`;

const parameterType = {
  usedAs: ({ parameters }: Operation) => parameters.some(({ required }) => !required),
  text: `/** The type of one parameter; without undefined, since what is optional is left out instead. */
type ParameterType<Parameters, Name extends keyof NonNullable<Parameters>> = Exclude<
  NonNullable<Parameters>[Name],
  undefined
>;
`,
};

const pickFunction = {
  usedAs: ({ parameters, body }: Operation) => parameters.length > 0 || body?.required === false,
  text: `/** The named members that are there. One that is missing stays missing and does not become undefined. */
function pick<Args extends object, Name extends keyof Args>(args: Args, names: readonly Name[]): Pick<Args, Name> {
  const present = names.filter((name) => Object.hasOwn(args, name));
  // Object.fromEntries forgets the names that it was given.
  return Object.fromEntries(present.map((name) => [name, args[name]])) as Pick<Args, Name>;
}
`,
};

/** Exactly what the types use: an import too many is an error to the compiler. */
function namesFromSchema(operations: readonly Operation[], readWriteMarkers: boolean): string[] {
  const takesBody = operations.some(({ body }) => body !== undefined);
  const answersBody = operations.some(({ answers }) => answers.some(hasBody));
  const takesParameters = operations.some(({ parameters }) => parameters.length > 0);
  return [
    ...(takesBody || answersBody || takesParameters ? ["operations"] : []),
    "paths",
    ...(readWriteMarkers && answersBody ? ["Readable"] : []),
    ...(readWriteMarkers && takesBody ? ["Writable"] : []),
  ];
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
  const line = `  ${propertyName(operationId)}(${parameters.join(", ")}): Promise<${type}Result>;\n`;
  const broken = `  ${propertyName(operationId)}(\n    ${parameters.join(",\n    ")},\n  ): Promise<${type}Result>;\n`;
  return comment + (line.length > columns + 1 ? broken : line);
}

function createFunction(operations: readonly Operation[]): string {
  return `/** The operations of the contract, each carried out by \`perform\`. */
export function createOperations<CallOptions>(perform: Perform<CallOptions>): Operations<CallOptions> {
  return {
${operations.map(implementation).join("")}  };
}
`;
}

function implementation(operation: Operation): string {
  const { operationId, method, path, parameters, body } = operation;
  const picks = (["path", "query", "header"] as const).flatMap((location) => picked(parameters, location));
  const init = [
    ...(picks.length === 0 ? [] : [`params: {\n${picks.map((line) => `            ${line},\n`).join("")}          }`]),
    ...(body === undefined ? [] : [body.required ? "body: args.body" : '...pick(args, ["body"])']),
  ];
  const call = `client.${method.toUpperCase()}(${literal(path)}`;
  const members = ["...init", ...init].map((line) => `          ${line},\n`).join("");
  const request = init.length === 0 ? `${call}, init)` : `${call}, {\n${members}        })`;
  return `    ${propertyName(operationId)}: (args${isOptional(operation) ? " = {}" : ""}, options) =>
      perform(${literal(operationId)}, args, options, (client, ${init.length === 0 ? "_args" : "args"}, init) =>
        ${request},
      ),
`;
}

function picked(parameters: readonly Parameter[], location: ParameterLocation): string[] {
  const names = parameters.filter((parameter) => parameter.in === location).map(({ name }) => name);
  return names.length === 0 ? [] : [`${location}: pick(args, ${literalList(names)})`];
}
