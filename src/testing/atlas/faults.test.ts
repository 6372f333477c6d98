import { expect, it } from "vitest";
import { type FaultRate, randomFaults } from "./faults.js";
import type { AtlasRequest } from "./request.js";

const rates: readonly FaultRate[] = [
  { ends: 503, applied: false, probability: 0.2 },
  { ends: "reset", applied: true, probability: 0.1 },
];
// The request is not looked at.
const request = {} as AtlasRequest;

async function drawn(seed: number, count = 1000): Promise<readonly (string | undefined)[]> {
  const faults = randomFaults(rates, seed);
  return Promise.all(
    Array.from({ length: count }, async () => {
      const fault = await faults(request);
      return fault && `${typeof fault.ends === "object" ? "status" : fault.ends} ${fault.applied}`;
    }),
  );
}

it("a seed gives the same faults again, and another gives others", async () => {
  expect(await drawn(7)).toEqual(await drawn(7));
  expect(await drawn(7)).not.toEqual(await drawn(8));
});

it("each kind comes about as often as it was asked for", async () => {
  const all = await drawn(1, 10_000);
  const share = (kind: string | undefined) => all.filter((each) => each === kind).length / all.length;
  expect(share("status false")).toBeCloseTo(0.2, 1);
  expect(share("reset true")).toBeCloseTo(0.1, 1);
  expect(share(undefined)).toBeCloseTo(0.7, 1);
});
