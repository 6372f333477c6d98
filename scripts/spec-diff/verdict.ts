/**
 * What a difference means. Every rule comes down to one question: with everything in the contract allowed, can a client
 * or server that keeps to it fail against the other document?
 */

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
}

/** Requests must not be more than they accept, responses not more than we expect. */
export function judge(direction: Direction, relation: Relation): Judgement {
  if (relation === "equivalent") return { verdict: "compatible", why: "written differently, the same in effect" };
  if (direction === "unused") return { verdict: "compatible", why: "this is never sent in this direction" };
  return JUDGEMENTS[direction][relation];
}

const JUDGEMENTS: Readonly<
  Record<"request" | "response", Readonly<Record<Exclude<Relation, "equivalent">, Judgement>>>
> = {
  request: {
    narrower: { verdict: "breaking", why: "they may refuse what the contract lets a client send" },
    wider: { verdict: "compatible", why: "they accept more than the contract lets a client send" },
    different: {
      verdict: "breaking",
      why: "they may refuse what the contract lets a client send, and take what it does not",
    },
  },
  response: {
    narrower: { verdict: "compatible", why: "they return less than the contract makes a client expect" },
    wider: { verdict: "breaking", why: "they may return what the contract does not describe" },
    different: { verdict: "breaking", why: "what they return is not what the contract describes" },
  },
};

/** The relation of two sets given what each has that the other lacks; `undefined` if nothing differs. */
export function relationOf(onlyOurs: boolean, onlyTheirs: boolean): Relation | undefined {
  if (onlyOurs) return onlyTheirs ? "different" : "narrower";
  return onlyTheirs ? "wider" : undefined;
}
