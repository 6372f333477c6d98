/**
 * Secrets that answers have shown: none of them may come again in an answer that the contract gives no secret.
 */
import type { Located } from "../contract/document.js";
import type { DocumentedResponse } from "../contract/operations.js";
import { type Answer, jsonOf } from "../http/answer.js";
import type { Mask } from "../output/mask.js";
import type { Finding } from "../prism/judge.js";

const PROPERTY = "secret";
/** Shorter values would turn up by chance. */
const SHORTEST = 8;

/** Remembers secrets and recognizes them. */
export class ShownSecrets {
  readonly #mask: Mask;
  readonly #secrets = new Map<string, Located>();

  constructor(mask: Mask) {
    this.#mask = mask;
  }

  /** Takes up the secret of an answer that is documented to hold one; looks for earlier ones in any other. */
  inspect(documented: DocumentedResponse | undefined, answer: Answer): Finding[] {
    const property = documented?.mediaTypes
      .map(({ schema }) => schema?.get("properties", PROPERTY))
      .find((found) => found !== undefined);
    if (property !== undefined) {
      this.#remember(answer, property);
      return [];
    }
    const everything = [answer.text, ...Object.values(answer.headers)].join("\n");
    const [shownAgain] = [...this.#secrets].filter(([secret]) => everything.includes(secret));
    if (shownAgain === undefined) return [];
    const problem = "the answer holds a secret that only the answer to its creation may hold";
    return [{ check: "response_schema_conformance", problem, at: shownAgain[1] }];
  }

  #remember(answer: Answer, property: Located): void {
    const body = jsonOf(answer)?.value;
    const secret: unknown = typeof body === "object" && body !== null ? Reflect.get(body, PROPERTY) : undefined;
    if (typeof secret !== "string" || secret.length < SHORTEST) return;
    // A recorded answer shows no more than where the secret would stand.
    if (/\.\.\.|…|\*\*\*/.test(secret)) return;
    this.#mask.protect(secret);
    this.#secrets.set(secret, property);
  }
}
