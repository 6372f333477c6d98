import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { RateLimitGate } from "./rate-limit-gate.js";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Sends calls through the gate and writes down in what order they get through. */
function calls(gate: RateLimitGate) {
  const through: string[] = [];
  const passes = new Map<string, number>();
  const enter = async (name: string, ticket = gate.ticket(), signal?: AbortSignal) => {
    passes.set(name, await gate.enter(ticket, signal));
    through.push(name);
  };
  const leave = (name: string, accepted: boolean) => gate.leave(passes.get(name) ?? -1, accepted);
  return { through, enter, leave };
}

const later = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);

describe("an open gate", () => {
  it("lets everybody through at once", async () => {
    const gate = new RateLimitGate();
    const { through, enter } = calls(gate);
    await Promise.all(Array.from({ length: 100 }, (_, index) => enter(`${index}`)));
    expect(through).toHaveLength(100);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("a closed gate", () => {
  it("lets nobody through before its time, then one call", async () => {
    const gate = new RateLimitGate();
    const { through, enter } = calls(gate);
    gate.close(1000);
    void enter("a");
    void enter("b");
    await later(999);
    expect(through).toEqual([]);
    await later(1);
    expect(through).toEqual(["a"]);
    await later(60_000);
    expect(through).toEqual(["a"]);
  });

  it("opens by its timer where a test has faked timers but not the clock", async () => {
    vi.useRealTimers();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const gate = new RateLimitGate();
    const { through, enter } = calls(gate);
    gate.close(3_600_000);
    void enter("a");
    await later(3_600_000);
    expect(through).toEqual(["a"]);
  });

  it("lets twice as many through after each response that is no 429: 1, 2, 4", async () => {
    const gate = new RateLimitGate();
    const { through, enter, leave } = calls(gate);
    gate.close(10);
    for (let index = 1; index <= 9; index += 1) void enter(`${index}`);
    await later(10);
    expect(through).toHaveLength(1);
    leave("1", true);
    await later(0);
    expect(through).toHaveLength(3);
    leave("2", true);
    await later(0);
    // Limit four, one of them still under way.
    expect(through).toHaveLength(6);
  });

  it("is not opened further by what was sent before it was closed", async () => {
    const gate = new RateLimitGate();
    const { through, enter, leave } = calls(gate);
    await enter("early");
    await enter("limited");
    gate.close(10);
    leave("limited", false);
    leave("early", true);
    for (const name of ["a", "b", "c"]) void enter(name);
    await later(10);
    expect(through).toEqual(["early", "limited", "a"]);
  });

  it("goes on with the next call after a failure that shows nothing", async () => {
    const gate = new RateLimitGate();
    const { through, enter, leave } = calls(gate);
    gate.close(10);
    void enter("a");
    void enter("b");
    void enter("c");
    await later(10);
    leave("a", false);
    await later(0);
    expect(through).toEqual(["a", "b"]);
  });

  it("is not opened earlier by a shorter wait", async () => {
    const gate = new RateLimitGate();
    const { through, enter } = calls(gate);
    gate.close(1000);
    gate.close(10);
    void enter("a");
    await later(999);
    expect(through).toEqual([]);
    await later(1);
    expect(through).toEqual(["a"]);
  });

  it("is held longer by a longer wait, also for those who wait already", async () => {
    const gate = new RateLimitGate();
    const { through, enter } = calls(gate);
    gate.close(10);
    void enter("a");
    gate.close(1000);
    await later(500);
    expect(through).toEqual([]);
    await later(500);
    expect(through).toEqual(["a"]);
  });

  it("lets through in the order of arrival, repeats before newcomers", async () => {
    const gate = new RateLimitGate();
    const { through, enter, leave } = calls(gate);
    const first = gate.ticket();
    const second = gate.ticket();
    gate.close(10);
    void enter("newcomer");
    void enter("second", second);
    void enter("last");
    void enter("first", first);
    await later(10);
    for (const name of ["first", "second", "newcomer"]) {
      leave(name, false);
      await later(0);
    }
    expect(through).toEqual(["first", "second", "newcomer", "last"]);
  });

  it("keeps a newcomer behind those who wait, even while it is open", async () => {
    const gate = new RateLimitGate();
    const { through, enter, leave } = calls(gate);
    gate.close(10);
    void enter("a");
    void enter("b");
    await later(10);
    void enter("c");
    leave("a", false);
    await later(0);
    expect(through).toEqual(["a", "b"]);
  });

  it("keeps a newcomer behind those who wait, in the very moment when its time is over", async () => {
    const gate = new RateLimitGate();
    const { through, enter } = calls(gate);
    // Set before the gate's own timer, and so first of the two to fire.
    setTimeout(() => void enter("newcomer"), 10);
    gate.close(10);
    void enter("a");
    await later(10);
    expect(through).toEqual(["a"]);
  });
});

describe("a call that is aborted at the gate", () => {
  it("rejects at once with the signal's reason and takes nobody's place", async () => {
    const gate = new RateLimitGate();
    const { through, enter } = calls(gate);
    const controller = new AbortController();
    gate.close(1000);
    const aborted = enter("aborted", gate.ticket(), controller.signal);
    void enter("next");
    controller.abort("no patience");
    await expect(aborted).rejects.toBe("no patience");
    await later(1000);
    expect(through).toEqual(["next"]);
  });

  it("and was the only one, leaves no timer behind that would keep the program alive", async () => {
    const gate = new RateLimitGate();
    const { enter } = calls(gate);
    const controller = new AbortController();
    gate.close(1000);
    const aborted = enter("aborted", gate.ticket(), controller.signal);
    expect(vi.getTimerCount()).toBe(1);
    controller.abort(null);
    await expect(aborted).rejects.toBe(null);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("before it came there, is not let in, open or closed", async () => {
    const gate = new RateLimitGate();
    await expect(gate.enter(gate.ticket(), AbortSignal.abort("early"))).rejects.toBe("early");
    gate.close(1000);
    await expect(gate.enter(gate.ticket(), AbortSignal.abort("early"))).rejects.toBe("early");
    expect(vi.getTimerCount()).toBe(0);
  });

  it("after it got through, does not disturb the gate", async () => {
    const gate = new RateLimitGate();
    const { through, enter, leave } = calls(gate);
    const controller = new AbortController();
    gate.close(10);
    void enter("a", gate.ticket(), controller.signal);
    void enter("b");
    void enter("c");
    await later(10);
    controller.abort();
    await later(0);
    expect(through).toEqual(["a"]);
    leave("a", false);
    await later(0);
    expect(through).toEqual(["a", "b"]);
  });
});

it("lets a call through that arrives in the instant in which the gate opens", async () => {
  const gate = new RateLimitGate();
  // The clock passes the end of the wait between two readings that follow each other.
  const readings = [0, 9.8, 9.9];
  const clock = vi.spyOn(performance, "now").mockImplementation(() => readings.shift() ?? 10.1);
  try {
    gate.close(10);
    const entered = gate.enter(gate.ticket(), AbortSignal.timeout(2_000));
    await vi.advanceTimersByTimeAsync(5);
    await entered;
  } finally {
    clock.mockRestore();
  }
});
