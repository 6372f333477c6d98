/**
 * Secrets that responses have shown: none of them may come again in a response that the contract gives no secret.
 */
import type { Place } from "../../../contract-tests/contract/document.js";
import type { DocumentedResponse } from "../../../contract-tests/contract/operations.js";
import { type HttpResponse, jsonOf } from "../http/exchange.js";
import type { Mask } from "../output/mask.js";
import type { Finding } from "./judge-response.js";

const PROPERTY = "secret";
/** Shorter values would turn up by chance. */
const SHORTEST = 8;

/** Remembers secrets and recognizes them. */
export class ShownSecrets {
  readonly #mask: Mask;
  readonly #secrets = new Map<string, Place>();

  constructor(mask: Mask) {
    this.#mask = mask;
  }

  /** Takes up the secret of a response that is documented to hold one; looks for earlier ones in any other. */
  inspect(documented: DocumentedResponse | undefined, response: HttpResponse): Finding[] {
    const property = documented?.mediaTypes
      .map(({ schema }) => schema?.get("properties", PROPERTY))
      .find((found) => found !== undefined);
    if (property !== undefined) {
      this.#remember(response, property);
      return [];
    }
    const everything = [response.text, ...Object.values(response.headers)].join("\n");
    const [shownAgain] = [...this.#secrets].filter(([secret]) => everything.includes(secret));
    if (shownAgain === undefined) return [];
    const problem = "the response holds a secret that only the response to its creation may hold";
    return [{ check: "response_schema_conformance", problem, at: shownAgain[1] }];
  }

  #remember(response: HttpResponse, property: Place): void {
    const body = jsonOf(response)?.value;
    const secret: unknown = typeof body === "object" && body !== null ? Reflect.get(body, PROPERTY) : undefined;
    if (typeof secret !== "string" || secret.length < SHORTEST) return;
    // A recorded response shows no more than where the secret would be.
    if (/\.\.\.|…|\*\*\*/.test(secret)) return;
    this.#mask.protect(secret);
    this.#secrets.set(secret, property);
  }
}
