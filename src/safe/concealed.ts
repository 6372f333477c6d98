/**
 * Values that can be read by name, but not seen: inspection, JSON, copies and diffs look at an object's own members.
 */

/**
 * The same object without the named members as its own: reading them still gives their values, from closures on a prototype
 * that calls itself `Object`'s, so that no inspection looks into it.
 *
 * @param shown methods by which the object tells what it does not show
 */
export function concealed<Kind extends object>(
  object: Kind,
  names: readonly string[],
  shown: Readonly<Record<string | symbol, unknown>> = {},
): Kind {
  const own = Object.getOwnPropertyDescriptors(object);
  const hidden: PropertyDescriptorMap = { constructor: { value: Object } };
  for (const name of names) {
    const value: unknown = Reflect.get(object, name);
    if (value !== undefined) hidden[name] = { get: () => value };
    Reflect.deleteProperty(own, name);
  }
  for (const key of Reflect.ownKeys(shown)) hidden[key as string] = { value: shown[key] };
  return Object.create(Object.create(Object.prototype, hidden), own);
}
