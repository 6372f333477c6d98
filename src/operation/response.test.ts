/**
 * What a response proves, what it tells although it cannot be used, and successes that the contract describes as other than
 * JSON: a log as gzip, a report as CSV.
 */
import { gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, it, onTestFinished } from "vitest";
import { type OperationDescription, operations } from "../../generated/operations.js";
import { AtlasApiError, AtlasResponseError } from "../errors.js";
import { redactByForm } from "../safe/redaction.js";
import { creation, deletion, errorOf } from "../testing/scripted-client.js";
import {
  atlasError,
  hangInBody,
  reply,
  type Step,
  startScriptedServer,
  truncated,
} from "../testing/scripted-server.js";
import { attempt } from "../transport/attempt.js";
import { type TransportResponse, unwrapEnvelope } from "../transport/pipeline.js";
import { operationRequest } from "./request.js";
import { idIn, outcomeOfSuccess, readResponse } from "./response.js";

const operation = operations.createGroupServiceAccountSecret;
const ID = "5f0c1a2b3c4d5e6f70819203";
const OTHER = "0123456789abcdef01234567";
const response = (more: Partial<TransportResponse>, type?: string): TransportResponse => ({
  status: 200,
  headers: new Headers(type === undefined ? {} : { "content-type": type }),
  text: "",
  ...more,
});

describe("a success that cannot be used", () => {
  it.each<[string, Partial<TransportResponse>, string | undefined]>([
    ["of the contract's status", { status: 201 }, undefined],
    ["of the contract's media type", {}, "application/vnd.atlas.2024-08-05+json; charset=utf-8"],
    ["of the contract's media type in capitals", {}, " APPLICATION/VND.ATLAS.2024-08-05+JSON ;charset=utf-8"],
    ["in JSON", { text: "{}" }, "text/plain"],
    ["in JSON without a type", { text: "[]" }, undefined],
    ["in JSON that says that there is no error", { text: '{"status":200,"error":null}' }, undefined],
    ["in JSON that is cut short", { text: ' {"id":' }, "application/problem+json"],
    ["in a list that is cut short", { text: "[1," }, "application/json"],
    ["with a status that is no number", { text: '{"status":{"toString":404}}' }, "application/json"],
  ])("%s is Atlas's", (_what, more, type) => {
    expect(outcomeOfSuccess(response(more, type), operation)).toBe("applied");
  });

  it.each<[string, Partial<TransportResponse>, string | undefined]>([
    ["without a body", {}, undefined],
    ["that is a page", { text: "<html>" }, "text/html"],
    ["that is a page of a wrong type", { text: "<html>" }, "application/json"],
    ["that is a page with JSON in it", { text: "<script>{}" }, "application/json"],
    ["that is text", { text: '"text"' }, "application/json"],
    ["in JSON that is cut short, of another type", { text: '{"id":' }, "application/jsonl"],
    ["in JSON that is cut short, without a type", { text: '{"id":' }, undefined],
    ["that is Atlas's error", { text: '{"error":403,"errorCode":"FORBIDDEN"}' }, "application/json"],
    ["that is an error of the contract's type", { text: '{"errorCode":"X"}' }, "application/vnd.atlas.2024-08-05+json"],
    ["that is an API gateway's error", { text: '{"error":"unauthorized"}' }, "application/json"],
    ["that is an envelope around an error", { text: '{"status":404,"content":{}}' }, "application/json"],
    ["in an envelope that cannot be opened", { status: 201, text: "{}", unopened: true }, undefined],
  ])("%s need not be Atlas's", (_what, more, type) => {
    expect(outcomeOfSuccess(response(more, type), operation)).toBe("unknown");
  });

  it("is Atlas's if the contract lists any success", () => {
    expect(outcomeOfSuccess(response({ status: 226 }), { ...operation, successStatuses: ["2XX"] })).toBe("applied");
  });
});

describe("the id of what was created", () => {
  it.each<[string, string]>([
    ["in JSON", `{"id":"${ID}"}`],
    ["in an envelope", `{"content":{"id":"${ID}"}}`],
    ["in an envelope of the other name", `{"envelope":{"id":"${ID}"}}`],
    ["in JSON that is cut short", ` {"id":"${ID}","secret":"mdb`],
    ["with white space", `{ "id" : \t"${ID}",`],
    ["in an envelope that is cut short", `{"status":201,"content" : \n {"id":"${ID}",`],
    ["in the other envelope that is cut short", `{"envelope":{"id":"${ID}",`],
    ["behind an object that has one too", `{"of":{"id":"${OTHER}"},"id":"${ID}",`],
    ["behind a list of them", `{"of":[{"id":"${OTHER}"}],"id":"${ID}",`],
    ["behind text that looks like one", `{"a":"\\"id\\":{","id":"${ID}",`],
    ["behind an id of another form", `{"id":5,"id":"${ID}",`],
  ])("is found %s", (_where, text) => {
    expect(idIn(text)).toBe(ID);
  });

  it.each<[string, string]>([
    ["of another form", '{"id":"mdb_sa_sk_planted"}'],
    ["that is longer", `{"id":"${ID}0"}`],
    ["that has more before", `{"id":"0${ID}"}`],
    ["that is no text", '{"id":5}'],
    ["of an object inside of one that is cut short", `{"of":{"id":"${OTHER}",`],
    ["of an envelope inside of something else", `{"of":{"content":{"id":"${OTHER}"}}}`],
    ["of an object inside of a list", `{"of":[{"id":"${OTHER}"}`],
    ["in a list that is cut short", `[{"id":"${OTHER}"}`],
    ["in text that is no object", `the {"id":"${OTHER}",`],
    ["cut short itself", `{"id":"${ID.slice(1)}`],
    ["of another form, cut short behind it", '{"id":"mdb_sa_sk_planted",'],
    ["inside of a text that does not end", `{"a":"\\"id\\":\\"${OTHER}\\",`],
  ])("is none %s", (_what, text) => {
    expect(idIn(text)).toBeUndefined();
  });
});

it("is looked for once, however many quotes are escaped in a text that breaks off", () => {
  const quotes = String.raw`\"`.repeat(100_000);
  expect(idIn(`{"id":"${ID}","a":"${quotes}`)).toBe(ID);
  expect(idIn(`{"a":"${quotes}`)).toBeUndefined();
  expect(idIn(`{"a":"${quotes}\\`)).toBeUndefined();
});

describe("an error", () => {
  const errorFrom = (more: Partial<TransportResponse>, type?: string, mayHaveBeenApplied = false) =>
    errorOf(
      (async () =>
        readResponse(response(more, type), {
          operation,
          operationId: "createGroupServiceAccountSecret",
          args: creation,
          request: { headers: {}, retry: false, account: { mayHaveBeenApplied } },
          signedInAs: undefined,
          redact: redactByForm,
          onDeviation: () => expect.fail("a deviation"),
        }))(),
      AtlasApiError,
    );

  it("with nothing but its detail is not quoted besides", async () => {
    const { message } = await errorFrom({ status: 400, text: '{"detail":"Too long."}' });
    expect(message).toMatch(/secrets: 400\. Too long\. Nothing was changed\.$/);
  });

  it("says how long to wait, in seconds, if Atlas does", async () => {
    const headers = new Headers({ "retry-after": "5" });
    expect((await errorFrom({ status: 429, headers })).retryAfterSeconds).toBe(5);
    expect((await errorFrom({ status: 429 })).retryAfterSeconds).toBeUndefined();
  });

  it("without a body is explained, whatever type it says that it has", async () => {
    expect((await errorFrom({ status: 403 }, "text/html")).message).toContain(
      "The client needs the role Project Owner.",
    );
    const { message } = await errorFrom({ status: 403, text: "<p>" }, " TEXT/HTML ; charset=utf-8".trim());
    expect(message).toContain("This does not look like a response of Atlas");
  });

  it("of 4xx did nothing, unless an earlier attempt may have done it", async () => {
    expect((await errorFrom({ status: 400 })).outcome).toBe("not-applied");
    expect((await errorFrom({ status: 400 }, undefined, true)).outcome).toBe("unknown");
    expect((await errorFrom({ status: 404 }, undefined, true)).outcome).toBe("unknown");
    expect((await errorFrom({ status: 500 })).outcome).toBe("unknown");
  });
});

const TYPE = "application/vnd.atlas.2023-02-01+gzip";
/** An operation that the project's contract does not have. */
const download: OperationDescription = {
  ...operations.deleteOrgServiceAccountSecret,
  method: "GET",
  responseMediaTypes: [TYPE],
  successStatuses: [200, 202],
  bytesStatuses: [200],
};

async function downloaded(step: Step, operation = download, args: object = {}): Promise<unknown> {
  const server = await startScriptedServer([step]);
  onTestFinished(() => server.close());
  const request = operationRequest(operation, { ...deletion, ...args }, {}, { baseUrl: server.url, userAgent: "test" });
  const send = unwrapEnvelope(attempt({ fetch, timeoutMs: 2_000, redact: redactByForm }));
  return readResponse(await send(request), {
    operation,
    operationId: "deleteOrgServiceAccountSecret",
    args: {},
    request,
    signedInAs: undefined,
    redact: redactByForm,
    onDeviation: () => expect.fail("a deviation"),
  });
}

/** Larger than any JSON that is read, and no UTF-8. */
const log = Buffer.alloc(5_000_000, "a line of a log\n");
const file = gzipSync(log, { level: 0 });

describe("a file", () => {
  it("is a Blob of its bytes and its type, whatever its size", async () => {
    const blob = await downloaded(reply(200, file, { "content-type": TYPE }));
    if (!(blob instanceof Blob)) expect.fail("no Blob");
    expect(blob.type).toBe(TYPE);
    expect(gunzipSync(Buffer.from(await blob.arrayBuffer())).equals(log)).toBe(true);
  });

  it("is empty if nothing came", async () => {
    const blob = await downloaded(reply(200, ""));
    expect(blob instanceof Blob && blob.size).toBe(0);
  });

  it("in an envelope is the text in it", async () => {
    const step = reply(200, { status: 200, content: "a,b" });
    const blob = await downloaded(step, download, { envelope: true });
    expect(blob instanceof Blob && (await blob.text())).toBe('"a,b"');
  });

  it("of any success status is what `2XX` says", async () => {
    const any = { ...download, successStatuses: ["2XX"], bytesStatuses: ["2XX"] } as const;
    const blob = await downloaded(reply(203, "a,b"), any);
    expect(blob instanceof Blob && (await blob.text())).toBe("a,b");
  });

  it("is none for another success of the operation", async () => {
    expect(await downloaded(reply(202, "later"))).toBeUndefined();
  });

  it.each([
    ["cut short", truncated(200, "half a fi")],
    ["without an end", hangInBody(200, "half a fi")],
  ])("%s is no file", async (_what, step) => {
    const error = await errorOf(downloaded(step), AtlasResponseError);
    expect(error).toMatchObject({ status: 200, outcome: "applied" });
    expect(error.message).toContain("status 200, but the body could not be read to its end.");
  });
});

it("an error instead of a file is an error", async () => {
  const error = await errorOf(downloaded(atlasError(404, "LOG_NOT_FOUND")), AtlasApiError);
  expect(error).toMatchObject({ status: 404, errorCode: "LOG_NOT_FOUND" });
});
