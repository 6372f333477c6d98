/**
 * The ways to sign in: alternatives, each a set of schemes, matched by what the schemes are rather than by their names.
 */
import type { SpecDocument, SpecNode } from "./document.js";
import { type Findings, judgeMissing, missing, type Place, present } from "./findings.js";
import type { Operation } from "./operations.js";
import { pointerTo } from "./pointer.js";
import { kindOfScheme, SchemeComparison } from "./security-schemes.js";
import type { Judgement } from "./verdict.js";

interface Scheme {
  readonly name: string;
  readonly node: SpecNode;
  readonly scopes: readonly string[];
}

interface Alternative {
  readonly node: SpecNode;
  readonly schemes: readonly Scheme[];
}

interface Security {
  /** Where the alternatives stand, or would. */
  readonly pointer: string;
  readonly isThere: boolean;
  readonly alternatives: readonly Alternative[];
}

/** Compares what an operation asks for, its own or the document's. */
export function compareSecurity(findings: Findings, ours: Operation, theirs: Operation): void {
  const place: Place = { operation: ours.name, part: "security" };
  const [our, their] = [securityOf(ours), securityOf(theirs)];
  const left = [...their.alternatives];
  const gone: Alternative[] = [];
  for (const alternative of our.alternatives) {
    findings.count();
    const partner = [byKind, byName].reduce<Alternative | undefined>(
      (found, label) => found ?? left.find((candidate) => labelOf(candidate, label) === labelOf(alternative, label)),
      undefined,
    );
    if (partner === undefined) gone.push(alternative);
    else {
      left.splice(left.indexOf(partner), 1);
      compareAlternative(findings, place, alternative, partner);
    }
  }
  if (gone.length > 1 && their.alternatives.length === 0) reportNone(findings, place, our, their);
  else for (const alternative of gone) reportGone(findings, place, alternative, their);
  for (const alternative of left) {
    findings.add({
      place,
      what: `only theirs: signing in with ${labelOf(alternative, byName)}`,
      ours: missing(our.pointer),
      theirs: present(alternative.node),
      verdict: "compatible",
      why: "nobody is made to use it",
    });
  }
}

function securityOf({ node, document }: Operation): Security {
  const security = node.get("security") ?? document.root.get("security");
  return {
    pointer: security?.pointer ?? pointerTo(node.pointer, "security"),
    isThere: security !== undefined,
    alternatives: (security?.items() ?? []).map((item) => ({ node: item, schemes: schemesOf(document, item) })),
  };
}

function schemesOf(document: SpecDocument, alternative: SpecNode): readonly Scheme[] {
  const known = document.root.get("components")?.get("securitySchemes");
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

function byKind({ node }: Scheme): string {
  return kindOfScheme(node);
}

function compareAlternative(findings: Findings, place: Place, ours: Alternative, theirs: Alternative): void {
  const left = [...theirs.schemes];
  for (const our of ours.schemes) {
    const their = left.find((one) => byKind(one) === byKind(our)) ?? left.find(({ name }) => name === our.name);
    if (their === undefined) continue;
    left.splice(left.indexOf(their), 1);
    new SchemeComparison(findings, place, our.name).compare(our.node, their.node);
    const isMore = their.scopes.some((scope) => !our.scopes.includes(scope));
    const isLess = our.scopes.some((scope) => !their.scopes.includes(scope));
    if (!isMore && !isLess) continue;
    findings.add({
      place,
      what: `scopes of ${our.name}`,
      ours: { pointer: pointerTo(ours.node.pointer, our.name), value: our.scopes },
      theirs: { pointer: pointerTo(theirs.node.pointer, their.name), value: their.scopes },
      verdict: isMore ? "breaking" : "compatible",
      why: isMore ? "they refuse a token without these scopes" : "a client's token may do more than they ask for",
    });
  }
}

function reportNone(findings: Findings, place: Place, our: Security, their: Security): void {
  findings.add({
    place,
    what: "only ours: security",
    ours: { pointer: our.pointer, value: our.alternatives.map((alternative) => labelOf(alternative, byName)) },
    theirs: their.isThere ? { pointer: their.pointer, value: [] } : missing(their.pointer),
    verdict: "breaking",
    why: "a client signs in, and they do not say how",
  });
}

function reportGone(findings: Findings, place: Place, alternative: Alternative, their: Security): void {
  const otherwise: Judgement = { verdict: "breaking", why: "they may refuse a client that signs in like this" };
  const judgements = alternative.schemes.map(({ node }) => judgeMissing(node, otherwise));
  findings.add({
    place,
    what: `only ours: signing in with ${labelOf(alternative, byName)}`,
    ours: present(alternative.node),
    theirs: missing(their.pointer),
    ...(judgements.find(({ verdict }) => verdict === "breaking") ?? judgements[0] ?? otherwise),
  });
}
