/**
 * One lie planted in the answers of a server that otherwise does what the contract says: the check that is meant for it
 * finds it, and the others find nothing.
 */
import { describe, expect, it } from "vitest";
import { checkServer, failedChecks, operationsOf } from "./testing/checking.js";
import {
  answers,
  body,
  created,
  deleted,
  header,
  instead,
  isAnswered,
  madeSecret,
  type Plant,
  status,
} from "./testing/faults.js";
import { apiError } from "./testing/rules.js";

type Fault = readonly [name: string, plant: Plant, caughtBy: readonly string[]];

const STATUSES: readonly Fault[] = [
  ["200 for a creation", answers(created, status(200)), ["status_code_conformance create"]],
  ["202 for a deletion", answers(deleted, status(202)), ["status_code_conformance delete"]],
  [
    "200 with an error body",
    instead(created, apiError(200, "UNEXPECTED_ERROR", "")),
    ["status_code_conformance create"],
  ],
  [
    "a redirection",
    instead(created, { status: 307, headers: { location: "/" }, body: undefined }),
    ["positive_data_acceptance create", "status_code_conformance create"],
  ],
  [
    "an undocumented status for what is not found",
    answers(isAnswered(404), status(409)),
    [
      "positive_data_acceptance delete",
      "status_code_conformance create",
      "status_code_conformance delete",
      "use_after_free delete",
    ],
  ],
  [
    "500 for a creation",
    instead(created, apiError(500, "UNEXPECTED_ERROR", "")),
    ["not_a_server_error create", "positive_data_acceptance create"],
  ],
  [
    "503 for a deletion",
    instead(deleted, apiError(503, "UNAVAILABLE", "")),
    ["not_a_server_error delete", "positive_data_acceptance delete", "status_code_conformance delete"],
  ],
];

const content = (type: string): Plant => answers(created, header("content-type", type));
const MEDIA_TYPES: readonly Fault[] = [
  ["text/html for a creation", content("text/html"), ["content_type_conformance create"]],
  ["application/json, without the version", content("application/json"), ["content_type_conformance create"]],
  [
    "a version that is not listed",
    content("application/vnd.atlas.2023-01-01+json"),
    ["content_type_conformance create"],
  ],
  ["a Content-Type that is none", content("json"), ["content_type_conformance create"]],
  [
    "no Content-Type",
    answers(created, (answer) => {
      answer.headers = {};
    }),
    ["content_type_conformance create"],
  ],
  [
    "problem+json for an error",
    answers(isAnswered(401), header("content-type", "application/problem+json")),
    ["content_type_conformance create", "content_type_conformance delete"],
  ],
  [
    "an error as a web page",
    answers(isAnswered(400), (answer) => {
      answer.headers = { "content-type": "text/html" };
      answer.body = "<h1>Bad Request</h1>";
    }),
    ["content_type_conformance create", "response_schema_conformance create"],
  ],
  [
    "a web page for a deletion",
    answers(deleted, header("content-type", "text/html")),
    ["content_type_conformance delete"],
  ],
];

const SCHEMA = ["response_schema_conformance create"];
const BODIES: readonly Fault[] = [
  ["no id", madeSecret({ id: undefined }), SCHEMA],
  ["no createdAt", madeSecret({ createdAt: undefined }), SCHEMA],
  ["an id in capitals", madeSecret({ id: "32B6E34B3D91647ABB20E7B8" }), SCHEMA],
  ["an id that is too short", madeSecret({ id: "abc" }), SCHEMA],
  ["an id that leads elsewhere", madeSecret({ id: ".." }), SCHEMA],
  ["an id that is a number", madeSecret({ id: 7 }), SCHEMA],
  ["a date that is a number", madeSecret({ createdAt: 1746351720 }), SCHEMA],
  ["a date that is a day", madeSecret({ expiresAt: "2025-05-04" }), SCHEMA],
  ["a date that does not exist", madeSecret({ expiresAt: "2025-02-30T10:00:00Z" }), SCHEMA],
  ["a date without a zone", madeSecret({ createdAt: "2025-05-04T09:42:00" }), SCHEMA],
  ["an optional field of another type", madeSecret({ maskedSecretValue: 42 }), SCHEMA],
  ["null for a date", madeSecret({ lastUsedAt: null }), SCHEMA],
  ["a list instead of an object", answers(created, body([])), SCHEMA],
  ["an empty body", answers(created, body("")), SCHEMA],
  ["a body that is not JSON", answers(created, body("{")), SCHEMA],
  [
    "a wrapped answer that nobody asked for",
    answers(created, (answer) => {
      answer.body = { status: 201, content: answer.body };
    }),
    SCHEMA,
  ],
  [
    "201 with an error body",
    instead(created, apiError(201, "UNEXPECTED_ERROR", "")),
    ["content_type_conformance create", "response_schema_conformance create"],
  ],
  [
    "an error without errorCode",
    answers(isAnswered(404), body({ error: 404 })),
    ["response_schema_conformance create", "response_schema_conformance delete"],
  ],
  [
    "an error whose status is text",
    answers(isAnswered(401), body({ error: "401", errorCode: "UNAUTHORIZED" })),
    ["response_schema_conformance create", "response_schema_conformance delete"],
  ],
  [
    "an error with broken details",
    answers(isAnswered(400), body({ error: 400, errorCode: "X", badRequestDetail: { fields: [{}] } })),
    SCHEMA,
  ],
  [
    "a deletion with a body behind its headers",
    instead(deleted, { raw: "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n{}" }),
    ["response_schema_conformance delete"],
  ],
  [
    "a deletion that announces a body",
    instead(deleted, { raw: "HTTP/1.1 204 No Content\r\nContent-Length: 2\r\nConnection: close\r\n\r\n" }),
    ["response_schema_conformance delete"],
  ],
];

const HEADERS: readonly Fault[] = [
  [
    "a rate limit in words",
    answers(created, header("RateLimit-Limit", "many")),
    ["response_headers_conformance create"],
  ],
  [
    "a rate limit with a fraction",
    answers(created, header("RateLimit-Remaining", "9.5")),
    ["response_headers_conformance create"],
  ],
  [
    "a rate limit with its window",
    answers(created, header("RateLimit-Limit", "10;w=60")),
    ["response_headers_conformance create"],
  ],
  ["an empty rate limit", answers(deleted, header("RateLimit-Limit", "")), ["response_headers_conformance delete"]],
  [
    "a rate limit in hexadecimal digits",
    answers(deleted, header("RateLimit-Remaining", "0x10")),
    ["response_headers_conformance delete"],
  ],
];

const NO_ANSWERS: readonly Fault[] = [
  ["a creation hangs", instead(created, "hang"), ["not_a_server_error create", "positive_data_acceptance create"]],
  ["a deletion hangs", instead(deleted, "hang"), ["not_a_server_error delete", "positive_data_acceptance delete"]],
  [
    "refusals hang",
    instead(isAnswered(401), "hang"),
    ["ignored_auth create", "ignored_auth delete", "not_a_server_error create", "not_a_server_error delete"],
  ],
  [
    "everything hangs",
    instead(() => true, "hang"),
    [
      "ignored_auth create",
      "ignored_auth delete",
      "not_a_server_error create",
      "not_a_server_error delete",
      "positive_data_acceptance create",
    ],
  ],
  [
    "the connection is reset",
    instead(created, "reset"),
    ["not_a_server_error create", "positive_data_acceptance create"],
  ],
  [
    "the answer is cut off",
    instead(created, "cut off"),
    ["not_a_server_error create", "positive_data_acceptance create"],
  ],
  [
    "what comes is not HTTP",
    instead(created, { raw: "220 mail.example.com ESMTP\r\n" }),
    ["not_a_server_error create", "positive_data_acceptance create"],
  ],
];

describe.each([
  ["in statuses", STATUSES],
  ["in media types", MEDIA_TYPES],
  ["in bodies", BODIES],
  ["in headers", HEADERS],
])("a fault %s", (_, faults) => {
  it.each(faults)("%s", async (_, plant, caughtBy) => {
    const { report } = await checkServer(plant, { selects: operationsOf(caughtBy) });
    expect(failedChecks(report)).toEqual([...caughtBy].sort());
    expect(report.conforms).toBe(false);
  });
});

describe("a server that does not answer", () => {
  it.each(NO_ANSWERS)("%s", async (_, plant, caughtBy) => {
    const { report } = await checkServer(plant, { timeoutMs: 300, selects: operationsOf(caughtBy) });
    expect(failedChecks(report)).toEqual([...caughtBy].sort());
    expect(report.conforms).toBe(false);
  });
});
