import { defaultPathSerializer } from "openapi-fetch";
import { describe, expect, it } from "vitest";
import { type OperationDescription, operations } from "../../generated/operations.js";
import { filledPath, operationAt } from "./path-template.js";

const hex = "5f0c1a2b3c4d5e6f70819203";
const clientId = `mdb_sa_id_${hex}`;
const create = `/api/atlas/v2/groups/${hex}/serviceAccounts/${clientId}/secrets`;
const remove = `/api/atlas/v2/orgs/${hex}/serviceAccounts/${clientId}/secrets/${hex}`;

describe("the operation at a method and a path", () => {
  it("is that of the contract", () => {
    expect(operationAt("POST", create)?.operationId).toBe("createGroupServiceAccountSecret");
    expect(operationAt("DELETE", remove)?.operationId).toBe("deleteOrgServiceAccountSecret");
  });

  it("may have its values percent-encoded", () => {
    expect(operationAt("POST", create.replace("mdb_sa", "mdb%5Fsa"))?.operationId).toBe(
      "createGroupServiceAccountSecret",
    );
  });

  it.each([
    ["another method", "GET", create],
    ["a method in lower case", "post", create],
    ["the other's method", "DELETE", create],
    ["nothing", "POST", ""],
    ["a slash behind", "POST", `${create}/`],
    ["a segment before", "POST", `/x${create}`],
    ["a dot for a dotless literal", "POST", create.replace("/v2/", "/v./")],
    ["dots", "DELETE", remove.replace(/[^/]+$/, "..")],
    ["encoded dots", "DELETE", remove.replace(/[^/]+$/, "%2e%2e")],
    ["an encoded slash", "DELETE", remove.replace(/[^/]+$/, `${hex}%2F`)],
    ["an encoded NUL", "DELETE", remove.replace(/[^/]+$/, `${hex}%00`)],
    ["an encoded line break", "DELETE", remove.replace(/[^/]+$/, `${hex}%0A`)],
    ["malformed encoding", "DELETE", remove.replace(/[^/]+$/, "%")],
    ["an id in capitals", "DELETE", remove.replace(/[^/]+$/, hex.toUpperCase())],
    ["an empty segment", "DELETE", remove.replace(hex, "")],
    ["two ids in one segment", "DELETE", `${remove}${hex}`],
  ])("is none for %s", (_name, method, path) => {
    expect(operationAt(method, path)).toBeUndefined();
  });
});

describe("a filled path", () => {
  /** An operation that the contract does not have: its parameters have no pattern of their own. */
  const plain: OperationDescription = {
    ...operations.deleteOrgServiceAccountSecret,
    path: "/shelves/{shelf-id}/parts/{part}",
    parameters: [
      { name: "shelf-id", in: "path", required: true },
      { name: "part", in: "path", required: true },
    ],
  };

  it("is the one that its operation is found at", () => {
    const path = filledPath(operations.deleteOrgServiceAccountSecret, { orgId: hex, clientId, secretId: hex });
    expect(path).toBe(remove);
    expect(operationAt("DELETE", remove)).toBe(operations.deleteOrgServiceAccountSecret);
  });

  it.each([
    ["ids", "oak", "leg"],
    ["a number and a flag", 5, false],
    ["marks that mean something in a URL", "a?b#c&d=e", "100%"],
    ["marks that mean something in a replacement", "$&", "$1$$"],
    ["braces", "{part}", "{shelf-id}"],
    ["other scripts", "größe", "木"],
    ["dots that are no way up", "...", ".a."],
    ["lists", ["a", "b c"], [1, 2, 3]],
  ])("has its values written as openapi-fetch writes them: %s", (_name, shelf, part) => {
    const values = { "shelf-id": shelf, part };
    // Of braces, openapi-fetch takes the encoded ones for no placeholders either.
    expect(filledPath(plain, values)).toBe(defaultPathSerializer(plain.path, values));
  });

  it.each([
    ["two dots", ".."],
    ["one dot", "."],
    ["nothing", ""],
    ["null", null],
    ["no value", undefined],
    ["a slash", "a/b"],
    ["a backslash", "a\\b"],
    ["a NUL", "a\0b"],
    ["a way up in a list", ["..", "/"]],
  ])("is none where a value would lead to another resource: %s", (_name, part) => {
    expect(filledPath(plain, { "shelf-id": "oak", part })).toBeUndefined();
  });

  it.each([
    ["that does not fit its pattern", hex.toUpperCase()],
    ["of dots", ".."],
  ])("is none for a value %s", (_name, secretId) => {
    const values = { orgId: hex, clientId, secretId };
    expect(filledPath(operations.deleteOrgServiceAccountSecret, values)).toBeUndefined();
  });

  it("reads a pattern as the validators do, without Unicode's rules where it has none", () => {
    const parameters = plain.parameters.map((parameter) => ({ ...parameter, pattern: "^a\\_\\d$" }));
    const values = (part: string) => filledPath({ ...plain, parameters }, { "shelf-id": "a_1", part });
    expect([values("a_2"), values("a-2")]).toEqual(["/shelves/a_1/parts/a_2", undefined]);
  });

  it("is none for dots, even where their pattern lets them through", () => {
    const parameters = plain.parameters.map((parameter) => ({ ...parameter, pattern: "^[a-z.]+$" }));
    const values = (part: string) => filledPath({ ...plain, parameters }, { "shelf-id": "oak", part });
    expect([values("a.b"), values("..")]).toEqual(["/shelves/oak/parts/a.b", undefined]);
  });
});
