/**
 * generated/types.ts: what the functions take and return; the library exports all of it. Each type refers to schema.ts,
 * nothing is written a second time.
 */
import type { OneWayProperties } from "./one-way-properties.js";
import { type Body, type Content, distinctSchemas, type Operation, type Parameter } from "./operation-model.js";
import { COLUMNS, code, docComment, HEADER, literal, propertyName, prose, typeName } from "./typescript-text.js";

const TYPES_HEADER = `/**
 * What the function of each operation takes and returns: the types that openapi-typescript wrote to schema.ts.
 */
`;

const PARAMETER_TYPE = `/** The type of one parameter; without undefined, since what is optional is left out instead. */
type ParameterType<Parameters, Name extends keyof NonNullable<Parameters>> = Exclude<
  NonNullable<Parameters>[Name],
  undefined
>;
`;

export function writeTypes(operations: readonly Operation[], oneWay: OneWayProperties): string {
  const hasOptional = operations.some(({ parameters }) => parameters.some(({ required }) => !required));
  const text = [
    ...operations.map((operation) => argumentsType(operation, oneWay)),
    ...operations.map((operation) => resultType(operation, oneWay)),
    ...(hasOptional ? [PARAMETER_TYPE] : []),
  ].join("\n");
  const names = ["Readable", "Writable", "operations"].filter((name) => new RegExp(`\\b${name}[<[]`).test(text));
  const imports = names.length === 0 ? "" : `import type { ${names.join(", ")} } from "./schema.js";\n\n`;
  return `${HEADER}${TYPES_HEADER}\n${imports}${text}`;
}

/** The flat arguments of an operation, those that are required first. */
function argumentsType(operation: Operation, oneWay: OneWayProperties): string {
  const { operationId, parameters, body } = operation;
  const members = parameters.map((parameter) => ({
    required: parameter.required,
    text: parameterMember(operationId, parameter),
  }));
  if (body !== undefined) {
    members.push({ required: body.required, text: bodyMember(operationId, body, oneWay) });
  }
  const sorted = [...members.filter(({ required }) => required), ...members.filter(({ required }) => !required)];
  const comment = `/** Arguments of \`${operationId}\`. */\n`;
  const name = `${typeName(operationId)}Arguments`;
  return sorted.length === 0
    ? `${comment}export type ${name} = Record<string, never>;\n`
    : `${comment}export interface ${name} {\n${sorted.map(({ text }) => text).join("")}}\n`;
}

/** What an operation returns: the body of any of its success responses, or nothing. */
function resultType({ operationId, responses }: Operation, oneWay: OneWayProperties): string {
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

function parameterMember(operationId: string, parameter: Parameter): string {
  const { name, required } = parameter;
  const schema = parameter.schema?.target;
  const [pattern, format, defaultValue] = [schema?.text("pattern"), schema?.text("format"), schema?.read("default")];
  const comment = docComment(
    [
      prose(parameter.description ?? schema?.text("description")),
      pattern && `Pattern: ${code(pattern)}`,
      format && `Format: ${code(format)}`,
      parameter.deprecated ? "@deprecated" : undefined,
      defaultValue === undefined ? undefined : `@defaultValue ${code(JSON.stringify(defaultValue))}`,
    ],
    "  ",
  );
  const owner = `operations[${literal(operationId)}]["parameters"][${literal(parameter.in)}]`;
  const type = required ? `${owner}[${literal(name)}]` : `ParameterType<${owner}, ${literal(name)}>`;
  return `${comment}  ${propertyName(name)}${required ? "" : "?"}: ${type};\n`;
}

function bodyMember(operationId: string, body: Body, oneWay: OneWayProperties): string {
  const owner = `operations[${literal(operationId)}]["requestBody"]`;
  const content = `${body.required ? owner : `NonNullable<${owner}>`}["content"]`;
  const type =
    body.encoding === "bytes" ? "Blob | string" : contentTypes(content, body.content, oneWay, "Writable").join(" | ");
  const [first] = distinctSchemas(body.content);
  const description = body.description ?? first?.schema.target.text("description");
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
