/** Reading parsed JSON and YAML without casts: what has not the expected shape reads as absent. */

export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The object itself, or an empty one for anything else. */
export function objectOf(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** What stands at the end of `keys`; list positions are keys too. */
export function valueAt(value: unknown, keys: readonly string[]): unknown {
  let found = value;
  for (const key of keys) {
    if (Array.isArray(found)) found = found[Number(key)];
    else found = Object.hasOwn(objectOf(found), key) ? objectOf(found)[key] : undefined;
  }
  return found;
}

/** A copy of `value` in which `replacement` stands at the end of `keys`; `undefined` takes the member out. */
export function withValueAt(value: unknown, keys: readonly string[], replacement: unknown): unknown {
  const [key, ...rest] = keys;
  if (key === undefined) return replacement;
  if (Array.isArray(value)) {
    return value.map((item: unknown, index) => (String(index) === key ? withValueAt(item, rest, replacement) : item));
  }
  const inner = withValueAt(objectOf(value)[key], rest, replacement);
  const others = Object.entries(objectOf(value)).filter(([name]) => name !== key);
  return Object.fromEntries(inner === undefined ? others : [...others, [key, inner]]);
}
