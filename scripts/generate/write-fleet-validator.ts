/**
 * generated/fleet-validator.js: the schema of fleet files as a plain function, compiled ahead of time by ajv.
 */
import { Ajv } from "ajv";
import standaloneCode from "ajv/dist/standalone/index.js";
import { bundle } from "./write-validators.js";

const HEADER = "// Generated from fleet.schema.json by `npm run generate`. Do not edit: change the schema instead.\n";

const TYPES = `${HEADER}
import type { Violation } from "./validators.js";

/** One thing that is wrong with a fleet file, as ajv reports it. */
export interface FleetViolation extends Violation {
  /** The value in question. */
  readonly data?: unknown;
  /** The schema that has the keyword. */
  readonly parentSchema?: { readonly title?: string; readonly properties?: object };
  readonly schemaPath: string;
}

/** Says whether a value fits the schema; \`errors\` then lists all that is wrong, until the next call. */
export const validateFleet: { (data: unknown): boolean; errors?: readonly FleetViolation[] | null };
`;

/** @param schema of fleet files, draft 7 */
export async function writeFleetValidator(schema: object): Promise<ReadonlyMap<string, string>> {
  const ajv = new Ajv({
    allErrors: true,
    verbose: true,
    ownProperties: true,
    strictTypes: true,
    allowUnionTypes: true,
    inlineRefs: false,
    code: { source: true, esm: true, lines: true },
  });
  const compiled = standaloneCode.default(ajv.addSchema(schema, "check1"), { check1: "check1" });
  return new Map([
    ["fleet-validator.js", `${HEADER}\n${await bundle(compiled, "export const validateFleet = check1;")}`],
    ["fleet-validator.d.ts", TYPES],
  ]);
}
