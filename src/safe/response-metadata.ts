/** What a response says beside its body, as far as it can be shown. */
import type { FetchResponse } from "../platform.js";
import { MASK } from "./encodings.js";
import { excerpt, type Redact, shortName } from "./redaction.js";

/** Headers by their names in lower case; credentials are masked. */
export type ResponseHeaders = { readonly [name: string]: string | undefined };

/** A response without its body. */
export interface ResponseMetadata {
  /** HTTP status; inside an envelope, the status in it. */
  readonly status: number;
  /** What can hold a credential (cookies, tokens, keys) is `…`, and of a URL only its origin is left. */
  readonly headers: ResponseHeaders;
  /**
   * The `x-request-id` header of Envoy, which stands in front of Atlas, and other gateways. Atlas itself sends no id as of
   * August 2026.
   *
   * @see https://github.com/mongodb/mongodb-atlas-cli/tree/master/test/e2e/atlas for recorded responses
   */
  readonly requestId: string | undefined;
}

/** Credentials by their nature, whatever their form. `WWW-Authenticate` and `Proxy-Authenticate` only ask for some. */
const CONFIDENTIAL_NAME = /auth(?!enticate)|cookie|credential|key|nonce|passw|secret|session|signature|token/;
/** Their values are URLs, relative ones too. */
const LOCATION_NAME = /location$|^(?:link|refresh)$/;
/** A path or a query may hold a token. */
const URL_WITH_MORE = /\b([a-z][a-z\d+.-]*:\/\/)(?:[^\s/?#"'<>]*@)?([^\s/?#"'<>,;@]*)[^\s"'<>,;]*/gi;
const LONGEST_VALUE = 1000;

export function metadataOf(
  { status, headers: received }: Pick<FetchResponse, "status" | "headers">,
  redact: Redact,
): ResponseMetadata {
  const headers: Record<string, string> = {};
  received.forEach((value, name) => {
    headers[shortName(name.toLowerCase(), redact)] = shownValue(name.toLowerCase(), value, redact);
  });
  return { status, headers, requestId: headers["x-request-id"] };
}

function shownValue(name: string, value: string, redact: Redact): string {
  if (CONFIDENTIAL_NAME.test(name)) return MASK;
  const shown = value.replace(URL_WITH_MORE, `$1$2/${MASK}`);
  if (LOCATION_NAME.test(name) && shown === value) return MASK;
  return excerpt(shown, LONGEST_VALUE, redact);
}
