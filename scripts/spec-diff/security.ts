/**
 * The ways to sign in: alternatives, each a set of schemes, matched by what the schemes are rather than by their names.
 */
import type { Place } from "../../contract-tests/contract/document.js";
import type { Operation } from "../../contract-tests/contract/operations.js";
import { absoluteUrl, NEED_NOT_USE } from "./documents.js";
import { breaking, type Context, compatible, matched, missing, present, type Side } from "./findings.js";
import { plainText } from "./schema/schema.js";

interface Scheme {
  readonly name: string;
  readonly at: Place;
  readonly scopes: readonly string[];
}

interface Alternative {
  readonly at: Place;
  readonly schemes: readonly Scheme[];
}

interface Security {
  /** The alternatives, or nothing where they would be. */
  readonly side: Side;
  /** At least one: without any, that of no scheme at all. */
  readonly alternatives: readonly Alternative[];
}

/** Compares what an operation asks for, its own or the document's. */
export function compareSecurity(context: Context, ours: Operation, theirs: Operation): void {
  const [our, their] = [securityOf(ours), securityOf(theirs)];
  const { pairs, gone, added } = matched(our.alternatives, their.alternatives, labelOf(kindOf), byName);
  for (const [mine, other] of pairs) compareAlternative(context, mine, other);
  if (gone.length > 1 && their.alternatives.every(isOpen)) {
    const judgement = breaking("a client signs in, and they do not say how");
    const side = { ...our.side, value: our.alternatives.map(byName) };
    context.note("only ours: security", side, their.side, judgement);
    return;
  }
  for (const alternative of gone) {
    const what = `signing in with ${byName(alternative)}`;
    const otherwise = breaking(
      isOpen(alternative)
        ? "they refuse a client that does not sign in"
        : "they may refuse a client that signs in like this",
    );
    const parts = alternative.schemes.map(({ at }) => at);
    context.noteOnlyOurs(what, sideOf(alternative), { pointer: their.side.pointer }, parts, otherwise);
  }
  for (const alternative of added) {
    const what = `signing in with ${byName(alternative)}`;
    context.noteOnlyTheirs(what, { pointer: our.side.pointer }, sideOf(alternative), NEED_NOT_USE);
  }
}

function sideOf(alternative: Alternative): Side {
  return isOpen(alternative) ? present(alternative.at, []) : present(alternative.at);
}

function isOpen({ schemes }: Alternative): boolean {
  return schemes.length === 0;
}

function securityOf({ at }: Operation): Security {
  const { root } = at.document;
  const security = at.get("security") ?? root.get("security");
  const alternatives = (security?.items() ?? []).map((alternative) => ({
    at: alternative,
    schemes: alternative.entries().map(([name, scopes]) => ({
      name,
      scopes: scopes.items().map(({ value }) => String(value)),
      // A name that stands for nothing has the kind of nothing.
      at: root.get("components", "securitySchemes", name) ?? alternative,
    })),
  }));
  const side = security === undefined ? missing(at, "security") : present(security, []);
  return { side, alternatives: alternatives.length > 0 ? alternatives : [{ at: security ?? at, schemes: [] }] };
}

const byName = labelOf(({ name }) => name);

function labelOf(label: (scheme: Scheme) => string): (alternative: Alternative) => string {
  return ({ schemes }) => (schemes.length === 0 ? "nothing" : schemes.map(label).sort().join(" and "));
}

const KIND_MEMBERS = ["type", "scheme", "in", "name"];
const FLOW_MEMBERS = ["tokenUrl", "authorizationUrl", "refreshUrl"];

/** What makes two schemes the same kind of thing, whatever their names and URLs. */
function kindOf({ at }: Scheme): string {
  const flows = [...(at.get("flows")?.keys() ?? [])].sort();
  return plainText([...KIND_MEMBERS.map((key) => meaningOf(at, key)), flows]);
}

/** A relative URL means what it resolves to; the name of an HTTP scheme has no case. */
function meaningOf(owner: Place, key: string): string | undefined {
  const member = owner.get(key);
  if (member === undefined) return undefined;
  const text = String(member.value);
  if (key.endsWith("Url")) return absoluteUrl(owner.document, text);
  return key === "scheme" ? text.toLowerCase() : text;
}

function compareAlternative(context: Context, ours: Alternative, theirs: Alternative): void {
  for (const [our, their] of matched(ours.schemes, theirs.schemes, kindOf, ({ name }) => name).pairs) {
    compareScheme(context.about(`security scheme ${our.name}`), our.at, their.at);
    const { gone, added } = matched(our.scopes, their.scopes, String);
    let judgement = gone.length > 0 ? compatible("a client's token may do more than they ask for") : undefined;
    if (added.length > 0) judgement = breaking("they refuse a token without these scopes");
    const sideOf = ({ at }: Alternative, { name, scopes }: Scheme) => ({ ...missing(at, name), value: scopes });
    context.note(`scopes of ${our.name}`, sideOf(ours, our), sideOf(theirs, their), judgement);
  }
}

const OTHERWISE = breaking("a client signs in as the contract says, and they expect it otherwise");

/** Compares all of two schemes that are meant to be the same but their descriptions. */
function compareScheme(context: Context, ours: Place, theirs: Place): void {
  compareTexts(context, ours, theirs, [...KIND_MEMBERS, "openIdConnectUrl"]);
  const [our, their] = [ours.get("flows"), theirs.get("flows")];
  if (our === undefined || their === undefined) return;
  const { pairs, gone, added } = matched(our.entries(), their.entries(), ([name]) => name);
  for (const [[, flow], [, theirFlow]] of pairs) compareTexts(context, flow, theirFlow, FLOW_MEMBERS);
  for (const [name] of gone) context.noteMember(our, their, name, OTHERWISE);
  for (const [name] of added) context.noteMember(our, their, name, NEED_NOT_USE);
}

function compareTexts(context: Context, ours: Place, theirs: Place, keys: readonly string[]): void {
  for (const key of keys) {
    const isSame = meaningOf(ours, key) === meaningOf(theirs, key);
    context.noteMember(ours, theirs, key, isSame ? undefined : OTHERWISE);
  }
}
