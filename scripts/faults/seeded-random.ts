/**
 * Random numbers that depend on a seed and on what they are for, not on the order in which they are drawn: calls under
 * way at the same time do not disturb each other's, so that a seed gives the same faults again.
 */
import { createHash } from "node:crypto";

export interface SeededRandom {
  /** From 0 up to, not including, 1. */
  next(): number;
  pick<Item>(items: readonly [Item, ...Item[]]): Item;
  chance(probability: number): boolean;
}

export function seededRandom(seed: number, ...purpose: readonly (string | number)[]): SeededRandom {
  let state = createHash("sha256")
    .update([seed, ...purpose].join("/"))
    .digest();
  let used = 0;
  const next = () => {
    if (used === state.length) {
      state = createHash("sha256").update(state).digest();
      used = 0;
    }
    const value = state.readUInt32BE(used);
    used += 4;
    return value / 2 ** 32;
  };
  return {
    next,
    pick: ([first, ...others]) => others[Math.floor(next() * (others.length + 1)) - 1] ?? first,
    chance: (probability) => next() < probability,
  };
}
