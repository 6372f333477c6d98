/**
 * What an error of other code says: recognized by its shape, since one of another realm (a test runner's, `node:vm`'s) is no
 * `instanceof Error` here, and read member by member, since reading one may throw.
 */

/** What can be read of it is undefined if it is not there, or is of another type. */
export type ForeignError = NonNullable<ReturnType<typeof readError>>;

/** Undefined if it is no error: everything can be thrown. */
export function readError(error: unknown) {
  const read = (name: string): unknown => {
    try {
      return Reflect.get(Object(error), name);
    } catch {
      // A getter or a proxy that throws: then this member says nothing.
      return undefined;
    }
  };
  const text = (name: string) => {
    const value = read(name);
    return typeof value === "string" ? value : undefined;
  };
  const message = text("message");
  const code = text("code");
  if (message === undefined && code === undefined) return undefined;
  const errors: unknown = read("errors");
  return {
    name: text("name"),
    message,
    code,
    syscall: text("syscall"),
    stack: text("stack"),
    cause: read("cause"),
    /** Of an `AggregateError`. */
    errors: Array.isArray(errors) && errors.length > 0 ? (errors as readonly unknown[]) : undefined,
  };
}
