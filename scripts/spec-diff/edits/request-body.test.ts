import { describe } from "vitest";
import { all, itReports, places, remove, set } from "../testing/editing.js";

const { post, del, request, hours } = places;

describe("edits to the request body", () => {
  itReports([
    {
      edit: "the body is gone",
      change: remove([...post, "requestBody"]),
      verdict: "breaking",
      what: "only ours: request body",
      ours: [...post, "requestBody"],
    },
    {
      edit: "the body becomes optional",
      change: set([...post, "requestBody", "required"], false),
      verdict: "compatible",
      what: "required of request body",
      ours: [...post, "requestBody", "required"],
    },
    {
      edit: "a body where there was none",
      change: set([...del, "requestBody"], { required: true, content: { "application/json": {} } }),
      verdict: "breaking",
      what: "only theirs: required request body",
      ours: [...del, "requestBody"],
    },
    {
      edit: "the first request media type is gone",
      change: remove([...post, "requestBody", "content", "application/json"]),
      verdict: "breaking",
      what: "only ours: media type application/json of request body",
      ours: [...post, "requestBody", "content", "application/json"],
    },
    {
      edit: "one more request media type",
      change: set([...post, "requestBody", "content", "application/xml"], {}),
      verdict: "compatible",
      what: "only theirs: media type application/xml of request body",
      ours: [...post, "requestBody", "content", "application/xml"],
    },
    {
      edit: "one more required property in the body",
      change: all(
        set([...request, "properties", "name"], { type: "string" }),
        set([...request, "required", 1], "name"),
      ),
      verdict: "breaking",
      what: "only theirs: required property request body $.name",
      ours: [...request, "properties", "name"],
    },
    {
      edit: "one more optional property in the body",
      change: set([...request, "properties", "name"], { type: "string" }),
      verdict: "compatible",
      what: "only theirs: property request body $.name",
      ours: [...request, "properties", "name"],
    },
    {
      edit: "a property of the body becomes optional",
      change: remove([...request, "required"]),
      verdict: "compatible",
      what: "required of request body $",
      ours: [...request, "required"],
    },
    {
      edit: "a higher minimum",
      change: set([...hours, "minimum"], 8),
      verdict: "breaking",
      what: "minimum of request body $.secretExpiresAfterHours",
      ours: [...hours, "minimum"],
    },
    {
      edit: "0 is allowed too",
      change: remove([...hours, "exclusiveMinimum"]),
      verdict: "compatible",
      what: "exclusiveMinimum of request body $.secretExpiresAfterHours",
      ours: [...hours, "exclusiveMinimum"],
    },
    {
      edit: "the same minimum in other words",
      change: all(set([...hours, "minimum"], 1), remove([...hours, "exclusiveMinimum"])),
      verdict: "compatible",
      what: "minimum of request body $.secretExpiresAfterHours",
      ours: [...hours, "minimum"],
    },
    {
      edit: "a maximum",
      change: set([...hours, "maximum"], 8760),
      verdict: "breaking",
      what: "maximum of request body $.secretExpiresAfterHours",
      ours: [...hours, "maximum"],
    },
    {
      edit: "a wider integer",
      change: set([...hours, "format"], "int64"),
      verdict: "compatible",
      what: "format of request body $.secretExpiresAfterHours",
      ours: [...hours, "format"],
    },
    {
      edit: "any number",
      change: set([...hours, "type"], "number"),
      verdict: "compatible",
      what: "type of request body $.secretExpiresAfterHours",
      ours: [...hours, "type"],
    },
    {
      edit: "only some values",
      change: set([...hours, "enum"], [8, 24, 168]),
      verdict: "breaking",
      what: "enum of request body $.secretExpiresAfterHours",
      ours: [...hours, "enum"],
    },
    {
      edit: "null is allowed",
      change: set([...hours, "nullable"], true),
      verdict: "compatible",
      what: "nullable of request body $.secretExpiresAfterHours",
      ours: [...hours, "nullable"],
    },
    {
      edit: "what we send is read-only",
      change: set([...hours, "readOnly"], true),
      verdict: "breaking",
      what: "readOnly of request body $.secretExpiresAfterHours",
      ours: [...hours, "readOnly"],
    },
    {
      edit: "nothing else may be in the body",
      change: set([...request, "additionalProperties"], false),
      verdict: "breaking",
      what: "additionalProperties of request body $",
      ours: [...request, "additionalProperties"],
    },
  ]);
});
