import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { AtlasAuthError } from "../../errors.js";
import type { Ending } from "../../testing/atlas/start-atlas.js";
import type { Send } from "../../transport/pipeline.js";
import { digestAuthentication } from "./digest-authentication.js";
import { requestTo, startClient, testKey } from "./testing/digest-client.js";

describe("one call after another", () => {
  it("a first call asks for a challenge and answers it, with method, headers and body both times", async () => {
    const { server, send, url, signatures } = await startClient();
    expect((await send(requestTo(url))).status).toBe(200);
    const sent = { method: "POST", body: '{"secretExpiresAfterHours":8}' };
    expect(server.requests).toMatchObject([sent, sent]);
    expect(signatures()).toEqual([undefined, expect.any(Map)]);
  });

  it("100 calls make 101 requests, nc counting from 00000001 to 00000064 with a new cnonce each time", async () => {
    const { server, send, url, signatures, counts } = await startClient({ digest: { counts: "higher" } });
    for (let call = 0; call < 100; call += 1) expect((await send(requestTo(url))).status).toBe(200);
    expect(server.requests).toHaveLength(101);
    expect(counts()).toEqual(Array.from({ length: 100 }, (_, index) => (index + 1).toString(16).padStart(8, "0")));
    expect(new Set(signatures().map((signature) => signature?.get("cnonce"))).size).toBe(101);
  });

  const algorithms = ["MD5", "MD5-sess", "SHA-256", "SHA-256-sess"] as const;
  const qops = ['qop="auth"', 'qop="auth-int,auth"', ""];
  it.each(algorithms.flatMap((algorithm) => qops.map((qop) => ({ algorithm, qop }))))(
    "a server that checks $algorithm with $qop accepts the first call and the next",
    async ({ algorithm, qop }) => {
      const { server, send, url } = await startClient({ digest: { algorithm, qop } });
      expect([await send(requestTo(url)), await send(requestTo(url))]).toMatchObject([
        { status: 200 },
        { status: 200 },
      ]);
      expect(server.requests).toHaveLength(3);
    },
  );

  it("a -sess algorithm keeps its cnonce as long as its nonce, since its key is made from both", async () => {
    const { send, url, signatures } = await startClient({ digest: { algorithm: "SHA-256-sess" } });
    for (let call = 0; call < 3; call += 1) await send(requestTo(url));
    expect(
      new Set(
        signatures()
          .slice(1)
          .map((signature) => signature?.get("cnonce")),
      ).size,
    ).toBe(1);
  });

  it("path and query are signed as they are sent", async () => {
    const { send, url, signatures } = await startClient();
    const odd = `${url}/\u00e4 b/{c}/../d?pretty=true&x="y,=\\z'#fragment`;
    expect((await send(requestTo(odd))).status).toBe(200);
    expect(signatures()[1]?.get("uri")).toContain("/api/atlas/v2/%C3%A4%20b/d?pretty=true");
  });

  it("a realm beyond ASCII arrives as it came", async () => {
    const realm = Buffer.from("K\u00f6nigreich \u20ac", "utf8").toString("latin1");
    const { send, url } = await startClient({ digest: { realm } });
    expect((await send(requestTo(url))).status).toBe(200);
  });

  it("the challenge is found among others, on several header lines", async () => {
    const { server, send, url } = await startClient({
      faults: ({ nth }) => {
        const others = [
          "Negotiate",
          'Bearer realm="a, Digest nonce=x"',
          'Digest realm="r", nonce="n", algorithm=SHA-512-256',
        ];
        const challenges = [...others, server.digests.challenge(), "Basic realm=b"];
        const ends: Ending = (_, outgoing) => void outgoing.writeHead(401, { "www-authenticate": challenges }).end();
        return nth === 1 ? { applied: false, ends } : undefined;
      },
    });
    expect((await send(requestTo(url))).status).toBe(200);
  });

  it("a call that needs no signature gets its response, and so does the next", async () => {
    const { send, url, signatures } = await startClient({
      faults: () => ({ applied: false, ends: { status: 200, body: "open" } }),
    });
    expect((await send(requestTo(url))).text).toBe("open");
    expect((await send(requestTo(url))).text).toBe("open");
    expect(signatures()).toEqual([undefined, undefined]);
  });

  it("a response other than 401 is returned, whatever challenge it holds", async () => {
    const { server, send, url } = await startClient({
      faults: () => ({
        applied: false,
        ends: { status: 403, headers: { "www-authenticate": server.digests.challenge() } },
      }),
    });
    expect((await send(requestTo(url))).status).toBe(403);
    expect(server.requests).toHaveLength(1);
  });
});

describe("a refused nonce", () => {
  it.each([true, false])("is replaced once by the one that came with the refusal, stale=%s", async (stale) => {
    const { server, send, url, counts } = await startClient({ digest: { stale } });
    await send(requestTo(url));
    server.digests.expireNonces();
    expect((await send(requestTo(url))).status).toBe(200);
    expect((await send(requestTo(url))).status).toBe(200);
    expect(counts()).toEqual(["00000001", "00000002", "00000001", "00000002"]);
    expect(server.requests.map(({ body }) => body)).toEqual(Array(5).fill('{"secretExpiresAfterHours":8}'));
  });

  it("is replaced only once: the second refusal is returned, and the next call starts anew", async () => {
    let refusing = false;
    const { server, send, url, signatures, counts } = await startClient({
      faults: () => {
        if (refusing) server.digests.expireNonces();
        return undefined;
      },
    });
    await send(requestTo(url));
    refusing = true;
    expect((await send(requestTo(url))).status).toBe(401);
    expect(counts()).toEqual(["00000001", "00000002", "00000001"]);
    refusing = false;
    expect((await send(requestTo(url))).status).toBe(200);
    expect(
      signatures()
        .slice(4)
        .map((signature) => signature?.get("nc")),
    ).toEqual([undefined, "00000001"]);
  });

  it("that comes with no new one is returned", async () => {
    const { server, send, url } = await startClient({
      faults: ({ nth }) => (nth > 2 ? { applied: false, ends: { status: 401, body: "no challenge" } } : undefined),
    });
    await send(requestTo(url));
    expect(await send(requestTo(url))).toMatchObject({ status: 401, text: "no challenge" });
    expect(server.requests).toHaveLength(3);
  });
});

describe("what cannot be signed in to", () => {
  it("a wrong private key gets its 401 after two requests, each time", async () => {
    const { server, send, url } = await startClient({ key: { ...testKey, privateKey: "another-made-up-key" } });
    expect((await send(requestTo(url))).status).toBe(401);
    expect(server.requests).toHaveLength(2);
    expect((await send(requestTo(url))).status).toBe(401);
    expect(server.requests).toHaveLength(4);
  });

  it("a 401 that offers no digest is returned", async () => {
    const { server, send, url } = await startClient({
      faults: () => ({
        applied: false,
        ends: { status: 401, headers: { "www-authenticate": 'Basic realm="Digest"' }, body: "basic" },
      }),
    });
    expect(await send(requestTo(url))).toMatchObject({ status: 401, text: "basic" });
    expect(server.requests).toHaveLength(1);
  });

  it.each([
    ['Digest realm="r", nonce="n", algorithm=SHA-512-256, qop="auth"', 'it has algorithm "SHA-512-256".'],
    ['Basic realm="r", Digest realm="r", nonce="n", qop="auth-int"', 'it has qop "auth-int".'],
    ['Digest realm="r"', "it has no readable nonce."],
  ])("%s is an AtlasAuthError that says what is wrong", async (challenge, reason) => {
    const { server, send, url } = await startClient({
      faults: () => ({ applied: false, ends: { status: 401, headers: { "www-authenticate": challenge } } }),
    });
    const error: unknown = await send(requestTo(url)).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AtlasAuthError);
    expect(error).toMatchObject({
      code: "ERR_ATLAS_AUTH",
      outcome: "not-applied",
      operationId: "createGroupServiceAccountSecret",
      message: expect.stringContaining(`Cannot answer the server's digest challenge: ${reason}`),
    });
    expect(error).not.toHaveProperty("cause");
    expect(server.requests).toHaveLength(1);
  });
});

it("neither the stage, nor what it makes, nor its errors show the key or a signature", async () => {
  const signatures: string[] = [];
  const challenges = ['Digest realm="r", nonce="n"', undefined, 'Digest realm="r", nonce="n", qop="auth-int"'];
  const answering: Send = async ({ headers }) => {
    signatures.push(/response="(\w+)"/.exec(headers["authorization"] ?? "")?.[1] ?? "unsigned");
    const challenge = challenges.shift();
    const answered = challenge === undefined ? {} : { "www-authenticate": challenge };
    return { status: challenge === undefined ? 200 : 401, headers: new Headers(answered), text: "" };
  };
  const stage = digestAuthentication(testKey);
  const send = stage(answering);
  await send(requestTo("http://127.0.0.1/a"));
  const failure: unknown = await send(requestTo("http://127.0.0.1/b")).catch((thrown: unknown) => thrown);
  expect(failure).toBeInstanceOf(AtlasAuthError);
  expect(signatures).toEqual(["unsigned", expect.stringMatching(/^\w{32}$/), expect.stringMatching(/^\w{32}$/)]);
  for (const shown of [stage, send, failure]) {
    const text = inspect(shown, { showHidden: true, depth: 10 }) + JSON.stringify(shown) + String(shown);
    for (const secret of [testKey.privateKey, ...signatures.slice(1)]) expect(text).not.toContain(secret);
  }
});
