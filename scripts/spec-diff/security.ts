/**
 * The ways to sign in: alternatives, each a set of schemes, matched by what the schemes are rather than by their names.
 */
import type { ContractDocument, Place } from "../../contract-tests/contract/document.js";
import type { Operation } from "../../contract-tests/contract/operations.js";
import { pointerTo } from "../../contract-tests/contract/pointer.js";
import { type Findings, judgeMissing, missing, type Part, present } from "./findings.js";
import { plainText } from "./schema/canonical.js";
import { absoluteUrl } from "./servers.js";
import type { Judgement } from "./verdict.js";

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
  /** Where the alternatives stand, or would. */
  readonly pointer: string;
  readonly isThere: boolean;
  readonly alternatives: readonly Alternative[];
}

/** Compares what an operation asks for, its own or the document's. */
export function compareSecurity(findings: Findings, ours: Operation, theirs: Operation): void {
  const place: Part = { operation: ours.operationId, part: "security" };
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
      why: "a client need not use it",
    });
  }
}

function securityOf({ at }: Operation): Security {
  const { document } = at;
  const security = at.get("security") ?? document.root.get("security");
  return {
    pointer: security?.pointer ?? pointerTo(at.pointer, "security"),
    isThere: security !== undefined,
    alternatives: (security?.items() ?? []).map((item) => ({ node: item, schemes: schemesOf(document, item) })),
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

function byKind({ node }: Scheme): string {
  return kindOfScheme(node);
}

function compareAlternative(findings: Findings, place: Part, ours: Alternative, theirs: Alternative): void {
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

function reportNone(findings: Findings, place: Part, our: Security, their: Security): void {
  findings.add({
    place,
    what: "only ours: security",
    ours: { pointer: our.pointer, value: our.alternatives.map((alternative) => labelOf(alternative, byName)) },
    theirs: their.isThere ? { pointer: their.pointer, value: [] } : missing(their.pointer),
    verdict: "breaking",
    why: "a client signs in, and they do not say how",
  });
}

function reportGone(findings: Findings, place: Part, alternative: Alternative, their: Security): void {
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

/** What makes two schemes the same kind of thing, whatever their names and URLs. */
function kindOfScheme(scheme: Place): string {
  const flows = [...(scheme.get("flows")?.keys() ?? [])].sort();
  return plainText([...SCHEME_MEMBERS.map((key) => meaningOf(key, scheme.get(key))), flows]);
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

/** Compares two schemes that are meant to be the same. */
class SchemeComparison {
  readonly #findings: Findings;
  readonly #place: Part;
  readonly #name: string;

  /** @param name what the contract calls the scheme */
  constructor(findings: Findings, place: Part, name: string) {
    this.#findings = findings;
    this.#place = place;
    this.#name = name;
  }

  /** Compares everything but descriptions. */
  compare(ours: Place, theirs: Place): void {
    for (const key of [...SCHEME_MEMBERS, "openIdConnectUrl"]) this.#compareMember(ours, theirs, key);
    const [our, their] = [ours.get("flows"), theirs.get("flows")];
    if (our === undefined || their === undefined) return;
    for (const name of new Set([...our.keys(), ...their.keys()])) {
      const [ourFlow, theirFlow] = [our.get(name), their.get(name)];
      if (ourFlow === undefined || theirFlow === undefined) this.#report(our, their, name, ourFlow === undefined);
      else for (const key of FLOW_MEMBERS) this.#compareMember(ourFlow, theirFlow, key);
    }
  }

  #compareMember(ours: Place, theirs: Place, key: string): void {
    this.#findings.count();
    if (meaningOf(key, ours.get(key)) !== meaningOf(key, theirs.get(key))) this.#report(ours, theirs, key, false);
  }

  #report(ours: Place, theirs: Place, key: string, isExtra: boolean): void {
    const [our, their] = [ours.get(key), theirs.get(key)];
    this.#findings.add({
      place: this.#place,
      what: `${key} of security scheme ${this.#name}`,
      ours: our === undefined ? missing(pointerTo(ours.pointer, key)) : present(our),
      theirs: their === undefined ? missing(pointerTo(theirs.pointer, key)) : present(their),
      verdict: isExtra ? "compatible" : "breaking",
      why: isExtra
        ? "a client need not use it"
        : "a client signs in as the contract says, and they expect it otherwise",
    });
  }
}
