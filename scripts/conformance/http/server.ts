/**
 * The server under test: requests signed in as somebody, with the given credentials by the client's own code; one after the
 * other, again after a 429, and no longer once it has stopped responding.
 */
import { setTimeout as wait } from "node:timers/promises";
import { METHODS } from "../../../contract-tests/contract/operations.js";
import { type ApiKey, type Credentials, readCredentials, type ServiceAccount } from "../../../src/auth/credentials.js";
import { digestAuthentication } from "../../../src/auth/digest/digest-authentication.js";
import { createSignIn } from "../../../src/auth/sign-in.js";
import { createTokenEndpoint, TOKEN } from "../../../src/auth/token-endpoint.js";
import { AtlasAuthError } from "../../../src/errors.js";
import { DEFAULT_OPTIONS } from "../../../src/options/client-options.js";
import { tryTo } from "../../../src/safe/foreign-error.js";
import type { Redactor } from "../../../src/safe/redaction.js";
import { type Send, type TransportResponse, targetOf } from "../../../src/transport/pipeline.js";
import { requestedWaitMs } from "../../../src/transport/retry.js";
import { exchange, type HttpRequest, type HttpResponse } from "./exchange.js";

/** Who a request says that it comes from: whoever the credentials belong to, or somebody who must be refused. */
export type Identity =
  /** The given credentials, or their token or private key changed into another one. */
  | { readonly kind: "given"; readonly change?: Alteration }
  /** An `Authorization` as it is; `undefined`: none. */
  | { readonly kind: "header"; readonly value: string | undefined }
  /** Digest with another key. */
  | ({ readonly kind: "key" } & ApiKey)
  /** A service account that asks for a token, by its secret or by nearly that. */
  | ({ readonly kind: "client"; readonly change?: Alteration } & ServiceAccount);

/** Whether it is the one that the check was given credentials for. */
export function isGiven(identity: Identity): boolean {
  return identity.kind === "given" && identity.change === undefined;
}

/** The server cannot be reached, gives no token or does not accept the credentials: what it says means nothing. */
export class CannotCheck extends Error {
  override readonly name = "CannotCheck";
}

interface ServerRequest extends Omit<HttpRequest, "url"> {
  readonly operationId: string;
  readonly target: string;
  readonly identity: Identity;
  /** The status that a mock is asked for: a 429 that was asked for is not waited out. */
  readonly prefer: number | undefined;
}

interface ServerOptions {
  readonly credentials: Credentials;
  readonly url: string;
  readonly mask: Redactor;
  readonly timeoutMs: number;
  readonly onWait: (milliseconds: number) => void;
}

const MAX_ATTEMPTS = 4;
const FIRST_WAIT_MS = 1_000;
/** A server that asks for more than this is not waited for. */
const LONGEST_WAIT_MS = 120_000;
/** After so many requests of an operation that had no response in time, no more are sent. */
const MOST_TIMEOUTS = 2;

export type Server = ReturnType<typeof createServer>;

/** @throws CannotCheck if the credentials cannot be used. */
export function createServer({ credentials, url: base, mask, timeoutMs, onWait }: ServerOptions) {
  const given = readCredentials(credentials, []);
  if (given === undefined) throw new CannotCheck("the credentials cannot be used");
  if (given.privateKey !== undefined) mask.protect(given.privateKey);
  const timeouts = new Map<string, number>();
  let requests = 0;
  let isReachable = false;
  /** The last one to a request with the given credentials. */
  let own: HttpResponse | undefined;
  /** Once waiting has not helped, it is not tried again. */
  let waits = true;
  /** For the request under way: one that asks for a token or a challenge, and the request itself. */
  const received: HttpResponse[] = [];

  const unsigned: Send = async ({ operation, url, headers, body }) => {
    requests += 1;
    // The check writes its bodies as text; a Blob is what a caller of the library may give.
    const text = body instanceof Blob ? await body.text() : body;
    const response = await exchange({ method: operation.method, url, headers, body: text }, timeoutMs);
    received.push(response);
    isReachable ||= response.failure?.reason !== "unreachable";
    if (response.failure !== undefined) throw new Error(response.failure.message);
    return asClientTakes(response);
  };
  const signIn = createSignIn(given, createTokenEndpoint(base, unsigned, mask, DEFAULT_OPTIONS.userAgent), mask);
  const signed = signIn.stage(unsigned);

  const sendAs = (identity: Identity, request: Parameters<Send>[0]): ReturnType<Send> => {
    const withHeader = (authorization: string) =>
      unsigned({ ...request, headers: { ...request.headers, authorization } });
    const withDigest = (key: ApiKey) => digestAuthentication(key)(unsigned)(request);
    switch (identity.kind) {
      case "header":
        return identity.value === undefined ? unsigned(request) : withHeader(identity.value);
      case "key":
        return withDigest(identity);
      case "client": {
        const halves = `${identity.clientId}:${altered(identity.clientSecret, identity.change)}`;
        return withHeader(`Basic ${Buffer.from(halves).toString("base64")}`);
      }
      case "given": {
        if (identity.change === undefined) return signed(request);
        if (given.privateKey !== undefined) {
          return withDigest({ ...given, privateKey: altered(given.privateKey, identity.change) });
        }
        const [, token = ""] = /^Bearer (.+)$/.exec(own?.sent.headers["authorization"] ?? "") ?? [];
        return withHeader(`Bearer ${altered(token, identity.change)}`);
      }
    }
  };

  const sendOnce = async ({ method: name, target, headers, body, identity }: ServerRequest): Promise<HttpResponse> => {
    const url = base + target;
    // The client's stages use nothing of an operation but its method, and its path in messages.
    const operation = { ...TOKEN, method: METHODS.find((each) => each === name) ?? "GET", path: targetOf({ url }) };
    const account = { mayHaveBeenApplied: false };
    received.length = 0;
    try {
      await sendAs(identity, { operation, url, headers, body, signal: undefined, account });
    } catch (error) {
      const failure = received.at(-1)?.failure;
      if (!isReachable && failure) throw new CannotCheck(`${base} cannot be reached: ${failure.message}`);
      if (error instanceof AtlasAuthError) throw new CannotCheck(error.message);
      if (failure === undefined) throw error;
    }
    const last = received.at(-1);
    if (last === undefined) throw new Error("a stage returned a response of its own");
    if (isGiven(identity)) own = last;
    return last;
  };

  return {
    requests: () => requests,
    /** Whether the last request with the given credentials had a 401. */
    refusesCredentials: () => own?.status === 401,
    /** Whether an operation has had so many requests without a response that no more of them are sent. */
    isSilent: (operationId: string) => (timeouts.get(operationId) ?? 0) >= MOST_TIMEOUTS,
    /**
     * @param signal - Ends a wait, or keeps the request from being sent; one that is sent is never cut off.
     * @param onRateLimited - Is called with each 429 that is waited out.
     * @throws CannotCheck if nothing has ever listened, or no token can be obtained; the signal's reason.
     */
    async send(
      request: ServerRequest,
      signal: AbortSignal | undefined,
      onRateLimited?: (response: HttpResponse) => void,
    ): Promise<HttpResponse> {
      const { operationId, prefer } = request;
      for (let attempt = 1; ; attempt += 1) {
        signal?.throwIfAborted();
        const response = await sendOnce(request);
        const { status, failure } = response;
        const isLate = failure !== undefined && failure.reason !== "broken";
        if (isLate) timeouts.set(operationId, (timeouts.get(operationId) ?? 0) + 1);
        if (status !== 429 || prefer === 429) return response;
        const delay = requestedWaitMs(asClientTakes(response)) ?? FIRST_WAIT_MS * 2 ** (attempt - 1);
        waits &&= attempt < MAX_ATTEMPTS;
        if (!waits || delay > LONGEST_WAIT_MS) return response;
        onRateLimited?.(response);
        onWait(delay);
        await wait(delay, undefined, signal === undefined ? {} : { signal });
      }
    },
    /** Revokes the token that was issued; that it cannot be is no finding. */
    close: async () => signIn.end?.().catch(() => undefined),
  };
}

/** A header that the platform's `Headers` refuses is left out: it would not reach the client either. */
function asClientTakes({ status, text, headers: received }: HttpResponse): TransportResponse {
  const headers = new Headers();
  for (const [name, value] of Object.entries(received)) tryTo(() => headers.set(name, value));
  return { status, text, headers };
}

// In the other half of base64's alphabet, so that a last character counts even if some of its bits do not.
const other = (character: string): string => (/[A-Za-f]/.test(character) ? "z" : "A");
const inOtherCase = (letter: string): string => (letter < "a" ? letter.toLowerCase() : letter.toUpperCase());
const otherThan7 = (letter: string): string => (letter === "7" ? "8" : "7");

/** What is replaced, by what, and a shell's way to do the same to the variable NAME. */
type Replacement = readonly [pattern: RegExp, by: (found: string) => string, inShell: string];

/** Ways to change a credential that a careless comparison does not see. */
const ALTERATIONS = {
  longer: [/$/, () => "x", `\${NAME}x`],
  shorter: [/.$/s, () => "", `\${NAME%?}`],
  "other end": [/.$/s, other, `\${NAME%????}zzzz`],
  "other beginning": [/^./s, other, `zzzz\${NAME#????}`],
  "other letter case": [/[a-z]/gi, inOtherCase, '$(printf %s "$NAME" | tr a-zA-Z A-Za-z)'],
  "same length": [/[a-z0-9]/gi, otherThan7, `$(printf %s "$NAME" | tr a-zA-Z0-68-97 '[7*61]8')`],
} satisfies Readonly<Record<string, Replacement>>;

export type Alteration = keyof typeof ALTERATIONS;
// The keys are the alterations that the record is of.
export const ALTERATION_NAMES = Object.keys(ALTERATIONS) as readonly Alteration[];

/** A credential that is not the given one, if there is a change. */
export function altered(credential: string, change: Alteration | undefined): string {
  if (change === undefined) return credential;
  const [pattern, by] = ALTERATIONS[change];
  const changed = credential.replace(pattern, by);
  // One without letters is the same in the other letter case.
  return changed === credential ? `${credential}x` : changed;
}

/** The same as a shell writes it, of the credential in a variable. */
export function alteredInShell(variable: string, change: Alteration | undefined): string {
  return change === undefined ? `$${variable}` : ALTERATIONS[change][2].replace("NAME", variable);
}
