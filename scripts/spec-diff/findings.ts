/**
 * Collects the differences. One place in the contract that many operations share is one difference, not many.
 */
import type { Place } from "../../contract-tests/contract/document.js";
import { isObject } from "../../contract-tests/contract/json.js";
import { pointerTo } from "../../contract-tests/contract/pointer.js";
import { type Judgement, VERDICTS, type Verdict } from "./verdict.js";

/** One of the two documents at a difference; `value` is absent if there is nothing. */
export interface Side {
  readonly pointer: string;
  readonly value?: unknown;
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
  /** Until when they keep what differs, if they announce its end: a date. */
  readonly sunset?: string;
}

/** A difference as it is found, before the same one is met elsewhere. */
type Finding = Omit<Difference, "places" | "alsoTheirs"> & { readonly place: Part };

/** Everything that one comparison found, and how much it looked at. */
export class Findings {
  readonly #differences = new Map<string, Difference>();
  #compared = 0;

  /** How many single comparisons were made, so that "no difference" can be told from "nothing looked at". */
  get compared(): number {
    return this.#compared;
  }

  /** Notes that one comparison is made. */
  count(): void {
    this.#compared++;
  }

  /** Notes a difference; of several verdicts on the same one the heaviest stays. */
  add({ place, ...difference }: Finding): void {
    const { ours, theirs } = difference;
    const key = JSON.stringify([ours, "value" in theirs, theirs.value]);
    const known = this.#differences.get(key);
    const heavier = known === undefined || weight(difference.verdict) < weight(known.verdict) ? difference : known;
    const pointers = new Set([
      ...(known === undefined ? [] : [known.theirs.pointer, ...known.alsoTheirs]),
      theirs.pointer,
    ]);
    pointers.delete(heavier.theirs.pointer);
    const places = known?.places ?? [];
    const isKnownPlace = places.some(({ operation, part }) => operation === place.operation && part === place.part);
    this.#differences.set(key, {
      ...heavier,
      alsoTheirs: [...pointers],
      places: isKnownPlace ? places : [...places, place],
    });
  }

  /** All differences, the heaviest verdict first, else in the order in which they were met. */
  all(): readonly Difference[] {
    return [...this.#differences.values()].sort((a, b) => weight(a.verdict) - weight(b.verdict));
  }
}

function weight(verdict: Verdict): number {
  return VERDICTS.indexOf(verdict);
}

/** A side where something stands. */
export function present(node: Place, value: unknown = node.value): Side {
  return { pointer: node.pointer, value };
}

/** A side where nothing stands; the pointer is where it would. */
export function missing(pointer: string): Side {
  return { pointer };
}

/** A member where it stands, or where it would. */
export function memberSide(owner: Place, key: string): Side {
  const member = owner.get(key);
  return member === undefined ? missing(pointerTo(owner.pointer, key)) : present(member);
}

/**
 * The verdict on something of ours that their document does not have: the contract can name another source for it.
 * @param otherwise the judgement without `x-documented-elsewhere`
 */
export function judgeMissing(ours: Place, otherwise: Judgement): Judgement {
  // With a keyword it is about that alone, not about all of it.
  const reason =
    ours.get("x-documented-elsewhere", "keyword") === undefined ? reasonIn(ours, "x-documented-elsewhere") : undefined;
  return reason === undefined ? otherwise : { verdict: "explained", why: reason };
}

/** The `reason` of an extension of the contract, if there is one in words. */
export function reasonIn(ours: Place, extension: `x-${string}`): string | undefined {
  const reason = ours.get(extension, "reason")?.text?.trim();
  return reason === "" ? undefined : reason;
}

/**
 * The reason that the contract gives for one of these keywords of `node`: for being stricter than the documentation, or for
 * knowing from another source that it has to be looser.
 */
export function keywordReason(
  node: Place,
  extension: "x-stricter-than-documentation" | "x-documented-elsewhere",
  keywords: readonly string[],
): string | undefined {
  const note = isObject(node.value) ? node.value[extension] : undefined;
  for (const entry of Array.isArray(note) ? note : [note]) {
    const { keyword, reason }: Readonly<Record<string, unknown>> = isObject(entry) ? entry : {};
    if (typeof keyword === "string" && keywords.includes(keyword) && typeof reason === "string" && reason.trim() !== "")
      return reason.trim();
  }
  return undefined;
}
