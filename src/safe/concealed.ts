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
  const hidden: PropertyDescriptorMap = { constructor: { value: Object } };
  for (const name of names) {
    const value: unknown = Reflect.get(object, name);
    if (value !== undefined) hidden[name] = { get: () => value };
  }
  for (const key of Reflect.ownKeys(shown)) hidden[key as string] = { value: shown[key] };
  // Of several ways to write this, the one that costs a call least.
  const own = Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));
  return Object.setPrototypeOf(own, Object.create(Object.prototype, hidden));
}
