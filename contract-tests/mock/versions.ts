/**
 * The `Accept` header, which in Atlas names the version of the resource.
 */

/**
 * Whether `Accept` names one of an operation's media types. A wildcard names none, and an operation whose success
 * answers have no media type asks for none.
 *
 * @param accept - The header as it came; `undefined` if there was none.
 * @param mediaTypes - In lower case.
 */
export function namesVersion(accept: string | undefined, mediaTypes: readonly string[]): boolean {
  if (mediaTypes.length === 0) return true;
  return acceptedMediaTypes(accept ?? "").some((mediaType) => mediaTypes.includes(mediaType));
}

/**
 * The `Accept` to send to Prism. Prism ignores `Prefer: code=404` where `Accept` does not also admit the media type of
 * the error, and a caller of Atlas names a version and nothing else; so with a code preferred everything is admitted,
 * the caller's own first.
 */
export function widenedAccept(accept: string | undefined, prefer: string | undefined): string | undefined {
  if (prefer === undefined || !/\bcode\s*=/i.test(prefer)) return accept;
  return accept === undefined ? "*/*" : `${accept}, */*;q=0.1`;
}

function acceptedMediaTypes(accept: string): string[] {
  const accepted: string[] = [];
  for (const range of accept.split(",")) {
    const [mediaType = "", ...parameters] = range.split(";").map((part) => part.trim().toLowerCase());
    const excluded = parameters.some((parameter) => /^q\s*=\s*0(\.0*)?$/.test(parameter));
    if (!excluded) accepted.push(mediaType);
  }
  return accepted;
}
