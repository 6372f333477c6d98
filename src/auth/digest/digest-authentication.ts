/**
 * Signs requests with an API key by HTTP Digest, client side of RFC 7616, and keeps the server's nonce so that the next request
 * need not ask for one.
 */
import { AtlasAuthError } from "../../errors.js";
import { untilAborted } from "../../signals.js";
import {
  outcomeIfNotApplied,
  type Send,
  type Stage,
  type TransportRequest,
  type TransportResponse,
} from "../../transport/pipeline.js";
import type { ApiKey } from "../credentials.js";
import { digestAuthorization, type NonceUse } from "./authorization.js";
import { chooseDigestChallenge, type DigestChallenge, parseParameters } from "./challenges.js";

/**
 * How many challenge requests of other calls a call waits for. Two in a row that brought no challenge (lost, aborted, or answered
 * without asking for a signature) mean that there is none to share; queueing on, calls would add up each other's timeouts.
 */
const MOST_WAITS = 2;

/**
 * A stage that adds `authorization` to requests. The first call goes unsigned and gets a challenge; calls that start meanwhile wait
 * for it, and all then count on its nonce, until the server refuses that. A refused call is repeated once, with a new nonce.
 *
 * A 401 that offers no digest, or that refuses a nonce which no other call has used, is returned: the key is wrong.
 *
 * The stage rejects with {@link AtlasAuthError} if the server asks for a digest that cannot be computed, and with the reason of
 * the request's own signal while it waits for another call's challenge.
 */
export function digestAuthentication(key: ApiKey): Stage {
  return (next) => {
    /** What calls share. Undefined: the next call asks. */
    let current: ServerNonce | undefined;
    /** Under way while a call asks for a challenge. It only says when that is over, and never rejects. */
    let asking: Promise<void> | undefined;

    const forget = (nonce: ServerNonce) => {
      if (current === nonce) current = undefined;
    };

    const sendSigned = async (request: TransportRequest, nonce: ServerNonce): Promise<TransportResponse> => {
      const covered = { method: request.operation.method, uri: request.target };
      const response = await nonce.use((use) => {
        const authorization = nonce.sign(covered, use);
        return next({ ...request, headers: { ...request.headers, authorization } });
      });
      if (current === nonce) current = followingNonce(nonce, key, response);
      return response;
    };

    /** Sends signed and, if the refusal may be the nonce's fault, once more with another nonce. */
    const sendRenewing = async (
      request: TransportRequest,
      nonce: ServerNonce,
      own: boolean,
    ): Promise<TransportResponse> => {
      const refusal = await sendSigned(request, nonce);
      if (refusal.status !== 401) return refusal;
      forget(nonce);
      // Just got from the server and used by no other call: only the key can be wrong.
      if (own && !nonce.overlapped) return refusal;
      // The refusal brings a new nonce. But Apache, where `nc` must rise, counts by the challenge's `opaque`, which stays the same: once
      // requests have overtaken each other, only a challenge to an unsigned request stands apart from the other calls' refusals.
      const offer = nonce.overlapped ? await next(request) : refusal;
      const renewed = offeredNonce(request, key, offer);
      if (renewed === undefined) return offer;
      const repeated = await sendSigned(request, renewed);
      // Shared only now, so that no other call could get ahead of this one.
      if (repeated.status !== 401) current ??= followingNonce(renewed, key, repeated);
      return repeated;
    };

    const ask: Send = async (request) => {
      const asked = next(request).then((response) => {
        const nonce = offeredNonce(request, key, response);
        current ??= nonce;
        return { response, nonce };
      });
      const over: Promise<void> = asked.then(ignore, ignore).then(() => {
        if (asking === over) asking = undefined;
      });
      asking = over;
      const { response, nonce } = await asked;
      return nonce === undefined ? response : sendRenewing(request, nonce, true);
    };

    return async (request) => {
      for (let waits = 0; current === undefined && asking !== undefined && waits < MOST_WAITS; waits += 1) {
        await untilAborted(asking, request.signal);
      }
      // Nothing may be awaited between that check and `ask`, or several calls would ask at once.
      return current === undefined ? ask(request) : sendRenewing(request, current, false);
    };
  };
}

/** The nonce of the digest challenge in a 401; undefined if there is none, or the status is another. */
function offeredNonce(request: TransportRequest, key: ApiKey, response: TransportResponse): ServerNonce | undefined {
  const value = response.status === 401 ? response.headers.get("www-authenticate") : null;
  const chosen = value === null ? undefined : chooseDigestChallenge(value);
  if (chosen === undefined) return undefined;
  if ("challenge" in chosen) return createServerNonce(chosen.challenge, key);
  throw new AtlasAuthError(
    `Cannot answer the server's digest challenge: it has ${chosen.unanswerable}. An API key can sign in with MD5, MD5-sess, SHA-256 and SHA-256-sess, and with qop auth or none.`,
    { outcome: outcomeIfNotApplied(request), operation: request.operation },
  );
}

/** What the server wants used next: the same nonce, or the one that it names in Authentication-Info (RFC 7616, section 3.5). */
function followingNonce(nonce: ServerNonce, key: ApiKey, response: TransportResponse): ServerNonce {
  const info = response.headers.get("authentication-info");
  if (info === null) return nonce;
  const named = parseParameters(info).get("nextnonce") ?? "";
  // A session's key belongs to the nonce of its challenge; which of the two a server then hashes, no specification says.
  if (named === "" || named === nonce.challenge.nonce || nonce.challenge.session) return nonce;
  return createServerNonce({ ...nonce.challenge, nonce: named }, key);
}

function ignore(): void {}

/** A nonce that the server gave out, with the challenge that it belongs to. */
interface ServerNonce {
  readonly challenge: DigestChallenge;
  /** The Authorization value of one request. */
  readonly sign: ReturnType<typeof digestAuthorization>;
  /** Whether requests with it have been under way at the same time, and so may have arrived in another order than that of their counts. */
  readonly overlapped: boolean;
  /** Counts one more use, which lasts until the promise settles. */
  use<Answer>(send: (use: NonceUse) => Promise<Answer>): Promise<Answer>;
}

function createServerNonce(challenge: DigestChallenge, key: ApiKey): ServerNonce {
  const sessionCnonce = challenge.session ? drawCnonce() : undefined;
  let uses = 0;
  let underWay = 0;
  let overlapped = false;
  return {
    challenge,
    sign: digestAuthorization(challenge, key),
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
  return crypto.randomUUID();
}
