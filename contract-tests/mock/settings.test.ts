import { describe, expect, it } from "vitest";
import { accountsIn, clockIn, durationMs, movableClock, rateLimitIn, ratesIn } from "./settings.js";

it.each([
  ["30d", 30 * 86_400_000],
  ["+1h30m", 5_400_000],
  ["-45s", -45_000],
  ["1.5m", 90_000],
  ["200ms", 200],
  ["30", undefined],
  ["d", undefined],
  ["1d2", undefined],
  ["", undefined],
])("the duration %j is %s ms", (text, ms) => {
  expect(durationMs(text)).toBe(ms);
});

it("a clock that is moved goes on from there", () => {
  let wall = 1000;
  const clock = movableClock(() => wall);
  expect(clock.move(500) && clock.move(-200)).toBe(true);
  wall = 2000;
  expect(clock.now()).toBe(2300);
  // None of them can be written as RFC 3339 has it.
  for (const year of [-1, 10_000, Number.NaN]) expect(clock.move(Date.UTC(year, 0) - clock.now())).toBe(false);
  expect(clock.now()).toBe(2300);
});

it("a clock that is ahead is in the years 0 to 9999", () => {
  expect((clockIn("+30d")?.now() ?? 0) - Date.now()).toBeGreaterThan(29.9 * 86_400_000);
  for (const text of ["soon", "+9999999d", "-9999999d"]) expect(clockIn(text)).toBeUndefined();
});

it.each([
  ["10/60s", { capacity: 10, periodSeconds: 60 }],
  ["5/1m30s", { capacity: 5, periodSeconds: 90 }],
  ["0/60s", undefined],
  ["10", undefined],
  ["10/60", undefined],
  ["10/1ms", undefined],
])("the rate limit %j is read as %j", (text, limit) => {
  expect(rateLimitIn(text)).toEqual(limit);
});

it.each([
  ["503:0.01", [{ ends: 503, applied: false, probability: 0.01 }]],
  [
    "reset:.5, apply-cut:0.5",
    [
      { ends: "reset", applied: false, probability: 0.5 },
      { ends: "cut", applied: true, probability: 0.5 },
    ],
  ],
  ["apply-hang:1", [{ ends: "hang", applied: true, probability: 1 }]],
  ["200:0.1", undefined],
  ["503", undefined],
  ["503:2", undefined],
  ["503:0.6,500:0.6", undefined],
  ["explode:0.1", undefined],
  ["", undefined],
])("the trouble %j is read as %j", (text, rates) => {
  expect(ratesIn(text)).toEqual(rates);
});

describe("a list of accounts", () => {
  const clientId = `mdb_sa_id_${"7".repeat(24)}`;

  it("is read with all that an account may have", () => {
    const secrets = [{ id: "a".repeat(24), value: "mdb_sa_sk_not_real", expiresAfterHours: 24 }];
    const other = `mdb_sa_id_${"8".repeat(24)}`;
    const accounts = [{ clientId }, { clientId: other, orgId: "b".repeat(24), groupIds: ["c".repeat(24)], secrets }];
    expect(accountsIn(JSON.stringify(accounts))).toEqual(accounts);
  });

  it.each([
    ["[{", /^it is not JSON$/],
    ["{}", /^it must be array$/],
    ["[1]", /^\/0 must be object$/],
    [JSON.stringify([{ clientId }, { clientId: "hush" }]), /^\/1\/clientId must match pattern "/],
    [JSON.stringify([{ clientId, orgId: "hush" }]), /^\/0\/orgId must match pattern "/],
    [JSON.stringify([{ clientId, orgId: ["a".repeat(24)] }]), /^\/0\/orgId must be string$/],
    [JSON.stringify([{ clientId, groupIds: "hush" }]), /^\/0\/groupIds must be array$/],
    [JSON.stringify([{ clientId, groupIds: [["a".repeat(24)]] }]), /^\/0\/groupIds\/0 must be string$/],
    [
      JSON.stringify([{ clientId, secrets: [{ secret: "hush" }] }]),
      /^\/0\/secrets\/0 .+ additional properties secret$/,
    ],
    [JSON.stringify([{ clientId, secrets: [null] }]), /^\/0\/secrets\/0 must be object$/],
    [JSON.stringify([{ clientId, secrets: [{}, {}, {}] }]), /^\/0\/secrets must NOT have more than 2 items$/],
    [JSON.stringify([{ clientId, secret: "hush" }]), /^\/0 must NOT have additional properties secret$/],
    [
      JSON.stringify([{ clientId }, { clientId: clientId.toUpperCase().replace("MDB_SA_ID", "mdb_sa_id") }]),
      /7 is there twice$/,
    ],
  ])("%s is refused in one line that shows no value", (text, reason) => {
    expect(() => accountsIn(text)).toThrow(reason);
    expect(() => accountsIn(text)).not.toThrow(/hush/);
  });
});
