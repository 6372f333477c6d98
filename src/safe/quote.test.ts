/**
 * How a value that cannot be used is shown in a message.
 */
import { describe, expect, it } from "vitest";
import { revoked, unreadable } from "../testing/hostile-values.js";
import { quote, shortName } from "./quote.js";
import { redactByForm } from "./redaction.js";

const x = (count: number) => "x".repeat(count);

describe("a refused value is shown", () => {
  it.each<[string, unknown, string]>([
    ["text", 'a "b"\n', String.raw`"a \"b\"\n"`],
    ["text of 40 characters", x(40), `"${x(40)}"`],
    ["longer text", x(41), `"${x(39)}…"`],
    ["text with white space", "  a  ", '"  a  "'],
    ["text with control characters", "\u001b\u007f\u009f\u2028\u2029", String.raw`"\u001b\u007f\u009f\u2028\u2029"`],
    ["text with a credential", "mdb_sa_sk_planted", '"mdb_sa_sk_…"'],
    ["a number", 1.5, "1.5"],
    ["zero", 0, "0"],
    ["minus zero", -0, "-0"],
    ["NaN", Number.NaN, "NaN"],
    ["a bigint", 5n, "5n"],
    ["a long bigint", 10n ** 50n, `1${"0".repeat(38)}…`],
    ["true", true, "true"],
    ["undefined", undefined, "undefined"],
    ["null", null, "null"],
    ["an array", [1, 2], "an array of 2"],
    ["an object", { secret: "planted" }, "an object"],
    ["a proxy of an array", new Proxy([1], {}), "an object"],
    ["a proxy that throws", unreadable(), "an object"],
    ["a revoked proxy", revoked([]), "an object"],
    ["a function", () => "planted", "a function"],
    ["a symbol", Symbol("planted"), "a symbol"],
  ])("as it can be recognized: %s", (_what, value, shown) => {
    expect(quote(value, redactByForm)).toBe(shown);
  });

  it("by a short name, on one line, without a credential", () => {
    expect(shortName(`a\nmdb_sa_sk_planted ${x(40)}`, redactByForm)).toBe(`a mdb_sa_sk_… ${x(26)}…`);
  });
});
