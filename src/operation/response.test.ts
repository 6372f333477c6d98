/**
 * What a response proves, and what it tells although it cannot be used.
 */
import { describe, expect, it } from "vitest";
import { operations } from "../../generated/operations.js";
import { AtlasApiError } from "../errors.js";
import { redactByForm } from "../safe/redaction.js";
import { creation, errorOf } from "../testing/scripted-client.js";
import type { TransportResponse } from "../transport/pipeline.js";
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
    ["in JSON that is cut short", { text: ' {"id":' }, "application/problem+json"],
    ["in a list that is cut short", { text: "[1," }, "application/json"],
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
