/** A schema of the contract as a judge of values: OpenAPI 3.0's schemas are draft 4 with a few words more. */
import AjvDraft04 from "ajv-draft-04";
import ajvFormats from "ajv-formats";
import { ContractError, firstLineOf, type Place, regExpOf } from "./document.js";
import { type JsonObject, keysOf } from "./json.js";

/** Requests lack the read-only properties, responses the write-only ones. */
export type Direction = "request" | "response";

export function travels(direction: Direction, property: Place | undefined): boolean {
  return property?.flag(direction === "request" ? "readOnly" : "writeOnly") !== true;
}

/** The properties that `required` demands of what travels in this direction. */
export function requiredOf(schema: Place, direction: Direction): readonly string[] {
  const names = schema.items("required").map(({ text = "" }) => text);
  return names.filter((name) => travels(direction, schema.get("properties", name)));
}

const ajv = new AjvDraft04.default({
  allErrors: true,
  strict: false,
  ownProperties: true,
  // Few values are tried on each schema. The word `code` is for what is written to a file, which this is not.
  code: { optimize: false, regExp: Object.assign(regExpOf, { code: "regExpOf" }) },
  logger: false,
});
ajvFormats.default(ajv);
ajv.addFormat("int64", {
  type: "number",
  validate: (value: number) => Number.isInteger(value) && Math.abs(value) < 2 ** 63,
});

/** What is wrong with `value`, one line for each violation; empty if it conforms. Without a schema everything does. */
export function violationsOf(schema: Place | undefined, value: unknown, direction: Direction): readonly string[] {
  return schema === undefined ? [] : validatorOf(plainSchema(schema, direction))(value);
}

/** Whether a value conforms, for many values of one schema. */
export function admits(schema: Place | undefined, direction: Direction): (value: unknown) => boolean {
  const violationsIn = schema && validatorOf(plainSchema(schema, direction));
  return (value) => violationsIn === undefined || violationsIn(value).length === 0;
}

const COMPILED = new Map<string, ReturnType<typeof ajv.compile>>();

/** What is wrong with values of a plain schema. It is kept by its text: whoever breaks a constraint makes the rest anew. */
export function validatorOf(schema: JsonObject): (value: unknown) => readonly string[] {
  const text = JSON.stringify(schema);
  try {
    const validate = COMPILED.get(text) ?? ajv.compile(schema);
    COMPILED.set(text, validate);
    return (value) => {
      validate(value);
      return (validate.errors ?? []).map((error) => `${error.instancePath} ${error.keyword}: ${error.message}`);
    };
  } catch (error) {
    throw new ContractError(`a schema of the contract cannot be used to check values: ${firstLineOf(error)}`);
  }
}

const LISTS_OF_SCHEMAS: ReadonlySet<string> = new Set(["allOf", "anyOf", "oneOf", "prefixItems"]);
const MAPS_OF_SCHEMAS: ReadonlySet<string> = new Set(["properties", "patternProperties", "dependentSchemas"]);
const SCHEMAS: ReadonlySet<string> = new Set(
  "items additionalProperties propertyNames contains not if then else".split(" "),
);

/** The schema as the validator takes it: references resolved, and no demand for what does not travel in this direction. */
export function plainSchema(schema: Place, direction: Direction, above: readonly unknown[] = []): JsonObject {
  // A schema inside itself admits everything there: values are as deep as the cases need.
  if (above.includes(schema.value)) return {};
  const inner = (place: Place): unknown =>
    typeof place.value === "object" ? plainSchema(place, direction, [...above, schema.value]) : place.value;
  const plain = (keyword: string, at: Place): unknown => {
    if (keyword === "required") {
      const names = requiredOf(schema, direction);
      // Draft 4 asks for at least one name.
      return names.length > 0 ? names : undefined;
    }
    if (MAPS_OF_SCHEMAS.has(keyword)) {
      return Object.fromEntries(at.entries().map(([name, property]) => [name, inner(property)]));
    }
    if (LISTS_OF_SCHEMAS.has(keyword)) return at.items().map((part) => asBranch(schema, part, inner(part)));
    if (SCHEMAS.has(keyword)) return inner(at);
    // It means nothing without a type.
    return keyword === "nullable" && !schema.has("type") ? undefined : at.value;
  };
  const members = schema.entries().map(([keyword, at]) => [keyword, plain(keyword, at)] as const);
  return Object.fromEntries(members.filter(([, value]) => value !== undefined));
}

/** A branch of a discriminated schema admits its own values of the discriminator alone. */
function asBranch(schema: Place, branch: Place, plain: unknown): unknown {
  const discriminator = discriminatorOf(schema, branch);
  if (discriminator === undefined) return plain;
  const { property, values } = discriminator;
  return { allOf: [plain, { required: [property], properties: { [property]: { enum: values } } }] };
}

/**
 * The property that leads to a branch of a schema's `oneOf` or `anyOf`, and its values that do: those that the mapping has
 * for it, else the name of its schema. `undefined` if the schema has no discriminator or the branch no name.
 */
export function discriminatorOf(schema: Place, branch: Place) {
  const property = schema.get("discriminator", "propertyName")?.text;
  const isPart = schema.items("allOf").some(({ usedAt }) => usedAt === branch.usedAt);
  if (property === undefined || isPart || branch.pointer === branch.usedAt) return undefined;
  const name = keysOf(branch.pointer).at(-1) ?? "";
  const mapping = schema.entries("discriminator", "mapping");
  const mapped = mapping.filter(([, { text }]) => text === branch.pointer || text === name).map(([value]) => value);
  return { property, values: mapped.length > 0 ? mapped : [name] };
}
