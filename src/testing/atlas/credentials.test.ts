import { describe, expect, it } from "vitest";
import { type DigestParts, nonceOf, signDigest } from "../sign-digest.js";
import { type DigestCheck, digestCheck, expiringMap, readDigest } from "./credentials.js";

const key = { publicKey: "fakepubk", privateKey: "not-a-real-private-key" };
const request = { method: "DELETE", target: "/api/atlas/v2/orgs/x?pretty=true" };

/** The defaults make a right one for the request. */
const sign = (parts: Pick<DigestParts, "nonce"> & Partial<DigestParts>) =>
  signDigest({
    username: key.publicKey,
    password: key.privateKey,
    method: request.method,
    uri: request.target,
    ...parts,
  });

function verdictOf(digests: DigestCheck, ...exchange: Parameters<DigestCheck["refusalOf"]>) {
  const refusal = digests.refusalOf(...exchange);
  return refusal === undefined ? "accepted" : refusal.stale ? "stale" : "refused";
}

function start(nonceLifetimeSeconds = 300) {
  const clock = { now: 0 };
  const digests = digestCheck([key], () => clock.now, { nonceLifetimeSeconds });
  return { digests, clock, nonce: nonceOf(digests.challenge()) };
}

describe("the challenge", () => {
  it("is written as Atlas writes it", () => {
    const { digests } = start();
    const form = (stale: boolean) =>
      new RegExp(
        `^Digest realm="MMS Public API", domain="", nonce="[\\w-]{20,}", algorithm=MD5, qop="auth", stale=${stale}$`,
      );
    expect(digests.challenge()).toMatch(form(false));
    expect(digests.challenge(true)).toMatch(form(true));
  });

  it("has a new nonce every time", () => {
    const { digests, nonce } = start();
    expect(nonceOf(digests.challenge())).not.toBe(nonce);
  });
});

describe("a digest", () => {
  it("that is right is accepted, and so is the next one with the count raised", () => {
    const { digests, nonce } = start();
    expect(verdictOf(digests, sign({ nonce }), request)).toBe("accepted");
    expect(verdictOf(digests, sign({ nonce, nc: "00000002" }), request)).toBe("accepted");
    expect(verdictOf(digests, sign({ nonce, nc: "0000000A" }), request)).toBe("accepted");
  });

  it.each([
    ["of another user", { username: "somebody" }],
    ["with another password", { password: "wrong" }],
    ["made for another method", { method: "POST" }],
    ["made for another uri", { uri: `${request.target}&envelope=true` }],
    ["with a count of zero", { nc: "00000000" }],
    ["with a count that is not eight hex digits", { nc: "1" }],
  ])("%s is refused", (_what, difference) => {
    const { digests, nonce } = start();
    expect(verdictOf(digests, sign({ nonce, ...difference }), request)).toBe("refused");
  });

  it.each([
    ["another user than was signed", `username="${key.publicKey}"`, 'username="somebody"'],
    ["another uri than was signed", `uri="${request.target}"`, 'uri="/"'],
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
    expect(verdictOf(digests, authorization.replace(part, other), request)).toBe("refused");
  });

  it("with a count that was there before, or a lower one, is refused", () => {
    const { digests, nonce } = start();
    expect(verdictOf(digests, sign({ nonce, nc: "00000005" }), request)).toBe("accepted");
    expect(verdictOf(digests, sign({ nonce, nc: "00000005" }), request)).toBe("refused");
    expect(verdictOf(digests, sign({ nonce, nc: "00000004" }), request)).toBe("refused");
    expect(verdictOf(digests, sign({ nonce, nc: "00000006" }), request)).toBe("accepted");
  });

  it("that is wrong does not use up its count", () => {
    const { digests, nonce } = start();
    expect(verdictOf(digests, sign({ nonce, nc: "00000001", password: "wrong" }), request)).toBe("refused");
    expect(verdictOf(digests, sign({ nonce, nc: "00000001" }), request)).toBe("accepted");
  });

  it("counts for each nonce by itself", () => {
    const { digests, nonce } = start();
    const other = nonceOf(digests.challenge());
    expect(verdictOf(digests, sign({ nonce, nc: "00000007" }), request)).toBe("accepted");
    expect(verdictOf(digests, sign({ nonce: other, nc: "00000001" }), request)).toBe("accepted");
  });

  it("on a nonce whose time is over is stale, but only if the rest of it is right", () => {
    const { digests, nonce, clock } = start(300);
    clock.now = 299_999;
    expect(verdictOf(digests, sign({ nonce }), request)).toBe("accepted");
    clock.now = 300_000;
    expect(verdictOf(digests, sign({ nonce, nc: "00000002" }), request)).toBe("stale");
    expect(verdictOf(digests, sign({ nonce, nc: "00000002", password: "wrong" }), request)).toBe("refused");
  });

  it("on a nonce that was never given out is stale", () => {
    const { digests } = start();
    expect(verdictOf(digests, sign({ nonce: "dcd98b7102dd2f0e8b11d0f600bfb0c093" }), request)).toBe("stale");
  });
});

describe("the header Authorization: Digest", () => {
  it("is read with quoted values and tokens alike", () => {
    const parameters = readDigest('Digest username="Mufasa", qop=auth, nc=00000001 ,ALGORITHM="MD5"');
    expect(Object.fromEntries(parameters ?? [])).toEqual({
      username: "Mufasa",
      qop: "auth",
      nc: "00000001",
      algorithm: "MD5",
    });
  });

  it("may hold commas, equals signs and escaped quotes inside quotes", () => {
    const parameters = readDigest('digest username="a, qop=b\\"c\\\\", uri="/x?y=1,2"');
    expect(Object.fromEntries(parameters ?? [])).toEqual({ username: 'a, qop=b"c\\', uri: "/x?y=1,2" });
  });

  it.each([
    ["another scheme", 'Bearer username="x"'],
    ["a parameter twice", "Digest nc=00000001, nc=00000002"],
    ["an open quote", 'Digest username="x'],
    ["a value missing", "Digest username="],
    ["no comma between two", 'Digest username="x" qop=auth'],
  ])("is nothing when it is or has %s", (_what, authorization) => {
    expect(readDigest(authorization)).toBeUndefined();
  });
});

describe("a map of values that expire", () => {
  it("gives a value until its time is over", () => {
    const clock = { now: 0 };
    const store = expiringMap<string>(1000, () => clock.now);
    store.add("a", "value");
    clock.now = 999;
    expect(store.get("a")).toBe("value");
    clock.now = 1000;
    expect(store.get("a")).toBeUndefined();
  });

  it("drops what has expired when something is added", () => {
    const clock = { now: 0 };
    const store = expiringMap<number>(1000, () => clock.now);
    for (let index = 0; index < 100; index += 1) store.add(`old ${index}`, index);
    clock.now = 1000;
    store.add("new", 1);
    expect(store.size()).toBe(1);
  });

  it("never holds more than its capacity: the oldest make room", () => {
    const store = expiringMap<number>(1000, () => 0, 3);
    for (let index = 0; index < 5; index += 1) store.add(`${index}`, index);
    expect(store.size()).toBe(3);
    expect(["0", "1", "2", "3", "4"].map((key) => store.get(key))).toEqual([undefined, undefined, 2, 3, 4]);
  });

  it("forgets a value that is deleted", () => {
    const store = expiringMap<number>(1000, () => 0);
    store.add("a", 1);
    store.delete("a");
    expect(store.get("a")).toBeUndefined();
  });
});
