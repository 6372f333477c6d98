import { runInNewContext } from "node:vm";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { unreadable } from "../testing/hostile-values.js";
import { cleanCause, createRedactor, excerpt, oneLine, redactByForm } from "./redaction.js";

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

describe("a cause of somebody else's", () => {
  it("keeps name, code and a masked message, through its causes", () => {
    const inner = Object.assign(new TypeError("inner mdb_sa_sk_x"), { code: "ECODE", headers: "Bearer abc" });
    const cleaned = cleanCause(new RangeError("outer Bearer abc", { cause: inner }), redactByForm);
    expect(cleaned).toMatchObject({ name: "RangeError", message: "outer Bearer …" });
    expect(cleaned.cause).toMatchObject({ name: "TypeError", message: "inner mdb_sa_sk_…", code: "ECODE" });
    expect(cleaned.cause).not.toHaveProperty("headers");
    expect(cleaned.cause).not.toHaveProperty("cause");
    expect(`${cleaned.stack}`).toBe("RangeError: outer Bearer …");
    expect(cleaned).not.toBeInstanceOf(RangeError);
  });

  it("is followed five deep, also where errors cause each other", () => {
    const loop = new Error("loop");
    loop.cause = loop;
    let depth = 0;
    for (let each: unknown = cleanCause(loop, same); each instanceof Error; each = each.cause) depth += 1;
    expect(depth).toBe(5);
  });

  it.each([
    ["a string", "text mdb_sa_sk_x", "text mdb_sa_sk_…"],
    ["undefined", undefined, "undefined"],
    ["a symbol", Symbol("s"), "Symbol(s)"],
    ["an object", {}, "[object Object]"],
    ["an object without a text", Object.create(null), "An error that cannot be read."],
    [
      "an error whose message throws",
      Object.defineProperty(new Error("x"), "message", {
        get: () => {
          throw new Error("y");
        },
      }),
      "An error that cannot be read.",
    ],
    ["an error whose message is no text", Object.assign(new Error("x"), { message: 5 }), "Error: 5"],
    ["an object with a message", { message: "text mdb_sa_sk_x" }, "text mdb_sa_sk_…"],
    ["of another realm", runInNewContext('new Error("text mdb_sa_sk_x")'), "text mdb_sa_sk_…"],
    ["a proxy that throws", unreadable(), "An error that cannot be read."],
    ["a long text", "x".repeat(1000), `${"x".repeat(200)}…`],
  ])("that is %s becomes an error", (_name, thrown, message) => {
    expect(cleanCause(thrown, redactByForm)).toMatchObject({ name: "Error", message });
  });

  it("keeps what can be read, if the rest throws", () => {
    const error = Object.assign(new Error("x", { cause: new Error("inner") }), { code: "ECODE" });
    Object.defineProperty(error, "message", {
      get: () => {
        throw new Error("y");
      },
    });
    expect(cleanCause(error, same)).toMatchObject({
      name: "Error",
      message: "",
      code: "ECODE",
      cause: { message: "inner" },
    });
  });

  it("has a name and a code that are short, on one line, and show no credential", () => {
    const hostile = `E\u001b[31m\nmdb_sa_sk_planted ${"x".repeat(500)}`;
    const {
      name,
      stack = "",
      ...rest
    } = cleanCause(Object.assign(new Error("m"), { name: hostile, code: hostile }), redactByForm);
    for (const text of [name, stack, `${Reflect.get(rest, "code")}`]) {
      expect(text).toMatch(/^E\[31m mdb_sa_sk_… x{1,60}…(: m)?$/);
    }
  });

  it("has no code if that is not a string", () => {
    expect(cleanCause(Object.assign(new Error("x"), { code: 20 }), same)).not.toHaveProperty("code");
  });
});
