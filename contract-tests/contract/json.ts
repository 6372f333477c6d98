/**
 * Reading parsed JSON and YAML without casts: what has not the expected shape reads as absent. And JSON pointers (RFC 6901)
 * in the form that `$ref` uses: `#/paths/~1api/post`.
 */

export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function objectOf(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The value of a JSON text; `undefined` if it is none. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What stands at the end of `keys`; list positions are keys too. */
export function valueAt(value: unknown, keys: readonly string[]): unknown {
  return keys.reduce(memberOf, value);
}

export function memberOf(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;
}

/** A copy with `replacement` at the end of `keys`; `undefined` takes a member out. A list grows by the position after it. */
export function withValueAt(value: unknown, keys: readonly string[], replacement: unknown): unknown {
  const [key, ...rest] = keys;
  if (key === undefined) return replacement;
  if (Array.isArray(value)) {
    const items: readonly unknown[] = key === String(value.length) ? [...value, undefined] : value;
    return items.map((item, index) => (String(index) === key ? withValueAt(item, rest, replacement) : item));
  }
  const members = objectOf(value);
  const inner = withValueAt(memberOf(members, key), rest, replacement);
  if (inner === undefined) return Object.fromEntries(Object.entries(members).filter(([name]) => name !== key));
  return { ...members, [key]: inner };
}

export function pointerTo(parent: string, key: string | number): string {
  return `${parent}/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

export function pointerOf(keys: readonly string[]): string {
  return keys.reduce(pointerTo, "#");
}

/** The keys on the way, unescaped; a `$ref` may be percent-encoded on top, like any fragment. */
export function keysOf(pointer: string): readonly string[] {
  return pointer
    .split("/")
    .slice(1)
    .map((segment) => decoded(segment).replaceAll("~1", "/").replaceAll("~0", "~"));
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
