/**
 * Signing requests in: with the credentials that were given, by the client's own code, or with ones that must be refused.
 */
import type { OperationDescription } from "../../../generated/operations.js";
import { type Credentials, readCredentials, type SignInMethod } from "../../../src/auth/credentials.js";
import { digestAuthentication } from "../../../src/auth/digest/digest-authentication.js";
import { createSignIn } from "../../../src/auth/sign-in.js";
import { createTokenEndpoint } from "../../../src/auth/token-endpoint.js";
import { AtlasAuthError } from "../../../src/errors.js";
import { createRedactor } from "../../../src/safe/redaction.js";
import { addressOf, type Send, type Stage } from "../../../src/transport/pipeline.js";
import type { Mask } from "../output/mask.js";
import { type Answer, NoAnswer } from "./answer.js";
import type { WireRequest } from "./exchange.js";

/** What a request says about who sends it. */
export type Identity =
  | { readonly kind: "given" }
  | { readonly kind: "none" }
  /** An `Authorization` as it stands. */
  | { readonly kind: "header"; readonly value: string }
  /** The given access token with something behind it, which makes it another one. */
  | { readonly kind: "altered-token" }
  /** Digest with a key that the server does not know. */
  | { readonly kind: "wrong-key"; readonly publicKey: string; readonly privateKey: string };

/** No token can be had, so that nothing can be checked. */
export class SignInFailure extends Error {
  static {
    SignInFailure.prototype.name = "SignInFailure";
  }
}

/** Sends requests as whoever is asked for. */
export interface SignedExchange {
  /**
   * @returns the answer, and the request as it went out last: with digest, the signed one.
   * @throws NoAnswer where no answer came; SignInFailure where no token can be had; the signal's reason.
   */
  send(request: WireRequest, identity: Identity, signal?: AbortSignal): Promise<{ answer: Answer; sent: WireRequest }>;
  /** How the given credentials sign in. */
  readonly kind: SignInMethod["kind"];
  /** The access token that was used last, if there was one. */
  readonly token: string | undefined;
  /** Revokes what was issued; a failure to do so is no finding. */
  end(): Promise<void>;
}

/** Carries one request out. */
export type Exchange = (request: WireRequest, signal: AbortSignal | undefined) => Promise<Answer>;

/** @throws AtlasRequestError where the credentials cannot be used. */
export function createSignedExchange(
  credentials: Credentials,
  baseUrl: string,
  exchange: Exchange,
  mask: Mask,
): SignedExchange {
  const method = readCredentials(credentials, []);
  if (method === undefined) throw new SignInFailure("the credentials cannot be used");
  protectSecretsOf(method, mask);
  const trace: { last?: { readonly answer: Answer; readonly sent: WireRequest } | undefined } = {};
  const carryOut: Send = async (request) => {
    const { operation, url, headers, body, signal } = request;
    const sent = { method: operation.method, url, headers, body };
    const answer = await exchange(sent, signal);
    trace.last = { answer, sent };
    return { status: answer.status, headers: authenticationHeaders(answer), text: answer.text };
  };
  const endpoint = createTokenEndpoint(baseUrl, carryOut, createRedactor());
  const signIn = createSignIn(method, endpoint, createRedactor());
  const signed = signIn.stage(carryOut);
  let token: string | undefined;

  const takeLast = () => trace.last;

  async function through(stage: Send, request: WireRequest, signal: AbortSignal | undefined) {
    trace.last = undefined;
    const { method: name, url, headers, body } = request;
    try {
      await stage({ operation: describe(name), ...addressOf(url), headers, body, signal });
    } catch (error) {
      if (error instanceof AtlasAuthError) throw new SignInFailure(error.message);
      throw error;
    }
    const last = takeLast();
    if (last === undefined) throw new NoAnswer("broken", "nothing was sent");
    const bearer = /^Bearer (.+)$/.exec(last.sent.headers["authorization"] ?? "")?.[1];
    if (bearer !== undefined && stage === signed) {
      token = bearer;
      mask.protect(bearer);
    }
    return last;
  }

  return {
    kind: method.kind,
    get token() {
      return token;
    },
    async send(request, identity, signal) {
      switch (identity.kind) {
        case "given":
          return through(signed, request, signal);
        case "wrong-key":
          return through(digestWith(identity)(carryOut), request, signal);
        case "none":
          return through(carryOut, request, signal);
        case "header":
          return through(carryOut, withAuthorization(request, identity.value), signal);
        case "altered-token":
          return through(carryOut, withAuthorization(request, `Bearer ${token ?? ""}x`), signal);
      }
    },
    async end() {
      await signIn.end().catch(() => undefined);
    },
  };
}

function protectSecretsOf(method: SignInMethod, mask: Mask): void {
  if (method.kind === "service-account") mask.protect(method.clientSecret);
  else if (method.kind === "api-key") mask.protect(method.privateKey);
  else if (typeof method.accessToken === "string") mask.protect(method.accessToken);
}

function digestWith(key: { readonly publicKey: string; readonly privateKey: string }): Stage {
  return digestAuthentication({ publicKey: key.publicKey, privateKey: key.privateKey });
}

function withAuthorization(request: WireRequest, authorization: string): WireRequest {
  return { ...request, headers: { ...request.headers, authorization } };
}

/** Only what signing in reads: other headers may hold what the platform's `Headers` refuses. */
function authenticationHeaders(answer: Answer): Headers {
  const headers = new Headers();
  for (const name of ["content-type", "www-authenticate", "authentication-info", "retry-after"]) {
    const value = answer.headers[name];
    if (value !== undefined && !/[\0\r\n]|[^\0-\xff]/.test(value)) headers.set(name, value);
  }
  return headers;
}

const METHODS = ["GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"] as const;

/** The pipeline asks an operation for no more than its method. */
function describe(name: string): OperationDescription {
  const method = METHODS.find((each) => each === name) ?? "GET";
  return {
    operationId: "",
    method,
    path: "",
    parameters: [],
    requestMediaTypes: [],
    responseMediaTypes: [],
    successStatuses: [],
  };
}
