/**
 * Hostile error responses: the HTTP status decides, the body is shown in part and never with a secret.
 */
import { describe, expect, it } from "vitest";
import { AtlasApiError } from "../index.js";
import { creation, errorOf, expectHarmless, scripted, secret, secretValue } from "../testing/scripted-client.js";
import { reply } from "../testing/scripted-server.js";

const createdText = JSON.stringify(secret);
const utf16 = (text: string) => Buffer.from(text, "utf16le");

describe("an error is an AtlasApiError by its HTTP status, whatever its body:", () => {
  it.each<[string, string | Buffer, string]>([
    ["empty", "", "409. Nothing was changed."],
    [
      "HTML",
      `<html>\n<h1>Conflict</h1>${secretValue}`,
      "409. The response begins: <html> <h1>Conflict</h1>mdb_sa_sk_…. Nothing was changed.",
    ],
    ["cut JSON", '{"error": 409, "errorC', '409. The response begins: {"error": 409, "errorC'],
    ["null", "null", "409. The response begins: null"],
    ["an array", '["CONFLICT"]', '409. The response begins: ["CONFLICT"]'],
    [
      "members of the wrong type",
      '{"errorCode": 5, "detail": ["x"], "reason": {}, "parameters": "p", "badRequestDetail": []}',
      "409. The response begins: {",
    ],
    ["only a reason", '{"reason": "Conflict"}', '409 Conflict. The response begins: {"reason": "Conflict"}'],
    ["another status", '{"error": 201, "errorCode": "CREATED"}', "409 CREATED. Nothing was changed."],
    ["a created secret", createdText, "409. The response begins: {"],
    ["bytes of no charset", Buffer.from([0xff, 0xfe, 0x41]), "409. The response begins: ��A"],
    ["nested deeply", `${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}`, '409. The response begins: {"a":{"a":'],
  ])("%s", async (_name, body, message) => {
    const { atlas } = await scripted([reply(409, body)]);
    const error = await errorOf(atlas.createGroupServiceAccountSecret(creation), AtlasApiError);
    expect(error).toMatchObject({
      status: 409,
      outcome: "not-applied",
      operationId: "createGroupServiceAccountSecret",
    });
    expect(error.message).toContain(message);
    expectHarmless(error);
  });

  it("with all its members", async () => {
    const body = {
      error: 400,
      errorCode: "VALIDATION_ERROR",
      detail: "Two fields are wrong.",
      reason: "Bad Request",
      parameters: ["a", 1, null, { deep: [true] }],
      badRequestDetail: {
        fields: [
          { field: "a", description: "is wrong" },
          { field: "b", description: "too" },
        ],
      },
    };
    const { atlas } = await scripted([reply(400, body)]);
    const error = await errorOf(atlas.createGroupServiceAccountSecret(creation), AtlasApiError);
    const { error: status, ...members } = body;
    expect(error).toMatchObject({ status, ...members });
    expect(error.message).toContain(
      "400 VALIDATION_ERROR. Two fields are wrong. a: is wrong; b: too. Nothing was changed.",
    );
  });

  it("with members too long for a message, which have their own place", async () => {
    const long = `${"x ".repeat(5000)}end`;
    const fields = Array.from({ length: 300 }, (_, index) => ({
      field: `field${index}`,
      description: long.slice(0, 90),
    }));
    const body = { error: 400, errorCode: "E".repeat(2000), detail: long, badRequestDetail: { fields } };
    const { atlas } = await scripted([reply(400, body)]);
    const error = await errorOf(atlas.createGroupServiceAccountSecret(creation), AtlasApiError);
    expect(error.message.length).toBeLessThan(2000);
    expect(error.message).toContain("Nothing was changed.");
    expect([error.detail, error.badRequestDetail?.fields?.length]).toEqual([long, 300]);
  });

  it("on one line, without commands to a terminal", async () => {
    const body = { error: 400, errorCode: "A\nB", detail: "\u001b[2Jline\r\nline\u0007", reason: "x" };
    const { atlas } = await scripted([reply(400, body)]);
    const error = await errorOf(atlas.createGroupServiceAccountSecret(creation), AtlasApiError);
    expect(error.message).not.toMatch(/\p{Cc}/u);
  });

  it.each<[string, string]>([
    [
      "in every member",
      JSON.stringify({
        error: 400,
        errorCode: secretValue,
        detail: secretValue,
        reason: secretValue,
        parameters: [secretValue, { [secretValue]: [secretValue] }],
        badRequestDetail: { fields: [{ field: secretValue, description: secretValue }], [secretValue]: 1 },
      }),
    ],
    [
      "written with JSON's escapes",
      `{"error": 400, "errorCode": "X", "detail": "mdb\\u005fsa_sk\\u005f${secretValue.slice(10)}", "parameters": ["mdb\\u005Fsa_sk_${secretValue.slice(10)}"]}`,
    ],
    ["written with escapes in what is no JSON", `mdb\\u005fsa\\u005fsk\\u005f${secretValue.slice(10)}`],
    ["percent-encoded", `secret=mdb%5Fsa%5fsk%5F${secretValue.slice(10)}`],
    ["in UTF-16", utf16(`{"detail": "${secretValue}"}`).toString("latin1")],
    ["behind the cut of the excerpt", `${"x".repeat(180)}${secretValue}`],
  ])("never with a secret: %s", async (_name, body) => {
    const { atlas } = await scripted([reply(400, body)]);
    expectHarmless(await errorOf(atlas.createGroupServiceAccountSecret(creation), AtlasApiError));
  });

  it("with its detail whole, though it speaks like a credential", async () => {
    const body = { error: 400, errorCode: "BAD", detail: "Not known: response=abc" };
    const { atlas } = await scripted([reply(400, body)]);
    const error = await errorOf(atlas.createGroupServiceAccountSecret(creation), AtlasApiError);
    expect(error).toMatchObject({ errorCode: "BAD", detail: "Not known: response=…" });
  });
});
