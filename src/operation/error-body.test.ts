/**
 * What is kept of an error's body: the members of an ApiError that have their types, masked, and not too deep.
 */
import { describe, expect, it } from "vitest";
import { redactByForm } from "../safe/redaction.js";
import { errorBody } from "./error-body.js";

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
