import { describe, expect, it } from "vitest";
import { contractCopy, differencesOf } from "../testing/documents.js";
import { all, differencesAfter, itReports, mediaTypes, places, remove, set } from "../testing/editing.js";

const { post, del, parameters, headers, secret } = places;
const created = [...post, "responses", "201", "content", mediaTypes.old] as const;

describe("announcements", () => {
  itReports([
    {
      edit: "an operation is deprecated",
      change: set([...del, "deprecated"], true),
      verdict: "compatible",
      what: "deprecated of deleteOrgServiceAccountSecret",
      ours: [...del, "deprecated"],
    },
    {
      edit: "a header is deprecated",
      change: set([...headers, "Retry-After", "deprecated"], true),
      verdict: "compatible",
      what: "deprecated of header Retry-After",
      ours: [...headers, "Retry-After", "deprecated"],
    },
    {
      edit: "an operation is to end",
      change: set([...post, "x-sunset"], "2999-07-01"),
      verdict: "compatible",
      what: "x-sunset of createGroupServiceAccountSecret",
      ours: [...post, "x-sunset"],
    },
    {
      edit: "an operation has ended",
      change: set([...post, "x-sunset"], "2020-07-01"),
      verdict: "breaking",
      what: "x-sunset of createGroupServiceAccountSecret",
      ours: [...post, "x-sunset"],
    },
    {
      edit: "a version of a response is to end",
      change: set([...created, "x-sunset"], "2999-07-01"),
      verdict: "compatible",
      what: `x-sunset of media type ${mediaTypes.old} of response`,
      ours: [...created, "x-sunset"],
    },
    {
      edit: "a version of a response has ended",
      change: set([...created, "x-sunset"], "2020-07-01"),
      verdict: "breaking",
      what: `x-sunset of media type ${mediaTypes.old} of response`,
      ours: [...created, "x-sunset"],
    },
    {
      edit: "a version of a request is to end",
      change: set([...post, "requestBody", "content", mediaTypes.old, "x-sunset"], "2999-07-01"),
      verdict: "compatible",
      what: `x-sunset of media type ${mediaTypes.old} of request body`,
      ours: [...post, "requestBody", "content", mediaTypes.old, "x-sunset"],
    },
    {
      edit: "a parameter is to end",
      change: set([...parameters, "pretty", "x-sunset"], "2999-07-01"),
      verdict: "compatible",
      what: "x-sunset of query parameter pretty",
      ours: [...parameters, "pretty", "x-sunset"],
    },
    {
      edit: "a property is to end",
      change: set([...secret, "properties", "lastUsedAt", "x-sunset"], "2999-07-01"),
      verdict: "compatible",
      what: "x-sunset of response $.lastUsedAt",
      ours: [...secret, "properties", "lastUsedAt", "x-sunset"],
    },
    {
      edit: "another role is needed",
      change: set([...post, "x-rolesRequirements"], ["Organization Owner"]),
      verdict: "breaking",
      what: "x-rolesRequirements of createGroupServiceAccountSecret",
      ours: [...post, "x-rolesRequirements"],
    },
    {
      edit: "another role is enough too",
      change: set([...post, "x-rolesRequirements"], ["Project Owner", "Project Secrets Manager"]),
      verdict: "compatible",
      what: "x-rolesRequirements of createGroupServiceAccountSecret",
      ours: [...post, "x-rolesRequirements"],
    },
    {
      edit: "no role is named any more",
      change: remove([...post, "x-rolesRequirements"]),
      verdict: "compatible",
      what: "x-rolesRequirements of createGroupServiceAccountSecret",
      ours: [...post, "x-rolesRequirements"],
    },
    {
      edit: "another operationId",
      change: set([...post, "operationId"], "createGroupSecret"),
      verdict: "compatible",
      what: "operationId of createGroupServiceAccountSecret",
      ours: [...post, "operationId"],
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

describe("an optional property that the client needs", () => {
  const at = [...secret, "properties", "secret"] as const;
  itReports([
    {
      edit: "it is gone",
      change: remove(at),
      verdict: "breaking",
      what: "only ours: property response $.secret",
      ours: at,
    },
    {
      edit: "it is no longer returned",
      change: set([...at, "writeOnly"], true),
      verdict: "breaking",
      what: "writeOnly of response $.secret",
      ours: [...at, "writeOnly"],
    },
  ]);
});
