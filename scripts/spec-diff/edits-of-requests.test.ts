import { describe } from "vitest";
import { all, createPath, deletePath, itReports, places, remove, rename, set } from "./testing/documents.js";

const { post, del, parameters, request, hours } = places;
const newParameter = (required: boolean) => ({ name: "reason", in: "query", required, schema: { type: "string" } });

describe("edits to operations and parameters", () => {
  itReports([
    {
      edit: "the path is gone",
      change: remove(["paths", deletePath]),
      verdict: "breaking",
      what: `only ours: DELETE ${deletePath}`,
      ours: del,
    },
    {
      edit: "the method is another",
      change: rename(post, "put"),
      verdict: "breaking",
      what: `only ours: POST ${createPath}`,
    },
    {
      edit: "a placeholder is renamed",
      change: all(
        rename(["paths", createPath], createPath.replace("groupId", "projectId")),
        set([...parameters, "groupId", "name"], "projectId"),
      ),
      verdict: "compatible",
      what: "names of the placeholders in the path",
      theirs: ["paths", createPath.replace("groupId", "projectId")],
    },
    {
      edit: "an operation is deprecated",
      change: set([...post, "deprecated"], true),
      verdict: "compatible",
      what: "deprecated of createGroupServiceAccountSecret",
    },
    {
      edit: "a new required parameter",
      change: set([...del, "parameters", 5], newParameter(true)),
      verdict: "breaking",
      what: "only theirs: required query parameter reason",
      ours: [...del, "parameters"],
      theirs: [...del, "parameters", 5],
    },
    {
      edit: "a new optional parameter",
      change: set([...del, "parameters", 5], newParameter(false)),
      verdict: "compatible",
      what: "only theirs: query parameter reason",
      ours: [...del, "parameters"],
      theirs: [...del, "parameters", 5],
    },
    {
      edit: "a parameter is gone",
      change: remove([...post, "parameters", 3]),
      verdict: "breaking",
      what: "only ours: query parameter pretty",
      theirs: [...post, "parameters"],
    },
    {
      edit: "a parameter becomes required",
      change: set([...parameters, "envelope", "required"], true),
      verdict: "breaking",
      what: "required of query parameter envelope",
    },
    {
      edit: "a parameter moves to a header",
      change: set([...parameters, "pretty", "in"], "header"),
      verdict: "breaking",
      what: "in of query parameter pretty",
    },
    {
      edit: "a default turns round",
      change: set([...parameters, "envelope", "schema", "default"], true),
      verdict: "breaking",
      what: "default of query parameter envelope",
    },
    {
      edit: "a default is no longer documented",
      change: remove([...parameters, "pretty", "schema", "default"]),
      verdict: "compatible",
      what: "default of query parameter pretty",
    },
    {
      edit: "a parameter has another type",
      change: set([...parameters, "pretty", "schema", "type"], "string"),
      verdict: "breaking",
      what: "type of query parameter pretty",
    },
    {
      edit: "a path parameter has another pattern",
      change: set([...parameters, "orgId", "schema", "pattern"], "^[0-9a-f]{32}$"),
      verdict: "breaking",
      what: "pattern of path parameter orgId",
    },
    {
      edit: "a path parameter loses its pattern without a reason in the contract",
      change: remove([...parameters, "clientId", "schema", "pattern"]),
      verdict: "compatible",
      what: "pattern of path parameter clientId",
    },
    {
      edit: "secretId has no pattern, as in the documentation",
      change: remove([...parameters, "secretId", "schema", "pattern"]),
      verdict: "stricter on purpose",
      what: "pattern of path parameter secretId",
    },
    {
      edit: "secretId gets a pattern other than ours: the reason does not cover that",
      change: set([...parameters, "secretId", "schema", "pattern"], "^s_[a-z]+$"),
      verdict: "breaking",
      what: "pattern of path parameter secretId",
    },
    {
      edit: "secretId gets a tighter length",
      change: set([...parameters, "secretId", "schema", "maxLength"], 12),
      verdict: "breaking",
      what: "maxLength of path parameter secretId",
    },
  ]);
});

describe("edits to the request body", () => {
  itReports([
    {
      edit: "the body is gone",
      change: remove([...post, "requestBody"]),
      verdict: "breaking",
      what: "only ours: request body",
    },
    {
      edit: "the body becomes optional",
      change: set([...post, "requestBody", "required"], false),
      verdict: "compatible",
      what: "required of request body",
    },
    {
      edit: "a body is added to an operation without one",
      change: set([...del, "requestBody"], { required: true, content: { "application/json": {} } }),
      verdict: "breaking",
      what: "only theirs: required request body",
    },
    {
      edit: "the first request media type is gone",
      change: remove([...post, "requestBody", "content", "application/json"]),
      verdict: "breaking",
      what: "only ours: media type application/json of request body",
    },
    {
      edit: "one more request media type",
      change: set([...post, "requestBody", "content", "application/xml"], {}),
      verdict: "compatible",
      what: "only theirs: media type application/xml of request body",
    },
    {
      edit: "one more required property in the body",
      change: all(
        set([...request, "properties", "name"], { type: "string" }),
        set([...request, "required", 1], "name"),
      ),
      verdict: "breaking",
      what: "only theirs: required property request body $.name",
    },
    {
      edit: "one more optional property in the body",
      change: set([...request, "properties", "name"], { type: "string" }),
      verdict: "compatible",
      what: "only theirs: property request body $.name",
    },
    {
      edit: "a property of the body becomes optional",
      change: remove([...request, "required"]),
      verdict: "compatible",
      what: "required of request body $",
    },
    {
      edit: "a higher minimum",
      change: set([...hours, "minimum"], 8),
      verdict: "breaking",
      what: "minimum of request body $.secretExpiresAfterHours",
    },
    {
      edit: "0 is allowed too",
      change: remove([...hours, "exclusiveMinimum"]),
      verdict: "compatible",
      what: "exclusiveMinimum of request body $.secretExpiresAfterHours",
    },
    {
      edit: "the same minimum in other words",
      change: all(set([...hours, "minimum"], 1), remove([...hours, "exclusiveMinimum"])),
      verdict: "compatible",
      what: "minimum of request body $.secretExpiresAfterHours",
    },
    {
      edit: "a maximum",
      change: set([...hours, "maximum"], 8760),
      verdict: "breaking",
      what: "maximum of request body $.secretExpiresAfterHours",
    },
    {
      edit: "a wider integer",
      change: set([...hours, "format"], "int64"),
      verdict: "compatible",
      what: "format of request body $.secretExpiresAfterHours",
    },
    {
      edit: "any number",
      change: set([...hours, "type"], "number"),
      verdict: "compatible",
      what: "type of request body $.secretExpiresAfterHours",
    },
    {
      edit: "only some values",
      change: set([...hours, "enum"], [8, 24, 168]),
      verdict: "breaking",
      what: "enum of request body $.secretExpiresAfterHours",
    },
    {
      edit: "null is allowed",
      change: set([...hours, "nullable"], true),
      verdict: "compatible",
      what: "nullable of request body $.secretExpiresAfterHours",
    },
    {
      edit: "what we send is read-only",
      change: set([...hours, "readOnly"], true),
      verdict: "breaking",
      what: "readOnly of request body $.secretExpiresAfterHours",
    },
    {
      edit: "nothing else may be in the body",
      change: set([...request, "additionalProperties"], false),
      verdict: "breaking",
      what: "additionalProperties of request body $",
    },
  ]);
});
