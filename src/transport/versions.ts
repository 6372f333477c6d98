/**
 * The versions of a resource, as Atlas writes them into media types, and which one a call asks for.
 *
 * @see https://www.mongodb.com/docs/atlas/api/versioned-api-overview/
 */
import type { ApiVersion } from "../../generated/client.js";
import type { OperationDescription } from "../../generated/operations.js";
import { AtlasRequestError } from "../errors.js";

const VERSIONED_MEDIA_TYPE = /\.(\d{4}-\d{2}-\d{2}|preview)\+/;

/** A date or `preview`; undefined if the media type names none. */
export function versionOf(mediaType: string): string | undefined {
  return VERSIONED_MEDIA_TYPE.exec(mediaType)?.[1];
}

/** In the contract's order. */
export function versionsOf({ responseMediaTypes }: OperationDescription): readonly string[] {
  return [...new Set(responseMediaTypes.map(versionOf).filter((version) => version !== undefined))];
}

/** Of operations whose versions do not end, the newest: to read them anew costs a call as much as a layer. */
const lasting = new WeakMap<OperationDescription, string | undefined>();

/**
 * The media type of the wanted version, or of the newest that has not ended: one alone, as MongoDB's own clients do it.
 *
 * @throws AtlasRequestError if the operation does not have that version
 */
export function acceptFor(
  operation: OperationDescription,
  version: ApiVersion | undefined,
  now: number = Date.now(),
): string | undefined {
  const { responseMediaTypes, sunsets } = operation;
  if (version === undefined && lasting.has(operation)) return lasting.get(operation);
  const wanted = version === undefined ? undefined : responseMediaTypes.find((type) => versionOf(type) === version);
  if (wanted !== undefined) return wanted;
  const newest = newestOf(responseMediaTypes, operation, now);
  if (version === undefined || newest === undefined) {
    const accept = newest ?? responseMediaTypes[0];
    if (sunsets === undefined) lasting.set(operation, accept);
    return accept;
  }
  const expected = `one of ${versionsOf(operation).join(", ")}`;
  const violations = [{ argument: "apiVersion", expected, received: version }];
  throw new AtlasRequestError("The operation does not have this version", violations, { operation });
}

/**
 * Of the version that the call asks for or, if the body has no such version, of the newest one before it.
 *
 * @param accept what `acceptFor` has returned for the same version
 */
export function contentTypeFor(
  operation: OperationDescription,
  accept: string | undefined,
  version: ApiVersion | undefined,
): string | undefined {
  const { requestMediaTypes } = operation;
  const asked = versionOf(accept ?? "") ?? version;
  const exact = asked === undefined ? undefined : requestMediaTypes.find((type) => versionOf(type) === asked);
  return exact ?? newestOf(requestMediaTypes, operation, Date.now(), asked) ?? requestMediaTypes[0];
}

/** Not yet a version: never the newest while there is another. */
const PREVIEW = "preview";

/** The newest that has not ended, before this version; the newest of all if each has; undefined if none has a version. */
function newestOf(
  mediaTypes: readonly string[],
  { sunsets = {} }: OperationDescription,
  now: number,
  before?: string,
): string | undefined {
  let newest: string | undefined;
  let highest = "";
  for (const type of mediaTypes) {
    const version = versionOf(type);
    if (version === undefined) continue;
    if (before !== undefined && (version === PREVIEW || version >= before)) continue;
    const sunset = sunsets[type];
    const hasEnded = sunset !== undefined && Date.parse(sunset) <= now;
    const rank = `${hasEnded ? 0 : 1} ${version === PREVIEW ? "" : version}`;
    if (rank <= highest) continue;
    newest = type;
    highest = rank;
  }
  return newest;
}
