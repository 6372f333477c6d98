/**
 * The types of generated/types.ts: each refers to schema.ts, nothing is written a second time.
 */

import { follow, type Json, member } from "./json-document.js";
import { type Body, type Content, distinctSchemas, type Operation, type Parameter } from "./operation-model.js";
import { COLUMNS, code, docComment, literal, propertyName, prose, typeName } from "./typescript-text.js";
import type { OneWayProperties } from "./write-schema.js";

/** Whether an operation can be called without arguments. */
export function isOptional({ parameters, body }: Operation): boolean {
  return !parameters.some(({ required }) => required) && body?.required !== true;
}

/** The flat arguments of an operation, those that are required first. */
export function argumentsType(document: Json, operation: Operation, oneWay: OneWayProperties): string {
  const { operationId, parameters, body } = operation;
  const members = parameters.map((parameter) => ({
    required: parameter.required,
    text: parameterMember(document, operationId, parameter),
  }));
  if (body !== undefined) {
    members.push({ required: body.required, text: bodyMember(document, operationId, body, oneWay) });
  }
  const sorted = [...members.filter(({ required }) => required), ...members.filter(({ required }) => !required)];
  const comment = `/** Arguments of \`${operationId}\`. */\n`;
  const name = `${typeName(operationId)}Arguments`;
  return sorted.length === 0
    ? `${comment}export type ${name} = Record<string, never>;\n`
    : `${comment}export interface ${name} {\n${sorted.map(({ text }) => text).join("")}}\n`;
}

/** What an operation returns: the body of any of its success responses, or nothing. */
export function resultType({ operationId, responses }: Operation, oneWay: OneWayProperties): string {
  const types = responses.flatMap(({ key, encoding, content }) => {
    if (encoding === undefined) return "void";
    if (encoding === "bytes") return "Blob";
    const owner = `operations[${literal(operationId)}]["responses"][${/^[1-9]\d*$/.test(key) ? key : literal(key)}]["content"]`;
    return contentTypes(owner, content, oneWay, "Readable");
  });
  if (types.length === 0) types.push("void");
  const union = [...new Set(types)];
  const declaration = `export type ${typeName(operationId)}Result =`;
  const line = `${declaration} ${union.join(" | ")};`;
  const broken = union.length === 1 ? `\n  ${union[0]};` : `${union.map((type) => `\n  | ${type}`).join("")};`;
  return `/** What \`${operationId}\` returns. */\n${line.length > COLUMNS ? declaration + broken : line}\n`;
}

function parameterMember(document: Json, operationId: string, parameter: Parameter): string {
  const { name, required } = parameter;
  const value = parameter.schema === undefined ? null : follow(document, parameter.schema).value;
  const [pattern, format, defaultValue] = ["pattern", "format", "default"].map((keyword) => member(value, keyword));
  const comment = docComment(
    [
      prose(parameter.description ?? descriptionOf(value)),
      typeof pattern === "string" ? `Pattern: ${code(pattern)}` : undefined,
      typeof format === "string" ? `Format: ${code(format)}` : undefined,
      parameter.deprecated ? "@deprecated" : undefined,
      defaultValue === undefined ? undefined : `@defaultValue ${code(JSON.stringify(defaultValue))}`,
    ],
    "  ",
  );
  const owner = `operations[${literal(operationId)}]["parameters"][${literal(parameter.in)}]`;
  const type = required ? `${owner}[${literal(name)}]` : `ParameterType<${owner}, ${literal(name)}>`;
  return `${comment}  ${propertyName(name)}${required ? "" : "?"}: ${type};\n`;
}

function bodyMember(document: Json, operationId: string, body: Body, oneWay: OneWayProperties): string {
  const owner = `operations[${literal(operationId)}]["requestBody"]`;
  const content = `${body.required ? owner : `NonNullable<${owner}>`}["content"]`;
  const type =
    body.encoding === "bytes" ? "Blob | string" : contentTypes(content, body.content, oneWay, "Writable").join(" | ");
  const [first] = distinctSchemas(body.content);
  const description = body.description ?? (first && descriptionOf(follow(document, first.schema).value));
  return `${docComment([prose(description)], "  ")}  body${body.required ? "" : "?"}: ${type};\n`;
}

/**
 * The types of the different schemas; of the first media type if none has a schema.
 * @param view what takes out the properties that travel only the other way
 */
function contentTypes(
  owner: string,
  content: readonly Content[],
  oneWay: OneWayProperties,
  view: "Readable" | "Writable",
): string[] {
  const distinct = distinctSchemas(content);
  return (distinct.length > 0 ? distinct : content.slice(0, 1)).map(({ mediaType, schema }) => {
    const type = `${owner}[${literal(mediaType)}]`;
    return schema !== undefined && oneWay.areIn(schema) ? `${view}<${type}>` : type;
  });
}

function descriptionOf(schema: Json): string | undefined {
  const description = member(schema, "description");
  return typeof description === "string" ? description : undefined;
}
