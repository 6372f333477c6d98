import { describe, expect, it } from "vitest";
import { ExpiringMap } from "./expiring-map.js";

describe("a map of values that expire", () => {
  it("gives a value until its time is over", () => {
    const clock = { now: 0 };
    const store = new ExpiringMap<string>({ lifetimeMs: 1000, clock: () => clock.now });
    store.add("a", "value");
    clock.now = 999;
    expect(store.get("a")).toBe("value");
    clock.now = 1000;
    expect(store.get("a")).toBeUndefined();
  });

  it("drops what has expired when something is added", () => {
    const clock = { now: 0 };
    const store = new ExpiringMap<number>({ lifetimeMs: 1000, clock: () => clock.now });
    for (let index = 0; index < 100; index += 1) store.add(`old ${index}`, index);
    clock.now = 1000;
    store.add("new", 1);
    expect(store.size).toBe(1);
  });

  it("never holds more than its capacity: the oldest make room", () => {
    const store = new ExpiringMap<number>({ lifetimeMs: 1000, capacity: 3, clock: () => 0 });
    for (let index = 0; index < 5; index += 1) store.add(`${index}`, index);
    expect(store.size).toBe(3);
    expect(["0", "1", "2", "3", "4"].map((key) => store.get(key))).toEqual([undefined, undefined, 2, 3, 4]);
  });

  it("forgets a value that is deleted", () => {
    const store = new ExpiringMap<number>({ lifetimeMs: 1000, clock: () => 0 });
    store.add("a", 1);
    store.delete("a");
    expect(store.get("a")).toBeUndefined();
  });
});
