/**
 * Errors of other code, recognized by their shape, since those of another realm (a test runner's, `node:vm`'s) are no
 * `instanceof Error` here; and those of another copy of this package in the same program, recognized as ours.
 */
import { emitWarning } from "../platform.js";
import { excerpt, type Redact } from "./redaction.js";

/** What can be read of it is undefined if it is not there, or is of another type. */
export type ForeignError = NonNullable<ReturnType<typeof readError>>;

/** Undefined if it is no error: everything can be thrown. */
export function readError(error: unknown) {
  // Of a getter or a proxy that throws, this member says nothing.
  const read = (name: string): unknown =>
    tryTo(() => {
      const value: unknown = Reflect.get(Object(error), name);
      return Array.isArray(value) ? [...value] : value;
    });
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

/** What the function returns; undefined if it throws, for a caller to whom the one says as much as the other. */
export function tryTo<Value>(run: () => Value): Value | undefined {
  try {
    return run();
  } catch {
    // What is thrown may quote anything; the caller says what cannot be read.
    return undefined;
  }
}

/** Of an error of other code, no more than this is shown. */
const LONGEST_MESSAGE = 200;
const LONGEST_NAME = 60;
const DEEPEST_CAUSE = 4;

/** An error of other code, reduced to what can be shown: name, code and a masked message, its causes likewise. */
export function cleanCause(error: unknown, redact: Redact, depth = 0): Error & { code?: string } {
  try {
    const read = readError(error);
    if (read === undefined) return new Error(excerpt(String(error), LONGEST_MESSAGE, redact));
    const message = excerpt(read.message ?? "", LONGEST_MESSAGE, redact);
    const isLast = read.cause === undefined || depth === DEEPEST_CAUSE;
    const cleaned = new Error(message, isLast ? undefined : { cause: cleanCause(read.cause, redact, depth + 1) });
    cleaned.name = excerpt(read.name ?? "", LONGEST_NAME, redact) || "Error";
    // The stack repeats the original message, which may quote what was masked.
    cleaned.stack = `${cleaned.name}: ${message}`;
    return read.code === undefined
      ? cleaned
      : Object.assign(cleaned, { code: excerpt(read.code, LONGEST_NAME, redact) });
  } catch {
    // Anything can be thrown: an object without a text, for example.
    return new Error("An error that cannot be read.");
  }
}

/** Calls an observer. What an observer does must not decide over a call: its failure becomes a process warning. */
export function notify<Event>(
  observer: ((event: Event) => void) | undefined,
  event: Event,
  name: string,
  redact: Redact,
): void {
  // An async function fits the type too, and its rejection would end the process.
  const observe = async () => observer?.(event);
  observe().catch((error: unknown) => {
    const { message } = cleanCause(error, redact);
    emitWarning(`${name} threw: ${message}`, { type: "AtlasClientWarning", code: "ATLAS_OBSERVER_THREW" });
  });
}

/** Lets `instanceof` recognize another copy's class of this name, which is given since a bundler may rename the class. */
export function recognizeCopies(errorClass: abstract new (...args: never) => Error, name: string): void {
  // Registered: the same symbol in every copy, whatever its version.
  const mark = Symbol.for(`atlas-service-account-secrets/${name}`);
  Object.defineProperty(errorClass.prototype, mark, { value: true });
  Object.defineProperty(errorClass, Symbol.hasInstance, {
    value(this: unknown, value: unknown): boolean {
      try {
        // `this` is a derived class if that is what stands behind `instanceof`.
        const isOther = this === errorClass && Reflect.get(Object(value), mark) === true;
        return isOther || Function.prototype[Symbol.hasInstance].call(this, value);
      } catch {
        // A proxy that throws is no error of ours.
        return false;
      }
    },
  });
}

/** One object for all copies: what one of them knows of a signal, all must. What has this name never changes its form. */
export function sharedByCopies<Shared extends object>(name: string, create: () => Shared): Shared {
  const key = Symbol.for(`atlas-service-account-secrets/${name}`);
  const made: unknown = Reflect.get(globalThis, key);
  // Every copy puts the same under this name.
  if (made !== undefined) return made as Shared;
  const shared = create();
  // Not of a global object that is frozen: there, each copy has its own.
  Reflect.defineProperty(globalThis, key, { value: shared });
  return shared;
}
