import { describe, expect, it } from "vitest";
import { chooseDigestChallenge } from "./digest-challenge.js";

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

  it("is MD5 where no algorithm is named", () => {
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

  it("passes on opaque, userhash and charset, and ignores what it does not know", () => {
    const value = 'Digest realm="", nonce="n", opaque="o,\\"p", userhash=TRUE, charset="utf-8", domain="/a /b", x="y"';
    expect(challenged(value)).toEqual({
      realm: "",
      nonce: "n",
      opaque: 'o,"p',
      algorithm: undefined,
      hash: "md5",
      session: false,
      qop: undefined,
      userhash: true,
      utf8: true,
    });
  });

  it("is absent where no digest is offered", () => {
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

  it("is quoted only in part where it is long", () => {
    expect(chooseDigestChallenge(`Digest realm="r", nonce="n", algorithm="${"A".repeat(5_000)}"`)).toEqual({
      unanswerable: `algorithm "${"A".repeat(40)}…"`,
    });
  });
});
