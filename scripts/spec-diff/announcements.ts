/**
 * What MongoDB announces before it ends something: `deprecated`, and `x-sunset` with the date.
 */
import type { Place } from "../../contract-tests/contract/document.js";
import { type Context, reportMember } from "./schema/context.js";

/** Compares `deprecated` and `x-sunset` of an operation, a parameter or a header. */
export function compareAnnouncements(context: Context, ours: Place, theirs: Place): void {
  context.findings.count();
  if (ours.flag("deprecated") !== theirs.flag("deprecated")) {
    const sunset = sunsetOf(theirs);
    const why =
      sunset === undefined
        ? "what is deprecated still works; look for what replaces it"
        : `they keep it until ${sunset} (x-sunset); look for what replaces it`;
    reportMember(context, ours, theirs, "deprecated", { verdict: "compatible", why, ...(sunset && { sunset }) });
  }
  compareSunset(context, ours, theirs);
}

/** Compares `x-sunset`, the date from which Atlas no longer serves what it stands on. */
export function compareSunset(context: Context, ours: Place, theirs: Place): void {
  context.findings.count();
  const sunset = sunsetOf(theirs);
  if (sunsetOf(ours) === sunset) return;
  if (sunset === undefined) {
    const why = "they no longer say that it ends";
    reportMember(context, ours, theirs, "x-sunset", { verdict: "compatible", why });
  } else if (Date.parse(sunset) <= Date.now()) {
    const why = `its end came on ${sunset}: a client that still uses it fails`;
    reportMember(context, ours, theirs, "x-sunset", { verdict: "breaking", why, sunset });
  } else {
    const why = `it works until ${sunset}; move clients to what replaces it before that`;
    reportMember(context, ours, theirs, "x-sunset", { verdict: "compatible", why, sunset });
  }
}

function sunsetOf(place: Place): string | undefined {
  const value = place.get("x-sunset")?.value;
  return value === undefined ? undefined : String(value);
}
