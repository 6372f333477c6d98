/**
 * The versions of a resource, as Atlas writes them into media types.
 *
 * @see https://www.mongodb.com/docs/atlas/api/versioned-api-overview/
 */
import type { ApiVersion, OperationDescription } from "../../generated/operations.js";
import { AtlasRequestError } from "../errors.js";

const VERSIONED_MEDIA_TYPE = /application\/vnd\.atlas\.(\d{4}-\d{2}-\d{2})\+json/;

/** The version that a media type or an `Accept` header names; undefined if it names none. */
export function versionOf(mediaType: string): string | undefined {
  return VERSIONED_MEDIA_TYPE.exec(mediaType)?.[1];
}

/** The versions that the contract knows for an operation, in its order. */
export function versionsOf({ responseMediaTypes }: OperationDescription): readonly string[] {
  return responseMediaTypes.map(versionOf).filter((version) => version !== undefined);
}

/**
 * The media type to ask for: that of the wanted version, or the contract's first. One type alone and never a list, as
 * MongoDB's own clients do it.
 *
 * @throws AtlasRequestError if the operation does not have that version
 */
export function acceptFor(operation: OperationDescription, version: ApiVersion | undefined): string | undefined {
  const { responseMediaTypes } = operation;
  if (version === undefined) return responseMediaTypes[0];
  const versioned = responseMediaTypes.filter((type) => versionOf(type) !== undefined);
  if (versioned.length === 0) return responseMediaTypes[0];
  const wanted = versioned.find((type) => versionOf(type) === version);
  if (wanted !== undefined) return wanted;
  const expected = `one of ${versionsOf(operation).join(", ")}`;
  throw new AtlasRequestError(
    "The operation does not have this version",
    [{ argument: "apiVersion", expected, received: version }],
    { operation },
  );
}
