/**
 * What the reader of all option objects accepts, and how it says what it does not.
 */
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { AtlasRequestError } from "../errors.js";
import { revoked, unreadable } from "../testing/hostile-values.js";
import {
  ABORT_SIGNAL,
  ANYTHING,
  captured,
  FUNCTION,
  integer,
  type OptionRules,
  oneOf,
  readOptions,
  required,
} from "./read-options.js";

interface Options {
  readonly size?: number;
  readonly color?: string;
  readonly signal?: AbortSignal;
  readonly each?: () => void;
  readonly inner?: { readonly depth?: number };
  readonly other?: unknown;
}
const RULES: OptionRules<Options> = {
  size: integer(1),
  color: oneOf(["red", "blue"]),
  signal: ABORT_SIGNAL,
  each: FUNCTION,
  inner: { expected: "an object", fits: (value) => typeof value === "object", members: { depth: integer(0, 5) } },
  other: ANYTHING,
};

const read = (given: unknown, rules = RULES) => readOptions<Options>(given, rules, { summary: "Cannot start" });

function refusal(given: unknown, rules = RULES): string {
  try {
    read(given, rules);
  } catch (error) {
    if (error instanceof AtlasRequestError) return error.message.replace(/ Nothing was changed\.$/, "");
    throw error;
  }
  return expect.fail("it was not refused");
}

describe("options are returned", () => {
  it("as they were given, without what is undefined", () => {
    const { signal } = new AbortController();
    const given = { size: 1, color: "blue", signal, inner: { depth: 0 }, other: null };
    expect(read({ ...given, each: undefined })).toStrictEqual(given);
    const each = () => undefined;
    expect(read({ each })).toStrictEqual({ each });
    expect(read(Object.create(null))).toEqual({});
  });

  it("as they were the first time: each member is read once", () => {
    let reads = 0;
    const given = {
      get size() {
        reads += 1;
        return reads === 1 ? 1 : -1;
      },
    };
    expect([read(given).size, reads]).toEqual([1, 1]);
  });

  it("of another realm, signals included", () => {
    const given: unknown = runInNewContext("({ size: 1, inner: { depth: 5 } })");
    expect(read(given)).toMatchObject({ size: 1, inner: { depth: 5 } });
    const foreign = { aborted: false, addEventListener: () => undefined, removeEventListener: () => undefined };
    expect(read({ signal: foreign }).signal).toBe(foreign);
  });

  it("of an object of a class that has them as fields", () => {
    class Config {
      readonly size = 2;
    }
    expect(read(new Config()).size).toBe(2);
  });
});

describe("options are refused", () => {
  it.each<[string, unknown, string]>([
    ["nothing", undefined, "Cannot start: options: expected a plain object, got undefined."],
    ["text", "size", 'Cannot start: options: expected a plain object, got "size".'],
    ["an array", [1], "Cannot start: options: expected a plain object, got an array of 1."],
    ["a Map", new Map([["size", 1]]), "Cannot start: options: expected a plain object, got an object."],
    ["a proxy that throws", unreadable(), "Cannot start: options: expected a plain object, got an object."],
    ["a revoked proxy", revoked({}), "Cannot start: options: expected a plain object, got an object."],
    [
      "an unknown name",
      { sise: 1 },
      "Cannot start: sise: unknown option; the options are size, color, signal, each, inner, other.",
    ],
    [
      "__proto__",
      JSON.parse('{"__proto__": 1}'),
      "Cannot start: __proto__: unknown option; the options are size, color, signal, each, inner, other.",
    ],
    ["null", { size: null }, "Cannot start: size: expected an integer of at least 1, got null."],
    ["an integer too small", { size: 0 }, "Cannot start: size: expected an integer of at least 1, got 0."],
    ["a fraction", { size: 1.5 }, "Cannot start: size: expected an integer of at least 1, got 1.5."],
    ["digits", { size: "1" }, 'Cannot start: size: expected an integer of at least 1, got "1".'],
    ["none of a list", { color: "green" }, 'Cannot start: color: expected one of red, blue, got "green".'],
    ["no function", { each: 1 }, "Cannot start: each: expected a function, got 1."],
    [
      "a controller for a signal",
      { signal: new AbortController() },
      "Cannot start: signal: expected an AbortSignal, got an object.",
    ],
    ["a signal that throws", { signal: unreadable() }, "Cannot start: signal: expected an AbortSignal, got an object."],
    [
      "a member's member",
      { inner: { depth: 6 } },
      "Cannot start: inner.depth: expected an integer from 0 to 5, got 6.",
    ],
    [
      "a member's unknown name",
      { inner: { width: 1 } },
      "Cannot start: inner.width: unknown option; the options are depth.",
    ],
    [
      "a member that cannot be read",
      { inner: unreadable() },
      "Cannot start: inner: expected a plain object, got an object.",
    ],
    [
      "two at once",
      { size: 0, each: 1 },
      "Cannot start: size: expected an integer of at least 1, got 0; each: expected a function, got 1.",
    ],
  ])("%s", (_name, given, message) => {
    expect(refusal(given)).toBe(message);
  });

  it("if a required one is missing", () => {
    const rules = { ...RULES, each: required(FUNCTION) };
    expect(refusal({}, rules)).toBe("Cannot start: each: is missing.");
    expect(refusal({ each: undefined }, rules)).toBe("Cannot start: each: is missing.");
  });

  it("by what only the caller can say, beside the rest", () => {
    const given = { size: 0 };
    const check = (options: Options, violations: { argument: string; expected: string; received: string }[]) => {
      violations.push({ argument: "plans", expected: `more than ${options.size}`, received: "0" });
    };
    expect(() => readOptions(given, RULES, { summary: "Cannot start", check })).toThrow(
      "size: expected an integer of at least 1, got 0; plans: expected more than 0, got 0.",
    );
  });

  it("without showing a credential, in a name or in a value", () => {
    const secret = `mdb_sa_sk_${"planted"}`;
    expect(refusal({ [secret]: secret, color: secret })).not.toContain("planted");
  });
});

describe("what was given is captured", () => {
  it("to the bottom of its data, so that what is changed later does not count", () => {
    const given = { size: 1, list: [{ depth: 1 }], inner: { "": null, __proto__: null } };
    const taken = captured(given);
    given.size = 2;
    given.list[0] = { depth: 2 };
    Object.assign(given.inner, { "": 3 });
    expect(taken).toEqual({ size: 1, list: [{ depth: 1 }], inner: { "": null } });
  });

  it("with what is more than data as it is: signals, objects of a class or with methods", () => {
    const { signal } = new AbortController();
    const date = new Date(0);
    const middleware = { onRequest() {} };
    const taken = captured({ signal, inner: { date, list: [middleware] } });
    expect([taken.signal, taken.inner.date, taken.inner.list[0]]).toEqual([signal, date, middleware]);
    expect([taken.signal === signal, taken.inner.date === date, taken.inner.list[0] === middleware]).toEqual(
      Array(3).fill(true),
    );
  });

  it("even if a name is one that an assignment would take for the prototype", () => {
    const given: { data: object } = { data: JSON.parse('{"__proto__": {"a": 1}}') };
    const { data } = captured(given);
    expect(data).not.toBe(given.data);
    expect(Object.keys(data)).toEqual(["__proto__"]);
  });

  it("so that its JSON stays the same", () => {
    const json = { value: () => "as JSON" };
    const given = {
      hidden: Object.defineProperty({}, "toJSON", json),
      inherited: Object.create(Object.create(null, { toJSON: json })),
    };
    const sparse = Object.assign(["first"], { length: 3 });
    const taken = captured({ ...given, data: { toJSON: "no method" }, sparse });
    expect(JSON.stringify(taken)).toBe(
      '{"hidden":"as JSON","inherited":"as JSON","data":{"toJSON":"no method"},"sparse":["first",null,null]}',
    );
  });

  it("by whoever reads it, if it cannot be read or holds itself", () => {
    const loop = { inner: {} };
    loop.inner = loop;
    expect(captured(loop)).toBe(loop);
    for (const given of [unreadable(), revoked({}), { inner: unreadable() }, new Map(), [1], "text", undefined, null]) {
      expect(captured(given) === given).toBe(true);
    }
  });
});
