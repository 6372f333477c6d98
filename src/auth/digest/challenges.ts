/**
 * Reads the challenges of a WWW-Authenticate value (RFC 9110, section 11.6.1), whatever their schemes.
 */

/** Parameters by name in lower case; values without their quotes and escapes. */
export type AuthenticationParameters = ReadonlyMap<string, string>;

/** One challenge: a scheme, and what belongs to it. */
export interface Challenge {
  /** In lower case. */
  readonly scheme: string;
  /** Empty if the scheme stands alone or carries a token68, as in `Negotiate YII=`. */
  readonly parameters: AuthenticationParameters;
}

const SEPARATORS = /[\s,]*/y;
const TOKEN = /[!#$%&'*+\-.^_`|~\w]+/y;
const TOKEN68 = /\s+[\w\-.~+/]+=*(?=\s*(?:,|$))/y;
const EQUALS = /\s*=\s*/y;
const QUOTED = /"((?:[^"\\]|\\.)*)"/sy;
/** Wider than a token, for servers that leave out the quotes around a nonce in base64. */
const UNQUOTED = /[^\s,"]*/y;
const UP_TO_COMMA = /[^,]*/y;

/**
 * The challenges in the server's order; several header lines arrive as one value, joined with commas, where a comma may
 * begin a parameter as well as a challenge. What cannot be read is left out, so that one scheme's mistake does not hide another's
 * challenge.
 */
export function parseChallenges(value: string): Challenge[] {
  const text = scan(value);
  const challenges: { scheme: string; parameters: Map<string, string> }[] = [];
  while (!text.atEnd()) {
    const token = text.take(TOKEN)?.toLowerCase();
    const current = challenges.at(-1);
    if (token === undefined) {
      text.take(UP_TO_COMMA);
    } else if (text.take(EQUALS) === undefined) {
      challenges.push({ scheme: token, parameters: new Map() });
      text.take(TOKEN68);
    } else {
      const parameter = text.takeParameterValue();
      // A repeated parameter is a mistake of the server or an addition on the way: the first one counts.
      if (parameter !== undefined && current?.parameters.has(token) === false) current.parameters.set(token, parameter);
    }
  }
  return challenges;
}

/** The parameters of a value without a scheme, such as Authentication-Info (RFC 7615). */
export function parseParameters(value: string): AuthenticationParameters {
  return parseChallenges(`Parameters ${value}`)[0]?.parameters ?? new Map();
}

function scan(value: string) {
  let position = 0;
  const match = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = position;
    const found = pattern.exec(value) ?? undefined;
    if (found !== undefined) position = pattern.lastIndex;
    return found;
  };
  return {
    /** Skips separators first. */
    atEnd(): boolean {
      match(SEPARATORS);
      return position >= value.length;
    },
    take(pattern: RegExp): string | undefined {
      return match(pattern)?.[0];
    },
    takeParameterValue(): string | undefined {
      if (value[position] !== '"') return match(UNQUOTED)?.[0];
      const quoted = match(QUOTED)?.[1];
      // A quote that never closes: no comma after it can be trusted to be a separator.
      if (quoted === undefined) position = value.length;
      return quoted?.replace(/\\(.)/gs, "$1");
    },
  };
}
