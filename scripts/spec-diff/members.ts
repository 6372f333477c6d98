/** The members of operations, parameters, bodies, media types and headers that hold one value: a rule for each. */
import type { Place } from "../../contract-tests/contract/document.js";
import { breaking, compatible, type Found, type Pair } from "./findings.js";

export const READ_OTHERWISE = breaking("they read the value otherwise than a client writes it");

interface Rule {
  /** The value as text, or what its absence means; a member of which both have the same is no difference. */
  readonly read: (holder: Place) => string;
  readonly found: (our: string, their: string, theirs: Place, ours: Place) => Found;
}

const RULES = {
  operationId: {
    read: (operation) => operation.get("operationId")?.text ?? "",
    found: (our, their) =>
      our && their ? compatible("the name is never sent; MongoDB's documentation and programs use theirs") : undefined,
  },
  // Any one of the roles is enough.
  "x-rolesRequirements": {
    read: (operation) => operation.items("x-rolesRequirements").map(textOf).sort().join(),
    found(our, their) {
      if (our === "") return undefined;
      if (their === "") return compatible("they do not say which role it takes");
      return our.split(",").every((role) => their.split(",").includes(role))
        ? compatible("another role is enough too")
        : breaking("they may refuse an account that has the role that the contract names");
    },
  },
  required: { read: flag("required"), found: (our) => (our === "true" ? "wider" : "narrower") },
  deprecated: {
    read: flag("deprecated"),
    found(_our, _their, theirs) {
      const sunset = sunsetOf(theirs);
      const state = sunset === "" ? "what is deprecated still works" : `they keep it until ${sunset} (x-sunset)`;
      return { ...compatible(`${state}; look for what replaces it`), ...(sunset && { sunset }) };
    },
  },
  // The date from which Atlas no longer serves what it stands on.
  "x-sunset": {
    read: sunsetOf,
    found(_our, sunset) {
      if (sunset === "") return compatible("they no longer say that it ends");
      return Date.parse(sunset) <= Date.now()
        ? { ...breaking(`its end came on ${sunset}: a client that still uses it fails`), sunset }
        : { ...compatible(`it works until ${sunset}; move clients to what replaces it before that`), sunset };
    },
  },
  style: { read: styleOf, found: () => READ_OTHERWISE },
  explode: {
    read: (parameter) => String(parameter.get("explode")?.value ?? styleOf(parameter) === "form"),
    found(_our, _their, theirs, ours) {
      if (styleOf(ours) !== styleOf(theirs)) return undefined;
      return ["array", "object"].includes(ours.get("schema", "type")?.text ?? "") ? "different" : "equivalent";
    },
  },
  allowReserved: { read: flag("allowReserved"), found: (our) => (our === "true" ? "narrower" : "wider") },
} satisfies Readonly<Record<string, Rule>>;

export function compareMembers(pair: Pair, ...members: readonly (keyof typeof RULES)[]): void {
  for (const member of members) {
    const { read, found }: Rule = RULES[member];
    const [our, their] = pair.both(({ at }) => read(at));
    pair.noteMember(member, our === their ? undefined : found(our, their, pair.theirs.at, pair.ours.at));
  }
}

function flag(key: string): (holder: Place) => string {
  return (holder) => String(holder.flag(key));
}

const textOf = ({ value }: Place) => String(value);

function sunsetOf(holder: Place): string {
  return String(holder.get("x-sunset")?.value ?? "");
}

/** The default depends on the place. */
function styleOf(parameter: Place): string {
  const isForm = ["query", "cookie"].includes(parameter.get("in")?.text ?? "");
  return parameter.get("style")?.text ?? (isForm ? "form" : "simple");
}
