/** Values that the contract admits: its own examples, defaults and listed values, or the plainest ones that fit. */
import { sample, stringMatching } from "fast-check";
import type { Place } from "./document.js";
import { isObject, type JsonObject, objectOf } from "./json.js";
import { examplesOf, type Operation, type Parameter } from "./operations.js";
import { type Arguments, isJsonType } from "./requests.js";
import { admits, type Direction, discriminatorOf, requiredOf } from "./validation.js";

/**
 * Values that the schema admits, the likeliest first; none if no value is known.
 *
 * @param holder - What the examples beside the schema are looked for in: parameter, header or media type.
 * @param above - Schemas that the value is inside of; what leads back into one of them has no plain value.
 */
export function admittedValues(
  schema: Place | undefined,
  holder: Place | undefined,
  direction: Direction,
  above: readonly unknown[] = [],
): readonly unknown[] {
  const candidates = [...examplesOf(holder), ...examplesOf(schema), ...plainValues(schema, direction, above)];
  return distinct(candidates.filter(admits(schema, direction)));
}

/** Values of which no two are written in the same way. */
export function distinct(values: readonly unknown[]): readonly unknown[] {
  return [...new Map(values.toReversed().map((value) => [JSON.stringify(value), value])).values()].reverse();
}

/** Of a parameter that is described by `content`: texts that hold such a value. */
export function admittedForParameter({ schema, at }: Parameter): readonly unknown[] {
  const [content] = at.entries("content");
  if (content === undefined) return admittedValues(schema, at, "request");
  const values = [...admittedValues(schema, content[1], "request"), ...admittedValues(schema, at, "request")];
  return values.map((value) => (isJsonType(content[0]) ? JSON.stringify(value) : String(value)));
}

/** The required arguments alone; and the names of those that no value is known for. */
export function requiredArguments({ parameters, body }: Operation): { args: Arguments; missing: readonly string[] } {
  const required = parameters.filter((parameter) => parameter.required);
  const found = required.map((parameter) => [parameter.name, admittedForParameter(parameter)[0]] as const);
  const [media] = body?.mediaTypes ?? [];
  const sent = media && admittedValues(media.schema, media.at, "request")[0];
  const missing = found.filter(([, value]) => value === undefined).map(([name]) => name);
  if (media !== undefined && sent === undefined) missing.push("body");
  const known = found.filter(([, value]) => value !== undefined);
  return { args: { parameters: Object.fromEntries(known), body: sent }, missing };
}

/** Of every type, since whoever asks takes only those that the schema admits. */
function plainValues(schema: Place | undefined, direction: Direction, above: readonly unknown[]): readonly unknown[] {
  if (schema === undefined) return ["text", 1, {}];
  if (above.includes(schema.value)) return [];
  const within = [...above, schema.value];
  const keywords = objectOf(schema.value);
  const given = schema.has("default") ? [keywords["default"]] : [];
  const listed = schema.items("enum").map(({ value }) => value);
  // What an `allOf` of scalars admits is found among the values of its parts.
  const ofParts = schema.items("allOf").flatMap((part) => plainValues(part, direction, within));
  const scalars = [...plainTexts(keywords), ...plainNumbers(keywords), true, false];
  const others = [...plainLists(schema, direction, within), ...ofParts];
  return [...given, ...listed, ...plainObjects(schema, direction, within), ...scalars, ...others];
}

function plainNumbers({ minimum, maximum, multipleOf }: JsonObject): readonly unknown[] {
  const least = typeof minimum === "number" ? [minimum + 1, minimum] : [];
  const most = typeof maximum === "number" ? [maximum, maximum - 1] : [];
  return [1, ...least, ...most, multipleOf, 0].filter((value) => value !== undefined);
}

const TEXT_OF_FORMAT: Readonly<Record<string, string>> = {
  "date-time": "2025-05-04T09:42:00Z",
  date: "2025-05-04",
  email: "somebody@example.com",
  uuid: "00000000-0000-4000-8000-000000000000",
  uri: "https://example.com/",
  ipv4: "192.0.2.1",
  hostname: "host.example.com",
};

function plainTexts({ format, minLength, pattern }: JsonObject): readonly string[] {
  const texts = [TEXT_OF_FORMAT[String(format)] ?? "text", "text", "t", "0".repeat(24), "2025-05-04T09:42:00Z"];
  const long = texts.map((text) => text.padEnd(Number(minLength ?? 0), "t"));
  return typeof pattern === "string" ? [...long, ...matching(pattern)] : long;
}

const MATCHING = new Map<string, readonly string[]>();

/** Texts that a pattern describes, the same every time; none for one that cannot be turned round. */
function matching(pattern: string): readonly string[] {
  let texts = MATCHING.get(pattern) ?? [];
  try {
    if (!MATCHING.has(pattern)) texts = sample(stringMatching(new RegExp(pattern, "u")), { numRuns: 5, seed: 1 });
  } catch {
    // It stays without.
  }
  MATCHING.set(pattern, texts);
  return texts;
}

function plainLists(schema: Place, direction: Direction, within: readonly unknown[]): readonly unknown[] {
  const admitted = admittedValues(schema.get("items"), undefined, direction, within);
  const least = Number(schema.get("minItems")?.value ?? 1);
  return [admitted.slice(0, least), Array.from({ length: least }, () => admitted[0]), admitted.slice(0, 1), []];
}

/** What is required and nothing more, that of each part of an `allOf` and of one of the choices included. */
function plainObjects(schema: Place, direction: Direction, within: readonly unknown[]): readonly unknown[] {
  const own = requiredOf(schema, direction).flatMap((name): [string, unknown][] => {
    const property = schema.get("properties", name);
    const candidates = [...examplesOf(property), ...plainValues(property, direction, within)];
    const found = candidates.find(admits(property, direction));
    return found === undefined ? [] : [[name, found]];
  });
  const parts = schema.items("allOf").map((part) => plainValues(part, direction, within).find(isObject));
  const whole: JsonObject = Object.assign({}, ...parts, Object.fromEntries(own));
  const choices = ["oneOf", "anyOf"].flatMap((keyword) => schema.items(keyword));
  const chosen = choices.flatMap((choice) => {
    const { property, values = [] } = discriminatorOf(schema, choice) ?? {};
    const told = property === undefined ? {} : { [property]: values[0] };
    return plainValues(choice, direction, within).map((value) =>
      isObject(value) ? { ...value, ...whole, ...told } : value,
    );
  });
  return [...chosen, whole];
}
