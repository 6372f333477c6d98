/** Signs requests by HTTP Digest (RFC 7616), and keeps the server's nonce, so that the next request need not ask for one. */
import { AtlasAuthError } from "../../errors.js";
import { untilAborted } from "../../signals.js";
import {
  outcomeIfNotApplied,
  type Send,
  type Stage,
  signed,
  type TransportRequest,
  type TransportResponse,
  targetOf,
} from "../../transport/pipeline.js";
import type { ApiKey } from "../credentials.js";
import { chooseDigestChallenge, type DigestChallenge, digestAuthorization } from "./challenge.js";

/**
 * How many challenge requests of other calls a call waits for. Two in a row that brought none mean that there is none to
 * share; queueing on, calls would add up each other's timeouts.
 */
const MOST_WAITS = 2;

/**
 * The first call goes unsigned and gets a challenge; calls that start meanwhile wait for it, and all then count on its nonce,
 * until the server refuses that. A refused call is repeated once, with a new nonce. A 401 that offers no digest, or refuses a
 * nonce which no other call has used, is returned: the key is wrong.
 *
 * @throws AtlasAuthError if the server asks for a digest that cannot be computed
 */
export function digestAuthentication(key: ApiKey): Stage {
  return (next) => {
    /** What calls share; if undefined, the next call asks. */
    let current: ServerNonce | undefined;
    /** Under way while a call asks for a challenge. It only says when that is over, and never rejects. */
    let asking: Promise<void> | undefined;

    /** Sends signed and, if the refusal may be the nonce's fault, once more with another nonce. */
    const sendSigned = (request: TransportRequest, nonce: ServerNonce, own: boolean) =>
      nonce
        .sendSigned(request, next)
        .then((response) => (response.status === 401 ? renew(request, nonce, own, response) : response));

    const renew = async (request: TransportRequest, nonce: ServerNonce, own: boolean, refusal: TransportResponse) => {
      if (current === nonce) current = undefined;
      // Just got from the server and used by no other call: only the key can be wrong.
      if (own && !nonce.overlapped) return refusal;
      // The refusal brings a new nonce. But Apache, where `nc` must rise, counts by `opaque`, which stays the same: once requests
      // have overtaken each other, only a challenge to an unsigned request stands apart from the other calls' refusals.
      const offer = nonce.overlapped ? await next(request) : refusal;
      const renewed = offeredNonce(request, offer, key);
      if (renewed === undefined) return offer;
      const repeated = await renewed.sendSigned(request, next);
      // Shared only now, so that no other call could get ahead of this one.
      if (repeated.status !== 401) current ??= renewed;
      return repeated;
    };

    const ask: Send = async (request) => {
      const asked = next(request).then((response) => {
        const nonce = offeredNonce(request, response, key);
        current ??= nonce;
        return { response, nonce };
      });
      const end = () => {
        if (asking === over) asking = undefined;
      };
      const over: Promise<void> = asked.then(end, end);
      asking = over;
      const { response, nonce } = await asked;
      return nonce === undefined ? response : sendSigned(request, nonce, true);
    };

    const send = (request: TransportRequest, waits: number): Promise<TransportResponse> => {
      if (current !== undefined) return sendSigned(request, current, false);
      // Several calls would ask at once if anything were awaited between this check and `ask`.
      if (asking === undefined || waits === MOST_WAITS) return ask(request);
      return untilAborted(asking, request.signal).then(() => send(request, waits + 1));
    };
    return (request) => send(request, 0);
  };
}

function offeredNonce(request: TransportRequest, response: TransportResponse, key: ApiKey): ServerNonce | undefined {
  const chosen = response.status === 401 && chooseDigestChallenge(response.headers.get("www-authenticate") ?? "");
  if (!chosen) return undefined;
  if ("challenge" in chosen) return new ServerNonce(chosen.challenge, key);
  throw new AtlasAuthError(
    `Cannot answer the server's digest challenge: it has ${chosen.unanswerable}. An API key can sign in with MD5, MD5-sess, SHA-256 and SHA-256-sess, and with qop auth or none.`,
    { outcome: outcomeIfNotApplied(request), operation: request.operation },
  );
}

class ServerNonce {
  readonly #sign: ReturnType<typeof digestAuthorization>;
  readonly #sessionCnonce: string | undefined;
  #uses = 0;
  #underWay = 0;
  /** Whether requests with it were under way together, and so may have arrived in another order than that of their counts. */
  overlapped = false;

  constructor(challenge: DigestChallenge, key: ApiKey) {
    this.#sign = digestAuthorization(challenge, key);
    this.#sessionCnonce = challenge.session ? crypto.randomUUID() : undefined;
  }

  async sendSigned(request: TransportRequest, next: Send): Promise<TransportResponse> {
    this.#uses += 1;
    this.#underWay += 1;
    this.overlapped ||= this.#underWay > 1;
    try {
      const cnonce = this.#sessionCnonce ?? crypto.randomUUID();
      const { method } = request.operation;
      const authorization = this.#sign({ method, uri: targetOf(request), count: this.#uses, cnonce });
      return await next(signed(request, authorization));
    } finally {
      this.#underWay -= 1;
    }
  }
}
