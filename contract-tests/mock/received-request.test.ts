import { describe, expect, it } from "vitest";
import {
  acceptForPrism,
  contentTypeForPrism,
  isMalformedJson,
  namesVersion,
  preferenceOf,
} from "./received-request.js";

const versions = ["application/vnd.atlas.2024-08-05+json", "application/vnd.atlas.2025-03-12+json"];

describe("Accept names a version", () => {
  it.each([
    ["one of the contract's", "application/vnd.atlas.2025-03-12+json"],
    ["one of them among others", "text/html, application/vnd.atlas.2024-08-05+json;q=0.5, */*"],
    ["in capitals", "APPLICATION/VND.ATLAS.2024-08-05+JSON"],
    ["with a parameter that holds a comma", 'text/plain;a="x, y", application/vnd.atlas.2024-08-05+json'],
    ["after empty elements", ", ,application/vnd.atlas.2024-08-05+json;;"],
  ])("%s", (_how, accept) => {
    expect(namesVersion(accept, versions)).toBe(true);
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
    expect(namesVersion(accept, versions)).toBe(false);
  });

  it("is not asked of operations whose media types are of no version", () => {
    expect(namesVersion("*/*", ["application/json"])).toBe(true);
    expect(namesVersion(undefined, [])).toBe(true);
  });
});

describe("the Accept for Prism", () => {
  it("is the caller's, in the contract's spelling and without parameters but q", () => {
    const accept = 'APPLICATION/vnd.atlas.2024-08-05+JSON;a="b,c", application/json;q=0.5, nonsense, */*;q=9';
    expect(acceptForPrism(accept, false, versions)).toBe(
      "application/vnd.atlas.2024-08-05+json;q=1, application/json;q=0.5, */*;q=1",
    );
  });

  it("has capitals where the contract has them", () => {
    expect(acceptForPrism("application/x.2024-08-05+json", false, ["application/X.2024-08-05+json"])).toBe(
      "application/X.2024-08-05+json;q=1",
    );
  });

  it("is absent if the caller named nothing", () => {
    expect(acceptForPrism(undefined, false, versions)).toBeUndefined();
  });

  it("also admits everything when a status is preferred, so that Prism can give an error", () => {
    expect(acceptForPrism(versions[1], true, versions)).toBe(`${versions[1]};q=1, */*;q=0.001`);
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
      expect(isMalformedJson("application/json", Buffer.from(text))).toBe(false);
    }
  });

  it("says nothing when it is empty, or is not called JSON", () => {
    expect(isMalformedJson("application/json", Buffer.alloc(0))).toBe(false);
    expect(isMalformedJson("text/plain", Buffer.from("{"))).toBe(false);
    expect(isMalformedJson(undefined, Buffer.from("{"))).toBe(false);
  });
});

describe("the Content-Type for Prism", () => {
  it("is the media type alone", () => {
    expect(contentTypeForPrism("Application/JSON; charset=utf-8")).toBe("application/json");
    expect(contentTypeForPrism("application/json;charset")).toBe("application/json");
  });

  it("is that of any bytes if there is no media type in it, and absent if it is absent", () => {
    expect(contentTypeForPrism(";")).toBe("application/octet-stream");
    expect(contentTypeForPrism(undefined)).toBeUndefined();
  });
});
