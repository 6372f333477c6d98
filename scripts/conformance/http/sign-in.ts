/**
 * Signing requests in: with the credentials that were given, by the client's own code, or with ones that must be refused.
 */
import { METHODS } from "../../../contract-tests/contract/operations.js";
import type { OperationDescription } from "../../../generated/operations.js";
import { type ApiKey, type Credentials, readCredentials, type SignInMethod } from "../../../src/auth/credentials.js";
import { digestAuthentication } from "../../../src/auth/digest/digest-authentication.js";
import { createSignIn } from "../../../src/auth/sign-in.js";
import { createTokenEndpoint } from "../../../src/auth/token-endpoint.js";
import { AtlasAuthError } from "../../../src/errors.js";
import { createRedactor } from "../../../src/safe/redaction.js";
import { addressOf, type Send, type Stage } from "../../../src/transport/pipeline.js";
import { type HttpRequest, type HttpResponse, NoResponse } from "./exchange.js";

/** What a request says about who sends it. */
export type Identity =
  | { readonly kind: "given" }
  | { readonly kind: "none" }
  /** An `Authorization` as it is. */
  | { readonly kind: "header"; readonly value: string }
  /** The given access token, or the given private key, changed into another one. */
  | { readonly kind: "altered"; readonly change: Alteration }
  /** Digest with a key that the server does not know. */
  | { readonly kind: "wrong-key"; readonly publicKey: string; readonly privateKey: string }
  | ClientIdentity;

/** A service account that asks for a token, by its secret or by nearly that. */
export interface ClientIdentity {
  readonly kind: "client";
  readonly clientId: string;
  readonly clientSecret: string;
  readonly change?: Alteration;
}

/** Ways to change a credential that a careless comparison does not see. */
export type Alteration = "longer" | "shorter" | "other end" | "other beginning" | "other letter case" | "same length";

/** A credential that is not the given one. */
function altered(credential: string, change: Alteration): string {
  const other = alteredBy(credential, change);
  // One without letters is the same in the other letter case.
  return other === credential ? `${credential}x` : other;
}

function alteredBy(credential: string, change: Alteration): string {
  // In the other half of base64's alphabet, so that a last character counts even if some of its bits do not.
  const other = (character: string): string => (/[A-Za-f]/.test(character) ? "z" : "A");
  switch (change) {
    case "longer":
      return `${credential}x`;
    case "shorter":
      return credential.slice(0, -1);
    case "other end":
      return credential.slice(0, -1) + other(credential.slice(-1));
    case "other beginning":
      return other(credential.slice(0, 1)) + credential.slice(1);
    case "same length":
      return credential.replace(/[a-z0-9]/gi, (letter) => (letter === "7" ? "8" : "7"));
    case "other letter case":
      return credential.replace(/[a-z]/gi, (letter) => (letter < "a" ? letter.toLowerCase() : letter.toUpperCase()));
  }
}

/** No token can be obtained, so that nothing can be checked. */
export class SignInFailure extends Error {
  override readonly name = "SignInFailure";
}

interface Protecting {
  protect(value: string): void;
}

export interface SignInOptions {
  readonly credentials: Credentials;
  readonly baseUrl: string;
  /** Is called with what must never be shown. */
  readonly mask: Protecting;
  /** Sends one request. */
  readonly send: (request: HttpRequest, signal: AbortSignal | undefined) => Promise<HttpResponse>;
}

/** A response, and the request as it went out last: with digest, the signed one. */
interface Signed {
  readonly response: HttpResponse;
  readonly sent: HttpRequest;
}

/** @throws SignInFailure if the credentials cannot be used. */
export function signIn({ credentials, baseUrl, mask, send }: SignInOptions) {
  const method = readCredentials(credentials, []);
  if (method === undefined) throw new SignInFailure("the credentials cannot be used");
  protectSecretsOf(method, mask);
  const trace: { last?: Signed | undefined } = {};
  const unsigned: Send = async ({ operation, url, headers, body, signal }) => {
    // The check writes its bodies as text; a Blob is what a caller of the library may give.
    const sent = { method: operation.method, url, headers, body: body instanceof Blob ? await body.text() : body };
    const response = await send(sent, signal);
    trace.last = { response, sent };
    return { status: response.status, headers: authenticationHeaders(response), text: response.text };
  };
  const own = createSignIn(method, createTokenEndpoint(baseUrl, unsigned, createRedactor()), createRedactor());
  const signed = own.stage(unsigned);
  const takeLast = () => trace.last;
  let token: string | undefined;

  async function through(stage: Send, request: HttpRequest, signal: AbortSignal | undefined): Promise<Signed> {
    trace.last = undefined;
    const { url, headers, body } = request;
    try {
      await stage({ operation: describe(request.method), ...addressOf(url), headers, body, signal });
    } catch (error) {
      if (error instanceof AtlasAuthError) throw new SignInFailure(error.message);
      throw error;
    }
    const last = takeLast();
    if (last === undefined) throw new NoResponse("broken", "nothing was sent");
    const bearer = /^Bearer (.+)$/.exec(last.sent.headers["authorization"] ?? "")?.[1];
    if (bearer !== undefined && stage === signed) {
      token = bearer;
      mask.protect(bearer);
    }
    return last;
  }

  return {
    kind: method.kind,
    /** @throws NoResponse; SignInFailure if no token can be obtained; the signal's reason. */
    send(request: HttpRequest, identity: Identity, signal?: AbortSignal): Promise<Signed> {
      const withHeader = (authorization: string): Promise<Signed> =>
        through(unsigned, { ...request, headers: { ...request.headers, authorization } }, signal);
      switch (identity.kind) {
        case "given":
          return through(signed, request, signal);
        case "wrong-key":
          return through(digestAuthentication(identity)(unsigned), request, signal);
        case "none":
          return through(unsigned, request, signal);
        case "header":
          return withHeader(identity.value);
        case "client": {
          const { clientId, clientSecret, change } = identity;
          const secret = change === undefined ? clientSecret : altered(clientSecret, change);
          return withHeader(`Basic ${Buffer.from(`${clientId}:${secret}`).toString("base64")}`);
        }
        case "altered":
          return method.kind === "api-key"
            ? through(digestWith(method, identity.change)(unsigned), request, signal)
            : withHeader(`Bearer ${altered(token ?? "", identity.change)}`);
      }
    },
    async end() {
      await own.end?.();
    },
  };
}

function digestWith({ publicKey, privateKey }: ApiKey, change: Alteration): Stage {
  return digestAuthentication({ publicKey, privateKey: altered(privateKey, change) });
}

function protectSecretsOf(method: SignInMethod, mask: Protecting): void {
  if (method.kind === "service-account") mask.protect(method.clientSecret);
  else if (method.kind === "api-key") mask.protect(method.privateKey);
  else if (typeof method.accessToken === "string") mask.protect(method.accessToken);
}

/** Only what signing in reads: other headers may hold what the platform's `Headers` refuses. */
function authenticationHeaders({ headers }: HttpResponse): Headers {
  const kept = new Headers();
  for (const name of ["content-type", "www-authenticate", "authentication-info", "retry-after"]) {
    const value = headers[name];
    if (value !== undefined && !/[\0\r\n]|[^\0-\xff]/.test(value)) kept.set(name, value);
  }
  return kept;
}

/** The client's stages use nothing of an operation but its method. */
function describe(name: string): OperationDescription {
  return {
    operationId: "",
    method: METHODS.find((each) => each === name) ?? "GET",
    path: "",
    parameters: [],
    requestMediaTypes: [],
    responseMediaTypes: [],
    successStatuses: [],
  };
}
