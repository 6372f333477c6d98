import { describe, expect, it } from "vitest";
import { areVersioned, isMalformedJson, namedIn, preferenceOf } from "./front.js";

const versions = ["application/vnd.atlas.2024-08-05+json", "application/vnd.atlas.2025-03-12+json"];

describe("Accept names a media type", () => {
  const [older, newer] = versions;

  it.each([
    ["one of the contract's", "application/vnd.atlas.2025-03-12+json", newer],
    ["one of them among others", "text/html, application/vnd.atlas.2024-08-05+json;q=0.5, */*", older],
    ["in capitals", "APPLICATION/VND.ATLAS.2024-08-05+JSON", older],
    ["with a parameter that holds a comma", 'text/plain;a="x, y", application/vnd.atlas.2024-08-05+json', older],
    ["after empty elements", ", ,application/vnd.atlas.2024-08-05+json;;", older],
    ["one that it likes better than another", `${older};q=0.5, ${newer};q=0.6`, newer],
    ["two that it likes as much", `${newer}, ${older};q=9`, newer],
  ])("%s", (_how, accept, mediaType) => {
    expect(namedIn(accept, versions)).toBe(mediaType);
  });

  it.each([
    ["absent", undefined],
    ["empty", ""],
    ["a wildcard, as curl sends it", "*/*"],
    ["another version", "application/vnd.atlas.2023-01-01+json"],
    ["the media type of the errors", "application/json"],
    ["a version that is excluded", "application/vnd.atlas.2024-08-05+json;q=0"],
    ["a version inside a quoted parameter", 'text/plain;a=", application/vnd.atlas.2024-08-05+json"'],
  ])("but not when it is %s", (_how, accept) => {
    expect(namedIn(accept, versions)).toBeUndefined();
  });

  it("in the contract's spelling", () => {
    expect(namedIn("application/x.2024-08-05+json", ["application/X.2024-08-05+json"])).toBe(
      "application/X.2024-08-05+json",
    );
  });

  it("and need not if they are of no version", () => {
    expect([areVersioned(versions), areVersioned(["application/json"]), areVersioned([])]).toEqual([
      true,
      false,
      false,
    ]);
  });
});

describe("Prefer", () => {
  it.each([
    ["code=404", { code: 404 }],
    ["dynamic=true, Code = 404", { code: 404, dynamic: true }],
    ['code="429"; example=tokenBucket', { code: 429, exampleKey: "tokenBucket" }],
    ["code=4040, respond-async", {}],
    [undefined, {}],
  ])("%s is read as %j", (prefer, preference) => {
    expect(preferenceOf(prefer)).toEqual(preference);
  });
});

describe("a body that calls itself JSON", () => {
  it.each(["{", "{'a':1}", "\uFEFF{}", "{}{}"])("is malformed when it is %j", (text) => {
    expect(isMalformedJson("application/json", Buffer.from(text))).toBe(true);
    expect(isMalformedJson("Application/vnd.atlas.2024-08-05+JSON; charset=UTF-8", Buffer.from(text))).toBe(true);
  });

  it("is malformed when it is not UTF-8, or says that it is not", () => {
    expect(isMalformedJson("application/json", Buffer.from([0x22, 0xff, 0x22]))).toBe(true);
    expect(isMalformedJson("application/json; charset=utf-16", Buffer.from("{}"))).toBe(true);
  });

  it("is well-formed whatever its value is: that is for the schema to judge", () => {
    for (const text of ["null", "[]", '"x"', '{"secretExpiresAfterHours":"x"}']) {
      expect(isMalformedJson("application/json; charset=utf8", Buffer.from(text))).toBe(false);
    }
  });

  it("says nothing when it is empty, or is not called JSON", () => {
    expect(isMalformedJson("application/json", Buffer.alloc(0))).toBe(false);
    expect(isMalformedJson("text/plain", Buffer.from("{"))).toBe(false);
    expect(isMalformedJson(undefined, Buffer.from("{"))).toBe(false);
  });
});
