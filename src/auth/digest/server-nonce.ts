/**
 * Counts the uses of a server's nonce, so that no two requests carry the same count (RFC 7616, section 3.4).
 */
import { randomBytes } from "node:crypto";
import type { NonceUse } from "./authorization.js";
import type { DigestChallenge } from "./digest-challenge.js";

/** A nonce that the server gave out, with the challenge that it belongs to. */
export interface ServerNonce {
  readonly challenge: DigestChallenge;
  /** Whether requests with it have been under way at the same time, and so may have arrived in another order than that of their counts. */
  readonly overlapped: boolean;
  /** Counts one more use, which lasts until the promise settles. */
  use<Answer>(send: (use: NonceUse) => Promise<Answer>): Promise<Answer>;
}

export function createServerNonce(challenge: DigestChallenge): ServerNonce {
  const sessionCnonce = challenge.session ? drawCnonce() : undefined;
  let uses = 0;
  let underWay = 0;
  let overlapped = false;
  return {
    challenge,
    get overlapped() {
      return overlapped;
    },
    async use(send) {
      uses += 1;
      underWay += 1;
      overlapped ||= underWay > 1;
      try {
        return await send({ count: uses, cnonce: sessionCnonce ?? drawCnonce() });
      } finally {
        underWay -= 1;
      }
    },
  };
}

function drawCnonce(): string {
  return randomBytes(16).toString("hex");
}
