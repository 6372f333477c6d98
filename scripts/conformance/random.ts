/**
 * Random choices that a seed repeats.
 */

/** Draws numbers; the same seed draws the same ones. */
export interface Random {
  /** A whole number from 0 to `below` - 1. */
  integer(below: number): number;
  /** One of the characters, `length` times. */
  text(characters: string, length: number): string;
}

/** Seeds are whole numbers from 0 to this. */
export const LARGEST_SEED = 2 ** 32 - 1;

/**
 * @param seed - A whole number.
 * @param purpose - Draws for different purposes do not depend on each other, so that leaving out one check changes no
 * other check's cases.
 */
export function createRandom(seed: number, purpose: string): Random {
  let state = hash(`${seed} ${purpose}`);
  // Mulberry32: small, and even enough for choosing characters.
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const integer = (below: number): number => Math.floor(next() * below);
  return {
    integer,
    text: (characters, length) => Array.from({ length }, () => characters.charAt(integer(characters.length))).join(""),
  };
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const byte of Buffer.from(text, "utf8")) value = Math.imul(value ^ byte, 0x01000193);
  return value | 0;
}
