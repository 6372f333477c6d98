/**
 * Ways to change a credential that a careless comparison does not see: by its length, by its beginning, without regard to
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
