/**
 * The contract as tests: a success whose body breaks one constraint of the contract is no success for the client. The
 * response comes from the test, since no server that keeps the contract would give it.
 */
import { expect, test } from "vitest";
import { AtlasResponseError } from "../../src/index.js";
import { readContract, successesOf } from "../contract/operations.js";
import { touches } from "../ledger/ledger.js";
import { call } from "./calling.js";
import { casesOf } from "./cases.js";

const { brokenResponses, callable } = casesOf(await readContract());
const neverReached = "http://127.0.0.1:1";

for (const { fact, operation, args, response, mediaType, body } of brokenResponses) {
  test(fact, async ({ task }) => {
    const { operationId } = operation;
    const status = Number(response.status);
    const fetch = async (): Promise<Response> =>
      new Response(JSON.stringify(body), { status, headers: { "content-type": mediaType } });
    const { error } = await call(neverReached, operationId, args, { client: { fetch } });
    expect(error).toBeInstanceOf(AtlasResponseError);
    expect(error).toMatchObject({ code: "ERR_ATLAS_RESPONSE", outcome: "applied", status, operationId });
    touches(task, fact);
  });
}

for (const { operation, args } of callable) {
  const { operationId } = operation;
  for (const response of successesOf(operation)) {
    if (response.mediaTypes[0]?.schema === undefined) continue;
    test(`${operationId} ${response.status} with a body that is not JSON`, async () => {
      const status = Number(response.status);
      const fetch = async (): Promise<Response> => new Response("<html>", { status });
      const { error } = await call(neverReached, operationId, args, { client: { fetch } });
      expect(error).toBeInstanceOf(AtlasResponseError);
      expect(error).toMatchObject({ code: "ERR_ATLAS_RESPONSE", outcome: "applied", status, operationId });
    });
  }
}
