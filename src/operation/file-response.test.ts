/**
 * Successes that the contract describes as other than JSON: a log as gzip, a report as CSV.
 */
import { gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, it, onTestFinished } from "vitest";
import { type OperationDescription, operations } from "../../generated/operations.js";
import { AtlasApiError, AtlasResponseError } from "../index.js";
import { redactByForm } from "../safe/redaction.js";
import { deletion, errorOf } from "../testing/scripted-client.js";
import {
  atlasError,
  hangInBody,
  reply,
  type Step,
  startScriptedServer,
  truncated,
} from "../testing/scripted-server.js";
import { attempt } from "../transport/attempt.js";
import { unwrapEnvelope } from "../transport/read-body.js";
import { operationRequest } from "./request.js";
import { readResponse } from "./response.js";

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
