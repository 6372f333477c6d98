import { describe, expect, it } from "vitest";
import { AtlasAuthError, AtlasNetworkError, AtlasRequestError, AtlasResponseError } from "../../index.js";
import { CommandError, type ExitCode, exitCodeOf, worstOf } from "./exit-code.js";

const undisturbed = new AbortController().signal;

describe("exitCodeOf", () => {
  it.each([
    ["what the command itself says", new CommandError(3, ["x"]), 3],
    ["arguments that cannot be used", new AtlasRequestError("x"), 2],
    ["no token", new AtlasAuthError("x", { outcome: "not-applied" }), 1],
    ["no connection", new AtlasNetworkError("x", { outcome: "not-applied", connected: false }), 1],
    ["no answer", new AtlasNetworkError("x", { outcome: "unknown", connected: true }), 3],
    ["a response that cannot be read", new AtlasResponseError("x", { outcome: "applied", status: 201 }), 3],
    ["a defect, of which nobody can say how far it came", new TypeError("x"), 3],
  ] as const)("of %s", (_what, error, code) => {
    expect(exitCodeOf(error, undisturbed)).toBe(code);
  });

  it("is 130 for what stopped because of the signal, and for nothing else", () => {
    const reason = new Error("by SIGINT");
    const interruption = AbortSignal.abort(reason);
    expect(exitCodeOf(reason, interruption)).toBe(130);
    expect(exitCodeOf(new AtlasAuthError("x", { outcome: "not-applied" }), interruption)).toBe(1);
  });
});

describe("worstOf", () => {
  it("goes from what has to be checked to what is done", () => {
    const order: readonly ExitCode[] = [3, 130, 2, 1, 0];
    for (const [index, worst] of order.entries()) expect(worstOf(order.slice(index).reverse())).toBe(worst);
    expect(worstOf([])).toBe(0);
  });
});
