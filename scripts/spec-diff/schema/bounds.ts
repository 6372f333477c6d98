/**
 * The numeric bounds: `minimum` and `maximum`, each with its `exclusive…`, a flag in OpenAPI 3.0 and a number in 3.1.
 */
import { missing, type Side } from "../findings.js";
import { pointerTo } from "../pointer.js";
import type { Relation } from "../verdict.js";
import { type Context, report, sideOf } from "./context.js";
import type { EffectiveSchema } from "./effective.js";

/** `minimum` is an upper bound of the negated values. */
interface Names {
  readonly plain: "minimum" | "maximum";
  readonly exclusive: "exclusiveMinimum" | "exclusiveMaximum";
  readonly sign: 1 | -1;
}

interface Bound {
  readonly limit: number;
  readonly exclusive: boolean;
}

/** Compares the lower and the upper bound. */
export function compareBounds(context: Context, ours: EffectiveSchema, theirs: EffectiveSchema): void {
  compareBound(context, ours, theirs, { plain: "minimum", exclusive: "exclusiveMinimum", sign: -1 });
  compareBound(context, ours, theirs, { plain: "maximum", exclusive: "exclusiveMaximum", sign: 1 });
}

function compareBound(context: Context, ours: EffectiveSchema, theirs: EffectiveSchema, names: Names): void {
  context.findings.count();
  const [our, their] = [written(ours, names), written(theirs, names)];
  const differing = [names.plain, names.exclusive].filter((keyword) => our[keyword] !== their[keyword]);
  const [keyword] = differing;
  if (keyword === undefined) return;
  report(context, ours, theirs, {
    keyword,
    relation: relate(boundOf(ours, our, names), boundOf(theirs, their, names)),
    aliases: [names.plain, names.exclusive],
    ...(differing.length === 2 && { ours: bothSides(ours, our, keyword), theirs: bothSides(theirs, their, keyword) }),
  });
}

type Written = Readonly<Partial<Record<string, number | true>>>;

/** The two keywords, without what says nothing: a flag that is false, or has no bound to qualify. */
function written(schema: EffectiveSchema, { plain, exclusive }: Names): Written {
  const limit = schema.keywords.get(plain)?.value;
  const exclusiveLimit = schema.keywords.get(exclusive)?.value;
  return {
    ...(typeof limit === "number" && { [plain]: limit }),
    ...(typeof exclusiveLimit === "number" && { [exclusive]: exclusiveLimit }),
    ...(typeof limit === "number" && exclusiveLimit === true && { [exclusive]: true as const }),
  };
}

function bothSides(schema: EffectiveSchema, values: Written, keyword: string): Side {
  const { pointer } = sideOf(schema, keyword);
  return Object.keys(values).length === 0
    ? missing(pointerTo(schema.node.pointer, keyword))
    : { pointer, value: values };
}

function boundOf(schema: EffectiveSchema, values: Written, { plain, exclusive, sign }: Names): Bound {
  const bounds: Bound[] = [];
  const [limit, strict] = [values[plain], values[exclusive]];
  if (typeof limit === "number") bounds.push({ limit: sign * limit, exclusive: strict === true });
  if (typeof strict === "number") bounds.push({ limit: sign * strict, exclusive: true });
  const isInteger = schema.keywords.get("type")?.value === "integer";
  const unbounded: Bound = { limit: Number.POSITIVE_INFINITY, exclusive: false };
  return bounds
    .map((bound) => (isInteger ? ofIntegers(bound) : bound))
    .reduce((a, b) => (isTighter(a, b) ? a : b), unbounded);
}

function ofIntegers({ limit, exclusive }: Bound): Bound {
  return { limit: exclusive ? Math.ceil(limit) - 1 : Math.floor(limit), exclusive: false };
}

function isTighter(a: Bound, b: Bound): boolean {
  return a.limit < b.limit || (a.limit === b.limit && a.exclusive && !b.exclusive);
}

function relate(ours: Bound, theirs: Bound): Relation {
  if (isTighter(theirs, ours)) return "narrower";
  return isTighter(ours, theirs) ? "wider" : "equivalent";
}
