/**
 * An access token that the caller has, or knows where to get.
 */
import { cleanCause, type Redactor } from "../safe/redaction.js";
import { untilAborted } from "../signals.js";
import type { TokenSource } from "./service-account-tokens.js";
import { TokenFailure } from "./token-endpoint.js";

/** A ready token, or a function that returns one; the function is called before every request. */
export type AccessToken = string | (() => string | Promise<string>);

/** What may stand in an `Authorization` header behind `Bearer` (RFC 6750, section 2.1, and whatever else is visible). */
const HEADER_SAFE = /^[\x21-\x7e]+$/;

export function isHeaderSafe(value: string): boolean {
  return HEADER_SAFE.test(value);
}

export function accessTokenSource(accessToken: AccessToken, redactor: Redactor): TokenSource {
  let latest: string | undefined;
  return {
    async get(signal) {
      signal?.throwIfAborted();
      const token =
        typeof accessToken === "string" ? accessToken : await untilAborted(call(accessToken, redactor), signal);
      if (typeof token !== "string" || !isHeaderSafe(token)) {
        throw new TokenFailure("the accessToken function returned something that cannot be a token");
      }
      if (token !== latest) redactor.protect(token);
      latest = token;
      return token;
    },
    // The caller's function was called a moment ago; calling it again would return the same.
    refused: () => false,
  };
}

async function call(accessToken: () => string | Promise<string>, { redact }: Redactor): Promise<string> {
  try {
    return await accessToken();
  } catch (error) {
    const cause = cleanCause(error, redact);
    throw new TokenFailure(`the accessToken function failed: ${cause.message}`, { cause });
  }
}
