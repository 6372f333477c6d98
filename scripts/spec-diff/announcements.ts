/**
 * What MongoDB announces before it ends something: `deprecated`, and `x-sunset` with the date.
 */
import type { Place } from "../../contract-tests/contract/document.js";
import type { Context } from "./findings.js";
import { breaking, compatible } from "./verdict.js";

/** Compares `deprecated` and `x-sunset` of an operation, a parameter or a header. */
export function compareAnnouncements(context: Context, ours: Place, theirs: Place): void {
  context.count();
  if (ours.flag("deprecated") !== theirs.flag("deprecated")) {
    const sunset = sunsetOf(theirs);
    const state = sunset === undefined ? "what is deprecated still works" : `they keep it until ${sunset} (x-sunset)`;
    const judgement = compatible(`${state}; look for what replaces it`);
    context.reportMember(ours, theirs, "deprecated", { ...judgement, ...(sunset && { sunset }) });
  }
  compareSunset(context, ours, theirs);
}

/** Compares `x-sunset`, the date from which Atlas no longer serves what it stands on. */
export function compareSunset(context: Context, ours: Place, theirs: Place): void {
  context.count();
  const sunset = sunsetOf(theirs);
  if (sunsetOf(ours) === sunset) return;
  if (sunset === undefined) {
    context.reportMember(ours, theirs, "x-sunset", compatible("they no longer say that it ends"));
    return;
  }
  const judgement =
    Date.parse(sunset) <= Date.now()
      ? breaking(`its end came on ${sunset}: a client that still uses it fails`)
      : compatible(`it works until ${sunset}; move clients to what replaces it before that`);
  context.reportMember(ours, theirs, "x-sunset", { ...judgement, sunset });
}

function sunsetOf(place: Place): string | undefined {
  const value = place.get("x-sunset")?.value;
  return value === undefined ? undefined : String(value);
}
