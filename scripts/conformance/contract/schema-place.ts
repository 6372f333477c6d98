/**
 * From a place in a value to the place in the schema that speaks of it.
 */
import type { Located } from "./document.js";

/** The schema of what stands under the keys of a value; the nearest one around it where there is none. */
export function schemaAt(schema: Located, keys: readonly string[]): Located {
  const [key, ...others] = keys;
  if (key === undefined) return schema;
  const next = memberSchema(schema, key);
  return next === undefined ? schema : schemaAt(next, others);
}

/** A keyword in a schema or in a part of it; the schema itself where the keyword is not written there. */
export function keywordIn(schema: Located, keyword: string): Located {
  for (const candidate of [schema, ...partsOf(schema)]) {
    const found = candidate.get(ORIGINS[keyword] ?? keyword) ?? candidate.get(keyword);
    if (found !== undefined) return found;
  }
  return schema;
}

/** Prism's validator speaks JSON Schema draft 7, the contract OpenAPI 3.0. */
const ORIGINS: Readonly<Record<string, string>> = { exclusiveMinimum: "minimum", exclusiveMaximum: "maximum" };

function memberSchema(schema: Located, key: string): Located | undefined {
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

function partsOf(schema: Located): Located[] {
  return ["allOf", "oneOf", "anyOf"].flatMap((keyword) =>
    (schema.get(keyword)?.entries() ?? []).map(([, part]) => part),
  );
}
