import { deepEqual } from "node:assert";
import { Console } from "node:console";
import { stringify } from "node:querystring";
import { Writable } from "node:stream";
import { format, inspect } from "node:util";
import { serialize } from "node:v8";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { optionsFromEnv } from "../index.js";
import { revoked, unreadable } from "../testing/hostile-values.js";
import { creation, scripted, secret } from "../testing/scripted-client.js";
import { reply } from "../testing/scripted-server.js";
import {
  concealing,
  concealSecret,
  createRedactor,
  excerpt,
  oneLine,
  quote,
  redactByForm,
  shortName,
} from "./redaction.js";

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
    protect("for-good");
    for (let index = 1; index < 1000; index += 1) protect(value(index), Date.now() + 1000);
    expect([redact(value(1)), redact(value(999))]).toEqual(["…", "…"]);
    vi.setSystemTime(Date.now() + 1001);
    protect("another");
    expect([redact(value(1)), redact("for-good"), redact("another")]).toEqual([value(1), "…", "…"]);
  });

  it("masks a text after each of thousands of values", () => {
    const { protect, redact } = createRedactor();
    for (let index = 0; index < 3000; index += 1) {
      protect(`planted-value-${index}`);
      expect(redact(`before planted-value-${index} behind`)).toBe("before … behind");
    }
  }, 60_000);

  it("takes any text as a value: half a surrogate pair, signs alone", () => {
    const { protect, redact } = createRedactor();
    for (const value of ["planted\ud800value", "+/+/", "-planted-in-signs-"]) {
      protect(value);
      expect(redact(`a ${value} z`)).toBe("a … z");
    }
  });

  it.each([
    ["URL-escaped", (text: string) => encodeURIComponent(text)],
    ["URL-escaped throughout", (text: string) => text.replace(/./g, (each) => `%${each.charCodeAt(0).toString(16)}`)],
    ["as in a form", (text: string) => String(new URLSearchParams({ text }))],
    ["JSON-escaped", (text: string) => JSON.stringify(text)],
    ["JSON-escaped, slashes too", (text: string) => JSON.stringify(text).replace("/", String.raw`\/`)],
    ["JSON-escaped in part", (text: string) => text.replace("_", String.raw`\u005F`)],
    ["JSON-escaped twice", (text: string) => JSON.stringify(JSON.stringify(text.replace("_", String.raw`\u005f`)))],
    ["URL-escaped twice", (text: string) => encodeURIComponent(encodeURIComponent(text))],
    ["escaped as in a program", (text: string) => text.replace("_", String.raw`\x5f`)],
    [
      "escaped as in HTML",
      (text: string) => text.replace("/", "&#x2F;").replace("+", "&#43;").replaceAll('"', "&quot;"),
    ],
    ["in capital letters", (text: string) => text.toUpperCase()],
    ["in capital letters of a URL", (text: string) => encodeURIComponent(text.toUpperCase())],
    ["in hexadecimal digits", (text: string) => Buffer.from(text).toString("hex")],
    [
      "in pairs of hexadecimal digits",
      (text: string) =>
        Buffer.from(text)
          .toString("hex")
          .replace(/..(?=.)/g, "$&:"),
    ],
    ["as Node shows bytes", (text: string) => inspect(Buffer.from(text))],
    ["as JSON has bytes", (text: string) => JSON.stringify([...Buffer.from(text)])],
    ["as UTF-16", (text: string) => Buffer.from(text, "utf16le").toString("latin1").slice(0, -1)],
    ["as UTF-16 in base64", (text: string) => Buffer.from(text, "utf16le").toString("base64")],
    [
      "as UTF-16 of the other byte order in base64",
      (text: string) => Buffer.from(text, "utf16le").swap16().toString("base64"),
    ],
    ["in base64 of base64", (text: string) => Buffer.from(Buffer.from(text).toString("base64")).toString("base64")],
    ["in base64 over several lines", (text: string) => Buffer.from(text).toString("base64").replace(/.{8}/g, "$&\n")],
    ["between quotation marks that are put together", (text: string) => text.replace("value", 'val" + "ue')],
    ["over lines that are quoted", (text: string) => text.replace("value", "val\n> ue")],
    [
      "with commands to a terminal in it",
      (text: string) => text.replace(/[aeiou]/g, "\u001b[1;31m$&\u001b[0m\u001b[K"),
    ],
    ["with characters that are not seen", (text: string) => text.replace(/[aeiou]/g, "$&\u200b\u00ad\0")],
    ["in base64", (text: string) => Buffer.from(text).toString("base64")],
    ["in base64url, inside of something longer", (text: string) => Buffer.from(`x:${text}:y`).toString("base64url")],
  ])("masks a value %s", (_name, encode) => {
    const { protect, redact } = createRedactor();
    const value = 'planted_value/with+"marks"? and spaces';
    protect(value);
    const shown = redact(`before ${encode(value)} behind`);
    expect(shown).toMatch(/^before .{0,9}…\s*.{0,6} behind$/);
  });

  it("masks a value however long it is", () => {
    const { protect, redact } = createRedactor();
    protect("ä".repeat(500_000));
    expect(redact(`a ${"ä".repeat(500_000)} b`)).toBe("a … b");
    const signs = "<>".repeat(6_000_000);
    expect(redact(signs) === signs).toBe(true);
  }, 60_000);

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
    expect(oneLine("a\u001b[31mb\u0007\u009bc\u007f", 40)).toBe("abc");
    expect(excerpt("mdb_sa_\u001b[7msk_planted\u001b[m", 40, redactByForm)).toBe("mdb_sa_sk_…");
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

const { credentials } = optionsFromEnv({
  MONGODB_ATLAS_CLIENT_ID: "mdb_sa_id_planted",
  MONGODB_ATLAS_CLIENT_SECRET: "planted",
});
const hiding = () => concealSecret({ id: "x", secret: "planted", kind: "a" });

function printed(print: (console: Console) => void): string {
  let text = "";
  const stdout = new Writable({
    write(chunk, _encoding, done) {
      text += chunk;
      done();
    },
  });
  print(new Console(stdout));
  return text;
}

function diff(value: unknown): string {
  try {
    deepEqual(value, { other: true });
  } catch (error) {
    return String(error);
  }
  return expect.fail("nothing differs");
}

const ways: readonly (readonly [string, (value: object) => string])[] = [
  ["console.table", (value) => printed((console) => console.table([value]))],
  ["console.dir", (value) => printed((console) => console.dir(value, { showHidden: true }))],
  ["%o", (value) => format("%o", value)],
  ["%O, %s and %j", (value) => format("%O %s %j", value, value, value)],
  ["showHidden", (value) => inspect(value, { showHidden: true, depth: 9 })],
  ["showHidden with getters", (value) => inspect(value, { showHidden: true, getters: true, customInspect: false })],
  ["a diff of assert", diff],
  ["JSON", (value) => JSON.stringify(value)],
  ["structuredClone", (value) => inspect(structuredClone(value))],
  ["a spread", (value) => inspect({ ...value })],
  ["v8.serialize", (value) => serialize(value).toString("latin1")],
  ["querystring", (value) => stringify({ ...value })],
  [
    "for in",
    (value) => {
      const texts: unknown[] = [];
      for (const name in value) texts.push(Reflect.get(value, name));
      return texts.join();
    },
  ],
];

describe.each(ways)("%s does not show", (_name, show) => {
  it("credentials from the environment", () => {
    expect(show(credentials)).not.toContain("planted");
  });

  it("a hidden member", () => {
    expect(show(hiding())).not.toContain("planted");
  });

  it("the value of a new secret", async () => {
    const { atlas } = await scripted([reply(201, secret)]);
    expect(show(await atlas.createGroupServiceAccountSecret(creation))).not.toContain("not-a-real");
  });
});

describe("a concealed object", () => {
  it("has what is hidden under its name, and the rest as before", () => {
    const object = hiding();
    const { secret: value, ...rest } = object;
    expect([value, "secret" in object, rest]).toEqual(["planted", true, { id: "x", kind: "a" }]);
    expect(object.constructor).toBe(Object);
    // As a program may wrap it.
    expect([Object.create(object).secret, new Proxy(object, {}).secret]).toEqual(["planted", "planted"]);
    expect(Object.create(Object.getPrototypeOf(object)).secret).toBeUndefined();
  });

  it("shows what it is asked to show instead", () => {
    const object = concealing(["secret"], { toJSON: () => "an x" })({ id: "x", secret: "planted" });
    expect(JSON.stringify(object)).toBe('"an x"');
    expect(Object.keys(object)).toEqual(["id"]);
  });
});
