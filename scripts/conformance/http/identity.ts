/** Who a request says that it comes from: whoever the credentials belong to, or somebody who must be refused. */
import type { ApiKey, ServiceAccount } from "../../../src/auth/credentials.js";

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

/** Whether it is the one that the check was given credentials for. */
export function isGiven(identity: Identity): boolean {
  return identity.kind === "given" && identity.change === undefined;
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
