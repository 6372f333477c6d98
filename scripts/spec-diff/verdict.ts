/**
 * What a difference means. Every rule comes down to one question: with everything in the contract allowed, can a client
 * or server that keeps to it fail against the other document?
 */
import type { Place } from "../../contract-tests/contract/document.js";
import { isObject } from "../../contract-tests/contract/json.js";

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
