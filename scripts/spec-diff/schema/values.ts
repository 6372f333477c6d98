/**
 * `type` with `nullable` and `enum` with `const`: keywords that only together say which values there are.
 */
import { relationOf } from "../verdict.js";
import { plainText } from "./canonical.js";
import { type Context, report, sideOf } from "./context.js";
import type { EffectiveSchema } from "./effective.js";

/**
 * Compares the types.
 * @returns false if they have nothing in common: then nothing else is worth comparing
 */
export function compareTypes(context: Context, ours: EffectiveSchema, theirs: EffectiveSchema): boolean {
  context.findings.count();
  const [our, their] = [typesOf(ours), typesOf(theirs)];
  const onlyOurs = our === undefined ? their !== undefined : [...our].some((type) => !admits(their, type));
  const onlyTheirs = their === undefined ? our !== undefined : [...their].some((type) => !admits(our, type));
  const relation = relationOf(onlyOurs, onlyTheirs);
  if (relation === undefined) return true;
  const sameTypes = plainText(ours.keywords.get("type")?.value) === plainText(theirs.keywords.get("type")?.value);
  report(context, ours, theirs, { keyword: sameTypes ? "nullable" : "type", relation, aliases: ["type"] });
  return (
    our === undefined ||
    their === undefined ||
    [...our].some((type) => admits(their, type)) ||
    [...their].some((type) => admits(our, type))
  );
}

/** `undefined`: any. */
function typesOf(schema: EffectiveSchema): ReadonlySet<string> | undefined {
  const type = schema.keywords.get("type")?.value;
  if (type === undefined) return undefined;
  const types = new Set((Array.isArray(type) ? type : [type]).map(String));
  if (schema.keywords.get("nullable")?.value === true) types.add("null");
  return types;
}

function admits(types: ReadonlySet<string> | undefined, type: string): boolean {
  return types === undefined || types.has(type) || (type === "integer" && types.has("number"));
}

/** Compares the listed values; their order means nothing. */
export function compareEnums(context: Context, ours: EffectiveSchema, theirs: EffectiveSchema): void {
  context.findings.count();
  const [our, their] = [enumOf(ours), enumOf(theirs)];
  const onlyOurs = their === undefined ? false : our === undefined || [...our].some((value) => !their.has(value));
  const onlyTheirs = our === undefined ? false : their === undefined || [...their].some((value) => !our.has(value));
  const relation = relationOf(onlyOurs, onlyTheirs);
  const keyword = ours.keywords.has("const") || theirs.keywords.has("const") ? "const" : "enum";
  if (relation !== undefined) {
    report(context, ours, theirs, {
      keyword,
      relation,
      aliases: ["enum"],
      ours: ours.keywords.has(keyword) ? sideOf(ours, keyword) : sideOf(ours, "enum"),
      theirs: theirs.keywords.has(keyword) ? sideOf(theirs, keyword) : sideOf(theirs, "enum"),
    });
  }
}

function enumOf(schema: EffectiveSchema): ReadonlySet<string> | undefined {
  const [one, many] = [schema.keywords.get("const"), schema.keywords.get("enum")];
  if (one !== undefined) return new Set([plainText(one.value)]);
  return Array.isArray(many?.value) ? new Set(many.value.map(plainText)) : undefined;
}
