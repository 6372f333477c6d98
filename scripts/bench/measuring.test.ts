import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createBudget, medianOf, spreadOf } from "./measuring.js";

beforeEach(() => void vi.useFakeTimers({ toFake: ["performance"] }));
afterEach(() => void vi.useRealTimers());

const pass = (seconds: number) => vi.advanceTimersByTime(seconds * 1000);

it("allows a round if it can end in time, taking as long as those before it", () => {
  const budget = createBudget("part", 60, () => undefined);
  // What comes before the first round is not taken for one.
  pass(20);
  expect(budget.allows(1, 1)).toBe(true);
  pass(15);
  expect(budget.allows(2, 1)).toBe(true);
  pass(15);
  expect(budget.allows(3, 1)).toBe(false);
});

it("allows the least number of rounds, whatever they take", () => {
  const budget = createBudget("part", 1, () => undefined);
  pass(100);
  expect([1, 2, 3, 4].map((round) => budget.allows(round, 3))).toEqual([true, true, true, false]);
});

it("says what is done, and after how long", () => {
  const lines: string[] = [];
  const budget = createBudget("part", 60, (line) => lines.push(line));
  pass(12);
  budget.report("round 1");
  expect(lines).toEqual(["bench: part, 12 of 60 s: round 1"]);
});

it("tells the middle, and between what half of all values lie", () => {
  expect(medianOf([3, 1, 2])).toBe(2);
  expect(medianOf([4, 1])).toBe(2.5);
  expect(spreadOf([5, 1, 3, 2, 4], 1)).toBe("3.0 (2.0–4.0)");
  expect(() => medianOf([])).toThrow(RangeError);
});
