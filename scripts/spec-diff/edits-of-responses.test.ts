/**
 * Edits to a copy of the contract, in what a client gets or is told: each is one difference, with the right verdict and places.
 */
import { describe, expect, it } from "vitest";
import {
  all,
  contractCopy,
  differencesAfter,
  differencesOf,
  itReports,
  mediaTypes,
  places,
  remove,
  rename,
  set,
} from "./testing/documents.js";

const { post, del, parameters, headers, responses, schemas, secret, apiError } = places;
const created = [...post, "responses", "201", "content", mediaTypes.old] as const;

describe("edits to the responses", () => {
  itReports("breaking", {
    "another success status": [
      rename([...post, "responses", "201"], "200"),
      "status of the successful response",
      undefined,
      [...post, "responses", "200"],
    ],
    "one more success status": [
      set([...post, "responses", "202"], { description: "later" }),
      "only theirs: response 202",
    ],
    "any success status": [
      rename([...post, "responses", "201"], "2XX"),
      "status of the successful response",
      undefined,
      [...post, "responses", "2XX"],
    ],
    "no success status": [remove([...del, "responses", "204"]), "only ours: response 204"],
    "the newer version is no longer returned": [
      remove([...del, "responses", "204", "content", mediaTypes.new]),
      `only ours: media type ${mediaTypes.new} of response`,
    ],
    "errors without a body": [remove([...responses, "notFound", "content"]), "only ours: content of response"],
    "a header has another type": [
      set([...headers, "Retry-After", "schema", "type"], "string"),
      "type of header Retry-After",
    ],
    "a required property of a response is gone": [
      all(remove([...secret, "properties", "id"]), set([...secret, "required"], ["createdAt", "expiresAt"])),
      "only ours: property response $.id",
    ],
    "a property of a response is no longer required": [
      set([...secret, "required"], ["createdAt", "id"]),
      "required of response $",
    ],
    "a date without format": [
      remove([...secret, "properties", "createdAt", "format"]),
      "format of response $.createdAt",
    ],
    "a property of a response may be null": [
      set([...secret, "properties", "lastUsedAt", "nullable"], true),
      "nullable of response $.lastUsedAt",
    ],
    "an id without pattern in a response": [
      remove([...secret, "properties", "id", "pattern"]),
      "pattern of response $.id",
    ],
    "an id that is an integer": [set([...secret, "properties", "id", "type"], "integer"), "type of response $.id"],
    "a response that is a list": [set([...secret, "type"], "array"), "type of response $"],
    "error no longer required, in every error of both operations": [
      set([...apiError, "required"], ["errorCode"]),
      "required of response $",
    ],
    "the details of a bad request deep down": [
      set([...schemas, "FieldViolation", "properties", "field", "type"], "integer"),
      "type of response $.badRequestDetail.fields[].field",
    ],
  });
  itReports("compatible", {
    "one more error status": [
      set([...del, "responses", "409"], { description: "conflict" }),
      "only theirs: response 409",
    ],
    "one error status less": [remove([...del, "responses", "429"]), "only ours: response 429"],
    "one more version": [
      set([...post, "responses", "201", "content", "application/vnd.atlas.2026-01-01+json"], {}),
      "only theirs: media type application/vnd.atlas.2026-01-01+json of response",
    ],
    "a header is gone": [
      remove([...responses, "tooManyRequests", "headers", "Retry-After"]),
      "only ours: header Retry-After",
    ],
    "one more header": [
      set([...del, "responses", "204", "headers", "Sunset"], { schema: { type: "string" } }),
      "only theirs: header Sunset",
    ],
    "an optional property of a response is gone": [
      remove([...secret, "properties", "lastUsedAt"]),
      "only ours: property response $.lastUsedAt",
    ],
    "an optional property of a response becomes required": [
      set([...secret, "required", 3], "secret"),
      "required of response $",
      [...secret, "required"],
    ],
    "one more property in a response": [
      set([...secret, "properties", "links"], { type: "array", items: {} }),
      "only theirs: property response $.links",
    ],
    "an error code of a fixed set": [
      set([...apiError, "properties", "errorCode", "enum"], ["A", "B"]),
      "enum of response $.errorCode",
    ],
    "the parameters of an error are strings": [
      set([...apiError, "properties", "parameters", "items"], { type: "string" }),
      "type of response $.parameters[]",
      [...apiError, "properties", "parameters", "items", "type"],
    ],
  });
});

describe("a contract that has more responses than they", () => {
  it.each([
    ["another success", set([...post, "responses", "202"], { description: "later" }), "only ours: response 202"],
    ["any success", rename([...post, "responses", "201"], "2XX"), "status of the successful response"],
  ])("%s: compatible", (_, change, what) => {
    const contract = contractCopy();
    change(contract);
    expect(differencesOf(contract, contractCopy()).map((found) => [found.verdict, found.what])).toEqual([
      ["compatible", what],
    ]);
  });

  it("the bodies of the errors in a range of ours are compared", () => {
    const contract = contractCopy();
    for (const status of ["401", "403"]) remove([...del, "responses", status])(contract);
    rename([...del, "responses", "404"], "4XX")(contract);
    const copy = contractCopy();
    remove([...responses, "forbidden", "content"])(copy);
    const what = differencesOf(contract, copy).filter(({ places }) =>
      places.some(({ part }) => part === "response 4XX"),
    );
    expect(what.map((found) => [found.verdict, found.what])).toContainEqual([
      "breaking",
      "only ours: content of response",
    ]);
  });
});

describe("an optional property that the client needs", () => {
  const at = [...secret, "properties", "secret"] as const;
  itReports("breaking", {
    "it is gone": [remove(at), "only ours: property response $.secret"],
    "it is no longer returned": [set([...at, "writeOnly"], true), "writeOnly of response $.secret"],
  });
});

describe("announcements", () => {
  itReports("compatible", {
    "an operation is deprecated": [set([...del, "deprecated"], true), "deprecated of deleteOrgServiceAccountSecret"],
    "a header is deprecated": [
      set([...headers, "Retry-After", "deprecated"], true),
      "deprecated of header Retry-After",
    ],
    "an operation is to end": [set([...post, "x-sunset"], "2999-07-01"), "x-sunset of createGroupServiceAccountSecret"],
    "a version of a response is to end": [
      set([...created, "x-sunset"], "2999-07-01"),
      `x-sunset of media type ${mediaTypes.old} of response`,
    ],
    "a version of a request is to end": [
      set([...post, "requestBody", "content", mediaTypes.old, "x-sunset"], "2999-07-01"),
      `x-sunset of media type ${mediaTypes.old} of request body`,
    ],
    "a parameter is to end": [
      set([...parameters, "pretty", "x-sunset"], "2999-07-01"),
      "x-sunset of query parameter pretty",
    ],
    "a property is to end": [
      set([...secret, "properties", "lastUsedAt", "x-sunset"], "2999-07-01"),
      "x-sunset of response $.lastUsedAt",
    ],
    "another role is enough too": [
      set([...post, "x-rolesRequirements"], ["Project Owner", "Project Secrets Manager"]),
      "x-rolesRequirements of createGroupServiceAccountSecret",
    ],
    "no role is named any more": [
      remove([...post, "x-rolesRequirements"]),
      "x-rolesRequirements of createGroupServiceAccountSecret",
    ],
    "another operationId": [
      set([...post, "operationId"], "createGroupSecret"),
      "operationId of createGroupServiceAccountSecret",
    ],
  });
  itReports("breaking", {
    "an operation has ended": [set([...post, "x-sunset"], "2020-07-01"), "x-sunset of createGroupServiceAccountSecret"],
    "a version of a response has ended": [
      set([...created, "x-sunset"], "2020-07-01"),
      `x-sunset of media type ${mediaTypes.old} of response`,
    ],
    "another role is needed": [
      set([...post, "x-rolesRequirements"], ["Organization Owner"]),
      "x-rolesRequirements of createGroupServiceAccountSecret",
    ],
  });

  it("name the date, also for what is deprecated", () => {
    const differences = differencesAfter(
      all(set([...del, "deprecated"], true), set([...del, "x-sunset"], "2999-07-01")),
    );
    expect(differences.map(({ why, sunset }) => [why, sunset])).toEqual([
      ["they keep it until 2999-07-01 (x-sunset); look for what replaces it", "2999-07-01"],
      ["it works until 2999-07-01; move clients to what replaces it before that", "2999-07-01"],
    ]);
  });

  it("are compared with the contract's own: a changed date and a withdrawn one are differences, the same is none", () => {
    const withDate = (date: string) => {
      const copy = contractCopy();
      set([...post, "x-sunset"], date)(copy);
      return copy;
    };
    const verdictsOf = (theirs: ReturnType<typeof contractCopy>) =>
      differencesOf(withDate("2999-01-01"), theirs).map(({ verdict, what }) => `${verdict}: ${what}`);
    const changed = ["compatible: x-sunset of createGroupServiceAccountSecret"];
    expect(verdictsOf(withDate("2999-01-01"))).toEqual([]);
    expect(verdictsOf(withDate("2998-01-01"))).toEqual(changed);
    expect(verdictsOf(contractCopy())).toEqual(changed);
  });
});
