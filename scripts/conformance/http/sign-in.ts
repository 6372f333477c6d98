/**
 * Signing requests in: with the credentials that were given, by the client's own code, or with ones that must be refused.
 */
import { METHODS } from "../../../contract-tests/contract/operations.js";
import { type ApiKey, type Credentials, readCredentials, type ServiceAccount } from "../../../src/auth/credentials.js";
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
  | ({ readonly kind: "key" } & ApiKey)
  | ClientIdentity;

/** A service account that asks for a token, by its secret or by nearly that. */
export interface ClientIdentity extends ServiceAccount {
  readonly kind: "client";
  readonly change?: Alteration;
}

/** The server cannot be reached, gives no token or does not accept the credentials: what it says means nothing. */
export class CannotCheck extends Error {
  override readonly name = "CannotCheck";
}

/** The headers that the client's own code reads; others may hold what the platform's `Headers` refuses. */
const READ_BY_CLIENT = ["content-type", "www-authenticate", "authentication-info", "retry-after"];

export function asClientTakes({ status, text, headers }: HttpResponse): TransportResponse {
  const read = new Headers();
  for (const name of READ_BY_CLIENT) {
    const value = headers[name];
    if (value !== undefined && !/[\0\r\n]|[^\0-\xff]/.test(value)) read.set(name, value);
  }
  return { status, text, headers: read };
}

export interface SignInOptions {
  readonly credentials: Credentials;
  readonly url: string;
  readonly mask: Redactor;
}

/**
 * @param send - Sends one request as it is; requests are sent one after the other.
 * @throws CannotCheck if the credentials cannot be used.
 */
export function signIn(
  { credentials, url, mask }: SignInOptions,
  send: (request: HttpRequest) => Promise<HttpResponse>,
) {
  const given = readCredentials(credentials, []);
  if (given === undefined) throw new CannotCheck("the credentials cannot be used");
  if (given.privateKey !== undefined) mask.protect(given.privateKey);
  let last: HttpResponse | undefined;
  let noResponse: Error | undefined;
  const unsigned: Send = async ({ operation, url, headers, body }) => {
    // The check writes its bodies as text; a Blob is what a caller of the library may give.
    const text = body instanceof Blob ? await body.text() : body;
    last = await send({ method: operation.method, url, headers, body: text });
    if (last.failure === undefined) return asClientTakes(last);
    noResponse = new Error(last.failure.message);
    throw noResponse;
  };
  const own = createSignIn(given, createTokenEndpoint(url, unsigned, mask), mask);
  const signed = own.stage(unsigned);
  let token = "";

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
      case "given":
        if (identity.change === undefined) return signed(request);
        if (given.privateKey === undefined) return withHeader(`Bearer ${altered(token, identity.change)}`);
        return withDigest({ ...given, privateKey: altered(given.privateKey, identity.change) });
    }
  };

  return {
    /** @throws CannotCheck if no token can be obtained. */
    async send({ method: name, url, headers, body }: HttpRequest, identity: Identity): Promise<HttpResponse> {
      // The client's stages use nothing of an operation but its method, and its path in messages.
      const operation = { ...TOKEN, method: METHODS.find((each) => each === name) ?? "GET", path: targetOf({ url }) };
      try {
        const account = { mayHaveBeenApplied: false };
        await sendAs(identity, { operation, url, headers, body, signal: undefined, account });
      } catch (error) {
        if (error instanceof AtlasAuthError) throw new CannotCheck(error.message);
        if (error !== noResponse) throw error;
      }
      if (last === undefined) throw new Error("a stage returned a response of its own");
      const isSigned = identity.kind === "given" && identity.change === undefined;
      if (isSigned) token = /^Bearer (.+)$/.exec(last.sent.headers["authorization"] ?? "")?.[1] ?? token;
      return last;
    },
    /** Revokes the token that was issued; that it cannot be is no finding. */
    async end(): Promise<void> {
      await own.end?.().catch(() => undefined);
    },
  };
}

// In the other half of base64's alphabet, so that a last character counts even if some of its bits do not.
const other = (character: string): string => (/[A-Za-f]/.test(character) ? "z" : "A");
const inOtherCase = (letter: string): string => (letter < "a" ? letter.toLowerCase() : letter.toUpperCase());
const otherThan7 = (letter: string): string => (letter === "7" ? "8" : "7");
const through = (variable: string, command: string): string => `$(printf %s "$${variable}" | ${command})`;

interface AlterationOf {
  of(credential: string): string;
  /** The same, done by a shell to a variable. */
  inShell(variable: string): string;
}

/** Ways to change a credential that a careless comparison does not see. */
export const ALTERATIONS = {
  longer: { of: (text) => `${text}x`, inShell: (name) => `\${${name}}x` },
  shorter: { of: (text) => text.slice(0, -1), inShell: (name) => `\${${name}%?}` },
  "other end": { of: (text) => text.slice(0, -1) + other(text.slice(-1)), inShell: (name) => `\${${name}%????}zzzz` },
  "other beginning": {
    of: (text) => other(text.slice(0, 1)) + text.slice(1),
    inShell: (name) => `zzzz\${${name}#????}`,
  },
  "other letter case": {
    of: (text) => text.replace(/[a-z]/gi, inOtherCase),
    inShell: (name) => through(name, "tr a-zA-Z A-Za-z"),
  },
  "same length": {
    of: (text) => text.replace(/[a-z0-9]/gi, otherThan7),
    inShell: (name) => through(name, "tr a-zA-Z0-68-97 '[7*61]8'"),
  },
} satisfies Readonly<Record<string, AlterationOf>>;

export type Alteration = keyof typeof ALTERATIONS;
// The keys are the alterations that the record is of.
export const ALTERATION_NAMES = Object.keys(ALTERATIONS) as readonly Alteration[];

/** A credential that is not the given one, if there is a change. */
function altered(credential: string, change: Alteration | undefined): string {
  if (change === undefined) return credential;
  const changed = ALTERATIONS[change].of(credential);
  // One without letters is the same in the other letter case.
  return changed === credential ? `${credential}x` : changed;
}
