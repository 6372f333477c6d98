/** The three ways to sign in to Atlas, and what is refused when a client is created. */
import type { RequestViolation } from "../errors.js";

/** A ready token, or a function that returns one and is called before every request. */
export type AccessToken = string | (() => string | Promise<string>);

export interface ServiceAccount {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** The public key is the user's name, the private key the password. */
export interface ApiKey {
  readonly publicKey: string;
  readonly privateKey: string;
}

/** Sent as `Authorization: Bearer …`. */
export interface AccessTokenCredentials {
  readonly accessToken: AccessToken;
}

/**
 * A service account signs in by OAuth 2.0 client credentials, an API key by HTTP Digest.
 *
 * @see https://www.mongodb.com/docs/atlas/api/api-authentication/
 */
export type Credentials =
  | (AccessTokenCredentials & Without<keyof ServiceAccount | keyof ApiKey>)
  | (ServiceAccount & Without<"accessToken" | keyof ApiKey>)
  | (ApiKey & Without<"accessToken" | keyof ServiceAccount>);

/** Two kinds at once do not compile. */
type Without<Names extends PropertyKey> = { readonly [Name in Names]?: never };

type CredentialName = "accessToken" | keyof ServiceAccount | keyof ApiKey;

const KINDS: readonly (readonly CredentialName[])[] = [
  ["accessToken"],
  ["clientId", "clientSecret"],
  ["publicKey", "privateKey"],
];

/**
 * The members of the one kind that is given; what is wrong is collected, and a value never gets into a violation.
 *
 * @param nameOf how the source of the credentials calls a member: an option, or an environment variable
 */
export function readCredentials(
  credentials: unknown,
  violations: RequestViolation[],
  nameOf: (name: CredentialName) => string = (name) => `credentials.${name}`,
): Credentials | undefined {
  // Each member read once: a getter could return another value the second time.
  const kinds = KINDS.map((names) =>
    names.map((name) => [name, Reflect.get(Object(credentials), name) as unknown] as const),
  ).filter((members) => members.some(([, value]) => value !== undefined));
  const [members] = kinds;
  if (members === undefined || kinds.length > 1) {
    const present = kinds.flat().filter(([, value]) => value !== undefined);
    const received = present.map(([name]) => nameOf(name)).join(" and ") || "none of them";
    const expected = "exactly one of { accessToken }, { clientId, clientSecret } or { publicKey, privateKey }";
    violations.push({ argument: "credentials", expected, received });
    return undefined;
  }
  const found = members.flatMap(([name, value]) => credentialViolation(name, value, nameOf(name)) ?? []);
  violations.push(...found);
  // All members of the kind are there and of their types; what a token function returns is checked at each call.
  return found.length > 0 ? undefined : (Object.fromEntries(members) as unknown as Credentials);
}

/** Those that are text and secret, whether they can be used or not. */
export function credentialTexts(credentials: unknown): readonly string[] {
  const { accessToken, clientSecret, privateKey }: Readonly<Record<string, unknown>> = Object(credentials);
  return [accessToken, clientSecret, privateKey].filter((value) => typeof value === "string");
}

/** What is wrong with one credential, without anything of its value. */
export function credentialViolation(
  name: CredentialName,
  value: unknown,
  argument: string,
): RequestViolation | undefined {
  if (value === undefined) return { argument, expected: "is missing", received: "" };
  const expected = name === "accessToken" ? "a token on one line" : "text on one line, without spaces around it";
  const received = faultOf(name, value);
  return received === undefined ? undefined : { argument, expected, received };
}

/** What may follow `Bearer` in a header (RFC 6750, section 2.1, and whatever else is visible). */
export function isHeaderSafe(value: string): boolean {
  return /^[\x21-\x7e]+$/.test(value);
}

/** Whether a service account could sign in with it, as far as its form tells. */
export function isClientSecret(value: unknown): value is string {
  return faultOf("clientSecret", value) === undefined;
}

/** What is wrong with a credential, in words that show nothing of it. */
function faultOf(name: CredentialName, value: unknown): string | undefined {
  if (name === "accessToken" && typeof value === "function") return undefined;
  if (typeof value !== "string") return value === null ? "null" : `a value of type ${typeof value}`;
  if (value.trim() === "") return "an empty or blank value";
  if (/[\r\n]/.test(value)) return "a value with a line break";
  if (value.trim() !== value) return "a value with white space around it";
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\0-\x1f\x7f]/.test(value)) return "a value with a control character";
  if (name === "accessToken" && !isHeaderSafe(value)) return "a value with characters that are not allowed in a header";
  if (name === "clientId" && value.includes(":")) return "a value with a colon, which HTTP Basic cannot carry";
  return undefined;
}
