/**
 * What a comparison finds: the differences, and what each of them means. Every rule comes down to one question: with
 * everything in the contract allowed, can a client or server that keeps to it fail against the other document?
 */
import type { Place } from "../../contract-tests/contract/document.js";
import { objectOf, pointerTo } from "../../contract-tests/contract/json.js";

/** From the heaviest to the lightest. The second and the third come from an `x-` reason in the contract. */
export const VERDICTS = ["breaking", "stricter on purpose", "explained", "compatible"] as const;

export type Verdict = (typeof VERDICTS)[number];

/** Who sends the value. `unused`: nobody, such as a `readOnly` property in a request. */
export type Direction = "request" | "response" | "unused";

/** What their document admits, seen from ours. `equivalent`: written differently, the same in effect. */
export type Relation = "narrower" | "wider" | "different" | "equivalent";

export interface Judgement {
  readonly verdict: Verdict;
  readonly why: string;
  /** Until when they keep what differs, if they announce its end: a date. */
  readonly sunset?: string;
}

export const breaking = (why: string): Judgement => ({ verdict: "breaking", why });
export const compatible = (why: string): Judgement => ({ verdict: "compatible", why });

/** Requests must not be more than they accept, responses not more than we expect. */
const EFFECTS = {
  request: {
    narrower: breaking("they may refuse what the contract lets a client send"),
    wider: compatible("they accept more than the contract lets a client send"),
    different: breaking("they may refuse what the contract lets a client send, and take what it does not"),
  },
  response: {
    narrower: compatible("they return less than the contract makes a client expect"),
    wider: breaking("they may return what the contract does not describe"),
    different: breaking("what they return is not what the contract describes"),
  },
} as const;

export function judge(direction: Direction, relation: Relation): Judgement {
  if (relation === "equivalent") return compatible("written differently, the same in effect");
  return direction === "unused" ? compatible("this is never sent in this direction") : EFFECTS[direction][relation];
}

/** The relation of two sets given what each has that the other lacks; `undefined` if nothing differs. */
export function relationOf(onlyOurs: boolean, onlyTheirs: boolean): Relation | undefined {
  if (onlyOurs) return onlyTheirs ? "different" : "narrower";
  return onlyTheirs ? "wider" : undefined;
}

/**
 * The reason that an extension of the contract gives, in words: for being stricter than the documentation, for knowing
 * something from another source, for needing a property.
 * @param keywords the reason is about one of these; none: about all that the extension stands on
 */
export function reasonIn(ours: Place, extension: `x-${string}`, keywords?: readonly string[]): string | undefined {
  for (const entry of [objectOf(ours.value)[extension]].flat()) {
    const { keyword, reason } = objectOf(entry);
    const isMeant = keywords === undefined ? keyword === undefined : keywords.some((each) => each === keyword);
    if (isMeant && typeof reason === "string" && reason.trim() !== "") return reason.trim();
  }
  return undefined;
}

/** One of the two documents at a difference; `value` is absent if there is nothing. */
export interface Side {
  readonly pointer: string;
  readonly value?: unknown;
}

/** A value at the place that uses it: the reference, if there is one. */
export function used(place: Place, value: unknown = place.value): Side {
  return { pointer: place.usedAt, value };
}

/** A missing value, with the pointer that it would have. */
export function missing(owner: Place, ...keys: readonly string[]): Side {
  return { pointer: keys.reduce(pointerTo, owner.pointer) };
}

/** A member where it stands, or where it would. */
export function sideOf(owner: Place, key: string, member: Place | undefined): Side {
  return member === undefined ? missing(owner, key) : { pointer: member.pointer, value: member.value };
}

/** Which part of which operation a difference concerns, such as `response 404`. */
export interface Part {
  readonly operation: string;
  readonly part: string;
}

export interface Difference extends Judgement {
  readonly what: string;
  readonly ours: Side;
  /** The first place of theirs; more of them in `alsoTheirs`. */
  readonly theirs: Side;
  readonly alsoTheirs: readonly string[];
  readonly places: readonly Part[];
}

export class Findings {
  readonly #differences = new Map<string, Difference>();
  /** How many comparisons were made, so that "no difference" can be told from "nothing looked at". */
  compared = 0;

  /** Notes a difference; of several verdicts on the same one the heaviest stays. */
  add(place: Part, found: Omit<Difference, "places" | "alsoTheirs">): void {
    const key = JSON.stringify([found.ours, { ...found.theirs, pointer: "" }]);
    const known = this.#differences.get(key) ?? { ...found, alsoTheirs: [], places: [] };
    const heaviest = weight(found) < weight(known) ? found : known;
    const pointers = new Set([known.theirs.pointer, ...known.alsoTheirs, found.theirs.pointer]);
    pointers.delete(heaviest.theirs.pointer);
    const isKnown = known.places.some(({ operation, part }) => operation === place.operation && part === place.part);
    const places = isKnown ? known.places : [...known.places, place];
    this.#differences.set(key, { ...heaviest, alsoTheirs: [...pointers], places });
  }

  /** The heaviest verdict first, else in the order in which they were met. */
  all(): readonly Difference[] {
    return [...this.#differences.values()].sort((a, b) => weight(a) - weight(b));
  }
}

function weight({ verdict }: Judgement): number {
  return VERDICTS.indexOf(verdict);
}

/** What was found about a member: what their value admits, or a judgement that does not follow from that. */
export type Found = Relation | Judgement | undefined;

/** Where a comparison is, and how it notes what it finds. */
export class Context {
  /**
   * @param subject what is compared, such as `query parameter pretty` or `response $.badRequestDetail.fields[]`
   * @param seen pairs of schemas that are being compared already: a cycle ends there
   */
  constructor(
    readonly findings: Findings,
    readonly place: Part,
    readonly direction: Direction,
    readonly subject: string,
    readonly seen = new Set<string>(),
  ) {}

  in(part: string, direction: Direction, subject: string): Context {
    return new Context(this.findings, { ...this.place, part }, direction, subject);
  }

  /** Something inside of what is compared here. */
  about(subject: string, direction = this.direction): Context {
    return new Context(this.findings, this.place, direction, subject, this.seen);
  }

  /** Notes that one comparison was made, and its difference if it has a judgement. */
  note(what: string, ours: Side, theirs: Side, judgement: Judgement | undefined): void {
    this.findings.compared += 1;
    if (judgement !== undefined) this.findings.add(this.place, { what, ours, theirs, ...judgement });
  }

  noteMember(ours: Place, theirs: Place, key: string, found: Found): void {
    const sides = [sideOf(ours, key, ours.get(key)), sideOf(theirs, key, theirs.get(key))] as const;
    this.noteKeyword(key, sides, found, [ours]);
  }

  /**
   * Notes that a keyword was compared. If they admit more, or do not say what breaks nothing, a reason in the contract makes
   * it "stricter on purpose"; if nothing breaks, another source explains it.
   *
   * @param sources where the contract may give its reason, for one of `keywords`
   */
  noteKeyword(
    keyword: string,
    [ours, theirs]: readonly [Side, Side],
    found: Found,
    sources: readonly Place[],
    keywords: readonly string[] = [keyword],
  ): void {
    const reasonFor = (extension: `x-${string}`) =>
      sources.flatMap((source) => reasonIn(source, extension, keywords) ?? [])[0];
    let judgement = typeof found === "string" ? judge(this.direction, found) : found;
    const saysNothing = typeof found === "object" && found.verdict === "compatible" && !("value" in theirs);
    const stricter = found === "wider" || saysNothing ? reasonFor("x-stricter-than-documentation") : undefined;
    const looser = judgement?.verdict === "compatible" ? reasonFor("x-documented-elsewhere") : undefined;
    if (stricter !== undefined) judgement = { verdict: "stricter on purpose", why: stricter };
    if (looser !== undefined) judgement = { verdict: "explained", why: looser };
    this.note(`${keyword} of ${this.subject}`, ours, theirs, judgement);
  }

  /** Notes what they lack, unless the contract names another source for each of its parts. */
  noteOnlyOurs(
    what: string,
    at: Place,
    theirs: Side,
    otherwise: Judgement,
    { value = at.value, parts = [at] }: { readonly value?: unknown; readonly parts?: readonly Place[] } = {},
  ): void {
    const reasons = parts.map((part) => reasonIn(part, "x-documented-elsewhere"));
    const [why] = reasons;
    const isExplained = why !== undefined && !reasons.includes(undefined);
    this.note(`only ours: ${what}`, used(at, value), theirs, isExplained ? { verdict: "explained", why } : otherwise);
  }

  noteOnlyTheirs(what: string, ours: Side, at: Place, judgement: Judgement, value: unknown = at.value): void {
    this.note(`only theirs: ${what}`, ours, used(at, value), judgement);
  }
}

/**
 * Pairs what has the same key; with several keys, what is left by the first is paired by the next. What has no partner is
 * `gone` from theirs or `added` there.
 */
export function matched<Item>(
  ours: Iterable<Item>,
  theirs: Iterable<Item>,
  ...keys: readonly ((item: Item) => string)[]
) {
  const pairs: (readonly [Item, Item])[] = [];
  let gone = [...ours];
  const added = [...theirs];
  for (const keyOf of keys) {
    const theirKeys = added.map(keyOf);
    gone = gone.filter((our) => {
      const index = theirKeys.indexOf(keyOf(our));
      if (index === -1) return true;
      theirKeys.splice(index, 1);
      for (const their of added.splice(index, 1)) pairs.push([our, their]);
      return false;
    });
  }
  return { pairs, gone, added };
}
