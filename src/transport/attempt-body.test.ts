/**
 * How much of a body is read, and that what is left of it keeps neither memory nor a connection.
 */
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { AtlasApiError, AtlasResponseError } from "../index.js";
import { clientOf, creation, deletion, errorOf, revealed, scripted, secret } from "../testing/scripted-client.js";
import { atlasError, hangInBody, reply, type Step } from "../testing/scripted-server.js";

const KIB = 1024;
const MIB = 1024 * KIB;

/** JSON with so many spaces behind it that it has this length. */
const padded = (value: unknown, length: number) => JSON.stringify(value).padEnd(length, " ");

/** Writes for as long as somebody takes it; returns how many bytes that was. */
function endless(status: number, chunk: Buffer, headers: Record<string, string> = {}) {
  let written = 0;
  function* chunks() {
    for (;;) {
      written += chunk.length;
      yield chunk;
    }
  }
  const step: Step = (response) => {
    response.writeHead(status, headers);
    const source = Readable.from(chunks());
    response.on("close", () => source.destroy());
    source.pipe(response);
  };
  return { step, written: () => written };
}

describe("an error's body", () => {
  const error = { error: 400, errorCode: "VALIDATION_ERROR" };

  it("is read up to 64 KiB", async () => {
    const { server, atlas } = await scripted([reply(400, padded(error, 64 * KIB))]);
    const caught = await errorOf(atlas.createGroupServiceAccountSecret(creation), AtlasApiError);
    expect(caught).toMatchObject({ status: 400, errorCode: "VALIDATION_ERROR", outcome: "not-applied" });
    expect(caught.cause).toBeUndefined();
    expect(server.openConnections()).toBe(1);
  });

  it("that is longer is cut, and the error keeps its status", async () => {
    const { atlas } = await scripted([reply(400, `x${padded(error, 64 * KIB)}`)]);
    const caught = await errorOf(atlas.createGroupServiceAccountSecret(creation), AtlasApiError);
    expect(caught).toMatchObject({ status: 400, errorCode: undefined, outcome: "not-applied" });
    expect(caught.cause).toMatchObject({ message: "The body is longer than 65536 bytes." });
    expect(caught.message).toContain('The response begins: x{"error":400');
  });

  it("of several megabytes is not read", async () => {
    const { server, atlas } = await scripted([reply(502, Buffer.alloc(8 * MIB, "x")), reply(204)]);
    await atlas.deleteOrgServiceAccountSecret(deletion);
    expect(server.count("DELETE")).toBe(2);
    await server.connectionsEnded(1);
  });

  it("that never ends is let go of", async () => {
    const { step, written } = endless(403, Buffer.alloc(16 * KIB, "x"));
    const { server, atlas } = await scripted([step]);
    const caught = await errorOf(atlas.createGroupServiceAccountSecret(creation), AtlasApiError);
    expect(caught).toMatchObject({ status: 403, outcome: "not-applied" });
    await server.connectionsEnded(1);
    // What is beyond the limit stood in the buffers of both sides.
    expect(written()).toBeLessThan(16 * MIB);
  });
});

describe("a success's body", () => {
  it("is read up to 1 MiB", async () => {
    const { atlas } = await scripted([reply(201, padded(secret, MIB))]);
    expect(revealed(await atlas.createGroupServiceAccountSecret(creation))).toEqual(secret);
  });

  it("that is longer is not read to its end", async () => {
    const { atlas } = await scripted([reply(201, `${" ".repeat(MIB)}${JSON.stringify(secret)}`)]);
    const caught = await errorOf(atlas.createGroupServiceAccountSecret(creation), AtlasResponseError);
    expect(caught).toMatchObject({ status: 201, outcome: "applied" });
    expect(caught.cause).toMatchObject({ message: "The body is longer than 1048576 bytes." });
  });

  it("that never ends is let go of", async () => {
    const { step, written } = endless(201, Buffer.alloc(64 * KIB, " "));
    const { server, atlas } = await scripted([step]);
    expect(await errorOf(atlas.createGroupServiceAccountSecret(creation), AtlasResponseError)).toMatchObject({
      outcome: "applied",
    });
    await server.connectionsEnded(1);
    expect(written()).toBeLessThan(32 * MIB);
  });

  it("is put together from pieces, also if a character is cut in two", async () => {
    const bytes = Buffer.from(JSON.stringify({ ...secret, maskedSecretValue: "é€😀" }));
    const { atlas } = await scripted([
      async (response) => {
        response.writeHead(201);
        for (const byte of bytes) {
          response.write(Buffer.of(byte));
          await new Promise((resolve) => setImmediate(resolve));
        }
        response.end();
      },
    ]);
    expect(await atlas.createGroupServiceAccountSecret(creation)).toMatchObject({ maskedSecretValue: "é€😀" });
  });

  it("is joined even if the platform's Blob cannot be read, as in jsdom", async () => {
    vi.stubGlobal("Blob", class {});
    onTestFinished(() => void vi.unstubAllGlobals());
    const pieces = ["{", JSON.stringify(secret).slice(1)].map((piece) => new TextEncoder().encode(piece));
    const fetch = async () => new Response(ReadableStream.from(pieces), { status: 201 });
    const { atlas } = clientOf({ url: "http://127.0.0.1" }, { fetch });
    expect(revealed(await atlas.createGroupServiceAccountSecret(creation))).toEqual(secret);
  });
});

describe("a compressed body", () => {
  it("is read like any other", async () => {
    const { atlas } = await scripted([reply(201, gzipSync(JSON.stringify(secret)), { "content-encoding": "gzip" })]);
    expect(revealed(await atlas.createGroupServiceAccountSecret(creation))).toEqual(secret);
  });

  it.each([201, 403])("of a %d that would become gigabytes is let go of", async (status) => {
    // A few kilobytes that become ten megabytes, again and again: gzip allows many members in one body.
    const { step, written } = endless(status, gzipSync(Buffer.alloc(10 * MIB)), { "content-encoding": "gzip" });
    const { server, atlas } = await scripted([step]);
    const call = atlas.createGroupServiceAccountSecret(creation);
    if (status === 201) await errorOf(call, AtlasResponseError);
    else await errorOf(call, AtlasApiError);
    await server.connectionsEnded(1);
    expect(written()).toBeLessThan(16 * MIB);
  });
});

describe("a connection", () => {
  it("is used again after a response that was read, success or error", async () => {
    const steps = [reply(201, secret), atlasError(403, "FORBIDDEN"), reply(403), reply(201, padded(secret, MIB))];
    const { server, atlas } = await scripted((_request, index) => steps[index % steps.length] ?? reply(204));
    for (let call = 0; call < 20; call += 1) {
      await atlas.createGroupServiceAccountSecret(creation).catch(() => undefined);
    }
    // fetch takes turns between two of them: the one is not free yet when the next call starts.
    expect(new Set(server.requests.map(({ connection }) => connection)).size).toBeLessThanOrEqual(2);
  });

  it("is not kept by bodies that were left unread: twenty in a row end twenty connections", async () => {
    const steps = [
      reply(403, Buffer.alloc(MIB, "x")),
      reply(201, Buffer.alloc(4 * MIB, " ")),
      reply(302, Buffer.alloc(MIB, "x")),
      hangInBody(403, "x".repeat(70 * KIB)),
    ];
    const { server, atlas } = await scripted((_request, index) => steps[index % steps.length] ?? reply(204));
    for (let call = 0; call < 20; call += 1) {
      await atlas.createGroupServiceAccountSecret(creation).catch(() => undefined);
    }
    expect(new Set(server.requests.map(({ connection }) => connection)).size).toBe(20);
    await server.connectionsEnded(20);
  });
});
