/**
 * What an error of other code says: recognized by its shape, since one of another realm (a test runner's, `node:vm`'s) is no
 * `instanceof Error` here, and read member by member, since reading one may throw.
 */

export interface ForeignError {
  readonly name: string | undefined;
  readonly message: string | undefined;
  readonly code: string | undefined;
  readonly syscall: string | undefined;
  readonly stack: string | undefined;
  readonly cause: unknown;
  /** Of an `AggregateError`; undefined if there are none. */
  readonly errors: readonly unknown[] | undefined;
}

/** Undefined if it is no error: everything can be thrown. */
export function readError(error: unknown): ForeignError | undefined {
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
  const errors = read("errors");
  return {
    name: text("name"),
    message,
    code,
    syscall: text("syscall"),
    stack: text("stack"),
    cause: read("cause"),
    errors: Array.isArray(errors) && errors.length > 0 ? errors : undefined,
  };
}
