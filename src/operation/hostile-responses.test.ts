/**
 * Hostile responses in place of a success: each is the right error with status, operation and a bounded excerpt.
 */

import { describe, expect, it } from "vitest";
import { AtlasApiError, AtlasError, AtlasNetworkError, AtlasResponseError, type DeviationEvent } from "../index.js";
import {
  creation,
  deletion,
  errorOf,
  expectHarmless,
  rejection,
  revealed,
  scripted,
  secret,
  secretValue,
  warningsDuring,
} from "../testing/scripted-client.js";
import { hangInBody, rawBytes, reply, type Step, truncated } from "../testing/scripted-server.js";

const createdText = JSON.stringify(secret);
const utf16 = (text: string) => Buffer.from(text, "utf16le");

describe("a success that cannot be used is an AtlasResponseError with outcome applied:", () => {
  it.each<[string, Step, string]>([
    ["empty", reply(201, ""), "the body is not JSON. It is empty."],
    ["blank", reply(201, " \n "), "the body is not JSON."],
    [
      "HTML",
      reply(201, `<html><body>${secretValue}</body>`),
      "the body is not JSON. It begins: <html><body>mdb_sa_sk_…</body>",
    ],
    ["cut short", truncated(201, createdText.slice(0, -20)), "the body could not be read to its end. It begins: {"],
    ["cut short by its own length", reply(201, createdText.slice(0, -1)), "the body is not JSON. It begins: {"],
    ["two documents", reply(201, `${createdText}${createdText}`), "the body is not JSON."],
    ["null", reply(201, "null"), "the body contradicts the contract: the body must be object."],
    ["true", reply(201, "true"), "the body contradicts the contract: the body must be object."],
    ["an array", reply(201, [secret]), "the body contradicts the contract: the body must be object."],
    ["text", reply(201, JSON.stringify(createdText)), "the body contradicts the contract: the body must be object."],
    [
      "an empty object",
      reply(201, {}),
      "the body must have required property 'createdAt'; the body must have required property 'expiresAt'; the body must",
    ],
    ["without its id", reply(201, { ...secret, id: undefined }), "the body must have required property 'id'"],
    ["a secret that is no text", reply(201, { ...secret, secret: { value: secretValue } }), "/secret must be string"],
    ["an error's body", reply(201, { error: 403, errorCode: "FORBIDDEN" }), "must have required property 'id'"],
    ["nested deeply", reply(201, `${"[".repeat(500_000)}${"]".repeat(500_000)}`), "the body contradicts the contract"],
    ["UTF-16", reply(201, utf16(createdText), { "content-type": "application/json; charset=utf-16le" }), "the body"],
    ["UTF-16 with its mark", reply(201, utf16(`\ufeff${createdText}`)), "the body could not be read to its end."],
    [
      "Latin-1",
      reply(201, Buffer.from(JSON.stringify({ ...secret, maskedSecretValue: "é" }), "latin1")),
      "the body could not be read to its end.",
    ],
    [
      "compressed, it says",
      reply(201, createdText, { "content-encoding": "gzip" }),
      "the body could not be read to its end.",
    ],
  ])("%s", async (_name, step, message) => {
    const { server, atlas } = await scripted([step], { timeoutMs: 1_500 });
    const error = await errorOf(atlas.createGroupServiceAccountSecret(creation), AtlasResponseError);
    expect(error).toMatchObject({
      code: "ERR_ATLAS_RESPONSE",
      status: 201,
      outcome: "applied",
      operationId: "createGroupServiceAccountSecret",
    });
    expect(error.message).toContain(
      "POST /api/atlas/v2/groups/{groupId}/serviceAccounts/{clientId}/secrets: status 201, but ",
    );
    expect(error.message).toContain(message);
    expect(error.message.endsWith(" The call took effect.")).toBe(true);
    expectHarmless(error);
    expect(server.count("POST")).toBe(1);
  });

  it.each([
    ["without its end", { expiresAt: undefined }],
    ["with a null that the contract requires to be text", { createdAt: null }],
    ["with a secret that is no text", { secret: 5 }],
  ])("a response %s, and the error has the id that it names", async (_name, members) => {
    const { atlas } = await scripted([reply(201, { ...secret, ...members })]);
    const error = await errorOf(atlas.createGroupServiceAccountSecret(creation), AtlasResponseError);
    expect(error.id).toBe(secret.id);
    expectHarmless(error);
  });

  it.each([
    ["that is no text", { id: { id: secret.id } }],
    ["that is not there", { id: undefined }],
  ])("a response with an id %s, and the error has none", async (_name, members) => {
    const { atlas } = await scripted([reply(201, { ...secret, ...members })]);
    const error = await errorOf(atlas.createGroupServiceAccountSecret(creation), AtlasResponseError);
    expect(error.id).toBeUndefined();
  });

  it.each([200, 202, 203, 206, 207, 226, 299])("JSON with a %d, which the contract does not list", async (status) => {
    const { server, atlas } = await scripted([reply(status, { ...secret, createdAt: undefined })]);
    const error = await errorOf(atlas.createGroupServiceAccountSecret(creation), AtlasResponseError);
    expect(error).toMatchObject({ status, outcome: "applied", id: secret.id });
    expect(error.message).toContain(`status ${status}, but the contract lists success only as 201.`);
    expectHarmless(error);
    expect(server.count("POST")).toBe(1);
  });

  it("a body of the contract's media type, whatever its status is", async () => {
    const headers = { "content-type": "Application/vnd.atlas.2024-08-05+json; charset=utf-8" };
    const { atlas } = await scripted([reply(200, "", headers)]);
    const error = await errorOf(atlas.createGroupServiceAccountSecret(creation), AtlasResponseError);
    expect(error).toMatchObject({ status: 200, outcome: "applied" });
  });

  it("a 200 with a body to a delete, which should be 204", async () => {
    const { server, atlas } = await scripted([reply(200, { deleted: true })]);
    const error = await errorOf(atlas.deleteOrgServiceAccountSecret(deletion), AtlasResponseError);
    expect(error).toMatchObject({ status: 200, outcome: "applied", operationId: "deleteOrgServiceAccountSecret" });
    expect(error.message).toContain('It begins: {"deleted":true}');
    expect(server.count("DELETE")).toBe(1);
  });
});

describe("a success that need not be Atlas's is an AtlasResponseError with outcome unknown:", () => {
  it.each<[string, Step]>([
    ["a login page", reply(200, "<html>Please sign in</html>", { "content-type": "text/html" })],
    ["an empty 200", reply(200, "")],
    ["an empty 200 of type JSON", reply(200, "", { "content-type": "application/json" })],
    ["a proxy's 202", reply(202, "queued", { "content-type": "text/plain" })],
    ["a 203 that a proxy has changed", reply(203, "<p>", { "content-type": "text/html" })],
    ["a number", reply(200, "1")],
    ["a 204", reply(204)],
    ["a 205", reply(205)],
  ])("%s", async (_name, step) => {
    const { server, atlas } = await scripted([step]);
    const error = await errorOf(atlas.createGroupServiceAccountSecret(creation), AtlasResponseError);
    expect([error.outcome, error.id, server.count("POST")]).toEqual(["unknown", undefined, 1]);
  });

  it("also to a deletion", async () => {
    const { atlas } = await scripted([reply(200, "<html>", { "content-type": "text/html" })]);
    expect(await errorOf(atlas.deleteOrgServiceAccountSecret(deletion), AtlasResponseError)).toMatchObject({
      outcome: "unknown",
    });
  });
});

describe("the id of what was created is known", () => {
  it.each<[string, Step]>([
    ["once its text has arrived", truncated(201, `{"createdAt":"2025-05-04T09:42:00Z","id" : "${secret.id}"`)],
    ["if the secret's value is cut", truncated(201, createdText.slice(0, -10))],
    ["if the body is cut by its own length", reply(201, createdText.slice(0, -1))],
    ["if the value is no UTF-8", reply(201, Buffer.from(JSON.stringify({ ...secret, secret: "é" }), "latin1"))],
    ["if something follows", reply(201, `${createdText}${createdText}`)],
  ])("%s", async (_name, step) => {
    const { atlas } = await scripted([step]);
    const error = await errorOf(atlas.createGroupServiceAccountSecret(creation), AtlasResponseError);
    expect(error).toMatchObject({ outcome: "applied", id: secret.id });
    expectHarmless(error);
  });

  it.each([
    ["of an object inside it", `{"account":{"id":"${secret.id}"},"sec`],
    ["in a list inside it", `{"links":[{"id":"${secret.id}"}],"sec`],
    ["in a text", String.raw`{"note":"{\"id\":\"${secret.id}\"","sec`],
    ["of an object in an envelope's content", `{"status":201,"content":{"of":{"id":"${secret.id}"},"sec`],
    ["in a page", `<script>{"id":"${secret.id}"}</script>`],
  ])("but never one %s, which may be that of a secret in use", async (_where, text) => {
    const { atlas } = await scripted([truncated(201, text)]);
    const error = await errorOf(atlas.createGroupServiceAccountSecret(creation), AtlasResponseError);
    expect(error.id).toBeUndefined();
  });

  it("not from a text that breaks off within it", async () => {
    const { atlas } = await scripted([truncated(201, `{"id":"${secret.id.slice(1)}"`)]);
    const error = await errorOf(atlas.createGroupServiceAccountSecret(creation), AtlasResponseError);
    expect(error.id).toBeUndefined();
  });
});

describe("a success that can be read is taken, because losing the secret would be worse:", () => {
  it.each<[string, Step]>([
    ["labelled HTML", reply(201, createdText, { "content-type": "text/html" })],
    [
      "labelled with another version",
      reply(201, createdText, { "content-type": "application/vnd.atlas.2099-01-01+json" }),
    ],
    ["labelled with another charset", reply(201, createdText, { "content-type": "application/json; charset=utf-16" })],
    ["not labelled", rawBytes(`HTTP/1.1 201 Created\r\ncontent-length: ${createdText.length}\r\n\r\n${createdText}`)],
    ["labelled nonsense", reply(201, createdText, { "content-type": "\\;;=;" })],
    ["with a byte order mark", reply(201, `\ufeff${createdText}`)],
    [
      "without its last chunk",
      rawBytes(`HTTP/1.1 201 Created\r\ntransfer-encoding: chunked\r\n\r\nfff\r\n${createdText}`),
    ],
    ["in front of a Content-Length that is too long", truncated(201, createdText)],
    ["in a body that never ends", hangInBody(201, createdText)],
    ["with status 200", reply(200, secret)],
    ["with status 202, labelled text", reply(202, createdText, { "content-type": "text/plain" })],
    ["until the connection ends", rawBytes(`HTTP/1.1 201 Created\r\nconnection: close\r\n\r\n${createdText}`)],
  ])("%s", async (_name, step) => {
    const { atlas } = await scripted([step], { timeoutMs: 1_500 });
    expect(revealed(await atlas.createGroupServiceAccountSecret(creation))).toEqual(secret);
  });

  it("with members that nobody knows, an own __proto__ too", async () => {
    const text = `{"__proto__": {"polluted": 1}, "constructor": 2, ${createdText.slice(1)}`;
    const { atlas } = await scripted([reply(201, text)]);
    const result = await atlas.createGroupServiceAccountSecret(creation);
    expect(result).toMatchObject(secret);
    expect(result).not.toHaveProperty("polluted");
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  it("with an id that breaks the contract's pattern, which is told once", async () => {
    const odd = { ...secret, id: "an-id-of-another-form" };
    const { atlas } = await scripted([reply(201, odd), reply(201, odd)]);
    const warnings = await warningsDuring("ATLAS_RESPONSE_DEVIATION", async () => {
      for (const _call of [1, 2]) expect(revealed(await atlas.createGroupServiceAccountSecret(creation))).toEqual(odd);
    });
    expect(warnings).toEqual([
      "AtlasClientWarning: The response of createGroupServiceAccountSecret breaks the contract at /id: it must match ^([a-f0-9]{24})$.",
    ]);
  });

  it("with such an id and an onDeviation that throws", async () => {
    const odd = { ...secret, id: "an-id-of-another-form" };
    const events: DeviationEvent[] = [];
    const { atlas } = await scripted([reply(201, odd)], {
      onDeviation: (event) => {
        events.push(event);
        throw new Error("handler is broken");
      },
    });
    await warningsDuring("ATLAS_OBSERVER_THREW", async () => {
      expect(revealed(await atlas.createGroupServiceAccountSecret(creation))).toEqual(odd);
    });
    const broken = [{ pointer: "/id", pattern: "^([a-f0-9]{24})$" }];
    expect(events).toEqual([{ operationId: "createGroupServiceAccountSecret", broken }]);
  });

  it("but not with an id of another form and another fault", async () => {
    const { atlas } = await scripted([reply(201, { ...secret, id: secretValue, createdAt: 5 })]);
    const error = await errorOf(atlas.createGroupServiceAccountSecret(creation), AtlasResponseError);
    expect(error.message).toContain("the body contradicts the contract: /createdAt must be string.");
    expect(error.id).toBeUndefined();
  });

  it("without its optional members", async () => {
    const { id, createdAt, expiresAt } = secret;
    const { atlas } = await scripted([reply(201, { id, createdAt, expiresAt })]);
    expect(revealed(await atlas.createGroupServiceAccountSecret(creation))).toEqual({ id, createdAt, expiresAt });
  });

  it("with null for what may be left out, which is then left out unless the contract has null there", async () => {
    const { id, createdAt, expiresAt } = secret;
    const nulls = { lastUsedAt: null, maskedSecretValue: null, secret: null };
    const { atlas } = await scripted([reply(201, { ...secret, ...nulls })]);
    expect(revealed(await atlas.createGroupServiceAccountSecret(creation))).toEqual({
      id,
      createdAt,
      expiresAt,
      lastUsedAt: null,
    });
  });

  it("with null for what may be left out, and without the envelope that was asked for", async () => {
    const { atlas } = await scripted([reply(200, { ...secret, maskedSecretValue: null })]);
    expect(revealed(await atlas.createGroupServiceAccountSecret({ ...creation, envelope: true }))).toEqual({
      ...secret,
      maskedSecretValue: undefined,
    });
  });

  it("a delete's 204, whatever stands in its headers", async () => {
    const { atlas } = await scripted([
      rawBytes("HTTP/1.1 204 No Content\r\ncontent-type: text/html\r\ncontent-length: 0\r\n\r\n"),
    ]);
    expect(await atlas.deleteOrgServiceAccountSecret(deletion)).toBeUndefined();
  });
});

describe("the value of a new secret that has another form", () => {
  it.each([
    ["a contradiction elsewhere", `{"id": "x", "secret": "not-a-real-secret_0123456789"}`],
    ["no JSON behind it", `{"secret" :\n"not-a-real-secret_0123456789", oops`],
    ["a quote in it", `{"secret": "\\"not-a-real-secret_0123456789", oops`],
    ["no end", `{"secret": "not-a-real-secret_0123456789`],
    ["JSON in a text", JSON.stringify(JSON.stringify({ id: "x", secret: "not-a-real-secret_0123456789" }))],
    ["XML", "<id>x</id><secret>not-a-real-secret_0123456789</secret>"],
    ["a form", "id=x&secret=not-a-real-secret_0123456789"],
    ["YAML", "id: x\nsecret: not-a-real-secret_0123456789\n"],
    ["HTML", "{&quot;secret&quot;:&quot;not-a-real-secret_0123456789&quot;}"],
    ["a member of its own", `{"secret": {"value": "not-a-real-secret_0123456789"}`],
  ])("is not shown: %s", async (_name, text) => {
    const { atlas } = await scripted([reply(201, text)]);
    const error = await errorOf(atlas.createGroupServiceAccountSecret(creation), AtlasResponseError);
    expect(error.message).toContain("secret");
    expectHarmless(error);
  });
});

describe("responses that are not valid HTTP", () => {
  it.each([
    ["no HTTP", "SSH-2.0-OpenSSH\r\n"],
    ["HTTP of another kind", "HTTP/9.9 201 Created\r\n\r\n"],
    ["a status that is no number", "HTTP/1.1 abc Created\r\n\r\n"],
    ["a header that is none", `HTTP/1.1 201 Created\r\n${secretValue}\r\n\r\n`],
    ["two lengths", "HTTP/1.1 201 Created\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab"],
    ["101, which nobody asked for", "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n"],
    ["100, which nobody asked for", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\n\r\n"],
    ["headers without an end", `HTTP/1.1 201 Created\r\nx-long: ${"x".repeat(100_000)}\r\n\r\n`],
  ])("%s: an AtlasNetworkError of unknown outcome, one POST", async (_name, bytes) => {
    const { server, atlas } = await scripted([rawBytes(bytes)], { timeoutMs: 1_500 });
    const error = await errorOf(atlas.createGroupServiceAccountSecret(creation), AtlasNetworkError);
    expect(error).toMatchObject({ outcome: "unknown", connected: true });
    expectHarmless(error);
    expect(server.count("POST")).toBe(1);
  });

  it("103 before the response is passed over", async () => {
    const early = "HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n";
    const { atlas } = await scripted([
      rawBytes(`${early}HTTP/1.1 201 Created\r\ncontent-length: ${createdText.length}\r\n\r\n${createdText}`),
    ]);
    expect(revealed(await atlas.createGroupServiceAccountSecret(creation))).toEqual(secret);
  });

  it.each([300, 301, 302, 303, 304, 305, 307, 308])(
    "%d is not followed: the other server sees nothing",
    async (status) => {
      const other = await scripted(() => reply(201, secret));
      const { server, atlas } = await scripted([
        reply(status, undefined, { location: `${other.server.url}/elsewhere` }),
      ]);
      const reason = await rejection(atlas.createGroupServiceAccountSecret(creation));
      expect(reason).toBeInstanceOf(AtlasApiError);
      expect(reason).toMatchObject({ status, outcome: "unknown" });
      expect(String(reason)).toContain(
        `${status}. Redirects are not followed, and this one leads to ${other.server.url}/…: check the baseUrl of the client. `,
      );
      expect([server.requests.length, other.server.requests.length]).toEqual([1, 0]);
    },
  );

  it.each([600, 799, 999])("%d is an AtlasApiError of unknown outcome", async (status) => {
    const { atlas } = await scripted([reply(status, "?")]);
    const error = await errorOf(atlas.createGroupServiceAccountSecret(creation), AtlasError);
    expect(error).toMatchObject({ code: "ERR_ATLAS_API", status, outcome: "unknown" });
  });
});
