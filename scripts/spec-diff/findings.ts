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
  /** The date on which what differs ends, if they announce it. */
  readonly sunset?: string;
}

export const breaking = (why: string): Judgement => ({ verdict: "breaking", why });
export const compatible = (why: string): Judgement => ({ verdict: "compatible", why });

/** What a difference means that does not follow from what is admitted. */
export const MEANING = {
  countedOn: breaking("a client counts on it in every response"),
  untaken: breaking("a client may send it, and they do not say that they take it"),
  demanded: breaking("they refuse a request without it"),
  dispensable: compatible("a client does without it"),
  ignored: compatible("a client ignores what it does not know"),
  optional: compatible("a client need not use it"),
} as const;

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

/** The relation of two sets, of which each may have what the other lacks. */
export function relationOf(onlyOurs: boolean, onlyTheirs: boolean): Relation | undefined {
  if (onlyOurs) return onlyTheirs ? "different" : "narrower";
  return onlyTheirs ? "wider" : undefined;
}

/** The reason that an extension of the contract gives for one of the keywords; without keywords, for all of `ours`. */
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
  /** The pairs of schemas that are or were compared: a cycle ends there. */
  readonly seen = new Set<string>();
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

const weight = ({ verdict }: Judgement) => VERDICTS.indexOf(verdict);

/** What was found about a member: what their value admits, or a judgement that does not follow from that. */
export type Found = Relation | Judgement | undefined;

/** Something in a document. The keywords of a schema are gathered from several places, each of which can give reasons. */
export interface Item {
  readonly at: Place;
  readonly keywords?: ReadonlyMap<string, Place>;
  readonly sources?: readonly Place[];
}

/** Two items that are compared, ours and theirs, and how it is noted what is found. */
export class Pair<Each extends Item = Item> {
  /** @param subject what is compared, such as `query parameter pretty` or `response $.badRequestDetail.fields[]` */
  constructor(
    readonly findings: Findings,
    readonly place: Part,
    readonly ours: Each,
    readonly theirs: Each,
    readonly subject: string,
    readonly direction: Direction = "request",
  ) {}

  /** The same items in a part of their operation. */
  in(part: string, subject = part, direction: Direction = "request"): Pair<Each> {
    return new Pair(this.findings, { ...this.place, part }, this.ours, this.theirs, subject, direction);
  }

  /** Other items, which belong to these. */
  of<Other extends Item>(ours: Other, theirs: Other, subject = this.subject, direction = this.direction): Pair<Other> {
    return new Pair(this.findings, this.place, ours, theirs, subject, direction);
  }

  both<Value>(read: (item: Each) => Value): readonly [ours: Value, theirs: Value] {
    return [read(this.ours), read(this.theirs)];
  }

  members(key: string): readonly [ours: Place | undefined, theirs: Place | undefined] {
    return this.both((item) => memberOf(item, key));
  }

  /** Notes that one comparison was made, and its difference if it has a judgement. */
  note(what: string, [ours, theirs]: readonly [Side, Side], judgement: Judgement | undefined): void {
    this.findings.compared += 1;
    if (judgement !== undefined) this.findings.add(this.place, { what, ours, theirs, ...judgement });
  }

  /**
   * Notes that a member was compared. If they admit more, or do not say what breaks nothing, a reason in the contract makes
   * it "stricter on purpose"; if nothing breaks, another source explains it.
   *
   * @param names the members that the reason may be about
   */
  noteMember(key: string, found: Found, side = (item: Each) => sideOf(item, key), names = [key]): void {
    const sides = this.both(side);
    const sources = this.ours.sources ?? [this.ours.at];
    const reasonFor = (extension: `x-${string}`) =>
      sources.flatMap((source) => reasonIn(source, extension, names) ?? [])[0];
    let judgement = typeof found === "string" ? judge(this.direction, found) : found;
    const saysNothing = typeof found === "object" && found.verdict === "compatible" && !("value" in sides[1]);
    const stricter = found === "wider" || saysNothing ? reasonFor("x-stricter-than-documentation") : undefined;
    const looser = judgement?.verdict === "compatible" ? reasonFor("x-documented-elsewhere") : undefined;
    if (stricter !== undefined) judgement = { verdict: "stricter on purpose", why: stricter };
    if (looser !== undefined) judgement = { verdict: "explained", why: looser };
    this.note(`${key} of ${this.subject}`, sides, judgement);
  }

  /**
   * Notes what they lack, unless the contract names another source for each of its parts.
   *
   * @param keys the path in their item at which it is missing
   */
  noteOnlyOurs(what: string, at: Place, keys: string[], otherwise: Judgement, value = at.value, parts = [at]): void {
    const reasons = parts.map((part) => reasonIn(part, "x-documented-elsewhere"));
    const [why] = reasons;
    const isExplained = why !== undefined && !reasons.includes(undefined);
    const sides = [used(at, value), missing(this.theirs.at, ...keys)] as const;
    this.note(`only ours: ${what}`, sides, isExplained ? { verdict: "explained", why } : otherwise);
  }

  noteOnlyTheirs(what: string, at: Place, keys: string[], judgement: Judgement, value = at.value): void {
    this.note(`only theirs: ${what}`, [missing(this.ours.at, ...keys), used(at, value)], judgement);
  }
}

function memberOf({ at, keywords }: Item, key: string): Place | undefined {
  return keywords === undefined ? at.get(key) : keywords.get(key);
}

/** A member of an item, or the place at which it is missing. */
export function sideOf(item: Item, key: string): Side {
  const member = memberOf(item, key);
  return member === undefined ? missing(item.at, key) : { pointer: member.pointer, value: member.value };
}

/**
 * Pairs what has the same key; with several keys, what is left by the first is paired by the next. What has no partner is
 * `gone` from theirs or `added` there.
 */
export function matched<Each>(ours: Iterable<Each>, theirs: Iterable<Each>, ...keys: ((item: Each) => string)[]) {
  const pairs: (readonly [Each, Each])[] = [];
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
