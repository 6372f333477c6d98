/**
 * Values that the contract admits: given ones, the contract's own examples and defaults, or the plainest value that fits.
 */
import type { Located } from "../contract/document.js";
import type { Operation, Parameter } from "../contract/operations.js";
import { violationsOf } from "../prism/requests.js";
import type { Callable, Untried } from "./case.js";
import { type Arguments, written } from "./wire.js";

/** Where values may come from. */
export interface ValueSources {
  /** Values of path parameters by name; they go before everything else. */
  readonly given: Readonly<Record<string, string>>;
  /** Whether an id in the contract's examples can be taken for one that the server knows. */
  readonly exampleIds: boolean;
  /** Path parameters that take the id of something that is made first, by operation. */
  madeParameters(operation: Operation): ReadonlySet<string>;
}

/** An operation that can be called, or why it cannot. */
export type CallableOrNot = { readonly callable: Callable } | { readonly untried: Untried };

/** Finds values for what an operation requires. */
export function callableOf(operation: Operation, sources: ValueSources): CallableOrNot {
  const made = sources.madeParameters(operation);
  const parameters: Record<string, unknown> = {};
  const missing: string[] = [];
  for (const parameter of operation.parameters.filter(({ required }) => required)) {
    const [value] = parameterValues(parameter, sources, made);
    if (value === undefined) missing.push(parameter.name);
    else parameters[parameter.name] = value;
  }
  const media = operation.body?.mediaTypes[0];
  const bodies = media === undefined ? [] : valuesOf(media.schema, media.at);
  if (operation.body?.required === true && bodies.length === 0) missing.push("body");
  if (missing.length > 0) return { untried: { operation, what: "every request", reason: noValue(missing) } };
  const success = operation.responses.filter(({ status }) => status.startsWith("2"));
  const base = { operation, accept: success.flatMap(({ mediaTypes }) => mediaTypes)[0]?.name, made };
  const broken: string[] = [];
  for (const body of bodies.length === 0 ? [undefined] : bodies) {
    const args: Arguments = body === undefined ? { parameters } : { parameters, body };
    const draft = written(operation, args, media?.name);
    if (draft === undefined)
      return { untried: { operation, what: "every request", reason: "a parameter's style is not known" } };
    const violations = violationsOf(operation, draft);
    if (violations.length === 0) return { callable: { ...base, args, contentType: media?.name } };
    broken.push(...violations.map(({ path, keyword }) => `${path.join(".")} (${keyword})`));
  }
  return {
    untried: { operation, what: "every request", reason: `the values break the contract: ${broken.join(", ")}` },
  };
}

/** Values that a parameter can have, the likeliest first. */
export function parameterValues(
  parameter: Parameter,
  { given, exampleIds }: ValueSources,
  made: ReadonlySet<string>,
): unknown[] {
  const own = given[parameter.name];
  if (own !== undefined) return [own];
  // The example stands in until the real one is made; no request goes out with it where it could be somebody else's.
  const standsForOthers = parameter.in === "path" && !exampleIds && !made.has(parameter.name);
  return standsForOthers ? [] : valuesOf(parameter.schema, parameter.at);
}

/** Values that a schema admits, from the examples beside it and in it, or made up. */
export function valuesOf(schema: Located | undefined, holder: Located): unknown[] {
  const examples = [
    holder.get("example"),
    ...(holder.get("examples")?.entries() ?? []).map(([, each]) => each.get("value")),
  ];
  const found = [...examples, schema?.get("example"), schema?.get("default")].flatMap((each) =>
    each ? [each.value] : [],
  );
  const listed = (schema?.get("enum")?.entries() ?? []).map(([, each]) => each.value);
  return [...found, ...listed, ...plainValues(schema)];
}

function plainValues(schema: Located | undefined): unknown[] {
  if (schema === undefined) return [];
  const number = (keyword: string, otherwise: number): number => {
    const value = schema.get(keyword)?.value;
    return typeof value === "number" ? value : otherwise;
  };
  switch (schema.get("type")?.text) {
    case "boolean":
      return [false, true];
    case "integer":
    case "number":
      return [number("minimum", 0) + 1, number("minimum", 1), number("maximum", 1), number("multipleOf", 1)];
    case "string":
      return [plainText(schema.get("format")?.text).padEnd(number("minLength", 0), "t")];
    case "array": {
      const items = schema.get("items");
      const [item] = items === undefined ? ["text"] : valuesOf(items, items);
      return [item === undefined ? [] : [item]];
    }
    case "object":
      return [plainObject(schema)];
    default:
      return [];
  }
}

function plainText(format: string | undefined): string {
  const known: Readonly<Record<string, string>> = {
    "date-time": "2025-05-04T09:42:00Z",
    date: "2025-05-04",
    email: "somebody@example.com",
    uuid: "00000000-0000-4000-8000-000000000000",
    uri: "https://example.com/",
  };
  return known[format ?? ""] ?? "text";
}

function plainObject(schema: Located): Record<string, unknown> {
  const required = (schema.get("required")?.entries() ?? []).map(([, name]) => name.text ?? "");
  const members = required.flatMap((name) => {
    const property = schema.get("properties", name);
    if (property === undefined || property.get("readOnly")?.value === true) return [];
    const [value] = valuesOf(property, property);
    return value === undefined ? [] : [[name, value]];
  });
  return Object.fromEntries(members);
}

function noValue(names: readonly string[]): string {
  return `no valid value is known for ${names.join(", ")}`;
}
