/**
 * Credentials that can be read by name, but not seen: neither in a log nor in JSON.
 */
import type { Credentials } from "./credentials.js";

/** Names under which the platforms look for a value's own way of being shown. */
const INSPECT: readonly symbol[] = [Symbol.for("nodejs.util.inspect.custom"), Symbol.for("Deno.customInspect")];

/** The same members with the same values, as accessors: inspection shows that they are there, and JSON their names. */
export function concealed<Kind extends Credentials>(credentials: Kind): Kind {
  const names = Object.keys(credentials);
  const shown = `{ ${names.map((name) => `${name}: [concealed]`).join(", ")} }`;
  const hidden = { enumerable: false };
  return Object.create(Object.prototype, {
    ...Object.fromEntries(
      Object.entries(credentials).map(([name, value]) => [name, { enumerable: true, get: () => value }]),
    ),
    toJSON: { ...hidden, value: () => Object.fromEntries(names.map((name) => [name, "[concealed]"])) },
    ...Object.fromEntries(INSPECT.map((symbol) => [symbol, { ...hidden, value: () => shown }])),
  });
}
