/**
 * How long the texts are that a regular expression matches, for the simple ones that ids are described with.
 */

export interface Lengths {
  readonly least: number;
  /** `Infinity` if there is no bound. */
  readonly most: number;
}

/**
 * A quantifier, the start of a group, or one ASCII character, a kind of them or a set that names them: what `.` and `[^a]`
 * match may be half a character.
 */
const TOKEN = /(\{\d+(?:,\d*)?\}|[*+?])|\(\?:|\[(?!\^)(?:[ -Z^-~]|\\[dw\-./\]\\])+\]|\\[dw\-./\\]|[\w\-:@/ ]/g;
/** Between what can enclose nothing at all. */
const NOTHING = /(?<=^|[(|^])(?=$|[)|$])/g;

/** The lengths of all texts that match; any at all if the expression is not one of the simple ones. */
export function lengthsOf(pattern: string): Lengths {
  // Each character becomes its lengths, `<1,1>`, and so does what they stand in, from the inside out.
  let text = pattern
    .replaceAll(TOKEN, (token, quantifier?: string) => quantifier ?? (token === "(?:" ? "(" : "<1,1>"))
    .replaceAll(NOTHING, "<0,0>");
  for (let before = ""; before !== text; ) {
    before = text;
    text = text
      .replaceAll(/(<[^<>]+>)(\{[\d,]+\}|[*+?])/g, (_, one: string, quantifier: string) => repeated(one, quantifier))
      .replaceAll(/(?:<[^<>]+>){2,}/g, (sequence) => {
        const sum = (one: number, other: number) => one + other;
        return written(lengthsIn(sequence), sum, sum);
      })
      .replaceAll(/\(<[^<>]+>(?:\|<[^<>]+>)*\)/g, (group) => written(lengthsIn(group), Math.min, Math.max));
  }
  const [, start, all = "", end] = /^(\^?)(<[^<>]+>)(\$?)$/.exec(text) ?? [];
  const [{ least, most } = { least: 0, most: Number.POSITIVE_INFINITY }] = lengthsIn(all);
  return { least, most: start === "" || end === "" ? Number.POSITIVE_INFINITY : most };
}

type Combine = (one: number, other: number) => number;

function written(all: readonly Lengths[], least: Combine, most: Combine): string {
  const both = all.reduce((one, other) => ({ least: least(one.least, other.least), most: most(one.most, other.most) }));
  return `<${both.least},${both.most}>`;
}

function lengthsIn(text: string): readonly Lengths[] {
  return [...text.matchAll(/<([^<>,]+),([^<>,]+)>/g)].map(([, least, most]) => ({
    least: Number(least),
    most: Number(most),
  }));
}

const RANGES: Readonly<Record<string, string>> = { "*": "{0,}", "+": "{1,}", "?": "{0,1}" };

function repeated(one: string, quantifier: string): string {
  const [low, high = low] = (RANGES[quantifier] ?? quantifier).slice(1, -1).split(",");
  const [{ least, most } = { least: 0, most: 0 }] = lengthsIn(one);
  const times = high === "" ? Number.POSITIVE_INFINITY : Number(high);
  return `<${least * Number(low)},${most === 0 ? 0 : most * times}>`;
}
