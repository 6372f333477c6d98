import { describe, expect, it } from "vitest";
import { mockCredentials } from "./credentials.js";
import { DigestCheck } from "./digest-check.js";
import { deletePath, nonceOf, sign } from "./testing/requests.js";

const request = { method: "DELETE", target: deletePath };

function start(nonceLifetimeSeconds = 300) {
  const { publicKey, privateKey } = mockCredentials;
  const clock = { now: 0 };
  const digests = new DigestCheck({ publicKey, privateKey, nonceLifetimeSeconds, now: () => clock.now });
  return { digests, clock, nonce: nonceOf(digests.challenge(false)) };
}

describe("the challenge", () => {
  it("is written as Atlas writes it", () => {
    const { digests } = start();
    const form = (stale: boolean) =>
      new RegExp(
        `^Digest realm="MMS Public API", domain="", nonce="[\\w-]{20,}", algorithm=MD5, qop="auth", stale=${stale}$`,
      );
    expect(digests.challenge(false)).toMatch(form(false));
    expect(digests.challenge(true)).toMatch(form(true));
  });

  it("has a new nonce every time", () => {
    const { digests, nonce } = start();
    expect(nonceOf(digests.challenge(false))).not.toBe(nonce);
  });
});

describe("a digest", () => {
  it("that is right is accepted, and so is the next one with the count raised", () => {
    const { digests, nonce } = start();
    expect(digests.check(sign({ nonce }), request)).toBe("accepted");
    expect(digests.check(sign({ nonce, nc: "00000002" }), request)).toBe("accepted");
    expect(digests.check(sign({ nonce, nc: "0000000A" }), request)).toBe("accepted");
  });

  it.each([
    ["of another user", { username: "somebody" }],
    ["with another password", { password: "wrong" }],
    ["made for another method", { method: "POST" }],
    ["made for another uri", { uri: `${deletePath}?pretty=true` }],
    ["with a count of zero", { nc: "00000000" }],
    ["with a count that is not eight hex digits", { nc: "1" }],
  ])("%s is refused", (_what, difference) => {
    const { digests, nonce } = start();
    expect(digests.check(sign({ nonce, ...difference }), request)).toBe("refused");
  });

  it.each([
    ["another user than was signed", `username="${mockCredentials.publicKey}"`, 'username="somebody"'],
    ["another uri than was signed", `uri="${deletePath}"`, 'uri="/"'],
    ["another realm", 'realm="MMS Public API"', 'realm="other"'],
    ["another algorithm", "algorithm=MD5", "algorithm=SHA-256"],
    ["another qop", "qop=auth", "qop=auth-int"],
    ["no qop", "qop=auth, ", ""],
    ["no cnonce", 'cnonce="0a4f113b", ', ""],
    ["a hashed user name", "qop=auth", "qop=auth, userhash=true"],
    ["another response", /response="."?/, 'response="'],
  ])("with %s is refused", (_what, part, other) => {
    const { digests, nonce } = start();
    const authorization = sign({ nonce });
    expect(authorization.replace(part, other)).not.toBe(authorization);
    expect(digests.check(authorization.replace(part, other), request)).toBe("refused");
  });

  it("with a count that was there before, or a lower one, is refused", () => {
    const { digests, nonce } = start();
    expect(digests.check(sign({ nonce, nc: "00000005" }), request)).toBe("accepted");
    expect(digests.check(sign({ nonce, nc: "00000005" }), request)).toBe("refused");
    expect(digests.check(sign({ nonce, nc: "00000004" }), request)).toBe("refused");
    expect(digests.check(sign({ nonce, nc: "00000006" }), request)).toBe("accepted");
  });

  it("that is wrong does not use up its count", () => {
    const { digests, nonce } = start();
    expect(digests.check(sign({ nonce, nc: "00000001", password: "wrong" }), request)).toBe("refused");
    expect(digests.check(sign({ nonce, nc: "00000001" }), request)).toBe("accepted");
  });

  it("counts for each nonce by itself", () => {
    const { digests, nonce } = start();
    const other = nonceOf(digests.challenge(false));
    expect(digests.check(sign({ nonce, nc: "00000007" }), request)).toBe("accepted");
    expect(digests.check(sign({ nonce: other, nc: "00000001" }), request)).toBe("accepted");
  });

  it("on a nonce whose time is over is stale, but only if the rest of it is right", () => {
    const { digests, nonce, clock } = start(300);
    clock.now = 299_999;
    expect(digests.check(sign({ nonce }), request)).toBe("accepted");
    clock.now = 300_000;
    expect(digests.check(sign({ nonce, nc: "00000002" }), request)).toBe("stale");
    expect(digests.check(sign({ nonce, nc: "00000002", password: "wrong" }), request)).toBe("refused");
  });

  it("on a nonce that was never given out is stale", () => {
    const { digests } = start();
    expect(digests.check(sign({ nonce: "dcd98b7102dd2f0e8b11d0f600bfb0c093" }), request)).toBe("stale");
  });
});
