/**
 * What only some platforms have: Node's modules and warnings. All else in the library uses web APIs alone, so that it runs
 * in workers and browsers.
 */
interface NodeModules {
  "node:crypto": typeof import("node:crypto");
  "node:diagnostics_channel": typeof import("node:diagnostics_channel");
  "node:util": typeof import("node:util");
}

export function nodeModule<Name extends keyof NodeModules>(name: Name): NodeModules[Name] | undefined {
  // Elsewhere there is no `process`, or it lacks this function, whatever the types of Node say.
  const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } };
  // What Node returns for this name is this module.
  return process?.getBuiltinModule?.(name) as NodeModules[Name] | undefined;
}

export function emitWarning(message: string, options: { readonly type: string; readonly code: string }): void {
  const { process } = globalThis as { process?: { emitWarning?: (message: string, options: object) => void } };
  if (typeof process?.emitWarning === "function") process.emitWarning(message, options);
  else console.warn(`[${options.code}] ${options.type}: ${message}`);
}

/** The platform's `fetch` fits, as do undici's, Cloudflare's and a mock that returns `status`, `headers` and `body`. */
export type FetchFunction = (url: string, init: FetchInit) => Promise<FetchResponse>;

/** As the platform's `RequestInit`. */
export interface FetchInit {
  readonly method: string;
  readonly headers: Record<string, string>;
  // A Blob if an operation's body is bytes, as none of this contract's is. The DOM's Blob is not undici's.
  readonly body?: string;
  readonly redirect: "manual";
  readonly keepalive: false;
  readonly signal: AbortSignal;
}

/** As the platform's `Response`. */
export interface FetchResponse {
  readonly status: number;
  readonly headers: FetchHeaders;
  readonly body: FetchBody | null;
}

export interface FetchHeaders {
  get(name: string): string | null;
  forEach(callback: (value: string, name: string) => void): void;
}

export interface FetchBody {
  getReader(): FetchBodyReader;
  cancel(): Promise<unknown>;
}

export interface FetchBodyReader {
  read(): Promise<{ readonly done?: boolean | undefined; readonly value?: Uint8Array | undefined }>;
  cancel(): Promise<unknown>;
}

// Programs that are compiled without Node's types and the DOM's read the declarations of this library and of openapi-fetch
// too: there these names are empty, elsewhere they merge with the real ones and change nothing.
declare global {
  interface AbortSignal {}
  interface Headers {}
  interface Request {}
  interface RequestInit {}
  interface Response {}
  // As of TypeScript's `esnext.disposable`, for programs that are compiled without it.
  interface SymbolConstructor {
    readonly asyncDispose: unique symbol;
  }
}
