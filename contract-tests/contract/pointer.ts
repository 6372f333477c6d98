/**
 * JSON pointers (RFC 6901) in the form that `$ref` uses: `#/paths/~1api/post`.
 */

/** The pointer to the member or item `key` of what `parent` points to. */
export function pointerTo(parent: string, key: string | number): string {
  return `${parent}/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

/** The pointer to what stands under the keys, from the root of the document. */
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
  if (!segment.includes("%")) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
