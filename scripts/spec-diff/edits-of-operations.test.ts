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
  set,
} from "./testing/documents.js";

const { post, del, parameters, headers, secret, schemes } = places;
const created = [...post, "responses", "201", "content", mediaTypes.old] as const;

describe("announcements", () => {
  itReports([
    {
      edit: "an operation is deprecated",
      change: set([...del, "deprecated"], true),
      verdict: "compatible",
      what: "deprecated of deleteOrgServiceAccountSecret",
    },
    {
      edit: "a header is deprecated",
      change: set([...headers, "Retry-After", "deprecated"], true),
      verdict: "compatible",
      what: "deprecated of header Retry-After",
    },
    {
      edit: "an operation is to end",
      change: set([...post, "x-sunset"], "2999-07-01"),
      verdict: "compatible",
      what: "x-sunset of createGroupServiceAccountSecret",
    },
    {
      edit: "an operation has ended",
      change: set([...post, "x-sunset"], "2020-07-01"),
      verdict: "breaking",
      what: "x-sunset of createGroupServiceAccountSecret",
    },
    {
      edit: "a version of a response is to end",
      change: set([...created, "x-sunset"], "2999-07-01"),
      verdict: "compatible",
      what: `x-sunset of media type ${mediaTypes.old} of response`,
    },
    {
      edit: "a version of a response has ended",
      change: set([...created, "x-sunset"], "2020-07-01"),
      verdict: "breaking",
      what: `x-sunset of media type ${mediaTypes.old} of response`,
    },
    {
      edit: "a version of a request is to end",
      change: set([...post, "requestBody", "content", mediaTypes.old, "x-sunset"], "2999-07-01"),
      verdict: "compatible",
      what: `x-sunset of media type ${mediaTypes.old} of request body`,
    },
    {
      edit: "a parameter is to end",
      change: set([...parameters, "pretty", "x-sunset"], "2999-07-01"),
      verdict: "compatible",
      what: "x-sunset of query parameter pretty",
    },
    {
      edit: "a property is to end",
      change: set([...secret, "properties", "lastUsedAt", "x-sunset"], "2999-07-01"),
      verdict: "compatible",
      what: "x-sunset of response $.lastUsedAt",
    },
    {
      edit: "another role is needed",
      change: set([...post, "x-rolesRequirements"], ["Organization Owner"]),
      verdict: "breaking",
      what: "x-rolesRequirements of createGroupServiceAccountSecret",
    },
    {
      edit: "another role is enough too",
      change: set([...post, "x-rolesRequirements"], ["Project Owner", "Project Secrets Manager"]),
      verdict: "compatible",
      what: "x-rolesRequirements of createGroupServiceAccountSecret",
    },
    {
      edit: "no role is named any more",
      change: remove([...post, "x-rolesRequirements"]),
      verdict: "compatible",
      what: "x-rolesRequirements of createGroupServiceAccountSecret",
    },
    {
      edit: "another operationId",
      change: set([...post, "operationId"], "createGroupSecret"),
      verdict: "compatible",
      what: "operationId of createGroupServiceAccountSecret",
    },
  ]);

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

describe("edits to security and servers", () => {
  itReports([
    {
      edit: "digest is no longer accepted",
      change: remove([...post, "security", 1]),
      verdict: "breaking",
      what: "only ours: signing in with DigestAuth",
      theirs: [...post, "security"],
    },
    {
      edit: "no credentials at all",
      change: set([...post, "security"], []),
      verdict: "breaking",
      what: "only ours: security",
    },
    {
      edit: "one more way to sign in",
      change: all(
        set([...schemes, "Key"], { type: "apiKey", in: "header", name: "X-Key" }),
        set([...del, "security", 2], { Key: [] }),
      ),
      verdict: "compatible",
      what: "only theirs: signing in with Key",
      ours: [...del, "security"],
      theirs: [...del, "security", 2],
    },
    {
      edit: "another token URL",
      change: set(
        [...schemes, "ServiceAccounts", "flows", "clientCredentials", "tokenUrl"],
        "https://auth.mongodb.com/token",
      ),
      verdict: "breaking",
      what: "tokenUrl of security scheme ServiceAccounts",
    },
    {
      edit: "basic instead of digest",
      change: set([...schemes, "DigestAuth", "scheme"], "basic"),
      verdict: "breaking",
      what: "scheme of security scheme DigestAuth",
    },
    {
      edit: "a token needs a scope",
      change: set([...post, "security", 0, "ServiceAccounts"], ["secrets:write"]),
      verdict: "breaking",
      what: "scopes of ServiceAccounts",
    },
    {
      edit: "another host",
      change: set(
        ["servers"],
        [
          { url: "https://atlas.example.com" },
          { url: "https://cloud.mongodb.com" },
          { url: "https://cloud.mongodbgov.com" },
        ],
      ),
      verdict: "compatible",
      what: "only theirs: server https://atlas.example.com",
      theirs: ["servers", 0],
    },
  ]);
});
