/**
 * Edits to a copy of the contract, in what a client sends: each is one difference, with the right verdict and places.
 */
import { describe, expect, it } from "vitest";
import {
  all,
  at,
  contractCopy,
  createPath,
  deletePath,
  differencesAfter,
  differencesOf,
  itReports,
  places,
  remove,
  rename,
  set,
} from "./testing/documents.js";

const { post, del, parameters, request, hours, schemes } = places;
const newParameter = (required: boolean) => ({ name: "reason", in: "query", required, schema: { type: "string" } });

describe("edits to operations and parameters", () => {
  itReports("breaking", {
    "the path is gone": [remove(["paths", deletePath]), `only ours: DELETE ${deletePath}`, del],
    "the method is another": [rename(post, "put"), `only ours: POST ${createPath}`],
    "a new required parameter": [
      set([...del, "parameters", 5], newParameter(true)),
      "only theirs: required query parameter reason",
      [...del, "parameters"],
      [...del, "parameters", 5],
    ],
    "a parameter is gone": [
      remove([...post, "parameters", 3]),
      "only ours: query parameter pretty",
      undefined,
      [...post, "parameters"],
    ],
    "a parameter becomes required": [
      set([...parameters, "envelope", "required"], true),
      "required of query parameter envelope",
    ],
    "a parameter moves to a header": [set([...parameters, "pretty", "in"], "header"), "in of query parameter pretty"],
    "a default turns round": [
      set([...parameters, "envelope", "schema", "default"], true),
      "default of query parameter envelope",
    ],
    "a parameter is written as JSON": [
      all(
        set([...parameters, "pretty", "content"], { "application/json": { schema: { type: "boolean" } } }),
        remove([...parameters, "pretty", "schema"]),
      ),
      "content of query parameter pretty",
    ],
    "a parameter has another type": [
      set([...parameters, "pretty", "schema", "type"], "string"),
      "type of query parameter pretty",
    ],
    "a path parameter has another pattern": [
      set([...parameters, "orgId", "schema", "pattern"], "^[0-9a-f]{32}$"),
      "pattern of path parameter orgId",
    ],
    "secretId gets a pattern other than ours: the reason does not cover that": [
      set([...parameters, "secretId", "schema", "pattern"], "^s_[a-z]+$"),
      "pattern of path parameter secretId",
    ],
    "secretId gets a tighter length": [
      set([...parameters, "secretId", "schema", "maxLength"], 12),
      "maxLength of path parameter secretId",
    ],
  });
  itReports("compatible", {
    "a placeholder is renamed": [
      all(
        rename(["paths", createPath], createPath.replace("groupId", "projectId")),
        set([...parameters, "groupId", "name"], "projectId"),
      ),
      "names of the placeholders in the path",
      undefined,
      ["paths", createPath.replace("groupId", "projectId")],
    ],
    "a new optional parameter": [
      set([...del, "parameters", 5], newParameter(false)),
      "only theirs: query parameter reason",
      [...del, "parameters"],
      [...del, "parameters", 5],
    ],
    "a parameter may hold reserved characters": [
      set([...parameters, "pretty", "allowReserved"], true),
      "allowReserved of query parameter pretty",
    ],
    "a default is no longer documented": [
      remove([...parameters, "pretty", "schema", "default"]),
      "default of query parameter pretty",
    ],
    "a path parameter loses its pattern without a reason in the contract": [
      remove([...parameters, "clientId", "schema", "pattern"]),
      "pattern of path parameter clientId",
    ],
  });
  itReports("stricter on purpose", {
    "secretId has no pattern, as in the documentation": [
      remove([...parameters, "secretId", "schema", "pattern"]),
      "pattern of path parameter secretId",
    ],
  });
});

describe("edits to the request body", () => {
  itReports("breaking", {
    "the body is gone": [remove([...post, "requestBody"]), "only ours: request body"],
    "a body is added to an operation without one": [
      set([...del, "requestBody"], { required: true, content: { "application/json": {} } }),
      "only theirs: required request body",
    ],
    "the first request media type is gone": [
      remove([...post, "requestBody", "content", "application/json"]),
      "only ours: media type application/json of request body",
    ],
    "one more required property in the body": [
      all(set([...request, "properties", "name"], { type: "string" }), set([...request, "required", 1], "name")),
      "only theirs: required property request body $.name",
    ],
    "a higher minimum": [set([...hours, "minimum"], 8), "minimum of request body $.secretExpiresAfterHours"],
    "a maximum": [set([...hours, "maximum"], 8760), "maximum of request body $.secretExpiresAfterHours"],
    "only some values": [set([...hours, "enum"], [8, 24, 168]), "enum of request body $.secretExpiresAfterHours"],
    "what we send is read-only": [
      set([...hours, "readOnly"], true),
      "readOnly of request body $.secretExpiresAfterHours",
    ],
    "nothing else may be in the body": [
      set([...request, "additionalProperties"], false),
      "additionalProperties of request body $",
    ],
  });
  itReports("compatible", {
    "the body becomes optional": [set([...post, "requestBody", "required"], false), "required of request body"],
    "one more request media type": [
      set([...post, "requestBody", "content", "application/xml"], {}),
      "only theirs: media type application/xml of request body",
    ],
    "one more optional property in the body": [
      set([...request, "properties", "name"], { type: "string" }),
      "only theirs: property request body $.name",
    ],
    "a property of the body becomes optional": [remove([...request, "required"]), "required of request body $"],
    "0 is allowed too": [
      remove([...hours, "exclusiveMinimum"]),
      "exclusiveMinimum of request body $.secretExpiresAfterHours",
    ],
    "the same minimum in other words": [
      all(set([...hours, "minimum"], 1), remove([...hours, "exclusiveMinimum"])),
      "minimum of request body $.secretExpiresAfterHours",
    ],
    "a wider integer": [set([...hours, "format"], "int64"), "format of request body $.secretExpiresAfterHours"],
    "any number": [set([...hours, "type"], "number"), "type of request body $.secretExpiresAfterHours"],
    "null is allowed": [set([...hours, "nullable"], true), "nullable of request body $.secretExpiresAfterHours"],
  });
});

describe("edits to security and servers", () => {
  itReports("breaking", {
    "digest is no longer accepted": [
      remove([...post, "security", 1]),
      "only ours: signing in with DigestAuth",
      undefined,
      [...post, "security"],
    ],
    "no credentials at all": [set([...post, "security"], []), "only ours: security"],
    "another token URL": [
      set([...schemes, "ServiceAccounts", "flows", "clientCredentials", "tokenUrl"], "https://auth.mongodb.com/token"),
      "tokenUrl of security scheme ServiceAccounts",
    ],
    "basic instead of digest": [
      set([...schemes, "DigestAuth", "scheme"], "basic"),
      "scheme of security scheme DigestAuth",
    ],
    "a token needs a scope": [
      set([...post, "security", 0, "ServiceAccounts"], ["secrets:write"]),
      "scopes of ServiceAccounts",
    ],
  });
  itReports("compatible", {
    "one more way to sign in": [
      all(
        set([...schemes, "Key"], { type: "apiKey", in: "header", name: "X-Key" }),
        set([...del, "security", 2], { Key: [] }),
      ),
      "only theirs: signing in with Key",
      [...del, "security"],
      [...del, "security", 2],
    ],
    "another host": [
      set(
        ["servers"],
        [
          { url: "https://atlas.example.com" },
          { url: "https://cloud.mongodb.com" },
          { url: "https://cloud.mongodbgov.com" },
        ],
      ),
      "only theirs: server https://atlas.example.com",
      undefined,
      ["servers", 0],
    ],
  });

  it.each([
    ["an operation", post],
    ["a path", post.slice(0, 2)],
  ])("another host for %s is breaking there alone", (_, keys) => {
    const differences = differencesAfter(set([...keys, "servers"], [{ url: "https://atlas.example.com" }]));
    expect(differences.map(({ verdict, what, theirs }) => [verdict, what, theirs.pointer])).toEqual([
      ["breaking", "only ours: server https://cloud.mongodb.com", at(...keys, "servers")],
      ["compatible", "only ours: server https://cloud.mongodbgov.com", at(...keys, "servers")],
      ["compatible", "only theirs: server https://atlas.example.com", at(...keys, "servers", 0)],
    ]);
    const everywhere = { operation: "createGroupServiceAccountSecret", part: "servers" };
    expect(differences.flatMap(({ places }) => places)).toEqual([everywhere, everywhere, everywhere]);
  });

  it("another path in the server's URL of an operation is another operation", () => {
    const servers = [{ url: "https://cloud.mongodb.com/v3" }];
    expect(differencesAfter(set([...post, "servers"], servers)).map(({ verdict, what }) => [verdict, what])).toEqual([
      ["breaking", `only ours: POST ${createPath}`],
    ]);
  });
});

describe("a contract that admits what they do not", () => {
  it.each([
    ["no credentials", set([...post, "security"], []), "only ours: signing in with nothing"],
    [
      "reserved characters",
      set([...parameters, "pretty", "allowReserved"], true),
      "allowReserved of query parameter pretty",
    ],
  ])("%s: breaking", (_, change, what) => {
    const contract = contractCopy();
    change(contract);
    const breaking = differencesOf(contract, contractCopy()).filter(({ verdict }) => verdict === "breaking");
    expect(breaking.map((difference) => difference.what)).toEqual([what]);
  });
});
