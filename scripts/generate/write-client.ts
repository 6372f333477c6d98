// generated/client.ts: one typed, documented function for each operation.
import { argumentsType, isOptional, resultType } from "./client-types.js";
import { docComment, prose, seeAlso } from "./doc-comment.js";
import { header } from "./header.js";
import type { Json } from "./json-document.js";
import { hasBody, type Operation } from "./operation-model.js";
import { columns, literal, propertyName, typeName } from "./typescript-text.js";

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
    ...(operations.some(takesOptionalParameter) ? [parameterType] : []),
  ].join("\n");
  const names = namesFromSchema(operations, readWriteMarkers);
  return `${header}
import type { OperationId } from "./operations.js";
${names.length === 0 ? "" : `import type { ${names.join(", ")} } from "./schema.js";\n`}
${text}`;
}

const performType = `/** How one operation is carried out. */
export type Perform<CallOptions> = <Result>(
  operationId: OperationId,
  args: object,
  options: CallOptions | undefined,
) => Promise<Result>;
`;

const parameterType = `/** The type of one parameter; without undefined, since what is optional is left out instead. */
type ParameterType<Parameters, Name extends keyof NonNullable<Parameters>> = Exclude<
  NonNullable<Parameters>[Name],
  undefined
>;
`;

function takesOptionalParameter({ parameters }: Operation): boolean {
  return parameters.some(({ required }) => !required);
}

/** Exactly what the types use: an import too many is an error to the compiler. */
function namesFromSchema(operations: readonly Operation[], readWriteMarkers: boolean): string[] {
  const takesBody = operations.some(({ body }) => body !== undefined);
  const answersBody = operations.some(({ answers }) => answers.some(hasBody));
  const takesParameters = operations.some(({ parameters }) => parameters.length > 0);
  return [
    ...(takesBody || answersBody || takesParameters ? ["operations"] : []),
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
  const { operationId } = operation;
  const args = `args${isOptional(operation) ? " = {}" : ""}`;
  return `    ${propertyName(operationId)}: (${args}, options) => perform(${literal(operationId)}, args, options),
`;
}
