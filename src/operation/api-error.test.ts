/**
 * An error of Atlas: by its HTTP status, with what its body says as far as it can be read, and what its reader can do next.
 */
import { describe, expect, it, onTestFinished } from "vitest";
import { operations } from "../../generated/operations.js";
import { AtlasApiError, type AtlasClientOptions, createAtlasClient } from "../index.js";
import { redactByForm } from "../safe/redaction.js";
import { ADMIN, type AtlasOptions, startAtlas } from "../testing/atlas/start-atlas.js";
import {
  creation,
  deletion,
  errorOf,
  expectHarmless,
  scripted,
  secret,
  secretValue,
} from "../testing/scripted-client.js";
import { reply } from "../testing/scripted-server.js";
import { type ApiErrorContext, errorBody, errorHint } from "./api-error.js";

const body = {
  errorCode: "REFUSED",
  detail: "It is refused.",
  reason: "Bad Request",
  parameters: ["a", 5, null],
  badRequestDetail: { fields: [{ field: "a", description: "It is wrong." }] },
};

describe("an error's body", () => {
  it("keeps what an ApiError has, and nothing else", () => {
    expect(errorBody({ ...body, error: 400, other: true }, redactByForm)).toStrictEqual(body);
    expect(errorBody({ badRequestDetail: {} }, redactByForm)).toStrictEqual({ badRequestDetail: {} });
  });

  it.each<[string, unknown]>([
    ["errorCode", 5],
    ["detail", { text: "It is refused." }],
    ["reason", null],
    ["parameters", { 0: "a" }],
    ["badRequestDetail", "text"],
    ["badRequestDetail", null],
    ["badRequestDetail", { fields: "a" }],
    ["badRequestDetail", { fields: [...body.badRequestDetail.fields, null] }],
    ["badRequestDetail", { fields: [{ field: "a" }] }],
    ["badRequestDetail", { fields: [{ description: "It is wrong." }] }],
  ])("leaves out a member of another type: %s %j", (name, value) => {
    expect(errorBody({ [name]: value }, redactByForm)).toStrictEqual({});
  });

  it.each([undefined, null, "text", 5, [body]])("is nothing if it is no object: %j", (value) => {
    expect(errorBody(value, redactByForm)).toStrictEqual({});
  });

  it("shows no credential, in a name or in a value, however deep", () => {
    const parameters = [{ mdb_sa_sk_planted: ["mdb_sa_sk_planted"] }];
    expect(errorBody({ parameters }, redactByForm)).toEqual({ parameters: [{ "mdb_sa_sk_…": ["mdb_sa_sk_…"] }] });
  });

  it.each<[string, (inner: unknown) => unknown]>([
    ["arrays", (inner) => [inner]],
    ["objects", (inner) => ({ inner })],
  ])("ends at the sixteenth of %s in each other", (_what, around) => {
    let given: unknown = "deepest";
    for (let depth = 0; depth < 14; depth += 1) given = around(given);
    expect(errorBody({ parameters: [given] }, redactByForm)).toEqual({ parameters: [given] });
    const cut = JSON.parse(JSON.stringify(given).replace('"deepest"', '"…"'));
    const deeper = JSON.parse(JSON.stringify(given).replace('"deepest"', JSON.stringify(around(5))));
    expect(errorBody({ parameters: [deeper] }, redactByForm)).toEqual({ parameters: [cut] });
  });
});

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
    ["no fields", '{"errorCode": "CONFLICT", "badRequestDetail": {}}', "409 CONFLICT. Nothing was changed."],
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

describe("an error says what to do next", () => {
  /** The error of a call that brings this status. */
  async function errorFor(
    status: number,
    operation: "create" | "delete",
    credentials: AtlasClientOptions["credentials"] = ADMIN,
    options: AtlasOptions = {},
  ): Promise<AtlasApiError> {
    const body = { error: status, errorCode: "REFUSED" };
    const faults: AtlasOptions["faults"] = ({ kind }) =>
      kind === "token" ? undefined : { applied: false, ends: { status, body } };
    const server = await startAtlas({ faults, ...options });
    onTestFinished(() => server.close());
    const atlas = createAtlasClient({ credentials, baseUrl: server.url, retry: false });
    const call =
      operation === "create"
        ? atlas.createGroupServiceAccountSecret(creation)
        : atlas.deleteOrgServiceAccountSecret(deletion);
    return errorOf(call, AtlasApiError);
  }

  const { groupId } = creation;
  const { orgId, clientId, secretId } = deletion;

  it.each([
    [401, "create", `The client signs in as ${ADMIN.clientId}: check its secret.`],
    [403, "create", `The client signs in as ${ADMIN.clientId}, which needs the role Project Owner.`],
    [403, "delete", `The client signs in as ${ADMIN.clientId}, which needs the role Organization Owner.`],
    [404, "create", `Check that these exist and belong together: groupId ${groupId}, clientId ${clientId}.`],
    [
      404,
      "delete",
      `Check that these exist and belong together: orgId ${orgId}, clientId ${clientId}, secretId ${secretId}.`,
    ],
    [400, "create", ""],
    [418, "create", ""],
  ] as const)("%i to %s", async (status, operation, hint) => {
    const { message } = await errorFor(status, operation);
    expect(message).toMatch(
      new RegExp(`: ${status} REFUSED\\. ${hint === "" ? "" : `${hint} `}Nothing was changed\\.$`),
    );
  });

  it.each([401, 403, 404])("%i in a page is not explained as if Atlas had sent it", async (status) => {
    const page = { status, headers: { "content-type": "text/html; charset=utf-8" }, body: "<h1>Blocked</h1>" };
    const { message } = await errorFor(
      status,
      "create",
      { accessToken: "fake-token" },
      {
        accessTokens: ["fake-token"],
        faults: () => ({ applied: false, ends: page }),
      },
    );
    expect(message).toContain(
      "The response begins: <h1>Blocked</h1>. This does not look like a response of Atlas; a proxy or a firewall may have sent it. Nothing was changed.",
    );
  });

  it.each([
    [401, "Check the credentials of the client."],
    [403, "The client needs the role Project Owner."],
  ] as const)("%i to a client that is no service account names none", async (status, hint) => {
    const { message } = await errorFor(status, "create", { accessToken: "fake-token" });
    expect(message).toContain(`${status} REFUSED. ${hint} Nothing was changed.`);
  });

  const operation = operations.createGroupServiceAccountSecret;
  const account = { mayHaveBeenApplied: false };
  const hint = (status: number, context: Partial<ApiErrorContext>, waitMs?: number) =>
    errorHint(status, waitMs, {
      operation,
      args: creation,
      request: { headers: {}, retry: false, account },
      signedInAs: undefined,
      redact: redactByForm,
      ...context,
    });

  it.each([
    ["application/vnd.atlas.2020-01-01+json", "version 2020-01-01"],
    ["text/plain mdb_sa_sk_planted", "version text/plain mdb_sa_sk_…"],
    [undefined, "no version"],
  ])("406 and 410 to a call that accepts %s name the versions that there are", (accept, asked) => {
    const headers: Record<string, string> = accept === undefined ? {} : { accept };
    const versions = "the contract has 2024-08-05, 2025-03-12 for this operation.";
    for (const status of [406, 410]) {
      expect(hint(status, { request: { headers, retry: false, account } })).toBe(
        `The call asked for ${asked}; ${versions}`,
      );
    }
    const unversioned = { ...operation, requestMediaTypes: [], responseMediaTypes: ["application/json"] };
    expect(hint(406, { operation: unversioned, request: { headers, retry: false, account } })).toBe(
      `The call asked for ${asked}; the contract has none for this operation.`,
    );
  });

  it.each([
    [1500, { maxAttempts: 4, maxDelayMs: 1000 }, "Atlas asks to wait 2 s, longer than retry.maxDelayMs allows (1 s)."],
    [1000, { maxAttempts: 4, maxDelayMs: 1000 }, "Atlas asks to wait 1 s."],
    [1000, false, "Atlas asks to wait 1 s."],
  ] as const)("429 with a wait of %i ms names it, and the limit that it is above: %j", (waitMs, retry, expected) => {
    expect(hint(429, { request: { headers: {}, retry, account } }, waitMs)).toBe(expected);
  });

  it("403 names every role that would do, and says nothing if the contract names none", () => {
    const { requiredRoles: _, ...other } = operation;
    expect(hint(403, { operation: other })).toBeUndefined();
    const roles = { ...operation, requiredRoles: ["Project Owner", "Organization Owner"] };
    expect(hint(403, { operation: roles })).toBe("The client needs the role Project Owner or Organization Owner.");
  });
});
