/**
 * The versions of a resource, as Atlas writes them into media types: which one a call asks for, and what Atlas says of one
 * that is on its way out.
 *
 * @see https://www.mongodb.com/docs/atlas/api/versioned-api-overview/
 */
import type { ApiVersion, OperationDescription } from "../../generated/operations.js";
import { AtlasRequestError } from "../errors.js";
import { emitWarning } from "../platform.js";
import { notify } from "../safe/notify.js";
import type { Stage, TransportRequest, TransportResponse } from "./pipeline.js";
import { parseHttpDate } from "./retry-policy.js";

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

/** What `onDeprecation` is called with. */
export interface DeprecationEvent {
  readonly operationId: string;
  /** The version that the call asked for, as a date; undefined if it asked for none. */
  readonly version: string | undefined;
  /** Since when it is deprecated; undefined if Atlas does not say. */
  readonly deprecatedOn: Date | undefined;
  /** When it stops working; undefined if Atlas does not say. */
  readonly sunsetOn: Date | undefined;
}

/** Without a handler, one process warning for each operation and version. */
export function observeDeprecation(onDeprecation: ((event: DeprecationEvent) => void) | undefined): Stage {
  const handler = onDeprecation ?? warnOnce();
  return (next) => async (request) => {
    const response = await next(request);
    const event = deprecationOf(request, response);
    if (event !== undefined) notify(handler, event, "onDeprecation");
    return response;
  };
}

function deprecationOf(request: TransportRequest, { headers }: TransportResponse): DeprecationEvent | undefined {
  const deprecation = headers.get("deprecation");
  const sunset = headers.get("sunset");
  if (deprecation === null && sunset === null) return undefined;
  return {
    operationId: request.operation.operationId,
    version: versionOf(request.headers["accept"] ?? ""),
    deprecatedOn: dateOf(deprecation),
    sunsetOn: dateOf(sunset),
  };
}

/** Atlas sends HTTP dates; RFC 9745 has seconds since the epoch behind an `@`. */
function dateOf(value: string | null): Date | undefined {
  if (value === null) return undefined;
  const seconds = /^@(\d+)$/.exec(value)?.[1];
  const date = new Date(seconds === undefined ? parseHttpDate(value) : Number(seconds) * 1000);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

function warnOnce(): (event: DeprecationEvent) => void {
  const warned = new Set<string>();
  return ({ operationId, version, deprecatedOn, sunsetOn }) => {
    const key = `${operationId} ${version}`;
    if (warned.has(key)) return;
    warned.add(key);
    const since = deprecatedOn === undefined ? "" : ` since ${deprecatedOn.toISOString().slice(0, 10)}`;
    const until = sunsetOn === undefined ? "" : ` and stops working on ${sunsetOn.toISOString().slice(0, 10)}`;
    emitWarning(`Version ${version ?? "(none named)"} of ${operationId} is deprecated${since}${until}.`, {
      type: "DeprecationWarning",
      code: "ATLAS_VERSION_DEPRECATED",
    });
  };
}
