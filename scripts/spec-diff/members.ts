/**
 * The members of operations, parameters, bodies, media types and headers that hold one value: a rule for each.
 */
import type { Place } from "../../contract-tests/contract/document.js";
import { breaking, type Context, compatible, type Direction, type Judgement, judge, reasonIn } from "./findings.js";

export const READ_OTHERWISE = breaking("they read the value otherwise than a client writes it");

/** How a member is judged; `undefined` if it is no difference. */
type Rule = (ours: Place, theirs: Place, direction: Direction) => Judgement | undefined;

const RULES = {
  operationId(ours, theirs) {
    const [our, their] = [ours, theirs].map((operation) => operation.get("operationId")?.text);
    if (our === undefined || their === undefined || our === their) return undefined;
    return compatible("the name is never sent; MongoDB's documentation and programs use theirs");
  },

  /** Any one of the roles is enough. */
  "x-rolesRequirements"(ours, theirs) {
    const [our = [], their = []] = [ours, theirs].map((operation) =>
      (operation.get("x-rolesRequirements")?.items() ?? []).map(({ value }) => String(value)).sort(),
    );
    if (our.length === 0 || our.join() === their.join()) return undefined;
    if (their.length === 0) return compatible("they do not say which role it takes");
    return our.every((role) => their.includes(role))
      ? compatible("another role is enough too")
      : breaking("they may refuse an account that has the role that the contract names");
  },

  /** In a request it narrows what they take, in a response what they give. */
  required(ours, theirs, direction) {
    const isOurs = ours.flag("required");
    if (isOurs === theirs.flag("required")) return undefined;
    const why = isOurs ? reasonIn(ours, "x-stricter-than-documentation", ["required"]) : undefined;
    return why === undefined
      ? judge(direction, isOurs ? "wider" : "narrower")
      : { verdict: "stricter on purpose", why };
  },

  deprecated(ours, theirs) {
    if (ours.flag("deprecated") === theirs.flag("deprecated")) return undefined;
    const sunset = sunsetOf(theirs);
    const state = sunset === undefined ? "what is deprecated still works" : `they keep it until ${sunset} (x-sunset)`;
    return { ...compatible(`${state}; look for what replaces it`), ...(sunset && { sunset }) };
  },

  /** The date from which Atlas no longer serves what it stands on. */
  "x-sunset"(ours, theirs) {
    const sunset = sunsetOf(theirs);
    if (sunsetOf(ours) === sunset) return undefined;
    if (sunset === undefined) return compatible("they no longer say that it ends");
    return Date.parse(sunset) <= Date.now()
      ? { ...breaking(`its end came on ${sunset}: a client that still uses it fails`), sunset }
      : { ...compatible(`it works until ${sunset}; move clients to what replaces it before that`), sunset };
  },

  /** How a value is written into the request. */
  style(ours, theirs) {
    if (styleOf(ours) === styleOf(theirs)) return undefined;
    return READ_OTHERWISE;
  },

  allowReserved(ours, theirs) {
    const isOurs = ours.flag("allowReserved");
    return isOurs === theirs.flag("allowReserved") ? undefined : judge("request", isOurs ? "narrower" : "wider");
  },

  explode(ours, theirs) {
    if (styleOf(ours) !== styleOf(theirs) || isExploded(ours) === isExploded(theirs)) return undefined;
    const isCompound = ["array", "object"].includes(ours.get("schema", "type")?.text ?? "");
    return judge("request", isCompound ? "different" : "equivalent");
  },
} satisfies Readonly<Record<string, Rule>>;

/** Compares these members of two places. */
export function compareMembers(
  context: Context,
  ours: Place,
  theirs: Place,
  ...members: readonly (keyof typeof RULES)[]
): void {
  for (const member of members) {
    const rule: Rule = RULES[member];
    context.noteMember(ours, theirs, member, rule(ours, theirs, context.direction));
  }
}

function sunsetOf(place: Place): string | undefined {
  const value = place.get("x-sunset")?.value;
  return value === undefined ? undefined : String(value);
}

/** The default depends on the place. */
function styleOf(parameter: Place): string {
  const isForm = ["query", "cookie"].includes(parameter.get("in")?.text ?? "");
  return parameter.get("style")?.text ?? (isForm ? "form" : "simple");
}

function isExploded(parameter: Place): unknown {
  return parameter.get("explode")?.value ?? styleOf(parameter) === "form";
}
