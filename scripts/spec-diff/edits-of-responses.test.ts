import { describe } from "vitest";
import { all, itReports, mediaTypes, places, remove, rename, set } from "./testing/documents.js";

const { post, del, headers, responses, schemas, secret, apiError } = places;

describe("edits to the responses", () => {
  itReports([
    {
      edit: "another success status",
      change: rename([...post, "responses", "201"], "200"),
      verdict: "breaking",
      what: "status of the successful response",
      theirs: [...post, "responses", "200"],
    },
    {
      edit: "one more success status",
      change: set([...post, "responses", "202"], { description: "later" }),
      verdict: "breaking",
      what: "only theirs: response 202",
    },
    {
      edit: "no success status",
      change: remove([...del, "responses", "204"]),
      verdict: "breaking",
      what: "only ours: response 204",
    },
    {
      edit: "one more error status",
      change: set([...del, "responses", "409"], { description: "conflict" }),
      verdict: "compatible",
      what: "only theirs: response 409",
    },
    {
      edit: "one error status less",
      change: remove([...del, "responses", "429"]),
      verdict: "compatible",
      what: "only ours: response 429",
    },
    {
      edit: "the newer version is no longer returned",
      change: remove([...del, "responses", "204", "content", mediaTypes.new]),
      verdict: "breaking",
      what: `only ours: media type ${mediaTypes.new} of response`,
    },
    {
      edit: "one more version",
      change: set([...post, "responses", "201", "content", "application/vnd.atlas.2026-01-01+json"], {}),
      verdict: "compatible",
      what: "only theirs: media type application/vnd.atlas.2026-01-01+json of response",
    },
    {
      edit: "errors without a body",
      change: remove([...responses, "notFound", "content"]),
      verdict: "breaking",
      what: "only ours: content of response",
    },
    {
      edit: "a header is gone",
      change: remove([...responses, "tooManyRequests", "headers", "Retry-After"]),
      verdict: "compatible",
      what: "only ours: header Retry-After",
    },
    {
      edit: "one more header",
      change: set([...del, "responses", "204", "headers", "Sunset"], { schema: { type: "string" } }),
      verdict: "compatible",
      what: "only theirs: header Sunset",
    },
    {
      edit: "a header has another type",
      change: set([...headers, "Retry-After", "schema", "type"], "string"),
      verdict: "breaking",
      what: "type of header Retry-After",
    },
    {
      edit: "a required property of a response is gone",
      change: all(remove([...secret, "properties", "id"]), set([...secret, "required"], ["createdAt", "expiresAt"])),
      verdict: "breaking",
      what: "only ours: property response $.id",
    },
    {
      edit: "a property of a response is no longer required",
      change: set([...secret, "required"], ["createdAt", "id"]),
      verdict: "breaking",
      what: "required of response $",
    },
    {
      edit: "an optional property of a response is gone",
      change: remove([...secret, "properties", "lastUsedAt"]),
      verdict: "compatible",
      what: "only ours: property response $.lastUsedAt",
    },
    {
      edit: "an optional property of a response becomes required",
      change: set([...secret, "required", 3], "secret"),
      verdict: "compatible",
      what: "required of response $",
      ours: [...secret, "required"],
    },
    {
      edit: "one more property in a response",
      change: set([...secret, "properties", "links"], { type: "array", items: {} }),
      verdict: "compatible",
      what: "only theirs: property response $.links",
    },
    {
      edit: "a date without format",
      change: remove([...secret, "properties", "createdAt", "format"]),
      verdict: "breaking",
      what: "format of response $.createdAt",
    },
    {
      edit: "a property of a response may be null",
      change: set([...secret, "properties", "lastUsedAt", "nullable"], true),
      verdict: "breaking",
      what: "nullable of response $.lastUsedAt",
    },
    {
      edit: "an id without pattern in a response",
      change: remove([...secret, "properties", "id", "pattern"]),
      verdict: "breaking",
      what: "pattern of response $.id",
    },
    {
      edit: "an id that is an integer",
      change: set([...secret, "properties", "id", "type"], "integer"),
      verdict: "breaking",
      what: "type of response $.id",
    },
    {
      edit: "a response that is a list",
      change: set([...secret, "type"], "array"),
      verdict: "breaking",
      what: "type of response $",
    },
    {
      edit: "an error code of a fixed set",
      change: set([...apiError, "properties", "errorCode", "enum"], ["A", "B"]),
      verdict: "compatible",
      what: "enum of response $.errorCode",
    },
    {
      edit: "error no longer required, in every error of both operations",
      change: set([...apiError, "required"], ["errorCode"]),
      verdict: "breaking",
      what: "required of response $",
    },
    {
      edit: "the details of a bad request deep down",
      change: set([...schemas, "FieldViolation", "properties", "field", "type"], "integer"),
      verdict: "breaking",
      what: "type of response $.badRequestDetail.fields[].field",
    },
    {
      edit: "the parameters of an error are strings",
      change: set([...apiError, "properties", "parameters", "items"], { type: "string" }),
      verdict: "compatible",
      what: "type of response $.parameters[]",
      ours: [...apiError, "properties", "parameters", "items", "type"],
    },
  ]);
});

describe("an optional property that the client needs", () => {
  const at = [...secret, "properties", "secret"] as const;
  itReports([
    {
      edit: "it is gone",
      change: remove(at),
      verdict: "breaking",
      what: "only ours: property response $.secret",
    },
    {
      edit: "it is no longer returned",
      change: set([...at, "writeOnly"], true),
      verdict: "breaking",
      what: "writeOnly of response $.secret",
    },
  ]);
});
