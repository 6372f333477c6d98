import { describe, expect, it, onTestFinished, vi } from "vitest";
import { revoked, unreadable } from "../testing/hostile-values.js";
import { createRedactor, excerpt, oneLine, quote, redactByForm, shortName } from "./redaction.js";

const same = (text: string) => text;

describe("what is known to be a credential by its form", () => {
  it.each([
    ["mdb_sa_sk_abc-DEF_123", "mdb_sa_sk_…"],
    ["with mdb_sa_sk_a.b~c+d/e=f%2F, and mdb_sa_sk_x", "with mdb_sa_sk_…, and mdb_sa_sk_…"],
    [String.raw`mdb\u005Fsa_sk\u005fabc`, "mdb_sa_sk_…"],
    ["mdb%5fsa%5Fsk_abc", "mdb_sa_sk_…"],
    ['{"secret":"abc","x":1}', '{"secret":"…","x":1}'],
    [
      '{"secret" : "a\\"b\\\\", "client_secret":"c", "clientSecret":"d", "access_token":"e"}',
      '{"secret" : "…", "client_secret":"…", "clientSecret":"…", "access_token":"…"}',
    ],
    ['{"secret":"cut sho', '{"secret":"…'],
    ["Authorization: Bearer eyJ.a-b_c~d+e/f==", "Authorization: Bearer …"],
    ["basic  dXNlcjpwYXNz and more", "basic … and more"],
    ['Digest response="0123456789abcdef", cnonce="xyz"', "Digest response=…, cnonce=…"],
  ])("is masked: %s", (text, shown) => {
    expect(redactByForm(text)).toBe(shown);
  });

  it.each(["mdb_sa_id_5f0c1a2b3c4d5e6f70819203", "the bearer", '{"secret":""}', '{"secrets":"x"}', "mdb_sa_sk_"])(
    "is not seen in %s",
    (text) => {
      expect(redactByForm(text)).toBe(text);
    },
  );
});

describe("a redactor", () => {
  it("masks the values that it protects wherever they turn up, and the forms too", () => {
    const { protect, redact } = createRedactor();
    protect("hunter22");
    expect(redact("a hunter22 b hunter22 mdb_sa_sk_x")).toBe("a … b … mdb_sa_sk_…");
  });

  it("does not garble words with values of three characters", () => {
    const { protect, redact } = createRedactor();
    protect("the");
    protect("");
    protect("four");
    expect(redact("the four")).toBe("the …");
  });

  it("knows every value that is still in use, however many there are, and forgets those that have ended", () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    onTestFinished(() => void vi.useRealTimers());
    const { protect, redact } = createRedactor();
    const value = (index: number) => `value-${String(index).padStart(4, "0")}`;
    for (let index = 0; index < 1000; index += 1) protect(value(index), Date.now() + 1000);
    protect("for-good");
    expect([redact(value(0)), redact(value(999))]).toEqual(["…", "…"]);
    vi.setSystemTime(Date.now() + 1001);
    protect("another");
    expect([redact(value(0)), redact("for-good")]).toEqual([value(0), "…"]);
  });

  it.each([
    ["URL-escaped", (text: string) => encodeURIComponent(text)],
    ["URL-escaped throughout", (text: string) => text.replace(/./g, (each) => `%${each.charCodeAt(0).toString(16)}`)],
    ["as in a form", (text: string) => String(new URLSearchParams({ text }))],
    ["JSON-escaped", (text: string) => JSON.stringify(text)],
    ["JSON-escaped, slashes too", (text: string) => JSON.stringify(text).replace("/", String.raw`\/`)],
    ["JSON-escaped in part", (text: string) => text.replace("_", String.raw`\u005F`)],
    ["in hexadecimal digits", (text: string) => Buffer.from(text).toString("hex")],
    ["in base64", (text: string) => Buffer.from(text).toString("base64")],
    ["in base64url, inside of something longer", (text: string) => Buffer.from(`x:${text}:y`).toString("base64url")],
  ])("masks a value %s", (_name, encode) => {
    const { protect, redact } = createRedactor();
    const value = 'planted_value/with+"marks"? and spaces';
    protect(value);
    const shown = redact(`before ${encode(value)} behind`);
    expect(shown).toMatch(/^before .{0,6}….{0,6} behind$/);
  });

  it("masks a value however long it is", () => {
    const { protect, redact } = createRedactor();
    protect("ä".repeat(500_000));
    expect(redact(`a ${"ä".repeat(500_000)} b`)).toBe("a … b");
  });

  it("masks a value in hexadecimal digits that has bytes of one digit", () => {
    const { protect, redact } = createRedactor();
    protect("tab\tinside");
    expect(redact(`before ${Buffer.from("tab\tinside").toString("hex")} behind`)).toBe("before … behind");
  });

  it("masks several values that are escaped in unusual ways, and leaves what is between them", () => {
    const { protect, redact } = createRedactor();
    protect("planted-one");
    protect("planted-two!");
    const text = "a planted%2done b planted%2dtwo%21 c planted%2done%20d";
    expect(redact(text)).toBe("a … b … c …%20d");
  });

  it("leaves no part of a longer value that begins like a shorter one", () => {
    const { protect, redact } = createRedactor();
    protect("planted");
    protect("planted-and-longer");
    expect(redact("planted-and-longer")).toBe("…");
  });
});

describe("an excerpt", () => {
  it("is one line of at most the length, and says that more came", () => {
    expect(excerpt("  a\n\t b  ", 10, same)).toBe("a b");
    expect(excerpt("x".repeat(10), 10, same)).toBe("x".repeat(10));
    expect(excerpt("x".repeat(11), 10, same)).toBe(`${"x".repeat(10)}…`);
  });

  it("is masked before it is cut, and control characters cannot hide what is to be masked", () => {
    expect(excerpt("12345 mdb_sa_sk_abcdef", 18, redactByForm)).toBe("12345 mdb_sa_sk_…");
    expect(excerpt("m\0d\0b\0_\0s\0a\0_\0s\0k\0_\0a\0b\0", 40, redactByForm)).toBe("mdb_sa_sk_…");
  });

  it("has no commands to a terminal in it", () => {
    expect(oneLine("a\u001b[31mb\u0007\u009bc\u007f", 40)).toBe("a[31mbc");
  });
});

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
