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

type Effects = Readonly<Record<Exclude<Relation, "equivalent">, Judgement>>;

/** Requests must not be more than they accept, responses not more than we expect. */
const EFFECTS: Readonly<Record<"request" | "response", Effects>> = {
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
};

export function judge(direction: Direction, relation: Relation): Judgement {
  if (relation === "equivalent") return compatible("written differently, the same in effect");
  if (direction === "unused") return compatible("this is never sent in this direction");
  return EFFECTS[direction][relation];
}

/** The relation of two sets given what each has that the other lacks; `undefined` if nothing differs. */
export function relationOf(onlyOurs: boolean, onlyTheirs: boolean): Relation | undefined {
  if (onlyOurs) return onlyTheirs ? "different" : "narrower";
  return onlyTheirs ? "wider" : undefined;
}

/**
 * The verdict on something of ours that their document does not have: the contract can name another source for it.
 * @param otherwise the judgement without `x-documented-elsewhere`
 */
export function judgeMissing(ours: Place, otherwise: Judgement): Judgement {
  // With a keyword it is about that alone, not about all of it.
  const isAboutKeyword = ours.get("x-documented-elsewhere", "keyword") !== undefined;
  const reason = isAboutKeyword ? undefined : reasonIn(ours, "x-documented-elsewhere");
  return reason === undefined ? otherwise : { verdict: "explained", why: reason };
}

/** The verdict on something of ours of which they have no part: it is explained if each part is. */
export function judgeMissingParts(parts: readonly Place[], otherwise: Judgement): Judgement {
  const judgements = parts.map((part) => judgeMissing(part, otherwise));
  return judgements.find(({ verdict }) => verdict === otherwise.verdict) ?? judgements[0] ?? otherwise;
}

/** The `reason` of an extension of the contract, if there is one in words. */
export function reasonIn(ours: Place, extension: `x-${string}`): string | undefined {
  return ours.get(extension, "reason")?.text?.trim() || undefined;
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
