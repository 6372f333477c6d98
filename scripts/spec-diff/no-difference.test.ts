import { describe, expect, it } from "vitest";
import {
  all,
  type Change,
  contractCopy,
  createPath,
  deletePath,
  differencesAfter,
  differencesOf,
  essence,
  mediaTypes,
  places,
  remove,
  rename,
  set,
} from "./testing/documents.js";

const { post, del, parameters, responses, request, hours, secret, schemes } = places;
const withoutVersion = (path: string) => path.slice("/api/atlas/v2".length);

const harmless: Readonly<Record<string, Change>> = {
  "lengths that the pattern implies": all(
    set([...parameters, "groupId", "schema", "minLength"], 24),
    set([...parameters, "groupId", "schema", "maxLength"], 24),
    set([...secret, "properties", "id", "minLength"], 1),
    set([...secret, "properties", "id", "maxLength"], 30),
  ),
  "other words": all(
    set([...post, "summary"], "x"),
    set([...post, "description"], "x"),
    set([...hours, "description"], "x"),
    set([...hours, "example"], 9),
    set([...post, "tags"], ["Other"]),
    remove([...post, "externalDocs"]),
  ),
  "other extensions": all(
    set([...post, "x-xgen-owner-team"], "apix"),
    set([...post, "responses", "201", "content", mediaTypes.old, "x-xgen-version"], "2024-08-05"),
  ),
  "required names in another order": set([...secret, "required"], ["id", "expiresAt", "createdAt"]),
  "parameters in another order": set(
    [...post, "parameters"],
    [
      { $ref: "#/components/parameters/pretty" },
      { $ref: "#/components/parameters/clientId" },
      { $ref: "#/components/parameters/groupId" },
      { $ref: "#/components/parameters/envelope" },
    ],
  ),
  "parameters of the path instead of the operation": all(
    remove([...post, "parameters", 0]),
    set(["paths", createPath, "parameters"], [{ $ref: "#/components/parameters/groupId" }]),
  ),
  "security for all operations instead of each": all(
    remove([...post, "security"]),
    remove([...del, "security"]),
    set(["security"], [{ DigestAuth: [] }, { ServiceAccounts: [] }]),
  ),
  "security schemes of other names": all(
    rename([...schemes, "DigestAuth"], "Digest"),
    set([...post, "security", 1], { Digest: [] }),
    set([...del, "security", 1], { Digest: [] }),
  ),
  "a relative token URL": set(
    [...schemes, "ServiceAccounts", "flows", "clientCredentials", "tokenUrl"],
    "/api/oauth/token",
  ),
  "a parameter in place instead of a reference": set([...del, "parameters", 1], {
    name: "clientId",
    in: "path",
    required: true,
    schema: { type: "string", pattern: "^mdb_sa_id_[a-fA-F\\d]{24}$" },
  }),
  "a schema behind allOf": set([...post, "responses", "201", "content", mediaTypes.old, "schema"], {
    allOf: [{ $ref: "#/components/schemas/ServiceAccountSecret" }],
    description: "wrapped",
  }),
  "defaults written out": all(
    set([...hours, "nullable"], false),
    set([...hours, "readOnly"], false),
    set([...request, "additionalProperties"], true),
    set([...parameters, "pretty", "explode"], true),
    set([...parameters, "pretty", "style"], "form"),
  ),
  "a flag that is false left out": remove([...parameters, "pretty", "required"]),
  "errors as a range": rename([...del, "responses", "404"], "4XX"),
  "errors as the default": rename([...del, "responses", "500"], "default"),
  "headers in lower case": rename([...responses, "tooManyRequests", "headers", "Retry-After"], "retry-after"),
  "media types in capitals": rename([...post, "requestBody", "content", "application/json"], "Application/JSON"),
  "a media type with its charset": rename(
    [...responses, "notFound", "content", "application/json"],
    "application/json; charset=UTF-8",
  ),
  "a pattern without its parentheses": set([...parameters, "groupId", "schema", "pattern"], "^[a-f0-9]{24}$"),
};

describe("edits that are no difference", () => {
  it.each(Object.entries(harmless))("%s", (_, change) => {
    expect(differencesAfter(change)).toEqual([]);
  });

  it("the same edits do not hide a real one", () => {
    const change = all(...Object.values(harmless).slice(0, 4), set([...hours, "type"], "string"));
    expect(differencesAfter(change).map(essence)).toEqual([
      [
        "breaking",
        "type of request body $.secretExpiresAfterHours",
        "#/components/schemas/ServiceAccountSecretRequest/properties/secretExpiresAfterHours/type",
        "#/components/schemas/ServiceAccountSecretRequest/properties/secretExpiresAfterHours/type",
      ],
    ]);
  });

  it("the first part of the paths may stand in the server's URL", () => {
    const copy = contractCopy();
    rename(["paths", createPath], withoutVersion(createPath))(copy);
    rename(["paths", deletePath], withoutVersion(deletePath))(copy);
    const variables = { api: { default: "api/atlas" } };
    const urls = ["https://cloud.mongodb.com/{api}/v2/", "https://cloud.mongodbgov.com/{api}/v2/"];
    set(
      ["servers"],
      urls.map((url) => ({ url, variables })),
    )(copy);
    expect(differencesOf(contractCopy(), copy)).toEqual([]);
  });
});
