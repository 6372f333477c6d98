/**
 * One lie planted in the responses of a server that otherwise does what the contract says: the check that is meant for it
 * finds it, and the others find nothing.
 */
import { gzipSync } from "node:zlib";
import { describe, it } from "vitest";
import { type AtlasResponse, apiError } from "../../src/testing/atlas/http.js";
import { contract, expectCaught, type Fault } from "./testing/checking.js";
import {
  all,
  atStep,
  body,
  created,
  createdSecret,
  deleted,
  hasStatus,
  header,
  instead,
  members,
  type Plant,
  responses,
  status,
} from "./testing/server.js";

const STATUSES: readonly Fault[] = [
  ["200 for a creation", responses(created, status(200)), ["status_code_conformance create"]],
  ["202 for a deletion", responses(deleted, status(202)), ["status_code_conformance delete"]],
  [
    "200 with an error body",
    instead(created, apiError(200, "UNEXPECTED_ERROR", "")),
    ["status_code_conformance create"],
  ],
  [
    "a redirection",
    instead(created, { status: 307, headers: { location: "/" } }),
    ["positive_data_acceptance create", "status_code_conformance create"],
  ],
  [
    "an undocumented status for what is not found",
    responses(hasStatus(404), status(409)),
    ["status_code_conformance create", "status_code_conformance delete", "use_after_free delete"],
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

const content = (type: string): Plant => responses(created, header("content-type", type));
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
    (rules) => {
      rules.finish = (response, request) => {
        const head = "HTTP/1.1 201 Created\r\nConnection: close\r\n\r\n";
        return created(response, request) ? { raw: head + JSON.stringify(response.body) } : response;
      };
    },
    ["content_type_conformance create"],
  ],
  [
    "problem+json for an error",
    responses(hasStatus(401), header("content-type", "application/problem+json")),
    ["content_type_conformance create", "content_type_conformance delete"],
  ],
  [
    "an error as a web page",
    responses(hasStatus(400), ({ status }) => ({
      status,
      headers: { "content-type": "text/html" },
      body: "<h1>Bad Request</h1>",
    })),
    ["content_type_conformance create", "response_schema_conformance create"],
  ],
  [
    "a web page for a deletion",
    responses(deleted, header("content-type", "text/html")),
    ["content_type_conformance delete"],
  ],
];

const SCHEMA = ["response_schema_conformance create"];
const BODIES: readonly Fault[] = [
  ["no id", createdSecret({ id: undefined }), SCHEMA],
  ["no createdAt", createdSecret({ createdAt: undefined }), SCHEMA],
  ["an id in capitals", createdSecret({ id: "32B6E34B3D91647ABB20E7B8" }), SCHEMA],
  ["an id that is too short", createdSecret({ id: "abc" }), SCHEMA],
  ["an id that leads elsewhere", createdSecret({ id: ".." }), SCHEMA],
  ["an id that is a number", createdSecret({ id: 7 }), SCHEMA],
  ["a date that is a number", createdSecret({ createdAt: 1746351720 }), SCHEMA],
  ["a date that is a day", createdSecret({ expiresAt: "2025-05-04" }), SCHEMA],
  ["a date that does not exist", createdSecret({ expiresAt: "2025-02-30T10:00:00Z" }), SCHEMA],
  ["a date without a zone", createdSecret({ createdAt: "2025-05-04T09:42:00" }), SCHEMA],
  ["an optional field of another type", createdSecret({ maskedSecretValue: 42 }), SCHEMA],
  ["null for a date", createdSecret({ createdAt: null }), SCHEMA],
  ["a list instead of an object", responses(created, body([])), SCHEMA],
  ["an empty body", responses(created, body("")), SCHEMA],
  ["a body that is not JSON", responses(created, body("{")), SCHEMA],
  [
    "a body that is not UTF-8",
    (rules) => {
      rules.finish = (response, request) => {
        if (!created(response, request)) return response;
        const head = `HTTP/1.1 201 Created\r\nContent-Type: ${request.headers.accept}\r\nConnection: close\r\n\r\n`;
        return { raw: Buffer.from(head + JSON.stringify(members({ note: "schön" })(response).body), "latin1") };
      };
    },
    SCHEMA,
  ],
  [
    "a wrapped response that nobody asked for",
    responses(created, (response) => ({ ...response, body: { status: 201, content: response.body } })),
    SCHEMA,
  ],
  [
    "201 with an error body",
    instead(created, apiError(201, "UNEXPECTED_ERROR", "")),
    ["content_type_conformance create", "response_schema_conformance create"],
  ],
  [
    "an error without errorCode",
    responses(hasStatus(404), body({ error: 404 })),
    ["response_schema_conformance create", "response_schema_conformance delete"],
  ],
  [
    "an error whose status is text",
    responses(hasStatus(401), body({ error: "401", errorCode: "UNAUTHORIZED" })),
    ["response_schema_conformance create", "response_schema_conformance delete"],
  ],
  [
    "an error with broken details",
    responses(hasStatus(400), body({ error: 400, errorCode: "X", badRequestDetail: { fields: [{}] } })),
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
    responses(created, header("ratelimit-limit", "many")),
    ["response_headers_conformance create"],
  ],
  [
    "a rate limit with a fraction",
    responses(created, header("ratelimit-remaining", "9.5")),
    ["response_headers_conformance create"],
  ],
  [
    "a rate limit with its window",
    responses(created, header("ratelimit-limit", "10;w=60")),
    ["response_headers_conformance create"],
  ],
  ["an empty rate limit", responses(deleted, header("ratelimit-limit", "")), ["response_headers_conformance delete"]],
  [
    "a rate limit in hexadecimal digits",
    responses(deleted, header("ratelimit-remaining", "0x10")),
    ["response_headers_conformance delete"],
  ],
];

const NO_RESPONSES: readonly Fault[] = [
  [
    "a body that is small and decodes to megabytes",
    instead(created, {
      raw: Buffer.concat([
        Buffer.from("HTTP/1.1 201 Created\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n"),
        gzipSync(Buffer.alloc(8 * 1024 * 1024)),
      ]),
    }),
    ["not_a_server_error create", "positive_data_acceptance create"],
  ],
  ["a creation hangs", instead(created, "hang"), ["not_a_server_error create", "positive_data_acceptance create"]],
  ["a deletion hangs", instead(deleted, "hang"), ["not_a_server_error delete", "positive_data_acceptance delete"]],
  [
    "refusals hang",
    instead(hasStatus(401), "hang"),
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
    "the response is cut off",
    instead(created, "cut off"),
    ["not_a_server_error create", "positive_data_acceptance create"],
  ],
  [
    "what comes is not HTTP",
    instead(created, { raw: "220 mail.example.com ESMTP\r\n" }),
    ["not_a_server_error create", "positive_data_acceptance create"],
  ],
];

/** Gives every response that is asked for by `Prefer`, as mocks do. */
const obeys: Plant = atStep("authenticate", ({ headers }) => {
  const status = Number(/^code=(\d+)$/.exec(String(headers["prefer"]))?.[1]);
  const { headers: others, body } = apiError(status, "ASKED_FOR", "");
  return status > 0 ? { status, headers: { ...others, "retry-after": "1" }, body } : undefined;
});

/** Each response that the contract documents, broken in turn. */
const DOCUMENTED: readonly Fault[] = contract.operations.flatMap(({ method, responses: documented }) => {
  const short = method === "POST" ? "create" : "delete";
  return documented.flatMap(({ status: text, mediaTypes, headers }) => {
    const broken = (change: (response: AtlasResponse) => AtlasResponse): Plant =>
      all(
        obeys,
        responses((response, request) => response.status === Number(text) && request.method === method, change),
      );
    const named = (what: string): string => `${short} ${text} with ${what}`;
    const hasBody = mediaTypes.some(({ schema }) => schema !== undefined);
    return [
      hasBody
        ? ([named("an empty object"), broken(body({})), [`response_schema_conformance ${short}`]] as const)
        : ([named("another status"), broken(status(200)), [`status_code_conformance ${short}`]] as const),
      ...headers.map(
        ({ name }) =>
          [
            named(`a ${name} that is no number`),
            broken(header(name.toLowerCase(), "soon")),
            [`response_headers_conformance ${short}`],
          ] as const,
      ),
    ];
  });
});

const ASKED_FOR: readonly Fault[] = [
  [
    "403 is asked for, and 404 comes",
    all(obeys, responses(hasStatus(403), status(404))),
    ["status_code_conformance create", "status_code_conformance delete"],
  ],
];

describe.each([
  ["in statuses", STATUSES],
  ["in media types", MEDIA_TYPES],
  ["in bodies", BODIES],
  ["in headers", HEADERS],
  ["in a documented response:", DOCUMENTED],
  ["in obeying:", ASKED_FOR],
])("a fault %s", (_, faults) => {
  for (const [name, ...fault] of faults) it(name, () => expectCaught(...fault));
});

describe("a server that does not respond", () => {
  // Long enough for what does respond, on a machine that is busy.
  for (const [name, plant, caughtBy] of NO_RESPONSES) {
    it(name, () => expectCaught(plant, caughtBy, { timeoutMs: 1500 }));
  }
});
