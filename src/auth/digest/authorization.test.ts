import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { chooseDigestChallenge, type DigestChallenge, type DigestRequest, digestAuthorization } from "./challenge.js";

const challenge = (parameters: string): DigestChallenge => {
  const chosen = chooseDigestChallenge(`Digest ${parameters}`);
  if (chosen === undefined || !("challenge" in chosen)) throw new Error("the test's own challenge is wrong");
  return chosen.challenge;
};
const hex = (hash: string, text: string) => createHash(hash).update(text, "utf8").digest("hex");
const authorization = (
  offered: DigestChallenge,
  own: Parameters<typeof digestAuthorization>[1],
  asked: Pick<DigestRequest, "method" | "uri">,
  nonceUse: Pick<DigestRequest, "count" | "cnonce">,
) => digestAuthorization(offered, own)({ ...asked, ...nonceUse });
const responseIn = (value: string) => /, response="(\w+)"/.exec(value)?.[1];
const key = { publicKey: "public", privateKey: "private" };
const request = { method: "GET", uri: "/dir/index.html" };
const use = { count: 1, cnonce: "c" };

describe("RFC 7616, section 3.9.1", () => {
  const mufasa = { publicKey: "Mufasa", privateKey: "Circle of Life" };
  const first = { count: 1, cnonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ" };
  const offered = (algorithm: string) =>
    challenge(
      `realm="http-auth@example.org", qop="auth, auth-int", algorithm=${algorithm}, ` +
        'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"',
    );

  it.each([
    ["MD5", "8ca523f5e9506fed4657c9700eebdbec"],
    ["SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"],
  ])("gives the response and the whole value with %s", (algorithm, response) => {
    expect(authorization(offered(algorithm), mufasa, request, first)).toBe(
      'Digest username="Mufasa", realm="http-auth@example.org", nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", ' +
        `uri="/dir/index.html", algorithm=${algorithm}, qop=auth, nc=00000001, ` +
        `cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", response="${response}", ` +
        'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"',
    );
  });
});

describe("RFC 2617, section 3.5", () => {
  const offered = 'realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"';
  const mufasa = { publicKey: "Mufasa", privateKey: "Circle Of Life" };

  it("gives the response with qop auth", () => {
    const response = responseIn(
      authorization(challenge(`${offered}, qop="auth,auth-int"`), mufasa, request, {
        count: 1,
        cnonce: "0a4f113b",
      }),
    );
    expect(response).toBe("6629fae49393a05397450978507c4ef1");
  });

  it("gives the response without qop, and then neither nc nor cnonce nor an algorithm that was not named", () => {
    expect(authorization(challenge(offered), mufasa, request, use)).toBe(
      'Digest username="Mufasa", realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", ' +
        'uri="/dir/index.html", response="670fd8c2df070c60b045671b8b24ff02"',
    );
  });
});

describe("the response", () => {
  it.each([
    ["MD5-sess", "md5"],
    ["SHA-256-sess", "sha256"],
  ])("with %s has a key made from nonce and cnonce", (algorithm, hash) => {
    const session = hex(hash, `${hex(hash, "public:r:private")}:n:c`);
    const covered = hex(hash, "GET:/dir/index.html");
    const offered = challenge(`realm="r", nonce="n", qop=auth, algorithm=${algorithm}`);
    expect(responseIn(authorization(offered, key, request, { count: 255, cnonce: "c" }))).toBe(
      hex(hash, `${session}:n:000000ff:c:auth:${covered}`),
    );
  });

  it("with -sess and without qop tells the cnonce that its key is made from", () => {
    const offered = challenge('realm="r", nonce="n", algorithm=MD5-sess');
    const response = hex("md5", `${hex("md5", `${hex("md5", "public:r:private")}:n:c`)}:n:${hex("md5", "GET:/a")}`);
    expect(authorization(offered, key, { method: "GET", uri: "/a" }, use)).toBe(
      `Digest username="public", realm="r", nonce="n", uri="/a", algorithm=MD5-sess, cnonce="c", response="${response}"`,
    );
  });

  it.each([
    [1, "00000001"],
    [10, "0000000a"],
    [256, "00000100"],
    [0xabcdef01, "abcdef01"],
  ])("counts use %i as nc=%s", (count, nc) => {
    const offered = challenge('realm="r", nonce="n", qop=auth');
    expect(authorization(offered, key, request, { count, cnonce: "c" })).toContain(` nc=${nc},`);
  });

  it("takes quotes and backslashes as they are and escapes them in the value", () => {
    const offered = challenge(String.raw`realm="a \"b\" \\c", nonce="n"`);
    const quoting = { publicKey: String.raw`p"\u`, privateKey: "x:y" };
    const expected = hex("md5", `${hex("md5", String.raw`p"\u:a "b" \c:x:y`)}:n:${hex("md5", "GET:/a?b=\\c")}`);
    expect(authorization(offered, quoting, { method: "GET", uri: "/a?b=\\c" }, use)).toBe(
      String.raw`Digest username="p\"\\u", realm="a \"b\" \\c", nonce="n", uri="/a?b=\\c", response="${expected}"`,
    );
  });
});

describe("beyond ASCII", () => {
  const name = "J\u00e4s\u00f8n Doe";
  const decomposed = "Ja\u0308s\u00f8n Doe";
  /** As a header value holds it: one character per byte. */
  const asBytes = (text: string) => Buffer.from(text, "utf8").toString("latin1");
  const realm = "K\u00f6nigreich \u20ac";

  it("realm, name and password are hashed as UTF-8 and the realm is echoed byte for byte", () => {
    const offered = challenge(`realm="${asBytes(realm)}", nonce="n"`);
    const user = hex("md5", `${name}:${realm}:gehe\u00edm`);
    const value = authorization(offered, { publicKey: decomposed, privateKey: "gehei\u0301m" }, request, use);
    expect(value).toContain(` realm="${asBytes(realm)}",`);
    expect(value).toContain(`response="${hex("md5", `${user}:n:${hex("md5", "GET:/dir/index.html")}`)}"`);
    expect(value).toContain(`Digest username="${asBytes(name)}", `);
    expect(() => new Headers({ authorization: value })).not.toThrow();
  });
});

it("RFC 7616, section 3.9.2, is answered with none of it: SHA-512-256 is not among the algorithms", () => {
  const value =
    'Digest realm="api@example.org", qop="auth", algorithm=SHA-512-256, nonce="5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK", ' +
    'opaque="HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS", charset=UTF-8, userhash=true';
  expect(chooseDigestChallenge(value)).toEqual({ unanswerable: 'algorithm "SHA-512-256"' });
});
