/**
 * Counts the uses of a server's nonce, so that no two requests carry the same count (RFC 7616, section 3.4).
 */
import { randomBytes } from "node:crypto";
import type { NonceUse } from "./authorization.js";
import type { DigestChallenge } from "./digest-challenge.js";

/** A nonce that the server gave out, with the challenge that it belongs to. */
export interface ServerNonce {
  readonly challenge: DigestChallenge;
  /** How often it has been used so far. */
  readonly uses: number;
  /** Counts one more use and draws the client nonce for it. */
  use(): NonceUse;
}

export function createServerNonce(challenge: DigestChallenge): ServerNonce {
  let uses = 0;
  const sessionCnonce = challenge.session ? drawCnonce() : undefined;
  return {
    challenge,
    get uses() {
      return uses;
    },
    use() {
      uses += 1;
      return { count: uses, cnonce: sessionCnonce ?? drawCnonce() };
    },
  };
}

function drawCnonce(): string {
  return randomBytes(16).toString("hex");
}
