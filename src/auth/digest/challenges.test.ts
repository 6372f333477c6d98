import { describe, expect, it } from "vitest";
import { parseChallenges, parseParameters } from "./challenges.js";

const read = (value: string) =>
  parseChallenges(value).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)]);

describe("the challenges of a WWW-Authenticate value", () => {
  it("reads Atlas's own", () => {
    const value =
      'Digest realm="MMS Public API", domain="", nonce="qSFVO9z7mS+Wz==", algorithm=MD5, qop="auth", stale=false';
    expect(read(value)).toEqual([
      [
        "digest",
        {
          realm: "MMS Public API",
          domain: "",
          nonce: "qSFVO9z7mS+Wz==",
          algorithm: "MD5",
          qop: "auth",
          stale: "false",
        },
      ],
    ]);
  });

  it("tells a comma between challenges from one between parameters", () => {
    expect(read('Basic realm="a", charset="UTF-8", Digest realm="b", nonce=n, Bearer realm="c"')).toEqual([
      ["basic", { realm: "a", charset: "UTF-8" }],
      ["digest", { realm: "b", nonce: "n" }],
      ["bearer", { realm: "c" }],
    ]);
  });

  it.each([
    ["Negotiate", "alone"],
    ["Negotiate YIIZ+/9-._~==", "with a token68"],
    ["NTLM TlRMTVNTUAAC", "with a token68 that looks like a name"],
  ])("reads %s (%s) as one challenge, beside a digest challenge", (other) => {
    const scheme = other.split(" ")[0]?.toLowerCase();
    const digest = ["digest", { nonce: "n" }];
    expect(read(`${other}, Digest nonce="n"`)).toEqual([[scheme, {}], digest]);
    expect(read(`Digest nonce="n", ${other}`)).toEqual([digest, [scheme, {}]]);
  });

  it("leaves commas, equals signs and scheme names inside quotes alone", () => {
    expect(read('Basic realm="a, Digest nonce=x, qop=auth", Digest realm="qop=none, b", nonce="n"')).toEqual([
      ["basic", { realm: "a, Digest nonce=x, qop=auth" }],
      ["digest", { realm: "qop=none, b", nonce: "n" }],
    ]);
  });

  it("takes the escapes out of quoted values", () => {
    expect(read(String.raw`Digest realm="the \"inner\\outer\" realm", nonce="n"`)).toEqual([
      ["digest", { realm: String.raw`the "inner\outer" realm`, nonce: "n" }],
    ]);
  });

  it("reads names in any case, spaces around the equals sign, empty list elements and unquoted base64", () => {
    expect(read(', ,DIGEST Realm = "a" ,,NONCE=ab+/==,\tQop="auth"')).toEqual([
      ["digest", { realm: "a", nonce: "ab+/==", qop: "auth" }],
    ]);
  });

  it("keeps the first of a repeated parameter", () => {
    expect(read("Digest nonce=first, nonce=second")).toEqual([["digest", { nonce: "first" }]]);
  });

  it.each(["", " , ", '"', "=", "=a", '"a" b="c', "Digest =", "Digest realm=,", "\u00e4, \u0000"])(
    "comes to an end on %j, without a parameter made up",
    (value) => {
      expect(parseChallenges(value).flatMap(({ parameters }) => [...parameters.values()].filter(Boolean))).toEqual([]);
    },
  );

  it("passes over what it cannot read and finds the next challenge", () => {
    expect(read('@@@ "?", Digest nonce="n"')).toEqual([["digest", { nonce: "n" }]]);
  });

  it("drops a value whose quote never closes, and what stands in it", () => {
    expect(read('Digest realm="a", nonce="b, qop=auth')).toEqual([["digest", { realm: "a" }]]);
  });

  it("reads 100 kB of anything in linear time", () => {
    for (const piece of ["a ", "=", '"', "\\", "a=", 'a="\\', " ", "a=b ", "a  ,"]) {
      const started = performance.now();
      parseChallenges(`Digest ${piece.repeat(100_000 / piece.length)}`);
      expect(performance.now() - started).toBeLessThan(1_000);
    }
  });
});

it("reads the parameters of Authentication-Info, which has no scheme", () => {
  expect(Object.fromEntries(parseParameters('qop=auth, nextnonce="next, one", nc=00000001'))).toEqual({
    qop: "auth",
    nextnonce: "next, one",
    nc: "00000001",
  });
  expect(parseParameters("").size).toBe(0);
});
