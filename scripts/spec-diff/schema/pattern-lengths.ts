/**
 * How long the texts are that a regular expression matches, for the simple ones that ids are described with.
 */

export interface Lengths {
  readonly least: number;
  /** `Infinity` if there is no bound. */
  readonly most: number;
}

const ANY: Lengths = { least: 0, most: Number.POSITIVE_INFINITY };

/** One ASCII character, a kind of them or a set that names them: what `.` and `[^a]` match may be half a character. */
const CHARACTER = /\[(?!\^)(?:[ -Z^-~]|\\[dw\-./\]\\])+\]|\\[dw\-./\\]|[\w\-:@/ ]/y;
const QUANTIFIER = /\{(\d+)(?:(,)(\d+)?)?\}|[*+?]/y;

/** The lengths of all texts that match; any at all if the expression is not one of the simple ones. */
export function lengthsOf(pattern: string): Lengths {
  const reader = new Reader(pattern);
  const isFixedAtStart = reader.take(/\^/y) !== undefined;
  const lengths = readSequence(reader);
  const isFixedAtEnd = reader.take(/\$/y) !== undefined;
  if (lengths === undefined || !reader.isDone) return ANY;
  return isFixedAtStart && isFixedAtEnd ? lengths : { ...ANY, least: lengths.least };
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get isDone(): boolean {
    return this.#at === this.#text.length;
  }

  /** @param expression - A sticky one. */
  take(expression: RegExp): RegExpExecArray | undefined {
    expression.lastIndex = this.#at;
    const found = expression.exec(this.#text) ?? undefined;
    if (found !== undefined) this.#at = expression.lastIndex;
    return found;
  }
}

/** Up to what is neither a character nor a group; `undefined` if a group is not a simple one. */
function readSequence(reader: Reader): Lengths | undefined {
  let sum: Lengths = { least: 0, most: 0 };
  for (;;) {
    const isGroup = reader.take(/\((?:\?:|(?!\?))/y) !== undefined;
    const one = isGroup ? readGroup(reader) : reader.take(CHARACTER) && { least: 1, most: 1 };
    if (one === undefined) return isGroup ? undefined : sum;
    const { least, most } = readQuantifier(reader);
    sum = { least: sum.least + one.least * least, most: sum.most + (one.most === 0 ? 0 : one.most * most) };
  }
}

function readGroup(reader: Reader): Lengths | undefined {
  let lengths = readSequence(reader);
  while (reader.take(/\|/y) !== undefined) {
    const other = readSequence(reader);
    lengths = lengths &&
      other && { least: Math.min(lengths.least, other.least), most: Math.max(lengths.most, other.most) };
  }
  return reader.take(/\)/y) === undefined ? undefined : lengths;
}

function readQuantifier(reader: Reader): Lengths {
  const [text, low, comma, high] = reader.take(QUANTIFIER) ?? [];
  if (text === undefined) return { least: 1, most: 1 };
  if (text === "*") return ANY;
  if (text === "+") return { ...ANY, least: 1 };
  if (text === "?") return { least: 0, most: 1 };
  const most = comma === undefined ? low : (high ?? "Infinity");
  return { least: Number(low), most: Number(most) };
}
