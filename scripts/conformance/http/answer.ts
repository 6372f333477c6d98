/**
 * What a server answered, or that it did not.
 */

/** One whole answer. */
export interface Answer {
  readonly status: number;
  /** Names in lower case; a header that came several times has its values joined by commas. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body; after a 204 whatever followed its headers. */
  readonly text: string;
}

/** Why there is no whole answer. */
export class NoAnswer extends Error {
  static {
    NoAnswer.prototype.name = "NoAnswer";
  }
  /** `unreachable`: no connection was made, so that nothing was sent. */
  readonly reason: "unreachable" | "timeout" | "broken";

  constructor(reason: NoAnswer["reason"], message: string) {
    super(message);
    this.reason = reason;
  }
}

/** The JSON in an answer; `undefined` where there is none. */
export function jsonOf(answer: Pick<Answer, "text">): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(answer.text) };
  } catch {
    // Not JSON: whether it should have been is for the judge to say.
    return undefined;
  }
}
