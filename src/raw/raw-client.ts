/** `client.raw`, as a program sees it. What openapi-fetch's methods and middleware need is loaded by the first call. */
import type { Client, ClientPathsWithMethod, FetchResponse, MaybeOptionalInit, Middleware } from "openapi-fetch";
import type { paths } from "../../generated/schema.js";
import { AtlasRequestError } from "../errors.js";
import type { CallOptions } from "../operation/arguments.js";
import { violation } from "../options/read-options.js";

type MethodName = Exclude<keyof Client<paths>, "request" | "use" | "eject">;
const METHODS: readonly MethodName[] = ["GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"];

/** Per-call options of openapi-fetch that would lead a request around the pipeline. */
export const LEFT_OUT: readonly (keyof LeftOut)[] = ["fetch", "Request", "baseUrl", "pathSerializer"];
type LeftOut = { readonly [Name in "fetch" | "Request" | "baseUrl" | "pathSerializer"]?: never };

/** What openapi-fetch does not know. */
type OwnOptions = Pick<CallOptions, "timeoutMs" | "retry">;

/** Required, unless everything in it is optional. */
type InitParameter<Init> = object extends Init
  ? [init?: Init & LeftOut & OwnOptions]
  : [init: Init & LeftOut & OwnOptions];

type RawMethod<Method extends Lowercase<MethodName>> = <
  Path extends ClientPathsWithMethod<Client<paths>, Method>,
  Init extends MaybeOptionalInit<paths[Path], Method>,
>(
  url: Path,
  ...init: InitParameter<Init>
) => Promise<FetchResponse<NonNullable<paths[Path][Method]>, Init, `${string}/${string}`>>;

/**
 * openapi-fetch's own methods and middleware. Requests are held to the contract's paths, and signed, timed and repeated
 * like every call; types alone check arguments, and envelopes stay closed. Only a missing or unreadable response is
 * thrown: look at `response.ok`, since `error` is empty if an error has no body.
 *
 * @see https://openapi-ts.dev/openapi-fetch/
 */
export type RawClient = { readonly [Name in MethodName]: RawMethod<Lowercase<Name>> } & Pick<
  Client<paths>,
  "use" | "eject"
>;

/** Sends what one of the methods was called with, through these middlewares and then the call's own. */
export type RunRaw = (
  method: MethodName,
  path: unknown,
  middlewares: readonly Middleware[],
  init: unknown,
) => Promise<unknown>;

export function createRawClient(run: RunRaw): RawClient {
  let middlewares: readonly Middleware[] = [];
  const methods = METHODS.map((name) => [name, (path: unknown, init: unknown) => run(name, path, middlewares, init)]);
  return {
    // Each entry is the method of that name; Object.fromEntries forgets which.
    ...(Object.fromEntries(methods) as { readonly [Name in MethodName]: RawMethod<Lowercase<Name>> }),
    use(...added) {
      const isMiddleware = (each: unknown) =>
        ["onRequest", "onResponse", "onError"].some((name) => Reflect.has(Object(each), name));
      const violations = added
        .filter((each) => !isMiddleware(each))
        .map((each) => violation("middleware", "an object with onRequest, onResponse or onError", each));
      if (violations.length > 0) throw new AtlasRequestError("Cannot use the middleware", violations);
      middlewares = [...middlewares, ...added];
    },
    eject(...ejected) {
      for (const each of ejected) {
        const first = middlewares.indexOf(each);
        middlewares = middlewares.filter((_, index) => index !== first);
      }
    },
  };
}
