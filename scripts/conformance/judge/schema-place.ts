/**
 * From a place in a value to the place in the schema that describes it.
 */
import type { Place } from "../../../contract-tests/contract/document.js";

/** The schema of the value under the keys; the nearest one around it if there is none. */
export function schemaAt(schema: Place, keys: readonly string[]): Place {
  const [key, ...others] = keys;
  if (key === undefined) return schema;
  const next = memberSchema(schema, key);
  return next === undefined ? schema : schemaAt(next, others);
}

/** A keyword in a schema or in a part of it; the schema itself if the keyword is not written there. */
export function keywordIn(schema: Place, keyword: string): Place {
  for (const candidate of [schema, ...partsOf(schema)]) {
    const found = candidate.get(ORIGINS[keyword] ?? keyword) ?? candidate.get(keyword);
    if (found !== undefined) return found;
  }
  return schema;
}

/** Prism's validator speaks JSON Schema draft 7, the contract OpenAPI 3.0. */
const ORIGINS: Readonly<Record<string, string>> = { exclusiveMinimum: "minimum", exclusiveMaximum: "maximum" };

function memberSchema(schema: Place, key: string): Place | undefined {
  for (const candidate of [schema, ...partsOf(schema)]) {
    const additional = candidate.get("additionalProperties");
    const found =
      candidate.get("properties", key) ??
      (/^\d+$/.test(key) ? candidate.get("items") : undefined) ??
      (typeof additional?.value === "object" ? additional : undefined);
    if (found !== undefined) return found;
  }
  return undefined;
}

function partsOf(schema: Place): readonly Place[] {
  return ["allOf", "oneOf", "anyOf"].flatMap((keyword) => schema.get(keyword)?.items() ?? []);
}
