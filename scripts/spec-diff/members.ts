/**
 * Members that parameters, bodies, media types and headers have in common.
 */
import type { Place } from "../../contract-tests/contract/document.js";
import { pointerTo } from "../../contract-tests/contract/pointer.js";
import { compareSunset } from "./announcements.js";
import { judgeMissing, keywordReason, memberSide, missing, present } from "./findings.js";
import { compareSchemas } from "./schema/compare.js";
import { type Context, reportMember } from "./schema/context.js";
import { type Judgement, judge } from "./verdict.js";

/** Compares `required`: in a request it narrows what they take, in a response what they give. */
export function compareRequired(context: Context, ours: Place, theirs: Place): void {
  context.findings.count();
  const isOurs = ours.flag("required");
  if (isOurs === theirs.flag("required")) return;
  const reason = isOurs ? keywordReason(ours, "x-stricter-than-documentation", ["required"]) : undefined;
  const judgement = judge(context.direction, isOurs ? "wider" : "narrower");
  reportMember(
    context,
    ours,
    theirs,
    "required",
    reason === undefined ? judgement : { verdict: "stricter on purpose", why: reason },
  );
}

/** Compares `schema`; without one anything may come. */
export function compareSchemaMember(context: Context, ours: Place, theirs: Place): void {
  const [our, their] = [ours.get("schema"), theirs.get("schema")];
  if (our !== undefined && their !== undefined) compareSchemas(context, our, their, true);
  else if (our !== undefined || their !== undefined) {
    reportMember(context, ours, theirs, "schema", judge(context.direction, our === undefined ? "narrower" : "wider"));
  }
}

/** Compares `content`, media type by media type. */
export function compareContent(context: Context, ours: Place, theirs: Place): void {
  const [our, their] = [ours.get("content"), theirs.get("content")];
  const theirNames = their?.keys() ?? [];
  if (our !== undefined && our.keys().length > 0 && theirNames.length === 0) {
    reportNoContent(context, our, theirs);
    return;
  }
  const left = new Set(theirNames);
  for (const name of our?.keys() ?? []) {
    context.findings.count();
    const media = our?.get(name);
    const theirName =
      theirNames.find((candidate) => normal(candidate) === normal(name)) ??
      theirNames.find((candidate) => isRangeOver(candidate, name));
    const theirMedia = theirName === undefined ? undefined : their?.get(theirName);
    if (theirName !== undefined) left.delete(theirName);
    if (media !== undefined && theirMedia !== undefined) {
      compareSunset({ ...context, subject: `media type ${name} of ${context.subject}` }, media, theirMedia);
      compareSchemaMember(inBody(context), media, theirMedia);
    } else if (media !== undefined) reportGone(context, media, name, theirs);
  }
  for (const name of left) {
    context.findings.add({
      place: context.place,
      what: `only theirs: media type ${name} of ${context.subject}`,
      ours: missing(pointerTo(pointerTo(ours.pointer, "content"), name)),
      theirs: { pointer: pointerTo(pointerTo(theirs.pointer, "content"), name), value: name },
      verdict: "compatible",
      why: "a client names the media types that it wants and sends",
    });
  }
}

function inBody(context: Context): Context {
  return { ...context, subject: `${context.subject} $` };
}

function reportGone(context: Context, media: Place, name: string, theirs: Place): void {
  context.findings.add({
    place: context.place,
    what: `only ours: media type ${name} of ${context.subject}`,
    ours: present(media, name),
    theirs: missing(pointerTo(pointerTo(theirs.pointer, "content"), name)),
    ...judgeMissing(media, goneJudgement(context)),
  });
}

/** No body at all is one difference; it is explained when each of our media types is. */
function reportNoContent(context: Context, our: Place, theirs: Place): void {
  const otherwise = goneJudgement(context);
  const judgements = our.keys().flatMap((name) => {
    const media = our.get(name);
    return media === undefined ? [] : [judgeMissing(media, otherwise)];
  });
  context.findings.add({
    place: context.place,
    what: `only ours: content of ${context.subject}`,
    ours: present(our, our.keys()),
    theirs: memberSide(theirs, "content"),
    ...(judgements.find(({ verdict }) => verdict === "breaking") ?? judgements[0] ?? otherwise),
  });
}

function goneJudgement({ direction }: Context): Judgement {
  const why =
    direction === "request"
      ? "a client names it in Content-Type, and they do not say that they take it"
      : "a client names it in Accept or counts on it, and they do not say that they return it";
  return { verdict: "breaking", why };
}

function normal(mediaType: string): string {
  return mediaType.toLowerCase().replaceAll(/\s+/g, "");
}

function isRangeOver(range: string, mediaType: string): boolean {
  const [type] = normal(mediaType).split("/", 1);
  return range === "*/*" || normal(range) === `${type}/*`;
}
