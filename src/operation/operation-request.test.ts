/**
 * What a call sends, of operations that the contract has and of one that it has not.
 */
import { describe, expect, it } from "vitest";
import { type OperationDescription, operations } from "../../generated/operations.js";
import { AtlasRequestError } from "../errors.js";
import { creation, deletion, errorOf } from "../testing/scripted-client.js";
import { operationRequest } from "./operation-request.js";

const settings = { baseUrl: "https://cloud.mongodb.com", userAgent: "test/1", apiVersion: undefined };
const { createGroupServiceAccountSecret: create, deleteOrgServiceAccountSecret: remove } = operations;

/** What the request is refused with. */
const refusal = (request: () => unknown) => errorOf((async () => request())(), AtlasRequestError);

describe("the request of a creation", () => {
  it("has its arguments in path and body, and the contract's first media types", () => {
    expect(operationRequest(create, { ...creation }, {}, settings)).toEqual({
      operation: create,
      url: `https://cloud.mongodb.com/api/atlas/v2/groups/${creation.groupId}/serviceAccounts/${creation.clientId}/secrets`,
      headers: {
        "user-agent": "test/1",
        accept: "application/vnd.atlas.2024-08-05+json",
        "content-type": "application/json",
      },
      body: '{"secretExpiresAfterHours":8}',
      signal: undefined,
      enveloped: false,
    });
  });

  it("has its query where it asks for one, and knows that an envelope will come", () => {
    const { url, enveloped } = operationRequest(create, { ...creation, envelope: true, pretty: false }, {}, settings);
    expect([new URL(url).search, enveloped]).toEqual(["?envelope=true&pretty=false", true]);
  });

  it("has the caller's headers in place of the contract's, whatever their case", () => {
    const headers = { ACCEPT: "text/plain", "Content-Type": "text/json", "User-Agent": "mine", "X-Id": "5" };
    expect(operationRequest(create, { ...creation }, { headers }, settings).headers).toEqual({
      accept: "text/plain",
      "content-type": "text/json",
      "user-agent": "mine",
      "x-id": "5",
    });
  });

  it("has the caller's signal", () => {
    const { signal } = new AbortController();
    expect(operationRequest(create, { ...creation }, { signal }, settings).signal).toBe(signal);
  });
});

describe("the request of a deletion", () => {
  it("has neither a body nor a type of one", () => {
    const { body, headers, enveloped } = operationRequest(remove, { ...deletion }, {}, settings);
    expect([body, enveloped]).toEqual([undefined, false]);
    expect(headers).toEqual({ "user-agent": "test/1", accept: "application/vnd.atlas.2025-03-12+json" });
  });

  it("asks for the version that the client was made for", () => {
    const { headers } = operationRequest(remove, { ...deletion }, {}, { ...settings, apiVersion: "2024-08-05" });
    expect(headers["accept"]).toBe("application/vnd.atlas.2024-08-05+json");
  });

  it("takes nothing from what the arguments inherit", () => {
    const args: Record<string, unknown> = Object.assign(Object.create({ pretty: true }), deletion);
    expect(operationRequest(remove, args, {}, settings).url).toMatch(/\/secrets\/[a-f0-9]{24}$/);
  });

  it("is refused where an id would lead to another resource", async () => {
    const error = await refusal(() => operationRequest(remove, { ...deletion, secretId: ".." }, {}, settings));
    expect(error).toMatchObject({ operationId: "deleteOrgServiceAccountSecret", outcome: "not-applied" });
    expect(String(error)).toContain("The arguments lead to no resource of the contract. Nothing was changed.");
  });
});

describe("header parameters", () => {
  const traced: OperationDescription = {
    ...remove,
    parameters: [
      ...remove.parameters,
      { name: "X-Trace-Id", in: "header", required: false },
      { name: "X-Flags", in: "header", required: false },
    ],
  };
  const headersOf = (parameters: Readonly<Record<string, unknown>>) =>
    operationRequest(traced, { ...deletion, ...parameters }, { headers: { "x-trace-id": "mine" } }, settings).headers;

  it("go into headers, a list one after the other, before what the caller says beside the arguments", () => {
    expect(headersOf({ "X-Trace-Id": 12, "X-Flags": ["a", "b"] })).toMatchObject({
      "x-trace-id": "12",
      "x-flags": "a, b",
    });
  });

  it("are left out where they are null or not given", () => {
    expect(headersOf({ "X-Flags": null })).toEqual({
      "user-agent": "test/1",
      accept: "application/vnd.atlas.2025-03-12+json",
      "x-trace-id": "mine",
    });
  });

  it.each(["a\r\nb: c", "木", "\0"])("are refused where no header can carry them: %j", async (value) => {
    const error = await refusal(() => headersOf({ "X-Trace-Id": value }));
    expect(error).toMatchObject({
      operationId: "deleteOrgServiceAccountSecret",
      violations: [
        { argument: "X-Trace-Id", expected: "text that a header can carry", received: "text that it cannot" },
      ],
    });
    expect(String(error)).not.toContain(value);
  });
});
