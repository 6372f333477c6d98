/**
 * generated/validators.js: the contract's constraints as plain functions, compiled ahead of time by ajv.
 */

import { fileURLToPath } from "node:url";
import standaloneCode from "ajv/dist/standalone/index.js";
import AjvDraft04, { type CodeOptions } from "ajv-draft-04";
import addFormats from "ajv-formats";
import { build, type Plugin } from "esbuild";
import { ContractError, type Json, type JsonObject } from "./json-document.js";
import { type Define, SchemaConverter } from "./json-schema.js";
import { type Content, distinctSchemas, type Operation } from "./operation-model.js";
import { HEADER, propertyName } from "./typescript-text.js";

type RegExpEngine = NonNullable<CodeOptions["regExp"]>;

const REPOSITORY = fileURLToPath(new URL("../../", import.meta.url));

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
 * The bodies of the success responses by status; a status is absent if the contract gives its response no schema.
 * \`format\` is not checked in responses.
 */
export const responseValidators: Readonly<Record<OperationId, Readonly<Record<number, Validate>>>>;
`;

/** @throws {ContractError} at the operation whose schemas ajv refuses. */
export async function writeValidators(document: Json, operations: readonly Operation[]): Promise<string> {
  const compiler = new Compiler(document);
  const argumentLines: string[] = [];
  const responseLines: string[] = [];
  for (const operation of operations) {
    const name = propertyName(operation.operationId);
    argumentLines.push(`  ${name}: ${compiler.compile(operation, argumentSchema(operation, compiler.requests))},`);
    const responses = operation.responses.flatMap(({ status, content }) => {
      const schema = contentSchema(content, compiler.responses);
      return schema === undefined ? [] : [`${status}: ${compiler.compile(operation, schema)}`];
    });
    responseLines.push(`  ${name}: {${responses.length === 0 ? "" : ` ${responses.join(", ")} `}},`);
  }
  const tables = [
    `export const argumentValidators = {\n${argumentLines.join("\n")}\n};`,
    `export const responseValidators = {\n${responseLines.join("\n")}\n};`,
  ];
  return `${HEADER}\n${await bundle(compiler.source(), tables.join("\n"))}`;
}

/** Every argument of an operation by its name; nothing else is allowed beside them. */
function argumentSchema({ parameters, body }: Operation, requests: SchemaConverter): JsonObject {
  const properties = parameters.map(({ name, schema }): [string, JsonObject] => [name, requests.convert(schema)]);
  const required = parameters.filter((parameter) => parameter.required).map(({ name }) => name);
  if (body !== undefined) {
    properties.push(["body", contentSchema(body.content, requests) ?? {}]);
    if (body.required) required.push("body");
  }
  return {
    type: "object",
    properties: Object.fromEntries(properties),
    ...(required.length > 0 && { required }),
    additionalProperties: false,
  };
}

function contentSchema(content: readonly Content[], converter: SchemaConverter): JsonObject | undefined {
  const schemas = distinctSchemas(content).map(({ schema }) => converter.convert(schema));
  return schemas.length > 1 ? { anyOf: schemas } : schemas[0];
}

/** The schemas of one contract, compiled into functions that call each other. */
class Compiler {
  readonly requests: SchemaConverter;
  readonly responses: SchemaConverter;
  /**
   * Ids of the schemas to export, by the name they are exported under, which is the same. A schema that is referred to is
   * never exported itself: ajv would write it twice.
   */
  readonly #exports: Record<string, string> = {};
  readonly #ajv = new AjvDraft04.default({
    allErrors: true,
    ownProperties: true,
    strict: false,
    strictNumbers: true,
    // What is referred to is once in the output, however often it is used.
    inlineRefs: false,
    // 0.07 is a multiple of 0.01, whatever binary fractions say.
    multipleOfPrecision: 9,
    code: { source: true, esm: true, lines: true, regExp: regExpEngine() },
  });

  constructor(document: Json) {
    const define: Define = (id, schema, pointer) => refusing(pointer, () => this.#ajv.addSchema(schema, id));
    this.requests = new SchemaConverter(document, "request", define);
    this.responses = new SchemaConverter(document, "response", define);
    addFormats.default(this.#ajv);
  }

  /** Compiles a schema and returns the name that the function is exported under. */
  compile(operation: Operation, schema: JsonObject): string {
    const name = `check${Object.keys(this.#exports).length + 1}`;
    refusing(operation.pointer, () => this.#ajv.addSchema(schema, name).getSchema(name));
    this.#exports[name] = name;
    return name;
  }

  source(): string {
    return standaloneCode.default(this.#ajv, this.#exports);
  }
}

/** @throws {ContractError} at that pointer, for a schema that ajv refuses */
function refusing(pointer: string, action: () => void): void {
  try {
    action();
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new ContractError(pointer, `a schema cannot be compiled: ${message}`, { cause });
  }
}

/**
 * Patterns are read with the u flag; one that is only a regular expression without it, such as `^\\d\\-\\d$`, is read
 * without. ajv asks for the code right after each pattern.
 */
function regExpEngine(): RegExpEngine {
  const engine = (pattern: string, flags: string): RegExp => {
    try {
      engine.code = "new RegExp";
      return new RegExp(pattern, flags);
    } catch {
      engine.code = "(pattern) => new RegExp(pattern)";
      return new RegExp(pattern);
    }
  };
  engine.code = "new RegExp";
  return engine;
}

/** One module without imports: ajv's few run-time functions come along. */
export async function bundle(compiled: string, tables: string): Promise<string> {
  const compiledModule: Plugin = {
    name: "compiled-schemas",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^compiled-schemas$/ }, ({ path }) => ({ path, namespace: "generate" }));
      onLoad({ filter: /.*/, namespace: "generate" }, () => ({ contents: compiled, resolveDir: REPOSITORY }));
    },
  };
  const names = [...compiled.matchAll(/^export const (check\d+) =/gm)].map(([, name]) => name);
  const entry = `import { ${names.join(", ")} } from "compiled-schemas";\n${tables}`;
  const result = await build({
    stdin: { contents: entry, resolveDir: REPOSITORY, sourcefile: "validators.js" },
    plugins: [compiledModule],
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
