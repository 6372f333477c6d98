import { describe, expect, it } from "vitest";
import { parseDigestAuthorization } from "./digest-authorization.js";

describe("the header Authorization: Digest", () => {
  it("is read with quoted values and tokens alike", () => {
    const parameters = parseDigestAuthorization('Digest username="Mufasa", qop=auth, nc=00000001 ,ALGORITHM="MD5"');
    expect(Object.fromEntries(parameters ?? [])).toEqual({
      username: "Mufasa",
      qop: "auth",
      nc: "00000001",
      algorithm: "MD5",
    });
  });

  it("may hold commas, equals signs and escaped quotes inside quotes", () => {
    const parameters = parseDigestAuthorization('digest username="a, qop=b\\"c\\\\", uri="/x?y=1,2"');
    expect(Object.fromEntries(parameters ?? [])).toEqual({ username: 'a, qop=b"c\\', uri: "/x?y=1,2" });
  });

  it.each([
    ["another scheme", 'Bearer username="x"'],
    ["a parameter twice", "Digest nc=00000001, nc=00000002"],
    ["an open quote", 'Digest username="x'],
    ["a value missing", "Digest username="],
    ["no comma between two", 'Digest username="x" qop=auth'],
  ])("is nothing when it is or has %s", (_what, authorization) => {
    expect(parseDigestAuthorization(authorization)).toBeUndefined();
  });
});
