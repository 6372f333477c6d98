/**
 * The ways to sign in: alternatives, each a set of schemes, matched by what the schemes are rather than by their names.
 */
import type { ContractDocument, Place } from "../../contract-tests/contract/document.js";
import type { Operation } from "../../contract-tests/contract/operations.js";
import { absoluteUrl, NEED_NOT_USE } from "./documents.js";
import { type Context, matched, missing, present, type Side } from "./findings.js";
import { plainText } from "./schema/canonical.js";
import { breaking, compatible, judgeMissingParts } from "./verdict.js";

interface Scheme {
  readonly name: string;
  readonly node: Place;
  readonly scopes: readonly string[];
}

interface Alternative {
  readonly node: Place;
  readonly schemes: readonly Scheme[];
}

interface Security {
  /** The alternatives, or nothing where they would be. */
  readonly side: Side;
  readonly alternatives: readonly Alternative[];
}

/** Compares what an operation asks for, its own or the document's. */
export function compareSecurity(context: Context, ours: Operation, theirs: Operation): void {
  const [our, their] = [securityOf(ours), securityOf(theirs)];
  const nowhere = { pointer: their.side.pointer };
  for (const _ of our.alternatives) context.count();
  const keys = [byKind, byName].map((label) => (alternative: Alternative) => labelOf(alternative, label));
  const { pairs, gone, added } = matched(our.alternatives, their.alternatives, ...keys);
  for (const [mine, other] of pairs) compareAlternative(context, mine, other);
  if (gone.length > 1 && their.alternatives.length === 0) {
    const side = { ...our.side, value: our.alternatives.map((alternative) => labelOf(alternative, byName)) };
    const judgement = breaking("a client signs in, and they do not say how");
    context.report("only ours: security", side, their.side, judgement);
  } else {
    for (const { node, schemes } of gone) {
      const otherwise = breaking("they may refuse a client that signs in like this");
      const judgement = judgeMissingParts(
        schemes.map((scheme) => scheme.node),
        otherwise,
      );
      const what = `only ours: signing in with ${labelOf({ node, schemes }, byName)}`;
      context.report(what, present(node), nowhere, judgement);
    }
  }
  for (const alternative of added) {
    const what = `only theirs: signing in with ${labelOf(alternative, byName)}`;
    context.report(what, { pointer: our.side.pointer }, present(alternative.node), compatible(NEED_NOT_USE));
  }
}

function securityOf({ at }: Operation): Security {
  const { document } = at;
  const security = at.get("security") ?? document.root.get("security");
  return {
    side: security === undefined ? missing(at, "security") : present(security, []),
    alternatives: (security?.items() ?? []).map((node) => ({ node, schemes: schemesOf(document, node) })),
  };
}

function schemesOf(document: ContractDocument, alternative: Place): readonly Scheme[] {
  const known = document.root.get("components", "securitySchemes");
  return alternative.keys().map((name) => {
    const scopes = alternative.get(name)?.items() ?? [];
    // A name that stands for nothing has the kind of nothing.
    return { name, scopes: scopes.map(({ value }) => String(value)), node: known?.get(name) ?? alternative };
  });
}

function labelOf({ schemes }: Alternative, label: (scheme: Scheme) => string): string {
  return schemes.length === 0 ? "nothing" : schemes.map(label).sort().join(" and ");
}

function byName({ name }: Scheme): string {
  return name;
}

/** What makes two schemes the same kind of thing, whatever their names and URLs. */
function byKind({ node }: Scheme): string {
  const flows = [...(node.get("flows")?.keys() ?? [])].sort();
  return plainText([...SCHEME_MEMBERS.map((key) => meaningOf(key, node.get(key))), flows]);
}

function compareAlternative(context: Context, ours: Alternative, theirs: Alternative): void {
  for (const [our, their] of matched(ours.schemes, theirs.schemes, byKind, byName).pairs) {
    compareScheme(context.about(`security scheme ${our.name}`), our.node, their.node);
    const isMore = their.scopes.some((scope) => !our.scopes.includes(scope));
    if (!isMore && our.scopes.every((scope) => their.scopes.includes(scope))) continue;
    const judgement = isMore
      ? breaking("they refuse a token without these scopes")
      : compatible("a client's token may do more than they ask for");
    const sideOf = ({ node }: Alternative, { name, scopes }: Scheme) => ({ ...missing(node, name), value: scopes });
    context.report(`scopes of ${our.name}`, sideOf(ours, our), sideOf(theirs, their), judgement);
  }
}

const SCHEME_MEMBERS = ["type", "scheme", "in", "name"];
const FLOW_MEMBERS = ["tokenUrl", "authorizationUrl", "refreshUrl"];

/** A relative URL means what it resolves to; the name of an HTTP scheme has no case. */
function meaningOf(key: string, node: Place | undefined): string | undefined {
  if (node === undefined) return undefined;
  const text = String(node.value);
  if (key.endsWith("Url")) return absoluteUrl(node.document, text);
  return key === "scheme" ? text.toLowerCase() : text;
}

/** Compares all of two schemes that are meant to be the same but their descriptions. */
function compareScheme(context: Context, ours: Place, theirs: Place): void {
  const other = breaking("a client signs in as the contract says, and they expect it otherwise");
  const compareMembers = (our: Place, their: Place, keys: readonly string[]) => {
    for (const key of keys) {
      context.count();
      if (meaningOf(key, our.get(key)) !== meaningOf(key, their.get(key))) context.reportMember(our, their, key, other);
    }
  };
  compareMembers(ours, theirs, [...SCHEME_MEMBERS, "openIdConnectUrl"]);
  const [our, their] = [ours.get("flows"), theirs.get("flows")];
  if (our === undefined || their === undefined) return;
  for (const name of new Set([...our.keys(), ...their.keys()])) {
    const [ourFlow, theirFlow] = [our.get(name), their.get(name)];
    if (ourFlow !== undefined && theirFlow !== undefined) compareMembers(ourFlow, theirFlow, FLOW_MEMBERS);
    else context.reportMember(our, their, name, ourFlow === undefined ? compatible(NEED_NOT_USE) : other);
  }
}
