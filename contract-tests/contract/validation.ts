/**
 * A schema of the contract as a judge of values: OpenAPI 3.0's schemas are draft 4 with a few words more.
 */
import AjvDraft04 from "ajv-draft-04";
import ajvFormats from "ajv-formats";
import { ContractError, type Place, regExpOf } from "./document.js";
import { type JsonObject, keysOf } from "./json.js";

/** Requests lack the read-only properties, responses the write-only ones. */
export type Direction = "request" | "response";

/** Whether a property is sent at all. */
export function travels(direction: Direction, property: Place | undefined): boolean {
  return property?.flag(direction === "request" ? "readOnly" : "writeOnly") !== true;
}

/** What is wrong with `value`, one line for each violation; empty if it conforms. Without a schema everything does. */
export function violationsOf(schema: Place | undefined, value: unknown, direction: Direction): readonly string[] {
  return schema === undefined ? [] : violationsOfPlain(plainSchema(schema, direction), value);
}

const PLAIN = { request: new WeakMap<object, JsonObject>(), response: new WeakMap<object, JsonObject>() };

/** The schema as the validator takes it: references resolved, and no demand for what does not travel in this direction. */
export function plainSchema(schema: Place, direction: Direction): JsonObject {
  const key = typeof schema.value === "object" && schema.value !== null ? schema.value : {};
  let plain = PLAIN[direction].get(key);
  if (plain === undefined) {
    plain = seenIn(direction, schema, []);
    PLAIN[direction].set(key, plain);
  }
  return plain;
}

/** @throws SyntaxError if it is none. */
const regExp = (pattern: string): RegExp => regExpOf(pattern) ?? new RegExp(pattern);

const ajv = new AjvDraft04.default({
  allErrors: true,
  strict: false,
  ownProperties: true,
  // The word is for code that is written to a file, which this is not.
  code: { regExp: Object.assign(regExp, { code: "regExp" }) },
  logger: false,
});
ajvFormats.default(ajv);
ajv.addFormat("int64", {
  type: "number",
  validate: (value: number) => Number.isInteger(value) && Math.abs(value) < 2 ** 63,
});

/** The same for a schema that is plain already. */
export function violationsOfPlain(schema: JsonObject, value: unknown): readonly string[] {
  const validate = compiled(schema);
  validate(value);
  return (validate.errors ?? []).map((error) => `${error.instancePath} ${error.keyword}: ${error.message}`);
}

const COMPILED = new Map<string, ReturnType<typeof ajv.compile>>();

/** By its text: a schema without one of its constraints is made anew each time that somebody wants to break it. */
function compiled(schema: JsonObject): ReturnType<typeof ajv.compile> {
  const text = JSON.stringify(schema);
  const validate = COMPILED.get(text) ?? compile(schema);
  COMPILED.set(text, validate);
  return validate;
}

function compile(schema: JsonObject): ReturnType<typeof ajv.compile> {
  try {
    return ajv.compile(schema);
  } catch (error) {
    // What the compiler says of a schema can have many lines.
    const [reason] = String(error instanceof Error ? error.message : error).split("\n", 1);
    throw new ContractError(`a schema of the contract cannot be used to check values: ${reason}`);
  }
}

const LISTS_OF_SCHEMAS: ReadonlySet<string> = new Set(["allOf", "anyOf", "oneOf", "prefixItems"]);
const MAPS_OF_SCHEMAS: ReadonlySet<string> = new Set(["properties", "patternProperties", "dependentSchemas"]);
const SCHEMAS: ReadonlySet<string> = new Set(
  "items additionalProperties propertyNames contains not if then else".split(" "),
);

function seenIn(direction: Direction, schema: Place, above: readonly unknown[]): JsonObject {
  // A schema inside itself admits everything there: values are as deep as the cases need.
  if (above.includes(schema.value)) return {};
  const inner = (place: Place): unknown =>
    typeof place.value === "object" ? seenIn(direction, place, [...above, schema.value]) : place.value;
  const members = schema.entries().flatMap(([keyword, at]): [string, unknown][] => {
    if (keyword === "required") {
      const names = at.items().flatMap(({ text }) => (text === undefined ? [] : [text]));
      const travelling = names.filter((name) => travels(direction, schema.get("properties", name)));
      // Draft 4 asks for at least one name.
      return travelling.length === 0 ? [] : [[keyword, travelling]];
    }
    if (MAPS_OF_SCHEMAS.has(keyword)) {
      return [[keyword, Object.fromEntries(at.entries().map(([name, property]) => [name, inner(property)]))]];
    }
    if (LISTS_OF_SCHEMAS.has(keyword))
      return [[keyword, at.items().map((part) => asBranch(schema, part, inner(part)))]];
    if (SCHEMAS.has(keyword)) return [[keyword, inner(at)]];
    // It means nothing without a type.
    if (keyword === "nullable" && !schema.has("type")) return [];
    return [[keyword, at.value]];
  });
  return Object.fromEntries(members);
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
export function discriminatorOf(
  schema: Place,
  branch: Place,
): { readonly property: string; readonly values: readonly string[] } | undefined {
  const property = schema.get("discriminator", "propertyName")?.text;
  const isUnion =
    branch.pointer !== branch.usedAt &&
    !schema
      .get("allOf")
      ?.items()
      .some(({ usedAt }) => usedAt === branch.usedAt);
  if (property === undefined || !isUnion) return undefined;
  const name = keysOf(branch.pointer).at(-1) ?? "";
  const mapping = schema.get("discriminator", "mapping")?.entries() ?? [];
  const mapped = mapping.filter(([, { text }]) => text === branch.pointer || text === name).map(([value]) => value);
  return { property, values: mapped.length > 0 ? mapped : [name] };
}
