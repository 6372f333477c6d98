/**
 * What the client can read and write of each media type, and the version and the end that Atlas gives it.
 */

/** How a body travels: as JSON, as a form, or as text or bytes that the caller writes or reads. */
const ENCODINGS = ["json", "form", "bytes"] as const;
export type Encoding = (typeof ENCODINGS)[number];

export function encodingOf(mediaType: string): Encoding {
  const essence = mediaType.split(";")[0]?.trim().toLowerCase() ?? "";
  if (essence === "application/x-www-form-urlencoded") return "form";
  return /^[^/]+\/(?:[^/]+\+)?json$|^\*\/\*$/.test(essence) ? "json" : "bytes";
}

/**
 * Of the media types of a request body those that are used: JSON if there is any, else a form, else text or bytes. None
 * if all of them are in parts, which the client does not write.
 */
export function preferred<Content extends { readonly mediaType: string }>(content: readonly Content[]): Content[] {
  const writable = content.filter(({ mediaType }) => !/^multipart\//i.test(mediaType));
  const encodings = writable.map(({ mediaType }) => encodingOf(mediaType));
  const used = ENCODINGS.find((encoding) => encodings.includes(encoding));
  return writable.filter((_, index) => encodings[index] === used);
}

/** The version in a media type such as `application/vnd.atlas.2025-03-12+json`: a date, or `preview`. */
export function versionIn(mediaType: string): string | undefined {
  return /\.(\d{4}-\d{2}-\d{2}|preview)\+/.exec(mediaType)?.[1];
}
