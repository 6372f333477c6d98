/**
 * Signing requests in: with the credentials that were given, by the client's own code, or with ones that must be refused.
 */
import { METHODS } from "../../../contract-tests/contract/operations.js";
import { type Credentials, readCredentials } from "../../../src/auth/credentials.js";
import { digestAuthentication } from "../../../src/auth/digest/digest-authentication.js";
import { createSignIn } from "../../../src/auth/sign-in.js";
import { createTokenEndpoint, TOKEN } from "../../../src/auth/token-endpoint.js";
import { AtlasAuthError } from "../../../src/errors.js";
import type { Redactor } from "../../../src/safe/redaction.js";
import { type Send, type TransportResponse, targetOf } from "../../../src/transport/pipeline.js";
import type { HttpRequest, HttpResponse } from "./exchange.js";

/** What a request says about who sends it. */
export type Identity =
  /** The given credentials, or their token or private key changed into another one. */
  | { readonly kind: "given"; readonly change?: Alteration }
  /** An `Authorization` as it is; `undefined`: none. */
  | { readonly kind: "header"; readonly value: string | undefined }
  /** Digest with another key. */
  | { readonly kind: "key"; readonly publicKey: string; readonly privateKey: string }
  | ClientIdentity;

/** A service account that asks for a token, by its secret or by nearly that. */
export interface ClientIdentity {
  readonly kind: "client";
  readonly clientId: string;
  readonly clientSecret: string;
  readonly change?: Alteration;
}

/** The server cannot be reached, gives no token or does not accept the credentials: what it says means nothing. */
export class CannotCheck extends Error {
  override readonly name = "CannotCheck";
}

/** A response as the client's own code takes it. */
class SignedResponse implements TransportResponse {
  readonly status: number;
  readonly text: string;
  readonly headers = new Headers();

  constructor(readonly response: HttpResponse) {
    this.status = response.status;
    this.text = response.text;
    // Only what signing in reads: others may hold what the platform's `Headers` refuses.
    for (const name of ["content-type", "www-authenticate", "authentication-info", "retry-after"]) {
      const value = response.headers[name];
      if (value !== undefined && !/[\0\r\n]|[^\0-\xff]/.test(value)) this.headers.set(name, value);
    }
  }
}

/** There is no response; how the client's own code learns it. */
class NoResponse extends Error {
  override readonly name = "NoResponse";

  constructor(
    message: string,
    readonly response: HttpResponse,
  ) {
    super(message);
  }
}

export interface SignInOptions {
  readonly credentials: Credentials;
  readonly baseUrl: string;
  /** Is told what must never be shown. */
  readonly mask: Redactor;
  /** Sends one request. */
  readonly send: (request: HttpRequest) => Promise<HttpResponse>;
}

/** @throws CannotCheck if the credentials cannot be used. */
export function signIn({ credentials, baseUrl, mask, send }: SignInOptions) {
  const method = readCredentials(credentials, []);
  if (method === undefined) throw new CannotCheck("the credentials cannot be used");
  if (method.kind === "api-key") mask.protect(method.privateKey);
  const unsigned: Send = async ({ operation, url, headers, body }) => {
    // The check writes its bodies as text; a Blob is what a caller of the library may give.
    const text = body instanceof Blob ? await body.text() : body;
    const response = await send({ method: operation.method, url, headers, body: text });
    if (response.failure !== undefined) throw new NoResponse(response.failure.message, response);
    return new SignedResponse(response);
  };
  const own = createSignIn(method, createTokenEndpoint(baseUrl, unsigned, mask), mask);
  const signed = own.stage(unsigned);
  let token = "";

  /** The stage that signs, and the header that is sent if it does not. */
  function stageFor(identity: Identity): { stage: Send; authorization?: string | undefined } {
    switch (identity.kind) {
      case "header":
        return { stage: unsigned, authorization: identity.value };
      case "key":
        return { stage: digestAuthentication(identity)(unsigned) };
      case "client": {
        const { clientId, clientSecret, change } = identity;
        const halves = Buffer.from(`${clientId}:${altered(clientSecret, change)}`);
        return { stage: unsigned, authorization: `Basic ${halves.toString("base64")}` };
      }
      case "given": {
        const { change } = identity;
        if (change === undefined) return { stage: signed };
        if (method?.kind !== "api-key") return { stage: unsigned, authorization: `Bearer ${altered(token, change)}` };
        const { publicKey, privateKey } = method;
        return { stage: digestAuthentication({ publicKey, privateKey: altered(privateKey, change) })(unsigned) };
      }
    }
  }

  return {
    usesDigest: method.kind === "api-key",
    /** @throws CannotCheck if no token can be obtained. */
    async send({ method: name, url, headers, body }: HttpRequest, identity: Identity): Promise<HttpResponse> {
      const { stage, authorization } = stageFor(identity);
      // The client's stages use nothing of an operation but its method, and its path in messages.
      const operation = { ...TOKEN, method: METHODS.find((each) => each === name) ?? "GET", path: targetOf({ url }) };
      const all = authorization === undefined ? headers : { ...headers, authorization };
      try {
        const signedResponse = await stage({ operation, url, headers: all, body, signal: undefined });
        if (!(signedResponse instanceof SignedResponse)) throw new Error("a stage returned a response of its own");
        const { response } = signedResponse;
        if (stage === signed) token = /^Bearer (.+)$/.exec(response.sent.headers["authorization"] ?? "")?.[1] ?? token;
        return response;
      } catch (error) {
        if (error instanceof NoResponse) return error.response;
        throw error instanceof AtlasAuthError ? new CannotCheck(error.message) : error;
      }
    },
    async end() {
      await own.end?.();
    },
  };
}

/**
 * A way to change a credential that a careless comparison does not see: by its length, by its beginning, without regard to
 * letter case.
 */
interface AlterationOf {
  readonly words: string;
  of(credential: string): string;
  /** The same, done by a shell to a variable. */
  inShell(variable: string): string;
}

// In the other half of base64's alphabet, so that a last character counts even if some of its bits do not.
const other = (character: string): string => (/[A-Za-f]/.test(character) ? "z" : "A");
const through = (variable: string, command: string): string => `$(printf %s "$${variable}" | ${command})`;

export const ALTERATIONS = {
  longer: {
    words: "with a letter more",
    of: (credential) => `${credential}x`,
    inShell: (variable) => `\${${variable}}x`,
  },
  shorter: {
    words: "without its last letter",
    of: (credential) => credential.slice(0, -1),
    inShell: (variable) => `\${${variable}%?}`,
  },
  "other end": {
    words: "with another end",
    of: (credential) => credential.slice(0, -1) + other(credential.slice(-1)),
    inShell: (variable) => `\${${variable}%????}zzzz`,
  },
  "other beginning": {
    words: "with another beginning",
    of: (credential) => other(credential.slice(0, 1)) + credential.slice(1),
    inShell: (variable) => `zzzz\${${variable}#????}`,
  },
  "other letter case": {
    words: "in the other letter case",
    of: (credential) =>
      credential.replace(/[a-z]/gi, (letter) => (letter < "a" ? letter.toLowerCase() : letter.toUpperCase())),
    inShell: (variable) => through(variable, "tr a-zA-Z A-Za-z"),
  },
  "same length": {
    words: "as other letters of the same number",
    of: (credential) => credential.replace(/[a-z0-9]/gi, (letter) => (letter === "7" ? "8" : "7")),
    inShell: (variable) => through(variable, "tr a-zA-Z0-68-97 '[7*61]8'"),
  },
} satisfies Readonly<Record<string, AlterationOf>>;

export type Alteration = keyof typeof ALTERATIONS;
// The keys are the alterations that the record is of.
export const ALTERATION_NAMES = Object.keys(ALTERATIONS) as readonly Alteration[];

/** A credential that is not the given one. */
export function altered(credential: string, change: Alteration | undefined): string {
  if (change === undefined) return credential;
  const changed = ALTERATIONS[change].of(credential);
  // One without letters is the same in the other letter case.
  return changed === credential ? `${credential}x` : changed;
}
