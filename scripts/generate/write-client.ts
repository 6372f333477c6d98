// generated/client.ts: one typed, documented function for each operation. Types are schema.ts's, never written again.
import { header } from "./header.js";
import { follow, type Json, member } from "./json-document.js";
import {
  type Content,
  distinctSchemas,
  type Operation,
  type Parameter,
  type ParameterLocation,
} from "./operation-model.js";
import { docComment, literal, literalList, propertyName, typeName } from "./typescript-text.js";

export function writeClient(document: Json, operations: readonly Operation[], readWriteMarkers: boolean): string {
  const text = [
    ...operations.map((operation) => argumentsType(document, operation, readWriteMarkers)),
    ...operations.map((operation) => resultType(operation, readWriteMarkers)),
    `/** The operations of the contract. \`CallOptions\` is what a call takes beside its arguments. */
export interface Operations<CallOptions> {
${operations.map(signature).join("\n")}}
`,
    performType,
    ...(operations.some(hasOptionalParameter) ? [parameterType] : []),
    createFunction(operations),
  ].join("\n");
  return `${header}
import type { Client, FetchOptions } from "openapi-fetch";
import type { OperationId } from "./operations.js";
import type { ${importedTypes(text).join(", ")} } from "./schema.js";

${text}`;
}

const parameterType = `/** The type of one parameter; without undefined, since what is optional is left out instead. */
type ParameterType<Parameters, Name extends keyof NonNullable<Parameters>> = Exclude<
  NonNullable<Parameters>[Name],
  undefined
>;
`;

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

const pickFunction = `
/** The named members that are there. One that is missing stays missing and does not become undefined. */
function pick<Args extends object, Name extends keyof Args>(args: Args, names: readonly Name[]): Pick<Args, Name> {
  const present = names.filter((name) => Object.hasOwn(args, name));
  // Object.fromEntries forgets the names that it was given.
  return Object.fromEntries(present.map((name) => [name, args[name]])) as Pick<Args, Name>;
}
`;

function importedTypes(text: string): string[] {
  return ["operations", "paths", "Readable", "Writable"].filter((name) => new RegExp(`\\b${name}[[<>]`).test(text));
}

function argumentsType(document: Json, operation: Operation, readWriteMarkers: boolean): string {
  const { operationId, parameters, body } = operation;
  const members = parameters.map((parameter) => ({
    required: parameter.required,
    text: parameterMember(document, operationId, parameter),
  }));
  if (body !== undefined) {
    const optional = body.required ? "" : "?";
    const type = bodyType(operation, body.content, body.required);
    const text = `  body${optional}: ${readWriteMarkers ? `Writable<${type}>` : type};\n`;
    members.push({ required: body.required, text: docComment([body.description], "  ") + text });
  }
  const sorted = [...members.filter(({ required }) => required), ...members.filter(({ required }) => !required)];
  const name = `${typeName(operationId)}Arguments`;
  const comment = `/** Arguments of \`${operationId}\`. */\n`;
  return sorted.length === 0
    ? `${comment}export type ${name} = Record<string, never>;\n`
    : `${comment}export interface ${name} {\n${sorted.map(({ text }) => text).join("")}}\n`;
}

function parameterMember(document: Json, operationId: string, parameter: Parameter): string {
  const { value } = follow(document, parameter.schema);
  const pattern = member(value, "pattern");
  const format = member(value, "format");
  const defaultValue = member(value, "default");
  const comment = docComment(
    [
      parameter.description ?? "",
      typeof pattern === "string" ? `Pattern: ${code(pattern)}` : undefined,
      typeof format === "string" ? `Format: ${code(format)}` : undefined,
      parameter.deprecated ? "@deprecated" : undefined,
      defaultValue === undefined ? undefined : `@defaultValue ${code(JSON.stringify(defaultValue))}`,
    ],
    "  ",
  );
  const owner = `operations[${literal(operationId)}]["parameters"][${literal(parameter.in)}]`;
  const type = parameter.required
    ? `${owner}[${literal(parameter.name)}]`
    : `ParameterType<${owner}, ${literal(parameter.name)}>`;
  return `${comment}  ${propertyName(parameter.name)}${parameter.required ? "" : "?"}: ${type};\n`;
}

function bodyType({ operationId }: Operation, content: readonly Content[], required: boolean): string {
  const body = `operations[${literal(operationId)}]["requestBody"]`;
  return contentType(`${required ? body : `NonNullable<${body}>`}["content"]`, content);
}

/** The types of the different schemas; of the first media type where none has a schema. */
function contentType(owner: string, content: readonly Content[]): string {
  const distinct = distinctSchemas(content);
  return (distinct.length > 0 ? distinct : content.slice(0, 1))
    .map(({ mediaType }) => `${owner}[${literal(mediaType)}]`)
    .join(" | ");
}

function resultType({ operationId, answers }: Operation, readWriteMarkers: boolean): string {
  const types = answers.map(({ status, content }) => {
    if (!content.some(({ schema }) => schema !== undefined)) return "void";
    return contentType(`operations[${literal(operationId)}]["responses"][${status}]["content"]`, content);
  });
  const union = [...new Set(types)].join(" | ");
  const type = readWriteMarkers && union !== "void" ? `Readable<${union}>` : union;
  return `/** What \`${operationId}\` answers. */\nexport type ${typeName(operationId)}Result = ${type};\n`;
}

function signature(operation: Operation): string {
  const { operationId, summary, description, requiredRoles, documentation, deprecated } = operation;
  const roles = requiredRoles.length === 1 ? "Required role" : "Required roles";
  const comment = docComment(
    [
      summary,
      description,
      requiredRoles.length === 0 ? undefined : `${roles}: ${requiredRoles.join(", ")}`,
      deprecated ? "@deprecated" : undefined,
      documentation === undefined ? undefined : seeAlso(documentation.url, documentation.description),
    ],
    "  ",
  );
  const name = typeName(operationId);
  const optional = needsArguments(operation) ? "" : "?";
  return `${comment}  ${propertyName(operationId)}(args${optional}: ${name}Arguments, options?: CallOptions): Promise<${name}Result>;\n`;
}

function createFunction(operations: readonly Operation[]): string {
  return `/** The operations of the contract, each carried out by \`perform\`. */
export function createOperations<CallOptions>(perform: Perform<CallOptions>): Operations<CallOptions> {
  return {
${operations.map(implementation).join("")}  };
}
${operations.some(({ parameters, body }) => parameters.length > 0 || body?.required === false) ? pickFunction : ""}`;
}

function implementation(operation: Operation): string {
  const { operationId, method, path, parameters, body } = operation;
  const locations = (["path", "query", "header"] as const).flatMap((location) => picked(parameters, location));
  const init = [
    ...(locations.length === 0
      ? []
      : [`params: {\n${locations.map((line) => `            ${line},\n`).join("")}          }`]),
    ...(body === undefined ? [] : [body.required ? "body: args.body" : '...pick(args, ["body"])']),
  ];
  const call = `client.${method.toUpperCase()}(${literal(path)}`;
  const rest = ["...init", ...init].map((line) => `          ${line},\n`).join("");
  const request = init.length === 0 ? `${call}, init)` : `${call}, {\n${rest}        })`;
  const args = needsArguments(operation) ? "args" : "args ?? {}";
  return `    ${propertyName(operationId)}: (args, options) =>
      perform(${literal(operationId)}, ${args}, options, (client, ${init.length === 0 ? "_args" : "args"}, init) =>
        ${request},
      ),
`;
}

function picked(parameters: readonly Parameter[], location: ParameterLocation): string[] {
  const names = parameters.filter((parameter) => parameter.in === location).map(({ name }) => name);
  return names.length === 0 ? [] : [`${location}: pick(args, ${literalList(names)})`];
}

function hasOptionalParameter({ parameters }: Operation): boolean {
  return parameters.some(({ required }) => !required);
}

function needsArguments({ parameters, body }: Operation): boolean {
  return parameters.some(({ required }) => required) || body?.required === true;
}

/** Markdown code that may itself hold backticks. */
function code(text: string): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = "`".repeat(longest + 1);
  return longest > 0 ? `${fence} ${text} ${fence}` : `${fence}${text}${fence}`;
}

function seeAlso(url: string, description: string | undefined): string {
  const address = url.replaceAll("}", "%7D").replaceAll(/\s/g, "");
  const label = description?.replaceAll(/[{}|\s]+/g, " ").trim();
  return label === undefined ? `@see {@link ${address}}` : `@see {@link ${address} | ${label}}`;
}
