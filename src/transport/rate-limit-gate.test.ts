import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type GatePass, RateLimitGate, RateLimitGates } from "./rate-limit-gate.js";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

let tickets = 0;
const ticket = () => {
  tickets += 1;
  return tickets;
};

/** Sends calls through the gate and writes down in what order they get through. */
function calls(gate: RateLimitGate) {
  const through: string[] = [];
  const passes = new Map<string, GatePass>();
  const enter = async (name: string, place = ticket(), signal?: AbortSignal) => {
    passes.set(name, gate.enterIfOpen() ?? (await gate.enter(place, signal)));
    through.push(name);
  };
  const enterAll = (count: number) => {
    for (let index = 0; index < count; index += 1) void enter(`${through.length} ${index}`);
  };
  const leave = (name: string, accepted: boolean, remaining?: number | string) => {
    const headers = new Headers(remaining === undefined ? {} : { "ratelimit-remaining": String(remaining) });
    const pass = passes.get(name) ?? expect.fail(`${name} has not entered`);
    gate.leave(pass, accepted ? { status: 204, headers, text: "" } : undefined);
  };
  return { through, enter, enterAll, leave };
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

  it("is not opened further by a 429 that did not close it, since nobody waits so long", async () => {
    const gate = new RateLimitGate();
    const { through, enter } = calls(gate);
    gate.close(10);
    await later(10);
    const pass = gate.enterIfOpen() ?? expect.fail("it is closed");
    for (const name of ["a", "b"]) void enter(name);
    gate.leave(pass, { status: 429, headers: new Headers(), text: "" });
    await later(0);
    expect(through).toEqual(["a"]);
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
    const [first, second] = [ticket(), ticket()];
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
    const aborted = enter("aborted", ticket(), controller.signal);
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
    const aborted = enter("aborted", ticket(), controller.signal);
    expect(vi.getTimerCount()).toBe(1);
    controller.abort(null);
    await expect(aborted).rejects.toBe(null);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("before it came there, is not let in, open or closed", async () => {
    const gate = new RateLimitGate();
    await expect(gate.enter(ticket(), AbortSignal.abort("early"))).rejects.toBe("early");
    gate.close(1000);
    await expect(gate.enter(ticket(), AbortSignal.abort("early"))).rejects.toBe("early");
    expect(vi.getTimerCount()).toBe(0);
  });

  it("after it got through, does not disturb the gate", async () => {
    const gate = new RateLimitGate();
    const { through, enter, leave } = calls(gate);
    const controller = new AbortController();
    gate.close(10);
    void enter("a", ticket(), controller.signal);
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
    const entered = gate.enter(ticket(), AbortSignal.timeout(2_000));
    await vi.advanceTimersByTimeAsync(5);
    await entered;
  } finally {
    clock.mockRestore();
  }
});

const bucket = { name: "api/atlas/v2/orgs", refill: 3, periodMs: 1000 };

/** A gate that has been closed for 10 ms by a bucket, has opened, and lets as many through as the bucket's rate allows. */
async function opened() {
  const gate = new RateLimitGate();
  const { enter, leave, ...rest } = calls(gate);
  gate.close(10, bucket);
  for (const name of ["a", "b"]) void enter(name);
  await later(10);
  leave("a", true, 2);
  await later(0);
  leave("b", true, 1);
  // One of the window's three is left, and four may be under way.
  return { gate, enter, leave, ...rest };
}

describe("a gate that a named bucket has closed", () => {
  it("lets one call through at first, and in each period from its opening on no more than come back in one", async () => {
    const { through, enterAll } = await opened();
    enterAll(6);
    await later(0);
    expect(through).toHaveLength(3);
    await later(999);
    expect(through).toHaveLength(3);
    await later(1);
    expect(through).toHaveLength(6);
  });

  it("begins a period by its timer too where a test has faked timers but not the clock", async () => {
    vi.useRealTimers();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const gate = new RateLimitGate();
    const { through, enter, leave } = calls(gate);
    gate.close(3_600_000, { ...bucket, periodMs: 3_600_000 });
    void enter("a");
    await later(3_600_000);
    leave("a", true, 0);
    void enter("b");
    await later(3_599_000);
    expect(through).toEqual(["a"]);
    await later(1000);
    expect(through).toEqual(["a", "b"]);
  });

  it("is not put off by a response that says what is known", async () => {
    const { through, enter, leave, enterAll } = await opened();
    await later(500);
    void enter("c");
    leave("c", true, 0);
    enterAll(3);
    await later(499);
    expect(through).toHaveLength(3);
    await later(1);
    expect(through).toHaveLength(6);
  });

  it("does not save up what was not sent in a period", async () => {
    const { through, enterAll } = await opened();
    await later(60_000);
    enterAll(6);
    await later(0);
    expect(through).toHaveLength(5);
  });

  it("begins a new period at the opening after another 429, however much the last one had left", async () => {
    const { gate, through, leave, enter, enterAll } = await opened();
    void enter("late");
    gate.close(1500, bucket);
    enterAll(6);
    await later(1499);
    expect(through).toEqual(["a", "b", "late"]);
    await later(1);
    expect(through).toHaveLength(3);
    leave("late", true);
    await later(0);
    // What was sent before shows nothing, so that one goes first; it is under way in place of the late one.
    expect(through).toHaveLength(4);
  });

  it("waits for the next period as soon as others have used up the bucket", async () => {
    const { through, enter, leave, enterAll } = await opened();
    await later(1000);
    void enter("c");
    await later(0);
    leave("c", true, 0);
    enterAll(3);
    await later(999);
    expect(through).toEqual(["a", "b", "c"]);
    await later(1);
    expect(through).toHaveLength(6);
  });

  it("is not held by what was left in an earlier period", async () => {
    const { through, enter, leave, enterAll } = await opened();
    void enter("c");
    await later(1000);
    void enter("d");
    await later(0);
    leave("c", true, 0);
    enterAll(2);
    await later(0);
    expect(through).toHaveLength(6);
  });

  it("sends what a refill in the middle of a period has brought, and begins the next a period later", async () => {
    const { through, enter, leave, enterAll } = await opened();
    await later(500);
    void enter("c");
    await later(0);
    // Two, though none is left of this period.
    leave("c", true, 2);
    enterAll(6);
    await later(999);
    expect(through).toHaveLength(5);
    await later(1);
    expect(through).toHaveLength(8);
  });

  it("does not take what is under way beside a response for left", async () => {
    const { through, enter, leave, enterAll } = await opened();
    await later(1000);
    for (const name of ["c", "d", "e"]) void enter(name);
    await later(0);
    // The two others may have been counted after it.
    leave("c", true, 2);
    enterAll(1);
    await later(0);
    expect(through).toHaveLength(5);
  });

  it("does not keep to its rate if a response does not say what is left: it may be of another bucket", async () => {
    const { through, enter, leave, enterAll } = await opened();
    void enter("c");
    await later(0);
    leave("c", true);
    enterAll(8);
    await later(0);
    // Eight may be under way.
    expect(through).toHaveLength(11);
    leave("3 0", true, 0);
    enterAll(8);
    await later(0);
    expect(through).toHaveLength(19);
  });

  it("keeps to its rate again after the next 429", async () => {
    const { gate, through, enter, leave, enterAll } = await opened();
    void enter("c");
    await later(0);
    leave("c", true);
    gate.close(10, bucket);
    enterAll(6);
    await later(10);
    leave("3 0", true, 2);
    await later(0);
    expect(through).toHaveLength(6);
  });

  it.each(["", "soon", "-1"])("keeps to its rate if %j are said to be left", async (remaining) => {
    const { through, enter, leave, enterAll } = await opened();
    void enter("c");
    await later(0);
    leave("c", true, remaining);
    enterAll(4);
    await later(999);
    expect(through).toHaveLength(3);
    await later(1);
    expect(through).toHaveLength(6);
  });
});

describe("the gates of a client", () => {
  it("are one for all operations that the same bucket has refused, and one for each other operation", () => {
    const gates = new RateLimitGates();
    const other = gates.of("other");
    gates.close("create", 10, bucket);
    gates.close("delete", 10, { ...bucket });
    gates.close("token", 10, { ...bucket, name: "api/oauth" });
    expect(gates.of("create")).toBe(gates.of("delete"));
    expect(new Set(["create", "token", "other"].map((id) => gates.of(id))).size).toBe(3);
    expect(gates.of("other")).toBe(other);
  });

  it("let an operation wait at a gate of its own after a 429 that names no bucket", () => {
    const gates = new RateLimitGates();
    const other = gates.of("other");
    for (const id of ["create", "delete"]) gates.close(id, 10, bucket);
    const shared = gates.of("create");
    gates.close("create", 10, undefined);
    const own = gates.of("create");
    expect([shared, other]).not.toContain(own);
    gates.close("create", 10, undefined);
    expect(gates.of("create")).toBe(own);
    expect(gates.of("delete")).toBe(shared);
  });
});
