/**
 * Who may pass the front: the first of its decisions.
 */
import type { AccessTokens } from "./access-tokens.js";
import { type Answer, apiError, jsonAnswer } from "./answer.js";
import type { ContractFacts, ContractOperation, CredentialKind } from "./contract-facts.js";
import type { DigestCheck, DigestedRequest } from "./digest-check.js";

const EVERY_KIND: ReadonlySet<CredentialKind> = new Set(["bearer", "digest"]);

/** What credentials are checked against. */
export interface AuthenticationOptions {
  readonly contract: ContractFacts;
  readonly tokens: AccessTokens;
  readonly digests: DigestCheck;
}

/** Checks credentials, and words the refusal. */
export class Authentication {
  readonly #contract: ContractFacts;
  readonly #tokens: AccessTokens;
  readonly #digests: DigestCheck;

  constructor({ contract, tokens, digests }: AuthenticationOptions) {
    this.#contract = contract;
    this.#tokens = tokens;
    this.#digests = digests;
  }

  /**
   * @param operation - What the request addresses; `undefined` where the contract describes nothing there, which does
   * not excuse from signing in.
   * @returns The 401 of a request that may not pass, else `undefined`.
   */
  refuse(
    authorization: string | undefined,
    request: DigestedRequest,
    operation: ContractOperation | undefined,
  ): Answer | undefined {
    const admits = operation?.admits ?? EVERY_KIND;
    // Where the contract asks for no credentials at all, those that come with every call are not looked at.
    if (operation?.open === true && (authorization === undefined || admits.size === 0)) return undefined;
    const bearer = /^bearer +(\S+)$/i.exec(authorization ?? "")?.[1];
    if (bearer !== undefined && admits.has("bearer") && this.#tokens.accepts(bearer)) return undefined;
    const verdict = admits.has("digest") ? this.#digests.check(authorization ?? "", request) : "refused";
    return verdict === "accepted" ? undefined : this.#unauthorized(operation, verdict === "stale");
  }

  /** The challenge that belongs to every 401. */
  challenge(operation: ContractOperation | undefined, stale = false): string {
    return (operation?.admits ?? EVERY_KIND).has("digest") ? this.#digests.challenge(stale) : "Bearer";
  }

  #unauthorized(operation: ContractOperation | undefined, stale: boolean): Answer {
    const headers = { "WWW-Authenticate": this.challenge(operation, stale) };
    const documented = operation?.unauthorizedExample ?? this.#contract.unauthorizedExample;
    if (documented !== undefined) return jsonAnswer(401, documented, headers);
    const answer = apiError(401, "Unauthorized", "UNAUTHORIZED", "The contract documents no 401 for this request.");
    return { ...answer, headers: { ...answer.headers, ...headers } };
  }
}

/**
 * The `Authorization` that Prism wants to see for an operation. Prism checks only the form, and not well: the digest that
 * every client sends is refused by it. What was checked is therefore replaced.
 */
export function authorizationForPrism(operation: ContractOperation | undefined): string | undefined {
  if (operation === undefined || operation.admits.has("bearer")) return "Bearer checked";
  if (operation.admits.has("digest")) return `Digest username="", realm="", nonce="", uri="", response=""`;
  return undefined;
}
