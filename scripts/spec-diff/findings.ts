/**
 * What a comparison finds: the differences, and what each of them means. Every rule comes down to one question: with
 * everything in the contract allowed, can a client or server that keeps to it fail against the other document?
 */
import type { Place } from "../../contract-tests/contract/document.js";
import { isObject, pointerTo } from "../../contract-tests/contract/json.js";

/** From the heaviest to the lightest. */
export const VERDICTS = ["breaking", "stricter on purpose", "explained", "compatible"] as const;

/** `stricter on purpose` and `explained` are told by an `x-` reason in the contract. */
export type Verdict = (typeof VERDICTS)[number];

/** Who sends the value. `unused`: nobody, such as a `readOnly` property in a request. */
export type Direction = "request" | "response" | "unused";

/** What their document admits, seen from ours. `equivalent`: written differently, the same in effect. */
export type Relation = "narrower" | "wider" | "different" | "equivalent";

/** A verdict and why it is the one. */
export interface Judgement {
  readonly verdict: Verdict;
  readonly why: string;
  /** Until when they keep what differs, if they announce its end: a date. */
  readonly sunset?: string;
}

export function breaking(why: string): Judgement {
  return { verdict: "breaking", why };
}

export function compatible(why: string): Judgement {
  return { verdict: "compatible", why };
}

const SAME_EFFECT = compatible("written differently, the same in effect");
const NOT_SENT = compatible("this is never sent in this direction");

/** Requests must not be more than they accept, responses not more than we expect. */
const EFFECTS: Readonly<Record<Direction, Readonly<Record<Relation, Judgement>>>> = {
  request: {
    narrower: breaking("they may refuse what the contract lets a client send"),
    wider: compatible("they accept more than the contract lets a client send"),
    different: breaking("they may refuse what the contract lets a client send, and take what it does not"),
    equivalent: SAME_EFFECT,
  },
  response: {
    narrower: compatible("they return less than the contract makes a client expect"),
    wider: breaking("they may return what the contract does not describe"),
    different: breaking("what they return is not what the contract describes"),
    equivalent: SAME_EFFECT,
  },
  unused: { narrower: NOT_SENT, wider: NOT_SENT, different: NOT_SENT, equivalent: SAME_EFFECT },
};

export function judge(direction: Direction, relation: Relation): Judgement {
  return EFFECTS[direction][relation];
}

/** The relation of two sets given what each has that the other lacks; `undefined` if nothing differs. */
export function relationOf(onlyOurs: boolean, onlyTheirs: boolean): Relation | undefined {
  if (onlyOurs) return onlyTheirs ? "different" : "narrower";
  return onlyTheirs ? "wider" : undefined;
}

/**
 * The verdict on something of ours of which their document has no part: it is explained if the contract names another
 * source for each part.
 * @param otherwise the judgement without `x-documented-elsewhere`
 */
export function judgeMissing(parts: readonly Place[], otherwise: Judgement): Judgement {
  const reasons = parts.map((part) => reasonIn(part, "x-documented-elsewhere"));
  const [why] = reasons;
  return why === undefined || reasons.includes(undefined) ? otherwise : { verdict: "explained", why };
}

/**
 * The reason that an extension of the contract gives, in words: for being stricter than the documentation, for knowing
 * something from another source, for needing a property.
 * @param keywords the reason is about one of these; none: about all that the extension stands on
 */
export function reasonIn(ours: Place, extension: `x-${string}`, keywords?: readonly string[]): string | undefined {
  const note = isObject(ours.value) ? ours.value[extension] : undefined;
  for (const entry of Array.isArray(note) ? note : [note]) {
    const { keyword, reason }: Readonly<Record<string, unknown>> = isObject(entry) ? entry : {};
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

/** A value at its own place. */
export function present(place: Place, value: unknown = place.value): Side {
  return { pointer: place.pointer, value };
}

/** A value at the place that uses it: the reference, if there is one. */
export function used(place: Place, value: unknown = place.value): Side {
  return { pointer: place.usedAt, value };
}

/** A missing value, with the pointer that it would have. */
export function missing(owner: Place, ...keys: readonly string[]): Side {
  return { pointer: keys.reduce((pointer, key) => pointerTo(pointer, key), owner.pointer) };
}

/** A member, present or missing. */
export function memberSide(owner: Place, key: string): Side {
  const member = owner.get(key);
  return member === undefined ? missing(owner, key) : present(member);
}

/** Which part of which operation a difference concerns, such as `response 404`. */
export interface Part {
  readonly operation: string;
  readonly part: string;
}

/** One difference between the contract and the other document. */
export interface Difference extends Judgement {
  /** What differs, in a few words. */
  readonly what: string;
  readonly ours: Side;
  /** The first place of theirs; more of them in `alsoTheirs`. */
  readonly theirs: Side;
  readonly alsoTheirs: readonly string[];
  readonly places: readonly Part[];
}

/** Everything that one comparison found, and how much it looked at. */
export class Findings {
  readonly #differences = new Map<string, Difference>();
  /** How many single comparisons were made, so that "no difference" can be told from "nothing looked at". */
  compared = 0;

  /** Notes a difference; of several verdicts on the same one the heaviest stays. */
  add(place: Part, found: Omit<Difference, "places" | "alsoTheirs">): void {
    const key = JSON.stringify([found.ours, { ...found.theirs, pointer: "" }]);
    const known = this.#differences.get(key) ?? { ...found, alsoTheirs: [], places: [] };
    const heaviest = weight(found.verdict) < weight(known.verdict) ? found : known;
    const pointers = new Set([known.theirs.pointer, ...known.alsoTheirs, found.theirs.pointer]);
    pointers.delete(heaviest.theirs.pointer);
    const { operation, part } = place;
    const isKnownPlace = known.places.some((other) => other.operation === operation && other.part === part);
    const places = isKnownPlace ? known.places : [...known.places, place];
    this.#differences.set(key, { ...heaviest, alsoTheirs: [...pointers], places });
  }

  /** All differences, the heaviest verdict first, else in the order in which they were met. */
  all(): readonly Difference[] {
    return [...this.#differences.values()].sort((a, b) => weight(a.verdict) - weight(b.verdict));
  }
}

function weight(verdict: Verdict): number {
  return VERDICTS.indexOf(verdict);
}

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

  /** Another part of the same operation. */
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

  /** Notes that a member was compared. */
  noteMember(ours: Place, theirs: Place, key: string, judgement: Judgement | undefined): void {
    this.note(`${key} of ${this.subject}`, memberSide(ours, key), memberSide(theirs, key), judgement);
  }

  /** Notes what they lack; in one of `parts`, the contract may name another source for it. */
  noteOnlyOurs(what: string, ours: Side, theirs: Side, parts: readonly Place[], otherwise: Judgement): void {
    this.note(`only ours: ${what}`, ours, theirs, judgeMissing(parts, otherwise));
  }

  noteOnlyTheirs(what: string, ours: Side, theirs: Side, judgement: Judgement): void {
    this.note(`only theirs: ${what}`, ours, theirs, judgement);
  }
}

/** What has a partner on the other side, and what has none. */
export interface Matched<Item> {
  readonly pairs: readonly (readonly [ours: Item, theirs: Item])[];
  readonly gone: readonly Item[];
  readonly added: readonly Item[];
}

/** Pairs what has the same key; with several keys, what is left by the first is paired by the next. */
export function matched<Item>(
  ours: Iterable<Item>,
  theirs: Iterable<Item>,
  ...keys: readonly ((item: Item) => string)[]
): Matched<Item> {
  const pairs: (readonly [Item, Item])[] = [];
  let gone = [...ours];
  const added = [...theirs];
  for (const keyOf of keys) {
    gone = gone.filter((our) => {
      const index = added.findIndex((their) => keyOf(their) === keyOf(our));
      for (const their of index === -1 ? [] : added.splice(index, 1)) pairs.push([our, their]);
      return index === -1;
    });
  }
  return { pairs, gone, added };
}
