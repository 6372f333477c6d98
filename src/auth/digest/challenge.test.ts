import { afterEach, describe, expect, it, vi } from "vitest";
import { chooseDigestChallenge, parseChallenges } from "./challenge.js";

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
      expect(performance.now() - started).toBeLessThan(5_000);
    }
  });
});

const challenged = (value: string) => {
  const chosen = chooseDigestChallenge(value);
  if (chosen === undefined || !("challenge" in chosen)) throw new Error(`nothing to answer in: ${value}`);
  return chosen.challenge;
};

describe("the digest challenge to answer", () => {
  it("is the first that can be answered, in the server's order", () => {
    const sha = 'Digest realm="r", nonce="s", algorithm=SHA-256, qop="auth"';
    const md5 = 'Digest realm="r", nonce="m", algorithm=MD5, qop="auth"';
    const other = 'Digest realm="r", nonce="o", algorithm=SHA-512-256, qop="auth"';
    expect(challenged(`Basic realm="r", ${other}, ${sha}, ${md5}`)).toMatchObject({ nonce: "s", hash: "sha256" });
    expect(challenged(`${md5}, ${sha}`)).toMatchObject({ nonce: "m", hash: "md5" });
  });

  it.each([
    ["MD5", "md5", false],
    ["md5", "md5", false],
    ["MD5-sess", "md5", true],
    ["SHA-256", "sha256", false],
    ["sha-256-SESS", "sha256", true],
  ])("reads algorithm %s in any case and keeps the server's spelling", (algorithm, hash, session) => {
    expect(challenged(`Digest realm="r", nonce="n", algorithm=${algorithm}`)).toMatchObject({
      algorithm,
      hash,
      session,
    });
    expect(challenged(`Digest realm="r", nonce="n", algorithm="${algorithm}"`)).toMatchObject({ algorithm });
  });

  it("is MD5 if no algorithm is named", () => {
    expect(challenged('Digest realm="r", nonce="n"')).toMatchObject({
      algorithm: undefined,
      hash: "md5",
      session: false,
    });
  });

  it.each([
    ['qop="auth"', "auth"],
    ["qop=auth", "auth"],
    ['qop="auth,auth-int"', "auth"],
    ['qop="auth-int, AUTH"', "auth"],
    ['qop=""', undefined],
    ['realm2="qop=auth-int"', undefined],
  ])("with %s is answered with qop %s", (parameter, qop) => {
    expect(challenged(`Digest realm="r", nonce="n", ${parameter}`).qop).toBe(qop);
  });

  it("passes on opaque, and ignores what it does not know", () => {
    const value = 'Digest realm="", nonce="n", opaque="o,\\"p", userhash=TRUE, charset="utf-8", domain="/a /b", x="y"';
    expect(challenged(value)).toEqual({
      realm: "",
      nonce: "n",
      opaque: 'o,"p',
      algorithm: undefined,
      hash: "md5",
      session: false,
      qop: undefined,
    });
  });

  it("is absent if no digest is offered", () => {
    expect(chooseDigestChallenge('Basic realm="Digest", Bearer, Negotiate YII=')).toBeUndefined();
  });

  it.each([
    ['Digest realm="r", nonce="n", algorithm=SHA-512-256', 'algorithm "SHA-512-256"'],
    ['Digest realm="r", nonce="n", qop="auth-int"', 'qop "auth-int"'],
    ['Digest nonce="n"', "no readable realm"],
    ['Digest realm="r", nonce="n', "no readable nonce"],
    ['Digest realm="r", nonce=""', "no readable nonce"],
    ["Digest", "no readable realm"],
    [
      'Digest realm="r", nonce="n", algorithm=SHA-512-256, Digest realm="r", nonce="n", algorithm=MD5, qop=auth-int',
      'algorithm "SHA-512-256", qop "auth-int"',
    ],
  ])("%s cannot be answered, which is said", (value, unanswerable) => {
    expect(chooseDigestChallenge(value)).toEqual({ unanswerable });
  });

  describe("if the platform does not compute MD5", () => {
    const md5 = 'Digest realm="r", nonce="n", algorithm=MD5';
    const sha256 = 'Digest realm="r", nonce="n", algorithm=SHA-256';

    afterEach(() => {
      vi.restoreAllMocks();
    });

    it("takes the next challenge, as under FIPS", () => {
      const crypto = process.getBuiltinModule("node:crypto");
      vi.spyOn(process, "getBuiltinModule").mockReturnValue({
        ...crypto,
        createHash: (name: string) => {
          if (name === "md5") throw new Error("error:0308010C:digital envelope routines::unsupported");
          return crypto.createHash(name);
        },
      });
      expect(chooseDigestChallenge(`${md5}, ${sha256}`)).toMatchObject({ challenge: { hash: "sha256" } });
      expect(chooseDigestChallenge(md5)).toEqual({
        unanswerable: "algorithm MD5, which this platform does not compute",
      });
    });

    it("says so if there is no node:crypto at all", () => {
      vi.spyOn(process, "getBuiltinModule").mockReturnValue(undefined);
      expect(chooseDigestChallenge('Digest realm="r", nonce="n"')).toEqual({
        unanswerable: "algorithm MD5, which this platform does not compute",
      });
    });
  });

  it("is quoted only in part if it is long", () => {
    expect(chooseDigestChallenge(`Digest realm="r", nonce="n", algorithm="${"A".repeat(5_000)}"`)).toEqual({
      unanswerable: `algorithm "${"A".repeat(40)}…"`,
    });
  });
});

it.each([
  ["first", 'Digest realm=, nonce="n", qop="auth"'],
  ["last", 'Digest nonce="n", qop="auth", realm='],
  ["behind another scheme's token", 'Negotiate YII=, Digest realm= , nonce="n", qop=auth'],
  ["in quotes", 'Digest realm="", nonce="n", qop="auth"'],
])("an empty realm is one: %s", (_where, value) => {
  expect(chooseDigestChallenge(value)).toMatchObject({ challenge: { realm: "", nonce: "n" } });
});
