/**
 * What only some platforms have: Node's modules and warnings. All else in the library uses web APIs alone, so that it runs
 * in workers and browsers; nothing here is loaded before it is asked for.
 */

interface NodeModules {
  "node:crypto": typeof import("node:crypto");
  "node:events": typeof import("node:events");
  "node:util": typeof import("node:util");
}

/** One of Node's modules; undefined if the platform does not have it. */
export function nodeModule<Name extends keyof NodeModules>(name: Name): NodeModules[Name] | undefined {
  // Elsewhere there is no `process`, or it lacks this function, whatever the types of Node say.
  const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } };
  // What Node returns for this name is this module.
  return process?.getBuiltinModule?.(name) as NodeModules[Name] | undefined;
}

/** A process warning; on a platform that has none, a line of the console. */
export function emitWarning(message: string, options: { readonly type: string; readonly code: string }): void {
  const { process } = globalThis as { process?: { emitWarning?: (message: string, options: object) => void } };
  if (typeof process?.emitWarning === "function") process.emitWarning(message, options);
  else console.warn(`[${options.code}] ${options.type}: ${message}`);
}

/** What is injected in place of the platform's `fetch`; it is called as `fetch(url, init)`. */
export type FetchFunction = (url: string, init: RequestInit) => Promise<Response>;

// Programs that are compiled without Node's types and the DOM's read the declarations of this library and of openapi-fetch
// too: there these names are empty, elsewhere they merge with the real ones and change nothing.
declare global {
  interface AbortSignal {}
  interface Headers {}
  interface Request {}
  interface RequestInit {}
  interface Response {}
}
