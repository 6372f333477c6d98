/**
 * Random numbers that a seed repeats: faults in tests, the cases of the conformance check.
 */

/** The same seed draws the same. */
export interface SeededRandom {
  /** From 0 up to, not including, 1. */
  next(): number;
  /** An integer from 0 to `below` - 1. */
  integer(below: number): number;
  chance(probability: number): boolean;
  pick<Item>(items: readonly [Item, ...Item[]]): Item;
  /** One of the characters, `length` times. */
  text(characters: string, length: number): string;
}

/**
 * @param seed - An integer from 0 to 2^32 - 1.
 * @param purpose - Draws for different purposes do not depend on each other: neither on the order of calls that are under
 * way at the same time, nor on whether others are made at all.
 */
export function seededRandom(seed: number, purpose?: string): SeededRandom {
  const next = randomNumbers(purpose === undefined ? seed : hash(`${seed} ${purpose}`));
  const integer = (below: number): number => Math.floor(next() * below);
  return {
    next,
    integer,
    chance: (probability) => next() < probability,
    pick: ([first, ...others]) => others[integer(others.length + 1) - 1] ?? first,
    text: (characters, length) => Array.from({ length }, () => characters.charAt(integer(characters.length))).join(""),
  };
}

/** Numbers from 0 up to, not including, 1, by Mulberry32: small, and even enough for tests. */
export function randomNumbers(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) value = Math.imul(value ^ byte, 0x01000193);
  return value | 0;
}
