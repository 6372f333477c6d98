/**
 * Members that parameters, bodies, media types and headers have in common.
 */
import type { Place } from "../../contract-tests/contract/document.js";
import { compareSunset } from "./announcements.js";
import { type Context, memberSide, missing, present } from "./findings.js";
import { compareSchemas } from "./schema/compare.js";
import {
  breaking,
  compatible,
  type Judgement,
  judge,
  judgeMissing,
  judgeMissingParts,
  keywordReason,
} from "./verdict.js";

/** Compares `required`: in a request it narrows what they take, in a response what they give. */
export function compareRequired(context: Context, ours: Place, theirs: Place): void {
  context.count();
  const isOurs = ours.flag("required");
  if (isOurs === theirs.flag("required")) return;
  const reason = isOurs ? keywordReason(ours, "x-stricter-than-documentation", ["required"]) : undefined;
  const judgement: Judgement =
    reason === undefined
      ? judge(context.direction, isOurs ? "wider" : "narrower")
      : { verdict: "stricter on purpose", why: reason };
  context.reportMember(ours, theirs, "required", judgement);
}

/** Compares `schema`; without one anything may come. */
export function compareSchemaMember(context: Context, ours: Place, theirs: Place): void {
  const [our, their] = [ours.get("schema"), theirs.get("schema")];
  if (our !== undefined && their !== undefined) compareSchemas(context, our, their, true);
  else if (our !== undefined || their !== undefined) {
    const judgement = judge(context.direction, our === undefined ? "narrower" : "wider");
    context.reportMember(ours, theirs, "schema", judgement);
  }
}

/** Compares `content`, media type by media type. */
export function compareContent(context: Context, ours: Place, theirs: Place): void {
  const [our, their] = [ours.get("content"), theirs.get("content")];
  const theirNames = their?.keys() ?? [];
  const gone = breaking(
    context.direction === "request"
      ? "a client names it in Content-Type, and they do not say that they take it"
      : "a client names it in Accept or counts on it, and they do not say that they return it",
  );
  if (our !== undefined && our.keys().length > 0 && theirNames.length === 0) {
    // No body at all is one difference.
    const media = our.entries().map(([, each]) => each);
    const judgement = judgeMissingParts(media, gone);
    const what = `only ours: content of ${context.subject}`;
    context.report(what, present(our, our.keys()), memberSide(theirs, "content"), judgement);
    return;
  }
  const left = new Set(theirNames);
  for (const [name, media] of our?.entries() ?? []) {
    context.count();
    const subject = `media type ${name} of ${context.subject}`;
    const theirName =
      theirNames.find((candidate) => normal(candidate) === normal(name)) ??
      theirNames.find((candidate) => isRangeOver(candidate, name));
    const theirMedia = theirName === undefined ? undefined : their?.get(theirName);
    if (theirName !== undefined) left.delete(theirName);
    if (theirMedia !== undefined) {
      compareSunset(context.about(subject), media, theirMedia);
      compareSchemaMember(context.about(`${context.subject} $`), media, theirMedia);
    } else {
      const side = missing(theirs, "content", name);
      context.report(`only ours: ${subject}`, present(media, name), side, judgeMissing(media, gone));
    }
  }
  for (const name of left) {
    const what = `only theirs: media type ${name} of ${context.subject}`;
    const side = { ...missing(theirs, "content", name), value: name };
    const judgement = compatible("a client names the media types that it wants and sends");
    context.report(what, missing(ours, "content", name), side, judgement);
  }
}

function normal(mediaType: string): string {
  return mediaType.toLowerCase().replaceAll(/\s+/g, "");
}

function isRangeOver(range: string, mediaType: string): boolean {
  const [type] = normal(mediaType).split("/", 1);
  return range === "*/*" || normal(range) === `${type}/*`;
}
