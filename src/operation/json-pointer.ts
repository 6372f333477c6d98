/**
 * The places that a validator names.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6901
 */

/** `/body/a~1b` as `["body", "a/b"]`. */
export function pointerNames(pointer: string): string[] {
  return pointer
    .split("/")
    .slice(1)
    .map((name) => name.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** The value at a place; undefined if there is none. */
export function valueAt(root: unknown, names: readonly string[]): unknown {
  return names.reduce<unknown>(
    (value, name) => (typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined),
    root,
  );
}
