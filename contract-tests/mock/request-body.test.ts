import { describe, expect, it } from "vitest";
import { contentTypeForPrism, isMalformedJson } from "./request-body.js";

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
