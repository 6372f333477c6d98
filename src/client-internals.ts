/**
 * What rotation needs of a client and no caller does; kept beside the client, where no inspection finds it.
 */
import type { TokenEndpoint } from "./auth/token-endpoint.js";

export interface ClientInternals {
  /** Signs in as any service account at the client's base URL, over the client's fetch, timeout and retries. */
  readonly requestToken: TokenEndpoint["requestToken"];
}

export const internalsOf = new WeakMap<object, ClientInternals>();
