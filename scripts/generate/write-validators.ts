/** generated/validators.js and fleet-validator.js: constraints as plain functions, compiled ahead of time by ajv. */
import { fileURLToPath } from "node:url";
import Ajv, { type Schema } from "ajv";
import Ajv2020 from "ajv/dist/2020.js";
import standaloneCode from "ajv/dist/standalone/index.js";
import addFormats from "ajv-formats";
import { build } from "esbuild";
import { type JsonObject, messageOf, type Place, Remarks } from "./json-document.js";
import { type NamedSchema, SchemaConverter } from "./json-schema.js";
import { type Content, distinctSchemas, type Operation } from "./operation-model.js";
import { HEADER, literal } from "./typescript-text.js";

const REPOSITORY = fileURLToPath(new URL("../../", import.meta.url));

/** What is referred to is once in the output, however often it is used. */
const OPTIONS = { allErrors: true, ownProperties: true, inlineRefs: false } as const;
const CODE = { source: true, esm: true, lines: true } as const;

export const VALIDATOR_TYPES = `${HEADER}
import type { OperationId } from "./operations.js";

/** One thing that is wrong with a value, as ajv reports it. */
export interface Violation {
  /** JSON pointer of the place in the value, "" for the value itself. */
  readonly instancePath: string;
  /** The keyword of the schema that is broken. */
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message?: string;
}

/** Says whether a value fits; \`errors\` then lists all that is wrong, until the next call. Never changes the value. */
export interface Validate {
  (data: unknown): boolean;
  errors?: readonly Violation[] | null;
}

/** The whole flat argument object of an operation: path, query and header values by name, and \`body\`. */
export const argumentValidators: Readonly<Record<OperationId, Validate>>;

/**
 * The bodies of the success responses by status; a status is absent if the contract gives its response no schema, or one
 * that is not JSON. \`format\` is not checked in responses.
 */
export const responseValidators: Readonly<Record<OperationId, Readonly<Record<number | "2XX", Validate>>>>;

/** As \`validate(data)\`, but any string matches any \`pattern\`. */
export function withoutPatterns(validate: Validate, data: unknown): boolean;
`;

/** @throws {ContractError} with every schema that ajv refuses. */
export async function writeValidators(document: Place, operations: readonly Operation[]): Promise<string> {
  const [requests, responses] = [new SchemaConverter("request"), new SchemaConverter("response")];
  const checks: NamedSchema[] = [];
  /** Returns the name of its function. What is referred to is never exported itself: ajv would write it twice. */
  const check = ({ place }: Operation, schema: JsonObject): string => {
    const id = `check${checks.length + 1}`;
    checks.push({ id, pointer: place.pointer, schema });
    return id;
  };
  const [ofArguments, ofResponses]: [string[], string[]] = [[], []];
  for (const operation of operations) {
    const name = operation.operationId;
    ofArguments.push(`${name}: ${check(operation, argumentSchema(operation, requests))}`);
    const byStatus = operation.responses
      .filter(({ encoding }) => encoding === "json")
      .map(({ status, content }) => `${literal(status)}: ${check(operation, contentSchema(content, responses))}`);
    ofResponses.push(`${name}: { ${byStatus.join(", ")} }`);
  }
  const ajv = ajvFor(document);
  const problems = new Remarks();
  for (const named of [...requests.referred.values(), ...responses.referred.values(), ...checks]) {
    try {
      ajv.addSchema(named.schema, named.id);
      if (checks.includes(named)) ajv.getSchema(named.id);
    } catch (cause) {
      problems.report(named.pointer, `a schema cannot be compiled: ${messageOf(cause)}`);
    }
  }
  problems.throwIfAny();
  const compiled = standaloneCode.default(ajv, Object.fromEntries(checks.map(({ id }) => [id, id])));
  const tables = [
    `export const argumentValidators = {\n${ofArguments.join(",\n")}\n};`,
    `export const responseValidators = {\n${ofResponses.join(",\n")}\n};`,
  ];
  // Of what ajv exports, the tables are all that is wanted; of a violation, nobody reads its keyword's place in the schema.
  const lean = compiled.replaceAll(/^export |schemaPath:"(?:[^"\\]|\\.)*",/gm, "");
  return `${HEADER}\n${await bundle([PATTERNS, lean, ...tables].join("\n"))}`;
}

function ajvFor(document: Place): Ajv.default {
  // What 2020-12 has beyond draft 7 costs time in every validator.
  const Dialect = document.text("openapi")?.startsWith("3.1") ? Ajv2020.default : Ajv.default;
  const ajv = new Dialect({
    ...OPTIONS,
    strict: false,
    strictNumbers: true,
    // 0.07 is a multiple of 0.01, whatever binary fractions say.
    multipleOfPrecision: 9,
    // Only its name is in the code.
    code: { ...CODE, regExp: Object.assign((source: string) => new RegExp(source), { code: "patternOf" }) },
  });
  addFormats.default(ajv);
  return ajv;
}

/** Every argument of an operation by its name; nothing else is allowed beside them. */
function argumentSchema({ parameters, body }: Operation, requests: SchemaConverter): JsonObject {
  const properties: JsonObject = {};
  for (const { name, schema } of parameters) {
    properties[name] = schema === undefined ? { type: "string" } : requests.convert(schema);
  }
  // What is not JSON is text or bytes, of which a schema says nothing.
  if (body !== undefined) properties["body"] = body.encoding === "bytes" ? {} : contentSchema(body.content, requests);
  const required = parameters.filter((parameter) => parameter.required).map(({ name }) => name);
  if (body?.required) required.push("body");
  return { type: "object", properties, ...(required.length > 0 && { required }), additionalProperties: false };
}

function contentSchema(content: readonly Content[], converter: SchemaConverter): JsonObject {
  const schemas = distinctSchemas(content).map(({ schema }) => converter.convert(schema));
  return schemas.length > 1 ? { anyOf: schemas } : (schemas[0] ?? {});
}

/**
 * Patterns are read with the u flag; one that is only a regular expression without it, such as `^\d\-\d$`, is read
 * without. All of them can be made to match anything.
 */
const PATTERNS = `let anyPattern = false;
const expressionOf = (source, flags) => {
  try {
    return new RegExp(source, flags);
  } catch {
    return new RegExp(source);
  }
};
const patternOf = (source, flags) => {
  const expression = expressionOf(source, flags);
  return { test: (text) => anyPattern || expression.test(text) };
};
export function withoutPatterns(validate, data) {
  anyPattern = true;
  try {
    return validate(data);
  } finally {
    anyPattern = false;
  }
}
`;

/** One module without imports: ajv's few run-time functions come along. */
async function bundle(contents: string): Promise<string> {
  const result = await build({
    stdin: { contents, resolveDir: REPOSITORY, sourcefile: "compiled-schemas" },
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    target: "es2022",
    charset: "utf8",
    legalComments: "none",
    logLevel: "silent",
    absWorkingDir: REPOSITORY,
    // A linked node_modules must not show in the names that esbuild gives what it bundles.
    preserveSymlinks: true,
  });
  return result.outputFiles[0]?.text ?? "";
}

const FLEET_HEADER =
  "// Generated from fleet.schema.json by `npm run generate`. Do not edit: change the schema instead.\n";

const FLEET_TYPES = `${FLEET_HEADER}
import type { Violation } from "./validators.js";

/** One thing that is wrong with a fleet file, as ajv reports it. */
export interface FleetViolation extends Violation {
  /** The value in question. */
  readonly data?: unknown;
  /** The schema that has the keyword. */
  readonly parentSchema?: { readonly title?: string; readonly properties?: object };
}

/** Says whether a value fits the schema; \`errors\` then lists all that is wrong, until the next call. */
export const validateFleet: { (data: unknown): boolean; errors?: readonly FleetViolation[] | null };
`;

/** @param schema the text of that of fleet files, draft 7 */
export async function writeFleetValidator(schema: string): Promise<ReadonlyMap<string, string>> {
  const isProse = (name: string, value: unknown) => name === "description" && typeof value === "string";
  const withoutProse: Schema = JSON.parse(schema, (name, value) => (isProse(name, value) ? undefined : value));
  const ajv = new Ajv.default({
    ...OPTIONS,
    verbose: true,
    messages: false,
    // `required` says nothing of what is no object, which has a violation of its own.
    strictTypes: false,
    code: CODE,
  });
  const compiled = standaloneCode.default(ajv.addSchema(withoutProse, "fleet"), { validateFleet: "fleet" });
  // Of what a violation holds, the command line does not read its keyword's value nor that one's place in the schema.
  const lean = compiled.replaceAll(/(?:schemaPath|schema):(?:"(?:[^"\\]|\\.)*"|[\w.$[\]]+),/g, "");
  return new Map([
    ["fleet-validator.js", `${FLEET_HEADER}\n${await bundle(lean)}`],
    ["fleet-validator.d.ts", FLEET_TYPES],
  ]);
}
