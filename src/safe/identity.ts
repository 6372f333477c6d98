/**
 * One identity across copies: a program may hold this package twice, in two versions, and an error that one copy throws is
 * then caught with the class of the other.
 */

type ErrorClass = abstract new (...args: never) => Error;

/**
 * Lets `instanceof` recognize the errors of another copy's class of the same name. A class that somebody derives from it
 * is recognized as usual.
 *
 * @param name as it stays when a bundler renames the class
 */
export function recognizeCopies(errorClass: ErrorClass, name: string): void {
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

/**
 * One object for all copies, made by the first that asks: what one of them knows of a signal, a client of another must too.
 *
 * @param name goes with what the object is, which every version has to keep
 */
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
