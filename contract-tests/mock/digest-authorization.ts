/**
 * The header `Authorization: Digest …`, RFC 7616 section 3.4, taken apart.
 */

/** What a caller says in it: the parameters by name in lower case, quoting undone. */
export type DigestAuthorization = ReadonlyMap<string, string>;

// One parameter and what ends it: a comma or the end. The value is a quoted string or a token (RFC 9110 section 11.2).
const PARAMETER = /\s*([!#$%&'*+.^_`|~\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([!#$%&'*+.^_`|~\w-]+))\s*(?:,|$)/y;

/**
 * Reads the header's value.
 *
 * @returns `undefined` where it is another scheme, is malformed, or has a parameter twice.
 */
export function parseDigestAuthorization(authorization: string): DigestAuthorization | undefined {
  const scheme = /^digest +/i.exec(authorization);
  if (scheme === null) return undefined;
  const parameters = new Map<string, string>();
  PARAMETER.lastIndex = scheme[0].length;
  while (PARAMETER.lastIndex < authorization.length) {
    const match = PARAMETER.exec(authorization);
    if (match === null) return undefined;
    const [, name = "", quoted, token = ""] = match;
    if (parameters.has(name.toLowerCase())) return undefined;
    parameters.set(name.toLowerCase(), quoted?.replaceAll(/\\(.)/g, "$1") ?? token);
  }
  return parameters;
}
