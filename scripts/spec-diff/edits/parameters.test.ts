import { describe } from "vitest";
import { createPath, deletePath } from "../testing/documents.js";
import { all, itReports, places, remove, rename, set } from "../testing/editing.js";

const { post, del, parameters } = places;
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
      ours: post,
    },
    {
      edit: "a placeholder is renamed",
      change: all(
        rename(["paths", createPath], createPath.replace("groupId", "projectId")),
        set([...parameters, "groupId", "name"], "projectId"),
      ),
      verdict: "compatible",
      what: "names of the placeholders in the path",
      ours: ["paths", createPath],
      theirs: ["paths", createPath.replace("groupId", "projectId")],
    },
    {
      edit: "an operation is deprecated",
      change: set([...post, "deprecated"], true),
      verdict: "compatible",
      what: "deprecated of createGroupServiceAccountSecret",
      ours: [...post, "deprecated"],
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
      ours: [...post, "parameters", 3],
      theirs: [...post, "parameters"],
    },
    {
      edit: "a parameter becomes required",
      change: set([...parameters, "envelope", "required"], true),
      verdict: "breaking",
      what: "required of query parameter envelope",
      ours: [...parameters, "envelope", "required"],
    },
    {
      edit: "a parameter moves to a header",
      change: set([...parameters, "pretty", "in"], "header"),
      verdict: "breaking",
      what: "in of query parameter pretty",
      ours: [...parameters, "pretty", "in"],
    },
    {
      edit: "a default turns round",
      change: set([...parameters, "envelope", "schema", "default"], true),
      verdict: "breaking",
      what: "default of query parameter envelope",
      ours: [...parameters, "envelope", "schema", "default"],
    },
    {
      edit: "a default is no longer documented",
      change: remove([...parameters, "pretty", "schema", "default"]),
      verdict: "compatible",
      what: "default of query parameter pretty",
      ours: [...parameters, "pretty", "schema", "default"],
    },
    {
      edit: "a parameter has another type",
      change: set([...parameters, "pretty", "schema", "type"], "string"),
      verdict: "breaking",
      what: "type of query parameter pretty",
      ours: [...parameters, "pretty", "schema", "type"],
    },
    {
      edit: "a path parameter has another pattern",
      change: set([...parameters, "orgId", "schema", "pattern"], "^[0-9a-f]{32}$"),
      verdict: "breaking",
      what: "pattern of path parameter orgId",
      ours: [...parameters, "orgId", "schema", "pattern"],
    },
    {
      edit: "a path parameter loses its pattern without a reason in the contract",
      change: remove([...parameters, "clientId", "schema", "pattern"]),
      verdict: "compatible",
      what: "pattern of path parameter clientId",
      ours: [...parameters, "clientId", "schema", "pattern"],
    },
    {
      edit: "secretId has no pattern, as in the documentation",
      change: remove([...parameters, "secretId", "schema", "pattern"]),
      verdict: "stricter on purpose",
      what: "pattern of path parameter secretId",
      ours: [...parameters, "secretId", "schema", "pattern"],
    },
    {
      edit: "secretId gets a pattern other than ours: the reason does not cover that",
      change: set([...parameters, "secretId", "schema", "pattern"], "^s_[a-z]+$"),
      verdict: "breaking",
      what: "pattern of path parameter secretId",
      ours: [...parameters, "secretId", "schema", "pattern"],
    },
    {
      edit: "secretId gets a tighter length",
      change: set([...parameters, "secretId", "schema", "maxLength"], 12),
      verdict: "breaking",
      what: "maxLength of path parameter secretId",
      ours: [...parameters, "secretId", "schema", "maxLength"],
    },
  ]);
});
